"""Taking the best of bursts from a catalogue: what was planned is decided, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING

import pytest

from aesthetic_studio.albums import PhotoFilter, PhotoQuery, SortKey
from aesthetic_studio.curation.take_best import TakeOptions, Wish, plan_burst
from aesthetic_studio.errors import BurstsChanged
from aesthetic_studio.judgements import PreferenceSource
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.pipeline import burst_edits
from aesthetic_studio.pipeline.grouping import group_folders
from aesthetic_studio.pipeline.taking import read_bursts, take_best
from aesthetic_studio.records import (
    CaptureTime,
    Flag,
    Look,
    Measurements,
    Metadata,
    PhotoFacts,
    PhotoFile,
    VerdictChange,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ALL = PhotoQuery(PhotoFilter())


def store(catalogue: Catalogue, number: int, burst: str) -> int:
    facts = PhotoFacts(
        content_hash=blake2b(b"%d" % number, digest_size=16).digest(),
        format="JPEG",
        width=6000,
        height=4000,
        metadata=Metadata(CaptureTime(datetime(2024, 5, 1) + timedelta(seconds=number), 0.01), burst_id=burst),
        measurements=Measurements(0.9 - 0.1 * (number % 4), 0.1, 0.01, 0.0, 0.0, 0.0, 0.2, 0.4, 0.0),
        look=Look(bytes(1024), bytes(192)),
        preview=b"\xff\xd8",
    )
    return catalogue.store_facts(PhotoFile("/p", f"{number}.jpg", number + 1, 0), facts)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """Photos 1 to 4 and 5 to 8 are bursts, the sharpest first."""
    with Catalogue.open(tmp_path / "library.sqlite") as opened:
        opened.add_root("/p")
        for number in range(8):
            store(opened, number, "A" if number < 4 else "B")
        group_folders(opened)
        yield opened


def flags(catalogue: Catalogue) -> list[int]:
    return [int(photo.verdict.flag) for photo in catalogue.photos(range(1, 9))]


def plan(catalogue: Catalogue, wishes: dict[int, Wish] | None = None, query: PhotoQuery = ALL):
    bursts = read_bursts(catalogue, catalogue.series(query))
    return bursts, [plan_burst(burst, TakeOptions(), wishes or {}) for burst in bursts]


def test_all_bursts_are_taken_in_one_step_that_undo_takes_back(catalogue: Catalogue) -> None:
    decision = take_best(catalogue, *plan(catalogue))
    assert decision.title == "taking the best of 2 bursts"
    assert flags(catalogue) == [1, -1, -1, -1, 1, -1, -1, -1]
    assert catalogue.undo() is not None
    assert flags(catalogue) == [0] * 8
    assert catalogue.undo() is None


def test_another_best_is_chosen_in_the_same_step_and_remembered_for_the_trainer(catalogue: Catalogue) -> None:
    take_best(catalogue, *plan(catalogue, {3: Wish.BEST}))
    assert flags(catalogue)[:4] == [-1, -1, 1, -1]
    assert catalogue.photo(3).chosen
    assert catalogue.photo(3).best_of_series
    judged = catalogue.judgements().preferences
    assert [(each.better.photo_id, each.worse.photo_id) for each in judged] == [(3, 1), (3, 2), (3, 4)]
    assert {each.source for each in judged} == {PreferenceSource.BURST}
    catalogue.undo()
    assert (flags(catalogue), catalogue.photo(3).chosen, catalogue.photo(1).best_of_series) == ([0] * 8, False, True)
    assert catalogue.judgements().preferences == ()
    catalogue.redo()
    assert (flags(catalogue)[2], catalogue.photo(3).best_of_series) == (1, True)


def test_what_the_album_shows_one_frame_of_is_taken_with_every_frame(catalogue: Catalogue) -> None:
    catalogue.decide([6], VerdictChange(rating=3), "Rate")
    filtered = PhotoQuery(PhotoFilter(rating=3))
    bursts, plans = plan(catalogue, query=filtered)
    assert [[frame.photo_id for frame in burst.frames] for burst in bursts] == [[5, 6, 7, 8]]
    take_best(catalogue, bursts, plans)
    assert flags(catalogue) == [0, 0, 0, 0, -1, 1, -1, -1]


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda c: c.decide([2], VerdictChange(flag=Flag.PICK), "Pick"),
        lambda c: c.decide([2], VerdictChange(rating=1), "Rate"),
        lambda c: c.choose_best(c.photo(1).series_id, 2),
        lambda c: burst_edits.take_out(c, [4]),
        lambda c: burst_edits.merge(c, [1, 5], [c.photo(1).series_id, c.photo(5).series_id]),
    ],
    ids=["picked", "starred", "chosen", "taken out", "merged"],
)
def test_a_plan_that_no_longer_fits_decides_nothing(
    catalogue: Catalogue, meanwhile: Callable[[Catalogue], object]
) -> None:
    planned = plan(catalogue)
    meanwhile(catalogue)
    before, title = flags(catalogue), catalogue.undo_title()
    with pytest.raises(BurstsChanged):
        take_best(catalogue, *planned)
    assert (flags(catalogue), catalogue.undo_title()) == (before, title)


def test_a_plan_that_changes_nothing_is_no_step(catalogue: Catalogue) -> None:
    take_best(catalogue, *plan(catalogue))
    assert take_best(catalogue, *plan(catalogue)).id == 0


def test_series_stand_in_the_albums_order(catalogue: Catalogue) -> None:
    first, second = catalogue.photo(1).series_id, catalogue.photo(5).series_id
    assert catalogue.series(PhotoQuery(sort=SortKey.NAME, descending=False)) == [first, second]
    assert catalogue.series(PhotoQuery(sort=SortKey.NAME, descending=True)) == [second, first]
    open_first = PhotoQuery(collapse_series=False, open_series=frozenset({first or 0}))
    assert sorted(catalogue.series(open_first)) == [first, second]


def test_reading_can_be_stopped(catalogue: Catalogue) -> None:
    assert read_bursts(catalogue, catalogue.series(ALL), should_stop=lambda: True) == []
