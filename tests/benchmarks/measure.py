"""What every benchmark uses: results with their bars, interleaved timing, and where photos are."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Result:
    """One measured number against its bar.

    Attributes:
        value: ``None`` where it could not be measured; ``detail`` says why.
        at_most: The bar is an upper one.
    """

    name: str
    value: float | None
    bar: float
    at_most: bool = True
    unit: str = "×"
    detail: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; ``None`` where nothing was measured."""
        if self.value is None:
            return None
        return self.value <= self.bar if self.at_most else self.value >= self.bar


def data_sets() -> Path:
    """Where the real photos lie, if they do."""
    return Path(os.environ.get("AESTHETIC_STUDIO_DATA_SETS", REPOSITORY.parent / "shared" / "data"))


def sample_album() -> Path:
    """The sample album, made once and kept between runs."""
    from aesthetic_studio.sample_album import make_album

    folder = REPOSITORY / "build" / "sample-album"
    make_album(folder)
    return folder


def camera_jpegs(into: Path) -> tuple[Path, str]:
    """A flat folder of camera JPEGs, and what it holds: the real ones, else those of the sample album."""
    real = data_sets() / "photos" / "jpeg"
    if real.is_dir():
        return real, f"{sum(1 for path in real.iterdir() if path.is_file())} camera JPEGs"
    flat = into / "jpegs"
    flat.mkdir()
    for path in sorted(sample_album().rglob("*.jpg")):
        shutil.copyfile(path, flat / path.name)
    return flat, f"{sum(1 for _ in flat.iterdir())} JPEGs of the sample album (AESTHETIC_STUDIO_DATA_SETS is not there)"


def timed(work: Callable[[], object]) -> float:
    """Wall seconds that ``work`` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def interleaved(
    first: Callable[[], float], second: Callable[[], float], rounds: int
) -> tuple[list[float], list[float]]:
    """Measure A B A B …, so that whatever else the machine does falls on both."""
    a, b = [], []
    for _ in range(rounds):
        a.append(first())
        b.append(second())
    return a, b


def ratio(a: Sequence[float], b: Sequence[float]) -> float:
    """The median over rounds of A against B in the same round: what disturbs a round disturbs both of its halves."""
    return statistics.median(x / y for x, y in zip(a, b, strict=True))


def spread(a: Sequence[float], b: Sequence[float]) -> str:
    """Medians in seconds, and how the rounds' ratios scatter."""
    ratios = sorted(x / y for x, y in zip(a, b, strict=True))
    return f"{statistics.median(a):.2f} s against {statistics.median(b):.2f} s, rounds {ratios[0]:.2f}–{ratios[-1]:.2f}"


def program(*arguments: str | os.PathLike[str], data: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in a process of its own, with a user's folder of its own."""
    command = [sys.executable, "-m", "aesthetic_studio", *map(os.fspath, arguments)]
    return subprocess.run(command, env=quiet_environment(data), capture_output=True, check=False)


def quiet_environment(data: Path) -> dict[str, str]:
    """This environment with another user folder and no display."""
    return {**os.environ, "AESTHETIC_STUDIO_DATA": str(data), "QT_QPA_PLATFORM": "offscreen"}


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder that is gone afterwards."""
    return tempfile.TemporaryDirectory(prefix="aesthetic-studio-bench-")


def machine() -> str:
    """One line about the machine."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{model}, {os.cpu_count()} cores{load}, Python {platform.python_version()}, {platform.system()}"
