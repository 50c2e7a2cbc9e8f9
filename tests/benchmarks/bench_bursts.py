"""An edit of one burst, against finding the series of its whole folder: the person waits for the first alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from measure import Result, interleaved, ratio, scratch, spread, timed

if TYPE_CHECKING:
    from aesthetic_studio.library.catalogue import Catalogue

NAME = "an edit of a burst / grouping its folder"
BAR = 0.1
FRAMES = 5


def measure(*, quick: bool = False) -> list[Result]:
    """Split a burst and undo it, in a folder of bursts that all look different."""
    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.pipeline import burst_edits
    from aesthetic_studio.pipeline.grouping import group_folders

    photos = 500 if quick else 2000
    with scratch() as temporary, Catalogue.open(Path(temporary) / "library.sqlite") as catalogue:
        ids = _fill(catalogue, photos)
        group_folders(catalogue)

        def edit() -> float:
            taken = timed(lambda: burst_edits.split(catalogue, ids[2]))
            return taken + timed(lambda: burst_edits.undo(catalogue))

        def group() -> float:
            return timed(lambda: group_folders(catalogue))  # each edit leaves the folder to be grouped

        edit(), group()
        a, b = interleaved(edit, group, 2 if quick else 5)
    halves = [value / 2 for value in a]
    return [Result(NAME, ratio(halves, b), BAR, detail=f"{photos:,} photos in one folder; {spread(halves, b)}")]


def _fill(catalogue: Catalogue, photos: int) -> list[int]:
    import numpy as np

    from aesthetic_studio.records import CaptureTime, Look, Measurements, Metadata, PhotoFacts, PhotoFile

    measured = Measurements(0.5, 0.1, 0.01, 0.0, 0.0, 0.0, 0.2, 0.3, 0.0)
    ids = []
    with catalogue.transaction():
        for number in range(photos):
            burst, place = divmod(number, FRAMES)
            draw = np.random.default_rng(burst)
            at = datetime(2024, 5, 12) + timedelta(seconds=30 * burst + 0.2 * place)
            facts = PhotoFacts(
                number.to_bytes(16, "big"),
                "JPEG",
                6000,
                4000,
                Metadata(CaptureTime(at, 0.01), make="Made", model="Made"),
                measured,
                Look(draw.bytes(1024), draw.bytes(192)),
                b"preview",
            )
            ids.append(catalogue.store_facts(PhotoFile("/made", f"{number:05d}.jpg", number, 0), facts))
    return ids
