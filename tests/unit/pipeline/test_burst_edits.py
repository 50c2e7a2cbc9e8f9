"""Edits of bursts: shown at once, kept by content, and taken back exactly."""

from __future__ import annotations

import os
import threading
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aesthetic_studio.albums import PhotoQuery
from aesthetic_studio.errors import CannotGroup
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.pipeline import burst_edits
from aesthetic_studio.pipeline.grouping import group_folders
from aesthetic_studio.records import (
    CaptureTime,
    Look,
    Measurements,
    Metadata,
    PhotoFacts,
    PhotoFile,
    PhotoState,
    SeriesKind,
    VerdictChange,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

START = datetime(2024, 5, 12, 14, 3, 7)
BURSTS = ((0, 1, 2, 3), (4, 5), (6,), (7, 8, 9))
"""The photos as the program finds them; the bursts are ten minutes apart."""


def facts(number: int, at: float, data: bytes = b"") -> PhotoFacts:
    return PhotoFacts(
        content_hash=blake2b(data or b"photo %d" % number, digest_size=16).digest(),
        format="JPEG",
        width=6000,
        height=4000,
        metadata=Metadata(taken=CaptureTime(START + timedelta(seconds=at), 0.01), make="Canon", model="R6"),
        measurements=Measurements(0.3 + 0.05 * (number % 4), 0.1, 0.01, 0.0, 0.0, 0.0, 0.2, 0.4, 0.0),
        look=Look(bytes(1024), bytes(192)),
        preview=b"\xff\xd8",
    )


class Desk:
    """A library of ten photos, grouped, and what its bursts are."""

    def __init__(self, folder: Path) -> None:
        self.path, self.folder = folder / "library.sqlite", str(folder / "photos")
        self.catalogue = Catalogue.open(self.path)
        self.catalogue.add_root(self.folder)
        self.ids: list[int] = []
        for burst, numbers in enumerate(BURSTS):
            for place, number in enumerate(numbers):
                self.ids.append(self.store(number, 600 * burst + 0.1 * place))
        group_folders(self.catalogue)

    def store(self, number: int, at: float, folder: str = "", data: bytes = b"") -> int:
        file = PhotoFile(folder or self.folder, f"{number}.jpg", size=number + 1, mtime_ns=len(data))
        return self.catalogue.store_facts(file, facts(number, at, data))

    def reopen(self) -> None:
        self.catalogue.close()
        self.catalogue = Catalogue.open(self.path)

    def find_again(self) -> None:
        """As a run that met a changed folder does."""
        self.store(20, 5000.0)
        assert group_folders(self.catalogue) == 1

    def series(self) -> dict[int, list[int]]:
        """Series → the numbers of its photos, best first."""
        found: dict[int, list[int]] = {}
        for photo in self.catalogue.photos(self.ids):
            if photo.series_id is not None:
                frames = self.catalogue.series_frames(photo.series_id)
                found[photo.series_id] = [self.ids.index(frame.id) for frame in frames]
        return found

    def groups(self) -> list[list[int]]:
        return sorted(sorted(frames) for frames in self.series().values())

    def all_that_is_shown(self) -> list[tuple[Any, ...]]:
        """Everything that a person sees of the bursts."""
        place = {photo: number for number, photo in enumerate(self.ids)}
        return [
            (
                place[photo.id],
                photo.series_kind,
                photo.series_rank,
                photo.series_size,
                photo.best_of_series,
                photo.chosen,
                photo.reasons,
            )
            for photo in self.catalogue.photos(self.ids)
        ]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.catalogue.close()


def test_the_bursts_are_found_as_they_were_shot(desk: Desk) -> None:
    assert desk.groups() == [[0, 1, 2, 3], [4, 5], [7, 8, 9]]


def test_merged_photos_are_one_burst_at_once(desk: Desk) -> None:
    decision = burst_edits.merge(desk.catalogue, [desk.ids[4], desk.ids[6]])
    assert desk.groups() == [[0, 1, 2, 3], [4, 6], [7, 8, 9]]
    assert decision.title == "grouping 2 photos as one burst"
    assert decision.regrouped
    before = desk.all_that_is_shown()
    assert group_folders(desk.catalogue) == 1
    assert desk.all_that_is_shown() == before, "the next run finds the same"


def test_a_burst_that_stands_for_its_frames_is_merged_whole(desk: Desk) -> None:
    series = desk.catalogue.photo(desk.ids[4]).series_id
    burst_edits.merge(desk.catalogue, [desk.ids[4], desk.ids[6]], [series])
    assert desk.groups() == [[0, 1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_split_take_out_and_not_a_burst(desk: Desk) -> None:
    burst_edits.split(desk.catalogue, desk.ids[2])
    assert desk.groups() == [[0, 1], [2, 3], [4, 5], [7, 8, 9]]
    burst_edits.take_out(desk.catalogue, [desk.ids[8]])
    assert desk.groups() == [[0, 1], [2, 3], [4, 5], [7, 9]]
    burst_edits.dissolve(desk.catalogue, [desk.ids[0], desk.ids[4]])
    assert desk.groups() == [[2, 3], [7, 9]]
    titles = [burst_edits.undo(desk.catalogue).title for _ in range(3)]
    assert titles == ["taking 2 bursts apart", "taking 8.jpg out of its burst", "splitting a burst of 4 at 2.jpg"]
    assert desk.groups() == [[0, 1, 2, 3], [4, 5], [7, 8, 9]]


def test_of_two_statements_about_a_photo_the_newer_holds(desk: Desk) -> None:
    burst_edits.split(desk.catalogue, desk.ids[2])
    burst_edits.merge(desk.catalogue, [desk.ids[1], desk.ids[2], desk.ids[6]])
    assert desk.groups() == [[1, 2, 6], [4, 5], [7, 8, 9]]
    burst_edits.undo(desk.catalogue)
    assert desk.groups() == [[0, 1], [2, 3], [4, 5], [7, 8, 9]]


def test_what_cannot_be_done_is_no_step(desk: Desk) -> None:
    for refused in (
        lambda: burst_edits.merge(desk.catalogue, desk.ids[:1]),
        lambda: burst_edits.split(desk.catalogue, desk.ids[6]),
        lambda: burst_edits.split(desk.catalogue, desk.ids[0]),
        lambda: burst_edits.take_out(desk.catalogue, [desk.ids[6]]),
        lambda: burst_edits.dissolve(desk.catalogue, [desk.ids[6]]),
    ):
        with pytest.raises(CannotGroup):
            refused()
    assert desk.catalogue.undo_title() is None
    assert desk.groups() == [[0, 1, 2, 3], [4, 5], [7, 8, 9]]


def test_photos_of_two_folders_are_not_merged(desk: Desk, tmp_path: Path) -> None:
    other = desk.store(30, 9000.0, folder=str(tmp_path / "other"))
    with pytest.raises(CannotGroup, match="different folders"):
        burst_edits.merge(desk.catalogue, [desk.ids[0], other])


def test_edits_outlive_a_restart_and_a_new_search(desk: Desk) -> None:
    burst_edits.merge(desk.catalogue, [desk.ids[3], desk.ids[4]])
    before = desk.all_that_is_shown()
    desk.reopen()
    assert desk.all_that_is_shown() == before
    desk.find_again()
    assert desk.all_that_is_shown() == before
    burst_edits.undo(desk.catalogue)
    assert desk.groups() == [[0, 1, 2, 3], [4, 5], [7, 8, 9]]


def test_a_frame_that_comes_later_joins_no_burst_that_was_made_by_hand(desk: Desk) -> None:
    burst_edits.split(desk.catalogue, desk.ids[2])
    late = desk.store(40, 0.35)
    group_folders(desk.catalogue)
    assert desk.catalogue.photo(late).series_id is None
    assert desk.groups()[:2] == [[0, 1], [2, 3]]


def test_edits_outlive_a_move_to_another_folder(desk: Desk, tmp_path: Path) -> None:
    burst_edits.split(desk.catalogue, desk.ids[2])
    for number, at in zip(BURSTS[0], (0.0, 0.1, 0.2, 0.3), strict=True):
        assert desk.store(number, at, folder=str(tmp_path / "moved")) == desk.ids[number], "it is the same photo"
    group_folders(desk.catalogue)
    assert desk.groups() == [[0, 1], [2, 3], [4, 5], [7, 8, 9]]
    assert desk.catalogue.photo(desk.ids[0]).folder == str(tmp_path / "moved")
    burst_edits.undo(desk.catalogue)
    assert desk.groups() == [[0, 1, 2, 3], [4, 5], [7, 8, 9]]


def test_identical_files_are_grouped_alike(desk: Desk, tmp_path: Path) -> None:
    Path(desk.folder).mkdir()
    for number in BURSTS[0]:
        original = Path(desk.folder) / f"{number}.jpg"
        original.write_bytes(bytes(number + 1))
        os.utime(original, ns=(0, 0))
    copies = [desk.store(number, 0.1 * number, folder=str(tmp_path / "copies")) for number in BURSTS[0]]
    assert not set(copies) & set(desk.ids), "they are photos of their own"
    group_folders(desk.catalogue)

    burst_edits.split(desk.catalogue, desk.ids[2])

    first, second, third, fourth = (desk.catalogue.photo(copy).series_id for copy in copies)
    assert first == second != third == fourth


def test_an_edit_outlives_what_another_program_writes_into_a_file(desk: Desk) -> None:
    burst_edits.split(desk.catalogue, desk.ids[2])
    assert desk.store(2, 0.2, data=b"photo 2 with a caption") == desk.ids[2]
    desk.catalogue.finish_scan([], [], False)
    group_folders(desk.catalogue)
    assert desk.groups()[:2] == [[0, 1], [2, 3]]


def test_the_choice_of_a_best_frame_survives_merging_and_splitting(desk: Desk) -> None:
    series = desk.catalogue.photo(desk.ids[4]).series_id
    desk.catalogue.choose_best(series, desk.ids[4])
    burst_edits.merge(desk.catalogue, [desk.ids[0], desk.ids[4]], list(desk.series()))
    chosen = desk.catalogue.photo(desk.ids[4])
    assert (chosen.chosen, chosen.best_of_series, chosen.series_size) == (True, True, 9)
    burst_edits.split(desk.catalogue, desk.ids[7])
    assert desk.catalogue.photo(desk.ids[4]).best_of_series
    burst_edits.undo(desk.catalogue)
    burst_edits.undo(desk.catalogue)
    assert desk.catalogue.photo(desk.ids[4]).chosen
    assert desk.catalogue.undo_title() == "choosing 4.jpg out of 2"


def test_a_run_that_ends_in_the_middle_of_an_edit_leaves_all_as_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    before = desk.all_that_is_shown()
    monkeypatch.setattr(burst_edits, "regroup", killed)
    with pytest.raises(KeyboardInterrupt):
        burst_edits.split(desk.catalogue, desk.ids[2])
    desk.reopen()
    assert (desk.all_that_is_shown(), desk.catalogue.undo_title()) == (before, None)


def test_a_decision_that_is_undone_without_its_series_is_found_by_the_next_run(desk: Desk) -> None:
    burst_edits.split(desk.catalogue, desk.ids[2])
    group_folders(desk.catalogue)
    desk.catalogue.undo()
    assert desk.catalogue.folders_to_group() == [desk.folder]
    group_folders(desk.catalogue)
    assert desk.groups()[0] == [0, 1, 2, 3]


def test_bursts_on_a_drive_that_is_not_plugged_in_can_be_edited(desk: Desk) -> None:
    desk.catalogue.finish_scan([desk.folder], [], False)
    assert {photo.state for photo in desk.catalogue.photos(desk.ids)} == {PhotoState.OFFLINE}
    burst_edits.split(desk.catalogue, desk.ids[2])
    group_folders(desk.catalogue)
    assert desk.groups() == [[0, 1], [2, 3], [4, 5], [7, 8, 9]]


def test_a_search_that_began_before_the_edit_does_not_undo_it(desk: Desk) -> None:
    """The thread that scores may find series of the folder just when the person edits them."""
    from aesthetic_studio.curation.series import find_series

    photos = desk.catalogue.records_in_folder(desk.folder)
    stale = find_series(photos)
    edit = threading.Thread(target=lambda: burst_edits.split(desk.catalogue, desk.ids[2]))
    edit.start()
    edit.join()
    desk.catalogue.replace_series(desk.folder, stale)
    assert desk.groups()[:2] == [[0, 1], [2, 3]]
    assert desk.catalogue.folders_to_group() == [desk.folder]


# -- the law -------------------------------------------------------------------------------------------------------

SOME = st.lists(st.integers(0, 9), min_size=1, max_size=5, unique=True)
STEPS = st.one_of(
    st.tuples(st.just("merge"), SOME),
    st.tuples(st.just("split"), st.integers(0, 9)),
    st.tuples(st.just("out"), SOME),
    st.tuples(st.just("dissolve"), SOME),
    st.tuples(st.just("choose"), st.integers(0, 9)),
    st.tuples(st.just("rate"), SOME),
    st.just(("undo", None)),
    st.just(("undo", None)),
    st.just(("redo", None)),
    st.just(("find again", None)),
    st.just(("reopen", None)),
)


def act(desk: Desk, step: str, what: Any) -> bool:
    """Do a step that decides; says whether it was one."""
    catalogue, ids = desk.catalogue, desk.ids
    edits: dict[str, Callable[[], Any]] = {
        "merge": lambda: burst_edits.merge(catalogue, [ids[number] for number in what]),
        "split": lambda: burst_edits.split(catalogue, ids[what]),
        "out": lambda: burst_edits.take_out(catalogue, [ids[number] for number in what]),
        "dissolve": lambda: burst_edits.dissolve(catalogue, [ids[number] for number in what]),
        "rate": lambda: catalogue.decide([ids[number] for number in what], VerdictChange(rating=3), "Rate"),
    }
    if step == "choose":
        series = catalogue.photo(ids[what]).series_id
        return series is not None and catalogue.choose_best(series, ids[what]).id > 0
    try:
        return bool(edits[step]().id)
    except CannotGroup:
        return False


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEPS, max_size=14))
def test_undo_is_the_exact_inverse_whatever_happens_in_between(steps):
    with TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        try:
            done, undone = [desk.all_that_is_shown()], []
            for step, what in steps:
                if step == "undo":
                    assert (burst_edits.undo(desk.catalogue) is None) == (len(done) == 1)
                    if len(done) > 1:
                        undone.append(done.pop())
                elif step == "redo":
                    assert (burst_edits.redo(desk.catalogue) is None) == (not undone)
                    if undone:
                        done.append(undone.pop())
                elif step == "find again":
                    desk.find_again()
                elif step == "reopen":
                    desk.reopen()
                elif act(desk, step, what):
                    done.append(desk.all_that_is_shown())
                    undone.clear()
                assert desk.all_that_is_shown() == done[-1]
            every = desk.catalogue.photos(desk.catalogue.ids(PhotoQuery(collapse_series=False)))
            places = {photo.series_id or -photo.id for photo in every}
            assert len(desk.catalogue.ids(PhotoQuery())) == len(places), "a burst takes one place"
            assert {photo.series_kind for photo in desk.catalogue.photos(desk.ids)} <= {SeriesKind.BURST, None}
            assert desk.catalogue.health() == []
        finally:
            desk.catalogue.close()
