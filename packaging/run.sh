#!/bin/sh
# make run: open the window, or on a machine with no display write a contact sheet. Usage: run.sh PROGRAM BUILD [PHOTOS]
set -eu
program=$1
build=$2
photos=${3:-}

mkdir -p "$build"
if [ -z "$photos" ]; then
    photos=$build/sample-album
    set -- --library "$build/sample-library.sqlite"
    "$program" sample "$photos"
else
    set --
fi

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || [ "$(uname -s)" = Darwin ]; then
    sh "$(dirname "$0")/system_libraries.sh" desktop
    exec "$program" "$@" "$photos"
fi

sheet=$build/contact-sheet.html
echo "There is no display here, so the photos are ranked on the command line."
status=0
"$program" rank "$@" --top 10 "$photos" || status=$?
# 1 means: done, but some files could not be read. They are listed above, and the rest is ranked.
[ "$status" -le 1 ] || exit "$status"
"$program" contact-sheet "$@" "$photos" --output "$sheet" || status=$?
[ "$status" -le 1 ] || exit "$status"
echo "Contact sheet: $(cd "$(dirname "$sheet")" && pwd)/$(basename "$sheet")"
