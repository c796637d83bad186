# Runs Chromium in this process group and ends the whole group when fd 3 closes, however its other end died.
# Usage: chromium-shim.sh PROFILE EXECUTABLE ARGS...   No pid is ever named: signals go to our own group only.
profile=$1
shift
# Stderr is Chromium's only: this shell reports "Terminated" there, and to a reader that is gone it would die of it.
exec 4>&2 2>/dev/null
# Handlers, not "ignore": Chromium must not inherit them. ALRM is one that it does not handle, so that it ends even hung.
trap : TERM INT HUP ALRM
(
  trap : TERM INT HUP ALRM
  cat <&3 >/dev/null
  kill -TERM 0
  sleep 2
  kill -ALRM 0
  sleep 2
  kill -KILL 0
) 4>&- &
(exec "$@" 2>&4 3<&- 4>&-)
# Chromium's helpers end a moment later and may still write: look again after each removal.
tries=0
while [ -e "$profile" ] && [ "$tries" -lt 20 ]; do
  rm -rf -- "$profile"
  tries=$((tries + 1))
  sleep 0.05
done
kill -KILL 0
