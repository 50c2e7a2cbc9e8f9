"""The real program, run as a user runs it, on albums made here."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def make_photo(path: Path, number: int, *, side: int = 160) -> Path:
    """Write a small JPEG that no other number makes."""
    waves = np.linspace(0, 3 + number % 7, side)
    luma = 128 + 90 * np.sin(waves[:, None] + number) * np.cos(waves[None, :] * (1 + number % 5))
    pixels = np.stack([luma, np.roll(luma, number, 1), luma[::-1]], axis=2).clip(0, 255).astype(np.uint8)
    pixels[0, 0] = (number % 256, number // 256 % 256, 0)
    with path.open("wb") as file:
        Image.fromarray(pixels).save(file, "JPEG", quality=92)
    return path


@pytest.fixture(scope="session")
def photo() -> Callable[..., Path]:
    return make_photo


@dataclass(frozen=True)
class Ran:
    """How a run of the program ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        import json

        return json.loads(self.out)


@dataclass(frozen=True)
class Studio:
    """The program with a user's data folder and a library of its own."""

    home: Path
    library: Path

    @property
    def environment(self) -> dict[str, str]:
        own = {"AESTHETIC_STUDIO_DATA": str(self.home), "LC_ALL": "C.UTF-8"}
        hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
        return {name: value for name, value in os.environ.items() if name not in hidden} | own

    def command(self, *arguments: str | Path, library: bool = True) -> list[str]:
        """The command line that runs it."""
        chosen = ["--library", str(self.library)] if library else []
        return [sys.executable, "-m", "aesthetic_studio", *map(str, arguments), *chosen]

    def __call__(self, *arguments: str | Path, library: bool = True, **environment: str) -> Ran:
        done = subprocess.run(
            self.command(*arguments, library=library),
            capture_output=True,
            env=self.environment | environment,
            timeout=300,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        out, err = (text.decode("utf-8", "surrogateescape") for text in (done.stdout, done.stderr))
        assert "Traceback" not in err, err
        return Ran(done.returncode, out, err)


@pytest.fixture(scope="session")
def studio_at() -> Callable[[Path], Studio]:
    """The program with its data below a folder of the caller's."""
    return lambda folder: Studio(folder / "home", folder / "library.sqlite")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "home", tmp_path / "library.sqlite")


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """A dozen photos in two folders."""
    folder = tmp_path / "album"
    (folder / "inner").mkdir(parents=True)
    for number in range(12):
        make_photo((folder / "inner" if number % 3 == 0 else folder) / f"photo {number}.jpg", number)
    return folder
