"""Photos on a disk that are read as the program reads them, and what befalls files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from journey_steps.desk import Desk, Make, numbers_in
from journey_steps.looking import tone_of
from PIL import Image
from pytest_bdd import given, parsers, then, when

from aesthetic_studio.albums import PhotoQuery, SortKey
from aesthetic_studio.desktop.window import MainWindow
from aesthetic_studio.desktop.work import background
from aesthetic_studio.models import registry
from aesthetic_studio.pipeline.indexing import index
from aesthetic_studio.records import Answer, PhotoState, ScoreDistribution

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest
    from pytestqt.qtbot import QtBot

EVEN = ScoreDistribution((0.1,) * 10)
RESCAN = MainWindow.rescan
"""As the program does it; tests without files do not."""


class EvenScorer:
    """Answers like the model's process, at once and the same for every photo: ties stand in the order of names."""

    batch_size, device, reads_words, running = 8, "cpu", False, True

    def __init__(self, *_: object) -> None:
        self.model_name, self.model_version = "embedded", registry.find_card("embedded").version
        self._waiting: list[int] = []

    def submit(self, previews: Sequence[bytes], _words: Sequence[str] | None = None) -> None:
        self._waiting.append(len(previews))

    def take(self) -> list[Answer | None]:
        return [Answer(EVEN)] * self._waiting.pop(0)

    def discard(self) -> None:
        self._waiting.clear()

    def interrupt(self) -> None:
        """Nothing can hold it up."""

    def close(self) -> None:
        """Nothing is open."""


@given(parsers.parse("a shoot of {count:d} photo files"), target_fixture="desk")
def a_shoot_of_files(
    count: int, qtbot: QtBot, make_library: Make, show_window: Make, monkeypatch: pytest.MonkeyPatch
) -> Desk:
    library = make_library(0)
    for number in range(1, count + 1):
        photo = Path(library.folder) / f"photo-{number:02d}.jpg"
        Image.new("RGB", (1500, 1000), tone_of(number)).save(photo, quality=92)
    index(library.catalogue, [library.folder], workers=1)
    library.ids[:] = library.catalogue.ids(PhotoQuery(sort=SortKey.NAME, descending=False, collapse_series=False))
    assert len(library.ids) == count
    monkeypatch.setattr(background, "ScoringProcess", EvenScorer)
    monkeypatch.setattr(MainWindow, "rescan", RESCAN)

    def show(of: Any) -> MainWindow:
        window: MainWindow = show_window(of)
        rests: list[None] = []
        window.work.rested.connect(lambda: rests.append(None))
        desk.remembered["rests"] = rests
        desk.until(lambda: bool(rests) and not window.work.is_busy)
        return window

    desk = Desk(qtbot, library, show)
    return desk


@when("I have the folders read again")
def i_press_f5(desk: Desk) -> None:
    rests, window = desk.remembered["rests"], desk.window
    rests.clear()
    desk.press("F5")
    desk.until(lambda: bool(rests) and not window.work.is_busy)
    desk.settle()


@when(parsers.parse("the file of photo {number:d} is deleted"))
def it_is_deleted(desk: Desk, number: int) -> None:
    path_of(desk, number).unlink()


@when(parsers.parse('photo {number:d} is renamed to "{name}" and photo {other:d} is moved into "{folder}"'))
def they_are_renamed_and_moved(desk: Desk, number: int, name: str, other: int, folder: str) -> None:
    path_of(desk, number).rename(Path(desk.library.folder) / name)
    moved = Path(desk.library.folder) / folder
    moved.mkdir()
    path_of(desk, other).rename(moved / path_of(desk, other).name)


@given(parsers.parse('photos {which} lie in the folder "{folder}"'))
def they_lie_in(desk: Desk, which: str, folder: str) -> None:
    inner = Path(desk.library.folder) / folder
    inner.mkdir()
    for number in numbers_in(which):
        path_of(desk, number).rename(inner / path_of(desk, number).name)
    index(desk.library.catalogue, [desk.library.folder], workers=1)


@when(parsers.parse('the folder "{old}" is moved to "{new}"'))
def a_folder_is_moved(desk: Desk, old: str, new: str) -> None:
    root = Path(desk.library.folder)
    (root / new).parent.mkdir(parents=True, exist_ok=True)
    (root / old).rename(root / new)


@when("the drive goes offline")
def the_drive_goes_offline(desk: Desk) -> None:
    root = Path(desk.library.folder)
    root.rename(root.with_name("unplugged"))


@when("the drive is back")
def the_drive_is_back(desk: Desk) -> None:
    root = Path(desk.library.folder)
    root.with_name("unplugged").rename(root)


@then(parsers.parse("every photo is {state}"))
def every_photo_is(desk: Desk, state: str) -> None:
    wanted = {"offline": PhotoState.OFFLINE, "there": PhotoState.PRESENT}[state]
    desk.settle()
    shown = desk.library.catalogue.cells(desk.window.grid.model().ids)
    assert [cell.id for cell in shown] == desk.library.ids, "and none is hidden"
    assert {cell.state for cell in shown} == {wanted}


@then(parsers.parse('photo {number:d} is found at "{place}"'))
def it_is_found_at(desk: Desk, number: int, place: str) -> None:
    photo = desk.library.catalogue.photo(desk.id_of(number))
    assert (photo.path, photo.state) == (Path(desk.library.folder) / place, PhotoState.PRESENT)


def path_of(desk: Desk, number: int) -> Path:
    path: Path = desk.library.catalogue.photo(desk.id_of(number)).path
    return path
