"""The window: paint and scroll at a million photos, stalls while it works, and what the first window loads."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from measure import Result, data_sets, quiet_environment, sample_album, scratch

HERE = Path(__file__).resolve().parent


def measure(*, quick: bool = False) -> list[Result]:
    """Each part in a process of its own, so that none inherits another's imports or caches."""
    with scratch() as temporary:
        folder = Path(temporary)
        results = _grid(folder, quick)
        results.append(_comparing(folder))
        results += _stalls(folder, quick)
        results.append(_dragging(folder))
        results.append(_teaching(folder))
        results += _first_window(folder)
    return results


def _part(name: str, folder: Path, *arguments: str) -> dict[str, float]:
    command = [sys.executable, str(HERE / name), *arguments]
    finished = subprocess.run(
        command, env=quiet_environment(folder / "data"), capture_output=True, text=True, check=False, timeout=400
    )
    lines = finished.stdout.strip().splitlines()
    if finished.returncode != 0 or not lines:
        raise SystemExit(f"{name} failed ({finished.returncode}):\n{finished.stderr[-3000:]}")
    answer = json.loads(lines[-1])
    assert isinstance(answer, dict)
    return answer


def _grid(folder: Path, quick: bool) -> list[Result]:
    found = _part("window_grid.py", folder, "60" if quick else "200")
    return [
        Result("repaint, 1,000,000 / 1,000 photos", found["repaint"], 1.2, detail=f"{found['repaint_ms']:.2f} ms each"),
        Result(
            "scroll step, 1,000,000 / 1,000 photos", found["scroll"], 1.2, detail=f"{found['scroll_ms']:.2f} ms each"
        ),
    ]


def _comparing(folder: Path) -> Result:
    found = _part("window_compare.py", folder, str(folder / "compare"))
    detail = f"{found['ahead_ms']:.0f} ms for 24 megapixels; nine panes move in step in {found['pan_ms']:.0f} ms"
    return Result("next challenger sharp, decoded ahead / when it comes", found["ahead"], 0.5, detail=detail)


def _stalls(folder: Path, quick: bool) -> list[Result]:
    album, photos = sample_album(), folder / "photos"
    copies = 1 if quick else 2
    for number in range(copies):
        for path in sorted(album.rglob("*.jpg")):
            target = photos / str(number) / path.relative_to(album)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            with target.open("ab") as file:
                file.write(f"copy {number}".encode())  # Other bytes, so other content.
    found = _part("window_stalls.py", folder, str(photos), str(folder / "window.sqlite"))
    work = f"{found['photos']:.0f} photos indexed and scored in {found['seconds']:.1f} s"
    return [
        Result(
            "event loop late while working, p99",
            found["p99_ms"],
            50,
            unit="ms",
            detail=f"longest {found['max_ms']:.0f} ms; {work}",
        )
    ]


def _dragging(folder: Path) -> Result:
    found = _part("window_drag.py", folder, str(folder / "drag.sqlite"))
    detail = f"{found['few_ms']:.1f} ms for 50; {found['a_photo']:.2f} times as long a photo"
    return Result("5,000 photos with companions begin to be dragged", found["many_ms"], 250, unit="ms", detail=detail)


def _teaching(folder: Path) -> Result:
    name, data = "event loop late while teaching, p99", data_sets() / "sophoappeal"
    if not data.is_dir():
        return Result(name, None, 50, unit="ms", detail="the photos are not here (AESTHETIC_STUDIO_DATA_SETS)")
    found = _part("window_teach.py", folder, str(data), str(folder / "teach.sqlite"))
    detail = f"longest {found['max_ms']:.0f} ms; from Train to the verdict on 200 stars {found['seconds']:.1f} s"
    return Result(name, found["p99_ms"], 50, unit="ms", detail=f"{detail}, features of 734 photos included")


def _first_window(folder: Path) -> list[Result]:
    found = _part("window_first.py", folder, str(folder / "first.sqlite"))
    detail = f"shown {found['seconds']:.2f} s after the process began to import"
    return [Result("torch modules when the first window shows", found["torch"], 0, unit="", detail=detail)]
