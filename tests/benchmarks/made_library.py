"""A library of made photos, through the catalogue's own methods: what benchmarks of large libraries ask."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aesthetic_studio.faces import Face
from aesthetic_studio.records import Flag, Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.library.catalogue import Catalogue

PER_FOLDER = 250
ROOT = "/home/somebody/Pictures"
CAMERAS = [("Canon", "EOS R5"), ("Canon", "EOS 5D"), ("NIKON", "D850"), ("SONY", "ILCE-7M4"), ("FUJIFILM", "X-T4")]
KEYWORDS = ["wedding", "family", "travel, coast", "portrait, studio", "street, night", "garden"]
LENSES = ["RF 24-70mm F2.8", "RF 50mm F1.2", "RF 70-200mm F2.8", "FE 35mm F1.8", None]


def make_library(catalogue: Catalogue, photos: int, previews: Sequence[bytes] = ()) -> None:
    """Photos of twelve years with made facts, a quarter in series, a third with words, half of them decided about.

    ``previews`` are those of the first photos by name; the others' cannot be read.
    """
    from aesthetic_studio.records import VerdictChange

    draw = random.Random(7)  # noqa: S311 - the same library each time
    catalogue.add_root(ROOT)
    taken = datetime(2012, 1, 1)
    for start in range(0, photos, PER_FOLDER):
        folder = f"{ROOT}/{2012 + start * 12 // photos}/{start // PER_FOLDER:04d} Walk"
        with catalogue.transaction():
            taken = _store_folder(
                catalogue, draw, folder, range(start, min(start + PER_FOLDER, photos)), taken, previews
            )
    _score(catalogue, draw, photos)
    _find_faces(catalogue, draw, photos)
    ids = range(1, photos + 1)
    for stars in range(1, 6):
        catalogue.decide(draw.sample(ids, photos // 20), VerdictChange(rating=stars), "stars")
    for flag in (Flag.PICK, Flag.REJECT):
        catalogue.decide(draw.sample(ids, photos // 20), VerdictChange(flag=flag), "flags")
    for label in list(Label)[1:]:
        catalogue.decide(draw.sample(ids, photos // 30), VerdictChange(label=label), "labels")


def _store_folder(
    catalogue: Catalogue,
    draw: random.Random,
    folder: str,
    places: range,
    taken: datetime,
    previews: Sequence[bytes],
) -> datetime:
    from aesthetic_studio.records import (
        CaptureTime,
        Frame,
        Look,
        Measurements,
        Metadata,
        PhotoFacts,
        PhotoFile,
        Series,
        SeriesKind,
    )

    stored: list[int] = []
    look = Look(bytes(1024), bytes(192))
    for place in places:
        number = place + 1
        keywords = (KEYWORDS[number // 3 % len(KEYWORDS)], f"job {number // 1000}") if number % 3 == 0 else ()
        taken += timedelta(seconds=draw.choice([1, 1, 1, 5, 30, 600, 7200]))
        make, model = draw.choice(CAMERAS)
        metadata = Metadata(
            taken=None if draw.random() < 0.02 else CaptureTime(taken, 1.0),
            make=make,
            model=model,
            lens=draw.choice(LENSES),
            focal_length_mm=draw.choice([24.0, 35.0, 50.0, 70.0, 85.0, 135.0, 200.0, None]),
            iso=draw.choice([100, 100, 200, 400, 800, 1600, 3200, 6400, None]),
            caption="A day that was made up for the benchmark of a library" if keywords else None,
            keywords=keywords,
        )
        width, height = draw.choice([(6000, 4000), (8192, 5464), (4032, 3024)])
        measured = Measurements(draw.random(), 0.1, 0.01, 0.0, 0.0, 0.0, 0.2, 0.3, 0.0, (0.25,) * 64)
        preview = previews[place] if place < len(previews) else b"preview"
        facts = PhotoFacts(number.to_bytes(16, "big"), "JPEG", width, height, metadata, measured, look, preview)
        size = draw.randrange(2_000_000, 40_000_000)
        stored.append(catalogue.store_facts(PhotoFile(folder, f"DSC_{number:06d}.JPG", size, number), facts))
    series: list[Series] = []
    place = 0
    while place < len(stored) - 8:
        if draw.random() < 0.08:
            members = stored[place : place + draw.randint(2, 7)]
            kind = draw.choice([SeriesKind.BURST] * 7 + list(SeriesKind))
            series.append(Series(kind, tuple(Frame(photo, n + 1, n == 0, ()) for n, photo in enumerate(members))))
            place += len(members)
        else:
            place += 1
    catalogue.replace_series(folder, series)
    return taken


def _score(catalogue: Catalogue, draw: random.Random, photos: int) -> None:
    from aesthetic_studio.records import ScoreDistribution

    rows = []
    for content in range(1, photos + 1):
        if draw.random() < 0.97:
            mean, width = min(9.5, max(1.5, draw.gauss(5.2, 0.9))), draw.uniform(0.9, 1.9)
            votes = [2.718 ** -(((vote - mean) / width) ** 2) for vote in range(1, 11)]
            rows.append((content, ScoreDistribution.from_votes(votes)))
    for start in range(0, len(rows), 5000):
        catalogue.store_scores("made", "1", rows[start : start + 5000])


def _find_faces(catalogue: Catalogue, draw: random.Random, photos: int) -> None:
    """Faces in every third photo, one face in a hundred with its eyes closed."""
    looks = []
    for content in range(1, photos + 1):
        count = draw.choice([0, 0, 0, 0, 1, 2]) if draw.random() < 0.95 else None
        if count is not None:
            opened = [0.001 if draw.random() < 0.01 else 0.9 for _ in range(count)]
            looks.append((content, [Face(0.4, 0.3, 0.1, 0.1, 0.95, each, 0.98, 0.5) for each in opened]))
    for start in range(0, len(looks), 5000):
        catalogue.store_faces("made", looks[start : start + 5000])
