#!/bin/sh
# Runs a command with a private, unlocked, throw-away Secret Service; needs no display, no systemd, and may be root.
# Debian: apt-get install --no-install-recommends dbus gnome-keyring libsecret-1-0
# Ends with the command's status, or with 97 when no Secret Service came up.
set -eu
if [ -z "${WITH_KEYRING_INNER:-}" ]; then
  folder=$(mktemp -d "${TMPDIR:-/tmp}/keyring.XXXXXX")
  mkdir -m 700 "$folder/run" "$folder/data"
  trap 'rm -rf "$folder"' EXIT
  status=0
  WITH_KEYRING_INNER=1 XDG_RUNTIME_DIR="$folder/run" XDG_DATA_HOME="$folder/data" \
    dbus-run-session -- "$0" "$@" || status=$?
  exit "$status"
fi
unset WITH_KEYRING_INNER
# --unlock reads the login password from stdin, here an empty line, makes the login keyring and opens it.
# In the foreground: the daemonised form outlives its bus when nothing ever speaks to it.
printf '\n' | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
keyring=$!
trap 'kill "$keyring" 2>/dev/null || true' EXIT INT TERM
tries=0
until dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
  org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets 2>/dev/null | grep -q 'boolean true'; do
  tries=$((tries + 1))
  if [ "$tries" -ge 200 ]; then
    echo 'with-keyring: no Secret Service after 10 s' >&2
    exit 97
  fi
  sleep 0.05
done
status=0
"$@" || status=$?
exit "$status"
