"""Finding photos like one, and duplicates, from the keyboard and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from aesthetic_studio.albums import PhotoFilter
from aesthetic_studio.desktop.dialogs import Dialogs

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from aesthetic_studio.desktop.window import MainWindow

Make = Callable[..., Any]
CTRL = Qt.KeyboardModifier.ControlModifier


def give_looks(library: Any, looks: Sequence[Sequence[float]]) -> None:
    contents = [library.catalogue.photo(photo).content_id for photo in library.ids]
    rows = [(content, np.asarray(look, "<f2").tobytes()) for content, look in zip(contents, looks, strict=False)]
    with library.catalogue.transaction():
        library.catalogue.store_looks("made", "1", rows)


def found(window: MainWindow) -> list[int]:
    return list(window.grid.model().ids)  # type: ignore[attr-defined]


def search(qtbot: QtBot, window: MainWindow, command: str) -> None:
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        window.registry.run(command)


@pytest.fixture
def measured(own_data_folder: Path) -> None:
    """The model that scored the library looks with the bundled encoder, whose threshold is known."""
    from aesthetic_studio.models import registry

    bundled = registry.find_card("embedded")
    config = bundled.config | {"encoder_spec": "embedded"}
    replace(bundled, name="made", version="1", config=config).save(registry.user_folder() / "made")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    messages: list[str] = []
    monkeypatch.setattr(Dialogs, "tell", lambda _self, message, advice: messages.append(f"{message} {advice}"))
    return messages


def test_ctrl_f_shows_what_is_most_alike_and_escape_brings_all_back(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library(4)
    give_looks(library, [(1, 0), (0, 1), (0.9, 0.3), (0.5, 0.5)])
    window = show_window(library)
    window.views.go_to(library.ids[2])
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_F, CTRL)
    assert found(window) == [library.ids[place] for place in (2, 0, 3, 1)]
    assert window.views.current_id() == library.ids[2]
    assert "photo-02.jpg" in window.find_bar.text()
    assert window.find_bar.isVisible()
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    assert found(window) == library.ids
    assert window.views.current_id() == library.ids[2]
    assert not window.find_bar.isVisible()


def test_duplicates_are_shown_group_by_group_with_frames_of_collapsed_bursts(
    qtbot: QtBot, make_library: Make, show_window: Make, measured: None
) -> None:
    library = make_library(5)
    library.group(library.ids[:2])
    give_looks(library, [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0.01, 0), (0.01, 1, 0)])
    window = show_window(library)
    search(qtbot, window, "edit.find_duplicates")
    assert found(window) == [library.ids[place] for place in (0, 3, 1, 4)]
    assert "2 groups" in window.find_bar.text()


def test_the_charts_below_the_grid_tell_of_what_was_found(
    qtbot: QtBot, make_library: Make, show_window: Make, measured: None
) -> None:
    library = make_library(5)
    give_looks(library, [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0.01, 0), (0.01, 1, 0)])
    window = show_window(library)

    def counted_after(step: Callable[[], None]) -> tuple[int, int]:
        with qtbot.waitSignal(window.reader.spreading_loaded, timeout=5000) as told:
            step()
        return sum(told.args[0].histogram.counts), sum(told.args[0].timeline.counts)

    press = partial(qtbot.keyClick, window.grid)
    assert counted_after(partial(press, Qt.Key.Key_H, CTRL)) == (5, 5)
    assert counted_after(partial(window.registry.run, "edit.find_duplicates")) == (4, 4)
    assert counted_after(partial(press, Qt.Key.Key_Escape)) == (5, 5)


def test_a_library_without_duplicates_says_so(
    qtbot: QtBot, make_library: Make, show_window: Make, measured: None
) -> None:
    library = make_library(2)
    give_looks(library, [(1, 0), (0, 1)])
    window = show_window(library)
    search(qtbot, window, "edit.find_duplicates")
    assert "none" in window.find_bar.text()
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        window.views.nothing.show_all_wanted.emit()
    assert found(window) == library.ids


SHOWN_ALL_BY = {
    "link above the photos": lambda window: window.chips.findChild(QPushButton, "showAll").click(),
    "button of the filter": lambda window: window.filter_panel.findChild(QPushButton, "clearFilters").click(),
    "command": lambda window: window.registry.run("edit.show_all"),
}


@pytest.mark.parametrize("way", SHOWN_ALL_BY)
def test_showing_all_ends_filter_and_search_wherever_it_is_asked_for(
    qtbot: QtBot, make_library: Make, show_window: Make, way: str
) -> None:
    library = make_library(4)
    give_looks(library, [(1, 0), (0, 1), (0.9, 0.1), (0.1, 0.9)])
    window = show_window(library)
    search(qtbot, window, "edit.find_similar")
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        window.filter_panel.set_filter(PhotoFilter(score_at_least=6.0))
    narrowed = found(window)

    SHOWN_ALL_BY[way](window)
    qtbot.waitUntil(lambda: found(window) == library.ids, timeout=5000)

    assert narrowed == library.ids[:2]
    assert not window.finding.is_searching
    assert window.filter_panel.filter() == PhotoFilter()
    assert window.chips.isHidden()


def test_a_search_looks_only_among_what_the_filter_lets_through(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library(4)
    give_looks(library, [(1, 0), (0, 1), (0.9, 0.1), (1, 0)])
    window = show_window(library)
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        window.filter_panel.set_filter(PhotoFilter(score_at_least=4.0))

    search(qtbot, window, "edit.find_similar")

    assert found(window) == [library.ids[place] for place in (0, 2, 1)]
    assert window.chips.findChild(QPushButton, "showAll").text() == "1 hidden – show all"


def test_a_photo_that_was_not_scored_yet_is_told_and_the_album_stays(
    qtbot: QtBot, make_library: Make, show_window: Make, told: list[str]
) -> None:
    library = make_library(3)
    window = show_window(library)
    search(qtbot, window, "edit.find_similar")
    assert "not been scored" in told[0]
    assert found(window) == library.ids
    assert not window.find_bar.isVisible()
    assert not window.finding.is_searching


def test_duplicates_that_the_active_model_cannot_tell_are_told_with_the_way_out(
    qtbot: QtBot, make_library: Make, show_window: Make, told: list[str]
) -> None:
    library = make_library(2)
    give_looks(library, [(1, 0), (1, 0)])
    window = show_window(library)
    search(qtbot, window, "edit.find_duplicates")
    assert "aesthetic-studio models use embedded" in told[0]
    assert found(window) == library.ids


def test_decisions_are_about_the_photo_that_was_found(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library(3)
    give_looks(library, [(1, 0), (0, 1), (0.9, 0.1)])
    window = show_window(library)
    search(qtbot, window, "edit.find_similar")
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Right)
    with qtbot.waitSignal(window.verdicts.applied, timeout=5000):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_4)
    assert library.verdict(library.ids[2]).rating == 4
    assert found(window) == [library.ids[place] for place in (0, 2, 1)]


# -- words -----------------------------------------------------------------------------------------------------------

CTRL_ALT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
SAID = {"boat": 0, "snow": 1}


@pytest.fixture
def words(install_clip: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A model on a CLIP scored the library; its text tower knows two words. Lists what it was asked."""
    from aesthetic_studio.pipeline.words_process import Words

    install_clip("made")
    asked: list[str] = []

    def vector(_self: Words, _model: tuple[str, str], text: str) -> Any:
        asked.append(text)
        return np.eye(12, dtype=np.float32)[SAID[text]]

    monkeypatch.setattr(Words, "vector", vector)
    return asked


def twelve(*first: float) -> list[float]:
    return [*first, *[0.0] * (12 - len(first))]


def type_words(qtbot: QtBot, window: MainWindow, text: str) -> None:
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_F, CTRL_ALT)
    qtbot.keyClicks(window.focusWidget(), text)
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)


@pytest.fixture
def library(make_library: Make) -> Any:
    made = make_library(4)
    give_looks(made, [twelve(0.1, 0.9), twelve(1, 0), twelve(0, 1), twelve(0.8, 0.2)])
    return made


def test_words_typed_above_the_photos_show_the_best_match_first_and_escape_brings_all_back(
    qtbot: QtBot, library: Any, show_window: Make, words: list[str]
) -> None:
    window = show_window(library)
    window.views.go_to(library.ids[2])
    type_words(qtbot, window, "boat")
    assert found(window) == [library.ids[place] for place in (1, 3, 0, 2)]
    assert window.find_bar.text() == "Showing “boat”: 4 photos, the best match first"
    assert window.views.current_id() == library.ids[1], "the best match is the one in sight"
    assert window.views.has_focus(), "keys act on photos again"
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    assert found(window) == library.ids
    assert not window.find_bar.isVisible()


def test_escape_leaves_the_words_and_what_was_shown_stays(
    qtbot: QtBot, library: Any, show_window: Make, words: list[str]
) -> None:
    window = show_window(library)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_F, CTRL_ALT)
    assert window.find_bar.isVisible()
    assert window.find_bar.field().hasFocus()
    qtbot.keyClicks(window.focusWidget(), "bo")
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    assert not window.find_bar.isVisible()
    assert window.views.has_focus()
    type_words(qtbot, window, "boat")
    before = found(window)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_F, CTRL_ALT)
    assert window.find_bar.field().text() == "boat", "the last words can be changed"
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    assert window.find_bar.text().startswith("Showing “boat”")
    assert found(window) == before
    assert words == ["boat"]


def test_other_words_replace_the_ones_before(qtbot: QtBot, library: Any, show_window: Make, words: list[str]) -> None:
    window = show_window(library)
    type_words(qtbot, window, "boat")
    type_words(qtbot, window, "snow")
    assert found(window)[0] == library.ids[2]
    assert words == ["boat", "snow"]


def test_keys_typed_into_the_words_decide_nothing(
    qtbot: QtBot, library: Any, show_window: Make, words: list[str]
) -> None:
    window = show_window(library)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_F, CTRL_ALT)
    qtbot.keyClicks(window.focusWidget(), "x 5 pg")
    assert window.find_bar.field().text() == "x 5 pg"
    assert all(library.verdict(photo).rating == 0 and library.verdict(photo).flag == 0 for photo in library.ids)
    assert window.views.mode == "grid"


def test_in_the_smallest_window_the_words_have_the_room(
    qtbot: QtBot, library: Any, show_window: Make, words: list[str]
) -> None:
    window = show_window(library)
    window.resize(window.minimumSize())
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_F, CTRL_ALT)
    field = window.find_bar.field()
    qtbot.waitUntil(lambda: field.width() >= 200)
    assert window.find_bar.rect().contains(field.geometry())


def test_nothing_typed_searches_for_nothing(qtbot: QtBot, library: Any, show_window: Make, words: list[str]) -> None:
    window = show_window(library)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_F, CTRL_ALT)
    qtbot.keyClicks(window.focusWidget(), "   ")
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert not window.find_bar.isVisible()
    assert not window.finding.is_searching
    assert words == []


def test_where_no_clip_scored_the_photos_the_bar_says_how_to_get_one(
    qtbot: QtBot, library: Any, show_window: Make, told: list[str]
) -> None:
    window = show_window(library)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_F, CTRL_ALT)
    assert window.find_bar.isVisible()
    assert not window.find_bar.is_asking
    assert "aesthetic-studio models fetch laion" in window.find_bar.text()
    assert told == [], "no dialog is in the way"
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    assert not window.find_bar.isVisible()
    assert found(window) == library.ids


def test_a_text_tower_that_is_taken_away_while_the_words_are_typed_is_told_in_the_bar(
    qtbot: QtBot, library: Any, show_window: Make, install_clip: Callable[[str], Any], told: list[str]
) -> None:
    from aesthetic_studio.models import registry

    install_clip("made")
    window = show_window(library)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_F, CTRL_ALT)
    qtbot.keyClicks(window.focusWidget(), "boat")
    (registry.user_folder() / "made" / "card.json").unlink()
    with qtbot.waitSignal(window.searcher.wordless, timeout=5000), qtbot.waitSignal(window.album.loaded, timeout=5000):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert "made 1, is not installed" in window.find_bar.text()
    assert found(window) == library.ids, "the album is there as before"
    assert told == []


def test_while_the_words_model_is_loaded_the_bar_says_so_and_the_album_can_be_had_back(
    qtbot: QtBot, library: Any, show_window: Make, install_clip: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from aesthetic_studio.pipeline import words_process

    install_clip("made")
    loaded = threading.Event()

    class Slow:
        running = False

        def __init__(self, folder: str) -> None:
            del folder

        def embed(self, text: str) -> Any:
            del text
            loaded.wait(20.0)
            return np.eye(12, dtype=np.float32)[0]

        def interrupt(self) -> None:
            loaded.set()

        close = interrupt

    monkeypatch.setattr(words_process, "WordsProcess", Slow)
    window = show_window(library)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_F, CTRL_ALT)
    qtbot.keyClicks(window.focusWidget(), "boat")
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "is being loaded" in window.find_bar.text())
    assert window.find_bar.text().startswith("Showing “boat” …")
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    assert found(window) == library.ids, "nobody waits for torch"
    assert not loaded.is_set()
    assert not window.find_bar.isVisible()


@pytest.mark.xdist_group("scoring_process")
def test_words_are_read_by_the_real_text_tower_and_its_process_ends_with_the_window(
    qtbot: QtBot, make_library: Make, show_window: Make, install_clip: Callable[[str], Any]
) -> None:
    import multiprocessing

    import open_clip
    import torch

    clip = install_clip("made")
    with torch.no_grad():
        says = clip.encode_text(open_clip.tokenize(["a boat at sunset"], context_length=12), normalize=True)[0].numpy()
    library = make_library(3)
    give_looks(library, [-says, np.roll(says, 1), says])
    window = show_window(library)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_F, CTRL_ALT)
    qtbot.keyClicks(window.focusWidget(), "a boat at sunset")
    with qtbot.waitSignal(window.album.loaded, timeout=120_000):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert found(window) == [library.ids[place] for place in (2, 1, 0)]
    assert [child.name for child in multiprocessing.active_children()] == ["reads words"]
    window.close()
    assert multiprocessing.active_children() == []
