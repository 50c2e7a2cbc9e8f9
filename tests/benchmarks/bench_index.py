"""Indexing camera JPEGs, whole process, against libvips making thumbnails of them on all cores."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from measure import Result, camera_jpegs, interleaved, program, ratio, scratch, spread, timed

NAME = "index / vipsthumbnail"
BAR = 1.3


def measure(*, quick: bool = False) -> list[Result]:
    """Index into a new library each round; everything is included: start-up, EXIF, measurements, catalogue."""
    vips, xargs = shutil.which("vipsthumbnail"), shutil.which("xargs")
    if not vips or not xargs:
        return [Result(NAME, None, BAR, detail="not measured: install libvips-tools (and findutils)")]
    with scratch() as temporary:
        folder = Path(temporary)
        photos, what = camera_jpegs(folder)
        names = b"\0".join(os.fsencode(path) for path in sorted(photos.iterdir()) if path.is_file())
        rounds = iter(range(1000))

        def index() -> float:
            library = folder / f"library-{next(rounds)}.sqlite"
            seconds = timed(lambda: _check(program("index", photos, "--library", library, data=folder / "data")))
            for path in folder.glob(f"{library.stem}*"):
                path.unlink()
            return seconds

        def thumbnails() -> float:
            output = folder / "thumbnails"
            output.mkdir(exist_ok=True)
            command = [
                xargs,
                "-0",
                "-P",
                str(os.cpu_count() or 1),
                "-n",
                "16",
                vips,
                "--size",
                "512",
                "-o",
                f"{output}/%s.jpg",
            ]
            seconds = timed(lambda: subprocess.run(command, input=names, capture_output=True, check=False))
            shutil.rmtree(output)
            return seconds

        index(), thumbnails()  # Once for the disk's cache.
        a, b = interleaved(index, thumbnails, 2 if quick else 5)
    return [Result(NAME, ratio(a, b), BAR, detail=f"{what}; {spread(a, b)}")]


def _check(finished: subprocess.CompletedProcess[bytes]) -> None:
    """0 is done, 1 is done with unreadable files among them."""
    if finished.returncode not in {0, 1}:
        raise SystemExit(f"index failed ({finished.returncode}): {finished.stderr.decode(errors='replace')[-2000:]}")
