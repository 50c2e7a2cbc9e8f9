"""Goes the pass that docs/manual.md describes, by keyboard alone in the real window, and takes its pictures.

    python packaging/manual_pictures.py [--shoot FOLDER] [--output docs/images]

Each step presses the keys that the manual names and then asks the library whether what the manual says came true; where
it did not, the run ends and names the step. Without ``--shoot`` the sample shoot is rendered first.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from screenshots import REPOSITORY, Window, pictures_folder, prepare, save, virtual_display

from aesthetic_studio.records import Flag
from aesthetic_studio.sample_album import make_shoot

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 60.0
MISFIRES, FIFTY = 6, 50


class Shoot:
    """What the library knows of the shoot while the window works on it."""

    def __init__(self, library: Path) -> None:
        self._library = library

    def count(self, where: str = "1") -> int:
        """How many listed photos there are of which something holds."""
        with closing(sqlite3.connect(f"file:{self._library}?mode=ro", uri=True)) as connection:
            found = connection.execute(f"SELECT count(*) FROM photo WHERE listing > 0 AND {where}")
            return int(found.fetchone()[0])

    def flagged(self, flag: Flag) -> int:
        """How many photos have this flag."""
        return self.count(f"flag = {int(flag)}")


def expect(what: str, holds: Callable[[], bool]) -> None:
    """Wait until something holds; end the run where it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(f"The manual is not true: {what}")
        threading.Event().wait(0.2)


def command(window: Window, name: str) -> None:
    """Run a command through the palette, as the manual says: ``Ctrl+K``, a few letters, ``Enter``."""
    window.keys("ctrl+k")
    window.focus("Commands")
    write(window, name)
    window.picture()
    window.keys("Return")
    window.focus()


def write(window: Window, text: str) -> None:
    """Type some words."""
    window.keys(*("space" if letter == " " else letter for letter in text))


def throw_out(window: Window, shoot: Shoot, output: Path) -> None:
    """Steps 1 to 3: what went wrong, and the rest of every burst."""
    window.picture()
    window.keys("Home", "ctrl+h")
    window.park()
    save(window.picture(), output / "manual-1-shoot.png")

    window.keys("ctrl+r")
    window.picture()
    window.keys(*["shift+x"] * MISFIRES)
    expect(f"Shift+X rejects {MISFIRES} of the worst", lambda: shoot.flagged(Flag.REJECT) == MISFIRES)
    window.keys("Home")
    save(window.picture(), output / "manual-2-worst.png")
    window.keys("ctrl+r", "Home")

    command(window, "every burst")
    window.picture(calm=10)
    window.focus("Take the best, reject the rest")
    window.keys("alt+p", "Right", "Right")
    save(window.picture(), output / "manual-3-bursts.png")
    window.keys("ctrl+Return")
    expect("the rest of every burst is rejected", lambda: shoot.flagged(Flag.REJECT) > 10 * MISFIRES)
    expect("no photo is picked by that", lambda: shoot.flagged(Flag.PICK) == 0)
    window.picture()
    window.focus()


def look(window: Window, shoot: Shoot, output: Path) -> None:
    """Steps 4 and 5: the loupe, and a comparison."""
    window.keys("ctrl+alt+u", "ctrl+2", "Home", "Return")
    window.picture()
    window.keys("z", "k")
    save(window.picture(), output / "manual-4-loupe.png")
    window.keys("k", "z", "shift+p", "shift+x", "shift+4")
    expect("P and X decide in the loupe", lambda: shoot.flagged(Flag.PICK) == 1)
    expect("Shift+4 gives four stars", lambda: shoot.count("rating = 4") == 1)

    window.keys("Escape")
    window.picture()
    window.keys("c")
    window.picture()
    save(window.picture(), output / "manual-5-compare.png")
    window.keys("Up", "Escape")
    window.picture()


def choose(window: Window, shoot: Shoot, output: Path) -> None:
    """Steps 6 and 7: the fifty, back, and again."""
    before = shoot.flagged(Flag.REJECT)
    window.keys("ctrl+alt+u", "ctrl+1", "ctrl+shift+n")
    window.picture()
    write(window, str(FIFTY))
    window.park()
    save(window.picture(calm=12), output / "manual-6-fifty.png")
    window.keys("ctrl+Return")
    expect("fifty photos are picked", lambda: shoot.flagged(Flag.PICK) >= FIFTY)
    kept = shoot.flagged(Flag.PICK)

    window.keys("ctrl+alt+p", "Home")
    window.park()
    save(window.picture(), output / "manual-7-picks.png")
    window.keys("ctrl+alt+p", "ctrl+z")
    expect("one undo takes all of it back", lambda: shoot.flagged(Flag.PICK) == 1)
    expect("and the rejects of it", lambda: shoot.flagged(Flag.REJECT) == before)
    window.keys("ctrl+shift+z")
    expect("redo does it again", lambda: shoot.flagged(Flag.PICK) == kept)
    print(f"{shoot.count():,} photos, {kept} kept, {shoot.flagged(Flag.REJECT):,} rejected: the manual is true")


def main() -> int:
    """Render or take the shoot, index it, and go the pass."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shoot", type=Path, metavar="FOLDER", help="a sample shoot that is rendered already")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "docs" / "images")
    arguments = parser.parse_args()
    lacking = [name for name in ("Xvfb", "xdotool", "import") if shutil.which(name) is None]
    if lacking:
        print(f"missing: {', '.join(lacking)}. Run: sh packaging/system_libraries.sh screenshots", file=sys.stderr)
        return 1
    with pictures_folder() as scratch, virtual_display() as display:
        photos = scratch / "Sample shoot"
        if arguments.shoot is None:
            make_shoot(photos)
        else:
            shutil.copytree(arguments.shoot, photos)
        library, data = scratch / "shoot.sqlite", scratch / "data"
        prepare(library, data, photos)
        window = Window(display, library, data, [photos])
        try:
            for part in (throw_out, look, choose):
                part(window, Shoot(library), arguments.output)
        finally:
            window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
