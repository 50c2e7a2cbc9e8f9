"""Looking for faces in camera JPEGs, one core, against reading them for the index: a pass of its own must stay one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from measure import Result, camera_jpegs, data_sets, interleaved, ratio, scratch, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NAMES = ("faces / index, photos without faces", "faces / index, photos with faces")
BARS = (1.0, 3.5)


def measure(*, quick: bool = False) -> list[Result]:
    """Processor time of both, photo by photo, for photos that show faces and those that show none."""
    weights = data_sets() / "weights" / "faces"
    if not weights.is_dir():
        return [
            Result(name, None, bar, detail=f"not measured: {weights} is not there")
            for name, bar in zip(NAMES, BARS, strict=True)
        ]
    from aesthetic_studio.imaging.decode import read_facts
    from aesthetic_studio.models.faces.finder import FaceFinder
    from aesthetic_studio.pipeline.faces import look_at

    finder = FaceFinder.load(weights)
    with scratch() as temporary:
        folder, what = camera_jpegs(Path(temporary))
        previews = {str(path): read_facts(str(path)).preview for path in sorted(folder.iterdir()) if path.is_file()}
        shown = {path for path, preview in previews.items() if look_at(finder, path, preview)}
        results = []
        for name, bar, paths in zip(NAMES, BARS, (sorted(previews.keys() - shown), sorted(shown)), strict=True):
            if not paths:
                results.append(Result(name, None, bar, detail=f"not measured: no such photo among {what}"))
                continue
            a, b = interleaved(
                lambda paths=paths: _spent(lambda path: look_at(finder, path, previews[path]), paths),
                lambda paths=paths: _spent(read_facts, paths),
                2 if quick else 5,
            )
            each = 1000 * min(a) / len(paths)
            detail = f"{len(paths)} photos, {each:.0f} ms each; {spread(a, b)}"
            results.append(Result(name, ratio(a, b), bar, detail=detail))
    return results


def _spent(work: Callable[[str], object], paths: Sequence[str]) -> float:
    """Seconds of processor time, which a busy machine does not stretch."""
    started = time.process_time()
    for path in paths:
        work(path)
    return time.process_time() - started
