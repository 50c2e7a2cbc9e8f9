"""Planning a cull, against reading the same photos from the catalogue."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

from measure import Result, interleaved, ratio, scratch, spread, timed

NAME = "keep 500 of 5,000 / reading them"
BAR = 5.0
PHOTOS, PLACES = 5000, 500
SCENES = 600


def measure(*, quick: bool = False) -> list[Result]:
    """Store made photos of many scenes with scores, then read and plan in turns."""
    from aesthetic_studio.albums import PhotoQuery
    from aesthetic_studio.curation.cull.plan import cull
    from aesthetic_studio.curation.cull.records import CullTarget
    from aesthetic_studio.library.catalogue import Catalogue

    with scratch() as temporary, Catalogue.open(Path(temporary) / "library.sqlite") as catalogue:
        _store(catalogue, Path(temporary) / "photos")
        ids = catalogue.ids(PhotoQuery(collapse_series=False))
        photos = catalogue.photos(ids)
        target = CullTarget(number=PLACES)
        if cull(photos, target).places != PLACES:
            raise SystemExit("the cull did not keep what was asked for")
        a, b = interleaved(
            lambda: timed(lambda: cull(photos, target)),
            lambda: timed(lambda: catalogue.photos(ids)),
            3 if quick else 7,
        )
    return [Result(NAME, ratio(a, b), BAR, detail=spread(a, b))]


def _store(catalogue, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """Photos of scenes that last minutes, each with tones of its own."""
    from aesthetic_studio.records import (
        CaptureTime,
        Look,
        Measurements,
        Metadata,
        PhotoFacts,
        PhotoFile,
        ScoreDistribution,
    )

    chance = random.Random(7)  # noqa: S311 - not for secrets
    tones = [bytes(chance.randrange(20, 236) for _ in range(192)) for _ in range(SCENES)]
    measured = Measurements(0.5, 0.1, 0.01, 0.0, 0.0, 0.0, 0.2, 0.3, 0.0)
    folder.mkdir()
    catalogue.add_root(str(folder))
    catalogue.set_active_model("made", "1")
    with catalogue.transaction():
        for number in range(PHOTOS):
            scene = chance.randrange(SCENES)
            taken = datetime(2024, 5, 1) + timedelta(minutes=30 * scene + 20 * chance.random())
            look = Look(bytes(value for value in tones[scene] for _ in range(6))[:1024], tones[scene])
            facts = PhotoFacts(
                number.to_bytes(16, "big"),
                "JPEG",
                6000,
                4000,
                Metadata(taken=CaptureTime(taken, 1.0)),
                measured,
                look,
                b"preview",
            )
            photo = catalogue.store_facts(PhotoFile(str(folder), f"DSC_{number:05d}.JPG", 1, number), facts)
            votes = [chance.random() for _ in range(10)]
            content = catalogue.photos([photo])[0].content_id
            catalogue.store_scores("made", "1", [(content, ScoreDistribution.from_votes(votes))])
