# Runs Chromium in this process group and ends the whole group when fd 3 closes, however its other end died.
# Usage: chromium-shim.sh PROFILE EXECUTABLE ARGS...   No pid is ever named: signals go to our own group only.
profile=$1
shift
trap : TERM INT HUP
"$@" 3<&- &
browser=$!
cat <&3 >/dev/null
kill -TERM 0
(
  trap - TERM INT HUP
  sleep 3
  kill -KILL 0
) &
wait "$browser"
# Chromium's helpers end a moment later and may still write: look again after each removal.
tries=0
while [ -e "$profile" ] && [ "$tries" -lt 20 ]; do
  rm -rf -- "$profile" 2>/dev/null
  tries=$((tries + 1))
  sleep 0.1
done
kill -KILL 0
