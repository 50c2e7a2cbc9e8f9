"""The loupe: steps to prefetched photos, cold steps against the bare decode, scrubbing, and memory after 500 steps."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from measure import REPOSITORY, Result, camera_jpegs, program, quiet_environment, scratch
from PIL import Image, ImageChops

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
SIZE = (6000, 4000)
KINDS, COPIES = 8, 6
GRAIN = 6
"""Standard deviation of the grain that stands for a sensor's, so that the files are as large as a camera's."""


def measure(*, quick: bool = False) -> list[Result]:
    """All of it in one process of its own, over an indexed library of 24-megapixel photos."""
    with scratch() as temporary:
        folder = Path(temporary)
        photos = folder / "photos"
        photos.mkdir()
        what = large_photos(photos)
        library = folder / "library.sqlite"
        indexed = program("index", photos, "--library", library, data=folder / "data")
        if indexed.returncode != 0:
            raise SystemExit(f"index failed: {indexed.stderr.decode(errors='replace')[-2000:]}")
        found = _measured(folder, library, quick=quick)
    steps, scrub = found["steps"], found["scrub"]
    cold = f"{found['cold_ms']:.0f} ms against {found['bare_ms']:.0f} ms; {what}"
    whole = f"{found['cold_whole_ms']:.0f} ms against {found['bare_whole_ms']:.0f} ms; every pixel"
    scrubbed = f"{scrub['steps']:.0f} steps of {scrub['keys']:.0f} keys, {scrub['late']:.0f} played after the release"
    return [
        Result(
            "step to a prefetched photo, median",
            steps["median_ms"],
            16,
            unit="ms",
            detail=f"p95 {steps['p95_ms']:.1f} ms, longest {steps['max_ms']:.1f} ms, {steps['count']:.0f} steps",
        ),
        Result("cold step / bare libjpeg-turbo decode", found["cold"], 1.3, detail=cold),
        Result("cold step at 1:1 / bare decode", found["cold_whole"], 1.3, detail=whole),
        Result("scrubbing, photos shown a second", scrub["rate"], 30, at_most=False, unit="/s", detail=scrubbed),
        Result(
            "memory of photos after 500 steps / bound",
            found["memory"]["share"],
            1.0,
            detail=f"at most {found['memory']['most_mb']:.0f} MB of {found['memory']['bound_mb']:.0f} MB",
        ),
    ]


def _measured(folder: Path, library: Path, *, quick: bool) -> dict[str, dict[str, float]]:
    command = [sys.executable, str(HERE / "window_loupe.py"), str(library), "12" if quick else "40"]
    finished = subprocess.run(
        command, env=quiet_environment(folder / "data"), capture_output=True, text=True, check=False, timeout=900
    )
    lines = finished.stdout.strip().splitlines()
    if finished.returncode != 0 or not lines:
        raise SystemExit(f"window_loupe.py failed ({finished.returncode}):\n{finished.stderr[-3000:]}")
    answer = json.loads(lines[-1])
    assert isinstance(answer, dict)
    return answer


def large_photos(into: Path) -> str:
    """Photos of 24 megapixels, made once from the largest camera JPEGs and kept; each copy with bytes of its own."""
    kept = REPOSITORY / "build" / "large-photos"
    kept.mkdir(parents=True, exist_ok=True)
    made = sorted(kept.glob("*.jpg"))
    if len(made) < KINDS:
        made = list(_enlarge(kept))
    for number in range(COPIES):
        for path in made:
            target = into / f"{number:02d}-{path.name}"
            shutil.copyfile(path, target)
            with target.open("ab") as file:
                file.write(f"copy {number}".encode())  # Other bytes, so other content.
    size = sum(path.stat().st_size for path in made) / len(made) / 1e6
    return f"{COPIES * len(made)} JPEGs of 24 megapixels, {size:.1f} MB each"


def _enlarge(kept: Path) -> Iterator[Path]:
    with scratch() as temporary:
        source, _ = camera_jpegs(Path(temporary))
        largest = sorted((path for path in source.iterdir() if path.is_file()), key=_pixels)[-KINDS:]
        for number, path in enumerate(largest):
            with Image.open(path) as image:
                large = image.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
            grain = Image.effect_noise(SIZE, GRAIN).convert("RGB")
            target = kept / f"large-{number}.jpg"
            ImageChops.add(large, grain, 1, -128).save(target, quality=92)
            yield target


def _pixels(path: Path) -> int:
    try:
        with Image.open(path) as image:
            return image.width * image.height
    except OSError:
        return 0
