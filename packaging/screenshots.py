"""Drives the real window under Xvfb with real keys and writes the pictures that the README shows.

    python packaging/screenshots.py [--output docs/images]

The photos are freely licensed ones from two Debian packages (``packaging/system_libraries.sh screenshots`` installs
them); ``CREDITS.md`` beside the pictures names their authors. Without them the sample album stands in. They are
read where they are installed, and only the pictures of the window are written.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageChops

from aesthetic_studio.sample_album import make_album
from aesthetic_studio.settings import Settings, save_settings, settings_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REPOSITORY = Path(__file__).resolve().parent.parent
SIZE = (1440, 900)
LARGEST_BYTES = 300_000
PATIENCE_S = 120.0
WALLPAPERS = Path("/usr/share/wallpapers")
MATE = Path("/usr/share/backgrounds/mate/nature")

# Author and licence as the package states them: each wallpaper's metadata, and the package's copyright file.
PLASMA = {
    "BytheWater": ("By the Water", "Maciej Wiklo"),
    "ColdRipple": ("Cold Ripple", "Risto Saukonpää"),
    "ColorfulCups": ("Colorful Cups", "Dmitri Popov"),
    "DarkestHour": ("Darkest Hour", "Risto Saukonpää"),
    "EveningGlow": ("Evening Glow", "Ian Hex"),
    "FallenLeaf": ("Fallen Leaf", "Martin Klapetek"),
    "Grey": ("Grey", "Sigi Sagi"),
    "Kite": ("Kite", "Risto Saukonpää"),
    "OneStandsOut": ("One Stands Out", "Risto Saukonpää"),
    "Path": ("Path", "Risto Saukonpää"),
    "summer_1am": ("Summer 1 am", "Risto Saukonpää"),
}
MATE_PHOTOS = {
    "Aqua.jpg": ("Aqua", "Charles Barbin"),
    "Blinds.jpg": ("Blinds", "Lennart Poettering, Andrea Cimitan"),
    "Dune.jpg": ("Dune", "Marco Cogoni, Hylke Bons"),
    "FreshFlower.jpg": ("Fresh Flower", "Jens Ansorg"),
    "Garden.jpg": ("Garden", "Charles Barbin"),
    "GreenMeadow.jpg": ("Green Meadow", "Timothy Schellhase, Lapo Calamandrei"),
    "LadyBird.jpg": ("Lady Bird", "Charles Barbin"),
    "RainDrops.jpg": ("Rain Drops", "blackcombwhistler07"),
    "Storm.jpg": ("Storm", "Sergey Nazarov"),
    "TwoWings.jpg": ("Two Wings", "Charles Barbin, Hylke Bons"),
    "YellowFlower.jpg": ("Yellow Flower", "Charles Barbin"),
}


@dataclass(frozen=True)
class Credit:
    """One photo that is shown, with whom to thank."""

    title: str
    author: str
    licence: str
    package: str


def collect_photos(folder: Path) -> list[Credit]:
    """Link the installed photos into ``folder`` under their titles; none where the packages are not installed."""
    folder.mkdir(parents=True)
    credits: list[Credit] = []
    for name, (title, author) in PLASMA.items():
        images = [
            path for path in (WALLPAPERS / name / "contents" / "images").glob("*.*") if path.suffix in {".jpg", ".png"}
        ]
        if images:
            largest = max(images, key=lambda path: path.stat().st_size)
            (folder / f"{title}{largest.suffix}").symlink_to(largest)
            credits.append(Credit(title, author, "LGPL-3.0", "plasma-workspace-wallpapers"))
    for name, (title, author) in MATE_PHOTOS.items():
        if (MATE / name).is_file():
            (folder / f"{title}.jpg").symlink_to(MATE / name)
            credits.append(Credit(title, author, "GPL-2.0-or-later", "mate-backgrounds"))
    return credits


class Window:
    """The real program on a display of its own, worked by keys as a person would."""

    def __init__(self, display: str, library: Path, data: Path, folders: Sequence[Path]) -> None:
        self._environment = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "AESTHETIC_STUDIO_DATA": str(data),
            "XDG_RUNTIME_DIR": str(data.parent),
            "LC_ALL": "C.UTF-8",
        }
        self._environment.pop("WAYLAND_DISPLAY", None)
        data.mkdir(parents=True, exist_ok=True)
        if not settings_file(data).exists():
            save_settings(Settings(tour_seen=True), settings_file(data))
        command = [sys.executable, "-m", "aesthetic_studio", "--library", str(library), *map(str, folders)]
        self._process = subprocess.Popen(command, env=self._environment)
        self._id = self._find()
        self._xdotool("windowmove", self._id, "0", "0")
        self._xdotool("windowsize", "--sync", self._id, *map(str, SIZE))
        self.focus()

    def focus(self, dialog: str = "") -> None:
        """Give the window, or a dialog by its title, the keys: there is no window manager to do so."""
        found = (
            self._run("xdotool", "search", "--onlyvisible", "--name", f"^{dialog}$").stdout.split() if dialog else []
        )
        self._xdotool("windowfocus", "--sync", found[-1].decode() if found else self._id)

    def keys(self, *names: str) -> None:
        """Press keys, one after the other, as xdotool names them."""
        for name in names:
            self._xdotool("key", "--clearmodifiers", "--delay", "60", name)

    def click(self, x: int, y: int) -> None:
        """Click at a place of the window."""
        self._xdotool("mousemove", "--sync", str(x), str(y), "click", "1")

    def park(self) -> None:
        """Put the pointer where it shows nothing."""
        self._xdotool("mousemove", "--sync", str(SIZE[0] - 1), str(SIZE[1] - 1))

    def picture(self, *, calm: int = 4, unlike: Image.Image | None = None) -> Image.Image:
        """The screen once it has stood still for ``calm`` looks in a row.

        With ``unlike`` it also waits until the middle of the window, where photos are, shows something else.
        """
        deadline, still = time.monotonic() + PATIENCE_S, 0
        last = self._grab()
        while (still < calm or _same_middle(last, unlike)) and time.monotonic() < deadline:
            threading.Event().wait(0.4)
            now = self._grab()
            still = still + 1 if ImageChops.difference(last, now).getbbox() is None else 0
            last = now
        return last

    def close(self) -> None:
        """End the program as a terminal would."""
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _find(self) -> str:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise SystemExit(f"the program ended with {self._process.returncode} before its window was shown")
            found = self._run("xdotool", "search", "--onlyvisible", "--name", "Aesthetic Studio").stdout.split()
            if found:
                return found[-1].decode()
            threading.Event().wait(0.3)
        raise SystemExit("the window was not shown")

    def _grab(self) -> Image.Image:
        shot = self._run("import", "-silent", "-window", "root", "png:-").stdout
        with Image.open(io.BytesIO(shot)) as picture:
            return picture.convert("RGB").crop((0, 0, *SIZE))

    def _xdotool(self, *arguments: str) -> None:
        self._run("xdotool", *arguments)

    def _run(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(command, env=self._environment, capture_output=True, check=False, timeout=60)


def _same_middle(now: Image.Image, before: Image.Image | None) -> bool:
    if before is None:
        return False
    middle = (SIZE[0] // 3, SIZE[1] // 3, SIZE[0] * 2 // 3, SIZE[1] * 2 // 3)
    return ImageChops.difference(now.crop(middle), before.crop(middle)).getbbox() is None


@contextlib.contextmanager
def virtual_display() -> Iterator[str]:
    """A screen that is not there, of the pictures' size."""
    reads, writes = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writes),
        "-screen",
        "0",
        f"{SIZE[0]}x{SIZE[1]}x24",
        "-nolisten",
        "tcp",
        "-noreset",
    ]
    server = subprocess.Popen(command, pass_fds=[writes], stderr=subprocess.DEVNULL)
    os.close(writes)
    try:
        with os.fdopen(reads) as numbers:
            number = numbers.readline().strip()
        if not number:
            raise SystemExit("Xvfb did not start")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def save(picture: Image.Image, path: Path) -> None:
    """Write a picture that is small enough for a README: in all its colours where that fits, else in 256 of them.

    The few colours are dithered: without it, skies show bands that the program does not paint.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    data = _png(picture)
    for width in (SIZE[0], SIZE[0] * 5 // 6, SIZE[0] * 3 // 4):
        if len(data) <= LARGEST_BYTES:
            break
        smaller = picture.resize((width, SIZE[1] * width // SIZE[0]), Image.Resampling.LANCZOS)
        palette = smaller.quantize(256, method=Image.Quantize.MEDIANCUT, kmeans=1)
        data = _png(smaller.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG))
    path.write_bytes(data)
    print(f"{path.name}: {len(data) // 1000} kB")


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def prepare(library: Path, data: Path, *folders: Path) -> None:
    """Index, score and group beforehand, so that the pictures show the finished work."""
    environment = {**os.environ, "AESTHETIC_STUDIO_DATA": str(data)}
    command = [
        sys.executable,
        "-m",
        "aesthetic_studio",
        "rank",
        *map(str, folders),
        "--library",
        str(library),
        "--json",
    ]
    finished = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
    if finished.returncode not in {0, 1}:
        raise SystemExit(f"the photos could not be ranked ({finished.returncode})")


def take_photos(display: str, scratch: Path, photos: Path, output: Path) -> None:
    """Pictures of real photos: grid, loupe, heat map, palette, keys, Teach."""
    library, data = scratch / "photos.sqlite", scratch / "data-photos"
    prepare(library, data, photos)
    window = Window(display, library, data, [photos])
    try:
        window.picture()
        window.keys("Home", "5", "p", "Right", "4", "Right", "Right", "3", "6", "Right", "Right", "x", "Home")
        window.park()
        save(window.picture(), output / "grid.png")
        window.keys("e")
        loupe = window.picture()
        save(loupe, output / "loupe.png")
        window.keys("h")
        # The first heat map of a session waits for the model to be loaded.
        save(window.picture(unlike=loupe), output / "heat-map.png")
        window.keys("h", "g", "ctrl+k")
        save(window.picture(), output / "commands.png")
        window.keys("Escape")
        window.focus()
        window.keys("F1")
        save(window.picture(), output / "keys.png")
        window.keys("Escape")
        window.focus()
        window.keys("ctrl+t")
        # It counts, looks at every photo and asks: each stands still for a moment.
        window.picture(calm=20)
        window.focus("Teach")
        window.keys("Left", "Right", "Left", "Right", "Down")
        save(window.picture(calm=8), output / "teach.png")
    finally:
        window.close()


def take_album(display: str, scratch: Path, album: Path, output: Path) -> None:
    """Pictures of the sample album: bursts under their best frame, and one burst opened."""
    library, data = scratch / "album.sqlite", scratch / "data-album"
    prepare(library, data, album)
    window = Window(display, library, data, [album])
    try:
        window.picture()
        window.keys("Home")
        window.park()
        save(window.picture(), output / "sample-album.png")
        _go_to_burst(window)
        window.keys("b")
        save(window.picture(), output / "burst.png")
    finally:
        window.close()


def _go_to_burst(window: Window) -> None:
    """Narrow the album to the boats, whose first place is a burst of seven."""
    window.keys("slash")
    for letter in "ASB":
        window.keys(letter)
    window.keys("underscore", "2", "1", "0", "Return")
    window.picture()
    window.keys("Escape", "Home")
    window.picture()


def take_empty(display: str, scratch: Path, output: Path) -> None:
    """The first window that a person ever sees."""
    window = Window(display, scratch / "empty.sqlite", scratch / "data-empty", [])
    try:
        window.park()
        save(window.picture(), output / "welcome.png")
    finally:
        window.close()


def write_credits(credits: Sequence[Credit], output: Path) -> None:
    """Name everybody whose photo is shown."""
    lines = [
        "# Credits",
        "",
        "The pictures of this folder show the program with these freely licensed photos. The photos themselves are not",
        "part of this repository; Debian's packages hold them.",
        "",
        "| photo | by | licence | package |",
        "|---|---|---|---|",
    ]
    lines += [f"| {item.title} | {item.author} | {item.licence} | {item.package} |" for item in credits]
    lines += ["", "`sample-album.png`, `burst.png` and `manual-*.png` show scenes that the program renders itself.", ""]
    (output / "CREDITS.md").write_text("\n".join(lines), encoding="utf-8")


@contextlib.contextmanager
def pictures_folder() -> Iterator[Path]:
    """A scratch folder that reads well where the window shows its path, gone afterwards."""
    folder = Path(tempfile.gettempdir()) / "Pictures"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        folder = Path(tempfile.mkdtemp(prefix="Pictures-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def main() -> int:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=REPOSITORY / "docs" / "images")
    parser.add_argument("--only", choices=("photos", "album", "empty"), action="append")
    arguments = parser.parse_args()
    lacking = [name for name in ("Xvfb", "xdotool", "import") if shutil.which(name) is None]
    if lacking:
        print(f"missing: {', '.join(lacking)}. Run: sh packaging/system_libraries.sh screenshots", file=sys.stderr)
        return 1
    wanted = arguments.only or ["photos", "album", "empty"]
    with pictures_folder() as scratch, virtual_display() as display:
        album = scratch / "Sample album"
        if "album" in wanted:
            make_album(album)
            take_album(display, scratch, album, arguments.output)
        if "photos" in wanted:
            photos = scratch / "Photos"
            credits = collect_photos(photos)
            if not credits:
                print("The wallpaper packages are not installed; the sample album stands in.", file=sys.stderr)
                make_album(photos)
            take_photos(display, scratch, photos, arguments.output)
            write_credits(credits, arguments.output)
        if "empty" in wanted:
            take_empty(display, scratch, arguments.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
