#!/bin/sh
# Look for the system's libraries and programs that a group of tasks needs, and install what is missing.
#
#   packaging/system_libraries.sh desktop       what Qt needs to open a window, on screen or off it
#   packaging/system_libraries.sh bench         the programs that the benchmarks compare with
#   packaging/system_libraries.sh screenshots   a display without a monitor, keys for it, and photos to show
#
# As root on Debian or Ubuntu it installs; otherwise it prints the one line to run. It ends with 1 only where the task
# cannot go on without what is missing. Anything but Linux brings its own: there is nothing to do.
set -u

group=${1:-}
case "$group" in
desktop | bench | screenshots) ;;
*)
    echo "usage: $0 desktop|bench|screenshots" >&2
    exit 2
    ;;
esac
[ "$(uname -s)" = Linux ] || exit 0

libraries=$( (ldconfig -p || /sbin/ldconfig -p || /usr/sbin/ldconfig -p) 2>/dev/null)
packages='' # to install
names=''    # as the user knows them
needed=''   # those without which the task cannot go on

missing() { # package name needed|useful
    packages="$packages $1"
    names="$names $2"
    [ "$3" = useful ] || needed="$needed $2"
}

library() { # file package
    case "$libraries" in
    *"	$1 "* | *" $1 "*) return ;;
    esac
    for folder in /lib /usr/lib /lib64 /usr/lib64 /usr/local/lib; do
        [ -e "$folder/$1" ] && return
    done
    missing "$2" "$1" "${3:-needed}"
}

program() { # name package needed|useful
    command -v "$1" >/dev/null 2>&1 || missing "$2" "$1" "${3:-needed}"
}

fonts() { # Without any font Qt paints no text at all.
    for folder in /usr/share/fonts /usr/local/share/fonts "${HOME:-/nowhere}/.local/share/fonts" "${HOME:-/nowhere}/.fonts"; do
        [ -n "$(find -L "$folder" -name '*.[ot]tf' 2>/dev/null | head -n 1)" ] && return
    done
    missing fonts-dejavu-core fonts useful
}

folder() { # path package needed|useful
    [ -d "$1" ] || missing "$2" "$2" "$3"
}

window_libraries() {
    library libEGL.so.1 libegl1
    library libGL.so.1 libgl1
    library libxkbcommon.so.0 libxkbcommon0
    library libdbus-1.so.3 libdbus-1-3
    library libfontconfig.so.1 libfontconfig1
    library libglib-2.0.so.0 libglib2.0-0
    fonts
}

x11_libraries() { # needed|useful
    library libxcb-cursor.so.0 libxcb-cursor0 "$1"
    library libxcb-icccm.so.4 libxcb-icccm4 "$1"
    library libxcb-image.so.0 libxcb-image0 "$1"
    library libxcb-keysyms.so.1 libxcb-keysyms1 "$1"
    library libxcb-render-util.so.0 libxcb-render-util0 "$1"
    library libxcb-shape.so.0 libxcb-shape0 "$1"
    library libxcb-xkb.so.1 libxcb-xkb1 "$1"
    library libxkbcommon-x11.so.0 libxkbcommon-x11-0 "$1"
}

case "$group" in
desktop)
    window_libraries
    # Only a window on an X11 screen needs these; tests and Wayland do without.
    if [ -n "${DISPLAY:-}" ]; then x11_libraries useful; fi
    ;;
bench)
    window_libraries
    program vipsthumbnail libvips-tools useful
    program find findutils useful
    program xargs findutils useful
    ;;
screenshots)
    window_libraries
    x11_libraries needed
    program Xvfb xvfb needed
    program xdotool xdotool needed
    program import imagemagick needed
    folder /usr/share/backgrounds/mate/nature mate-backgrounds useful
    folder /usr/share/wallpapers plasma-workspace-wallpapers useful
    ;;
esac

[ -n "$packages" ] || exit 0
packages=$(printf '%s\n' $packages | sort -u | tr '\n' ' ')
packages=${packages% }

if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then
        echo "Installing what the system lacks: $packages"
        log=$(mktemp) || exit 1
        if {
            DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
                DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages
        } >"$log" 2>&1; then
            rm -f "$log"
            exit 0
        fi
        echo "apt-get could not install them:" >&2
        tail -n 5 "$log" >&2
        rm -f "$log"
    else
        echo "The system lacks:$names" >&2
        echo "Run this once:  sudo apt-get install --no-install-recommends $packages" >&2
    fi
else
    echo "The system lacks:$names" >&2
    echo "Install them with your package manager (on Debian they are in: $packages)." >&2
fi
[ -z "$needed" ] || exit 1
exit 0
