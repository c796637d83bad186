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
rm -rf -- "$profile"
kill -KILL 0
