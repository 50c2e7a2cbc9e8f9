"""Memory of the window over 100,000 photos, with no model in it: none ever is, as scoring has a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from itertools import cycle, islice
from pathlib import Path

from bench_loupe import large_photos
from made_library import make_library
from measure import Result, program, quiet_environment, sample_album, scratch
from PIL import Image

HERE = Path(__file__).resolve().parent
MOST_MB = 600
PICTURED = 6_000
"""Photos with a preview that can be read, so that the grid has pictures to keep."""


def measure(*, quick: bool = False) -> list[Result]:
    """One window over a made library, and over real photos of 24 megapixels in it for the loupe."""
    from aesthetic_studio.library.catalogue import Catalogue

    count = 10_000 if quick else 100_000
    with scratch() as temporary:
        folder = Path(temporary)
        library, photos = folder / "library.sqlite", folder / "photos"
        with Catalogue.open(library) as catalogue:
            make_library(catalogue, count, list(islice(cycle(_previews()), PICTURED)))
        photos.mkdir()
        what = large_photos(photos)
        indexed = program("index", photos, "--library", library, data=folder / "data")
        if indexed.returncode != 0:
            raise SystemExit(f"index failed: {indexed.stderr.decode(errors='replace')[-2000:]}")
        found = _measured(folder, library)
    if found["torch"]:
        raise SystemExit("torch is in the window's process")
    opened = f"{found['opened_mb']:.0f} MB once opened"
    held = f"{found['photos_mb']:.0f} MB of it decoded photos; at most {found['most_mb']:.0f} MB while decoding {what}"
    grid = f"memory of the grid at {found['photos']:,.0f} places"
    return [
        Result(grid, found["scrolled_mb"], MOST_MB, unit="MB", detail=opened),
        Result("memory after stepping, half of it at 1:1", found["stepped_mb"], MOST_MB, unit="MB", detail=held),
    ]


def _previews() -> list[bytes]:
    """The photos of the sample album as the library keeps them: 512 pixels."""
    made = []
    for path in sorted(sample_album().rglob("*.jpg")):
        with Image.open(path) as image:
            small = image.convert("RGB")
        small.thumbnail((512, 512))
        data = BytesIO()
        small.save(data, "JPEG", quality=85)
        made.append(data.getvalue())
    return made


def _measured(folder: Path, library: Path) -> dict[str, float]:
    command = [sys.executable, str(HERE / "window_memory.py"), str(library)]
    finished = subprocess.run(
        command, env=quiet_environment(folder / "data"), capture_output=True, text=True, check=False, timeout=900
    )
    lines = finished.stdout.strip().splitlines()
    if finished.returncode != 0 or not lines:
        raise SystemExit(f"window_memory.py failed ({finished.returncode}):\n{finished.stderr[-3000:]}")
    answer = json.loads(lines[-1])
    assert isinstance(answer, dict)
    return answer
