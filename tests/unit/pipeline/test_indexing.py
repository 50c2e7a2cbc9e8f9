"""Indexing with decoders of our own: order, stopping, crashes, what vanishes meanwhile, what cannot be written."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aesthetic_studio.albums import PhotoFilter, PhotoQuery, SortKey
from aesthetic_studio.errors import DiskFull, UnreadablePhoto
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.pipeline import indexing
from aesthetic_studio.pipeline.indexing import IndexReport, index
from aesthetic_studio.pipeline.workers import DecodePool
from aesthetic_studio.records import (
    LOOK_COLOUR_SIDE,
    LOOK_SIDE,
    Look,
    Measurements,
    Metadata,
    PhotoFacts,
    PhotoState,
    Progress,
    VerdictChange,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from aesthetic_studio.pipeline.decode_worker import Decoders


def _hash(path: str) -> bytes:
    return hashlib.blake2b(Path(path).read_bytes(), digest_size=16).digest()


def _facts(path: str) -> PhotoFacts:
    """A decoder that reads a made-up format: what the text of the file says happens."""
    text = Path(path).read_bytes()
    if text.startswith(b"crash"):
        os.kill(os.getpid(), signal.SIGKILL)
    if text.startswith(b"hang"):
        signal.pause()
    if text.startswith(b"bug"):
        raise ZeroDivisionError("ours")
    if not text.startswith(b"photo"):
        raise UnreadablePhoto(path, "it is no photo", "Leave it out.")
    return PhotoFacts(
        content_hash=_hash(path),
        format="JPEG",
        width=3,
        height=2,
        metadata=Metadata(),
        measurements=Measurements(0.5, 0, 0, 0, 0, 0, 0.2, 0.1, 0),
        look=Look(bytes(LOOK_SIDE**2), bytes(3 * LOOK_COLOUR_SIDE**2)),
        preview=b"preview of " + text,
    )


def _load() -> Decoders:
    return _facts, _hash


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "library.sqlite") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "photos"
    made.mkdir()
    return made


@pytest.fixture
def run(catalogue: Catalogue, folder: Path) -> Callable[..., IndexReport]:
    def index_folder(
        roots: Sequence[str] | None = None, *, time_limit_s: float = 60.0, **options: object
    ) -> IndexReport:
        pool = DecodePool(2, start_method="fork", load=_load, time_limit_s=time_limit_s)
        return index(catalogue, roots or [str(folder)], pool=pool, **options)  # type: ignore[arg-type]

    return index_folder


def _write(folder: Path, *names: str, text: str = "photo") -> None:
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f"{text} {name}")


def _names(catalogue: Catalogue, *states: PhotoState) -> list[str]:
    chosen = PhotoFilter(states=frozenset(states or (PhotoState.PRESENT,)))
    ids = catalogue.ids(PhotoQuery(chosen, SortKey.NAME, descending=False, collapse_series=False))
    return [photo.name for photo in catalogue.photos(ids)]


def test_rating_survives_a_move_and_nothing_is_decoded_for_it(
    catalogue: Catalogue, folder: Path, run: Callable[..., IndexReport]
) -> None:
    _write(folder, "a.jpg", "b.jpg")
    run()
    first = catalogue.ids(PhotoQuery(sort=SortKey.NAME, descending=False))[0]
    catalogue.decide([first], VerdictChange(rating=4), "4 stars")
    (folder / "later").mkdir()
    (folder / "a.jpg").rename(folder / "later" / "moved.jpg")
    report = run()
    assert (report.added, report.updated, report.moved, report.unchanged) == (0, 0, 1, 1)
    assert catalogue.photo(first).name == "moved.jpg"
    assert catalogue.photo(first).verdict.rating == 4


def test_a_copy_is_a_photo_of_its_own(folder: Path, run: Callable[..., IndexReport]) -> None:
    _write(folder, "a.jpg")
    run()
    (folder / "copy.jpg").write_bytes((folder / "a.jpg").read_bytes())
    report = run()
    assert (report.added, report.moved, report.unchanged) == (1, 0, 1)


def test_two_photos_of_one_size_are_told_apart(folder: Path, run: Callable[..., IndexReport]) -> None:
    """The second is only hashed first, and decoded since its content is new."""
    _write(folder, "a.jpg")
    run()
    _write(folder, "b.jpg")
    assert (folder / "a.jpg").stat().st_size == (folder / "b.jpg").stat().st_size
    assert run().added == 1


def test_a_crash_of_the_decoder_is_one_unreadable_file(
    catalogue: Catalogue, folder: Path, run: Callable[..., IndexReport]
) -> None:
    _write(folder, *(f"{number}.jpg" for number in range(10)))
    _write(folder, "evil.jpg", text="crash")
    report = run()
    assert report.added == 10
    (told,) = report.unreadable
    assert told.path == str(folder / "evil.jpg")
    assert "SIGKILL" in told.reason
    assert told.advice
    assert _names(catalogue, PhotoState.UNREADABLE) == ["evil.jpg"]


def test_a_file_that_hangs_its_decoder_is_given_up(folder: Path, run: Callable[..., IndexReport]) -> None:
    _write(folder, "a.jpg", "b.jpg")
    _write(folder, "endless.jpg", text="hang")
    report = run(time_limit_s=0.3)
    assert report.added == 2
    assert [Path(told.path).name for told in report.unreadable] == ["endless.jpg"]


def test_a_bug_of_ours_costs_one_photo_and_leaves_its_traceback(folder: Path, run: Callable[..., IndexReport]) -> None:
    _write(folder, "a.jpg")
    _write(folder, "odd.jpg", text="bug")
    report = run()
    assert report.added == 1
    assert "log file" in report.unreadable[0].advice
    assert "ZeroDivisionError" in report.faults[0]
    assert "odd.jpg" in report.faults[0]


def test_a_file_that_vanishes_meanwhile_is_told_and_not_forgotten(
    catalogue: Catalogue, folder: Path, run: Callable[..., IndexReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(folder, "a.jpg", "b.jpg")
    _write(folder, "gone.jpg", text="nothing")
    original = indexing._Indexing._receive

    def vanish(self: object, answer: object) -> None:
        (folder / "gone.jpg").unlink(missing_ok=True)
        original(self, answer)  # type: ignore[arg-type]

    monkeypatch.setattr(indexing._Indexing, "_receive", vanish)
    report = run()
    assert report.added == 2
    assert [Path(told.path).name for told in report.unreadable] == ["gone.jpg"]
    assert _names(catalogue, PhotoState.UNREADABLE) == []
    monkeypatch.undo()
    _write(folder, "gone.jpg")
    assert run().added == 1, "the folder is looked at again"


def test_stopping_is_prompt_and_keeps_what_is_done(
    catalogue: Catalogue, folder: Path, run: Callable[..., IndexReport]
) -> None:
    """A worker that is busy for ever does not hold up the stop."""
    _write(folder, *(f"{number}.jpg" for number in range(20)))
    _write(folder, "endless.jpg", text="hang on, this is the largest file, so it comes first:")
    seen: list[Progress] = []
    started: list[float] = []

    def should_stop() -> bool:
        if not started and seen and seen[-1].done >= 5:
            started.append(time.monotonic())
        return bool(started)

    report = run(progress=seen.append, should_stop=should_stop)
    assert time.monotonic() - started[0] < 0.5
    assert report.interrupted
    assert report.added >= 5
    assert len(_names(catalogue)) == report.added
    (folder / "endless.jpg").unlink()
    second = run()
    assert second.added + report.added == 20
    assert not second.interrupted


def test_an_interrupted_walk_greys_nothing(catalogue: Catalogue, folder: Path, run: Callable[..., IndexReport]) -> None:
    _write(folder, "one/a.jpg", "two/b.jpg")
    run()
    report = run(should_stop=lambda: True)
    assert report.interrupted
    assert _names(catalogue, PhotoState.MISSING) == []


def test_what_the_user_looks_at_is_read_first(
    folder: Path, run: Callable[..., IndexReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(8):
        _write(folder, *(f"{number}/{number}{letter}.jpg" for letter in "abcd"))
    handed_out: list[str] = []
    original = DecodePool.submit

    def submit(self: DecodePool, number: int, job: object, path: str) -> None:
        handed_out.append(str(Path(path).relative_to(folder)))
        original(self, number, job, path)  # type: ignore[arg-type]

    monkeypatch.setattr(DecodePool, "submit", submit)
    monkeypatch.setattr(indexing, "WALK_SLICE_S", 60.0)
    run(first=lambda: [str(folder / "7"), str(folder / "5" / "5c.jpg")])
    assert {path[0] for path in handed_out[:4]} == {"7"}
    assert handed_out[4] == "5/5c.jpg"
    assert len(handed_out) == 32


def test_memory_is_bounded_by_the_workers_and_not_by_the_folder(
    folder: Path, run: Callable[..., IndexReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(folder, *(f"{number}.jpg" for number in range(200)))
    most = 0
    original = DecodePool.collect

    def collect(self: DecodePool, timeout_s: float) -> list[object]:
        nonlocal most
        most = max(most, self.in_flight)
        assert self.in_flight <= self.capacity
        return original(self, timeout_s)  # type: ignore[return-value]

    monkeypatch.setattr(DecodePool, "collect", collect)
    assert run().added == 200
    assert most == 4


def test_a_disk_that_fills_up_stops_with_a_known_error_and_keeps_what_is_stored(
    catalogue: Catalogue, folder: Path, run: Callable[..., IndexReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(folder, *(f"{number}.jpg" for number in range(20)))
    monkeypatch.setattr(indexing, "WRITE_EVERY_PHOTOS", 3)
    original = Catalogue.store_facts
    stored = 0

    def store_facts(self: Catalogue, file: object, facts: object) -> int:
        nonlocal stored
        stored += 1
        # Two workers of two jobs each add at most four to the two that wait: the first batch never holds more.
        if stored > 6:
            raise DiskFull("the library: the disk is full.", "Free some space.")
        return original(self, file, facts)  # type: ignore[arg-type]

    monkeypatch.setattr(Catalogue, "store_facts", store_facts)
    with pytest.raises(DiskFull):
        run()
    kept = len(_names(catalogue))
    assert 0 < kept < 20
    monkeypatch.undo()
    report = run()
    assert (report.added, report.unchanged) == (20 - kept, kept)


def test_a_drive_that_is_unplugged_is_offline_and_comes_back(
    catalogue: Catalogue, folder: Path, run: Callable[..., IndexReport]
) -> None:
    _write(folder, "a.jpg")
    run()
    folder.rename(folder.with_name("unplugged"))
    report = run()
    assert (report.added, report.missing) == (0, 0)
    assert _names(catalogue, PhotoState.OFFLINE) == ["a.jpg"]
    folder.with_name("unplugged").rename(folder)
    assert run().unchanged == 1
    assert _names(catalogue) == ["a.jpg"]


def test_progress_counts_up_to_all(folder: Path, run: Callable[..., IndexReport]) -> None:
    _write(folder, *(f"{number}.jpg" for number in range(30)))
    seen: list[Progress] = []
    run(progress=seen.append)
    done = [each.done for each in seen if each.stage == "index"]
    assert done == sorted(done)
    assert (seen[-1].stage, seen[-1].done, seen[-1].total) == ("index", 30, 30)


def test_an_unchanged_folder_starts_no_worker(
    folder: Path, run: Callable[..., IndexReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(folder, "a.jpg")
    run()

    def start(self: DecodePool) -> None:
        raise AssertionError("nothing is to be decoded")

    monkeypatch.setattr(DecodePool, "start", start)
    assert run().unchanged == 1
