"""The Teach panel: what a person is told, asked and shown, with a process that answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QListWidget, QPushButton, QTabWidget

from aesthetic_studio.desktop.teach.panel import TeachPanel
from aesthetic_studio.desktop.work.scoring_thread import ScoringThread
from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.card import Interval
from aesthetic_studio.records import Answer, ScoreDistribution
from trainer.personal.records import AskedPair, Counts, GateVerdict, Moved, TeachReport, TeachState, VersionRecord

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
"""The platform without a screen says so of every dialog that has a smallest size."""

Make = Callable[..., Any]
BASE, MINE = Interval(0.58, 0.5, 0.66), Interval(0.85, 0.81, 0.9)
PASSED = GateVerdict(True, BASE, MINE, Interval(0.27, 0.2, 0.34), 0.001, 300, 60, "Your model is better than the base.")
RECORD = VersionRecord(
    1, "2026-01-02T03:04:05+00:00", "embedded 1", True, "", BASE, MINE, 0.001, 300, {"usable": 60}, "1-a"
)
REFUSED = replace(RECORD, number=2, passed=False)
STATE = TeachState("personal", "Embedded", "embedded", Counts(stars=12, picks=3, rejects=2, usable=17), 20)


class MadeProcess:
    """Answers at once, or waits until it is let go."""

    def __init__(self, ids: list[int]) -> None:
        self.ids = ids
        self.state_now = STATE
        self.report: TeachReport | KnownError | None = None
        self.reverted: list[int] = []
        self.hold = threading.Event()
        self.hold.set()
        self.interrupted = threading.Event()
        self.asking = threading.Event()
        self.closed = 0
        self.pairs_asked = 0

    def state(self) -> TeachState:
        return self.state_now

    def questions(self, count: int, progress: Make) -> list[AskedPair]:
        self.asking.set()
        progress("look", 1, 2)
        self.pairs_asked += 1
        pairs = list(zip(self.ids[::2], self.ids[1::2], strict=False))
        return [AskedPair(one, two, f"because {one}") for one, two in pairs][:count]

    def teach(self, progress: Make) -> TeachReport:
        progress("learn", 3, 16)
        self.hold.wait(10)
        if self.interrupted.is_set():
            raise KnownError("The process that learns your taste has stopped.", "Start again.")
        if isinstance(self.report, KnownError):
            raise self.report
        assert self.report is not None
        return self.report

    def revert(self, number: int) -> TeachState:
        self.reverted.append(number)
        return replace(self.state_now, installed=number or None)

    def interrupt(self) -> None:
        self.interrupted.set()
        self.hold.set()

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def process() -> MadeProcess:
    return MadeProcess([])


@pytest.fixture
def panel(make_library: Make, qtbot: QtBot, process: MadeProcess) -> TeachPanel:
    library = make_library(6)
    process.ids = library.ids
    made: list[MadeProcess] = []

    def make() -> Any:
        made.append(process if not made else MadeProcess(library.ids))
        made[-1].report = process.report
        return made[-1]

    shown = TeachPanel(make, library.catalogue.reader, lambda photo: library.catalogue.photo(photo).name)
    shown.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(shown, before_close_func=lambda widget: widget.done(0))
    shown.show()
    qtbot.waitUntil(lambda: "12 photos with stars" in words(shown) and "photo-00.jpg" in words(shown), timeout=5000)
    return shown


def words(panel: TeachPanel) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if not label.isHidden())


def button(panel: TeachPanel, name: str) -> QPushButton:
    found = panel.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found


def report(panel: TeachPanel, ids: list[int], *, passed: bool = True) -> TeachReport:
    verdict = PASSED if passed else replace(PASSED, passed=False, words="Not better than the base.")
    moved = tuple(Moved(bytes([n]) * 16, 40, 3, 4.2, 7.1, 60, ("darker than most",)) for n in range(1, 3))
    return TeachReport(
        "personal", "embedded 1", STATE.counts, verdict, moved, 60, RECORD, passed, 1.0,
        {bytes([n]) * 16: ids[n] for n in range(1, 3)}, {bytes([n]) * 16: f"p{n}.jpg" for n in range(1, 3)},
    )  # fmt: skip


def test_it_says_what_was_judged_and_what_more_would_help(panel: TeachPanel) -> None:
    assert "12 photos with stars, 3 picks, 2 rejects" in words(panel)
    assert "3 more judgements are needed" in words(panel)


def test_arrow_keys_answer_and_the_next_pair_comes(panel: TeachPanel, qtbot: QtBot, process: MadeProcess) -> None:
    answers: list[tuple[int, int, str]] = []
    panel.answered.connect(lambda *said: answers.append(said))
    pairs = panel.findChild(object, "teachPairs")
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(pairs, key)
    a, b, c, d, e, f = process.ids
    assert answers == [(a, b, "teach"), (d, c, "teach"), (e, f, "tie")]
    assert "3 answered pairs" in words(panel)


def test_skipping_answers_nothing(panel: TeachPanel, qtbot: QtBot) -> None:
    answers: list[object] = []
    panel.answered.connect(lambda *said: answers.append(said))
    qtbot.mouseClick(button(panel, "teachSkip"), Qt.MouseButton.LeftButton)
    assert answers == []
    assert "photo-02.jpg" in words(panel)


def test_no_pair_is_asked_twice(panel: TeachPanel, qtbot: QtBot, process: MadeProcess) -> None:
    answers: list[object] = []
    panel.answered.connect(lambda *said: answers.append(said))
    for _ in range(3):
        qtbot.mouseClick(button(panel, "teachLeft"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: process.pairs_asked >= 2, timeout=5000)
    qtbot.mouseClick(button(panel, "teachLeft"), Qt.MouseButton.LeftButton)
    assert len(answers) == 3


def test_training_shows_before_and_after_and_what_moved(panel: TeachPanel, qtbot: QtBot, process: MadeProcess) -> None:
    process.report = report(panel, process.ids)
    qtbot.mouseClick(button(panel, "teachTrain"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "better than the base" in words(panel), timeout=5000)
    moved = panel.findChild(QListWidget)
    assert moved is not None
    assert "place 40 → 3 of 60" in moved.item(0).text()
    assert "Darker than most" in moved.item(0).text()
    tabs = panel.findChild(QTabWidget)
    assert tabs is not None and tabs.currentWidget() is moved
    qtbot.waitUntil(lambda: not moved.item(0).icon().isNull(), timeout=5000)
    assert button(panel, "teachUse").isVisible()


def test_the_new_model_scores_when_that_is_wanted(panel: TeachPanel, qtbot: QtBot, process: MadeProcess) -> None:
    process.report = report(panel, process.ids)
    qtbot.mouseClick(button(panel, "teachTrain"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: button(panel, "teachUse").isVisible(), timeout=5000)
    with qtbot.waitSignal(panel.model_wanted) as wanted:
        qtbot.mouseClick(button(panel, "teachUse"), Qt.MouseButton.LeftButton)
    assert wanted.args == ["personal"]


def test_a_new_version_scores_at_once_where_the_one_before_does(
    make_library: Make, show_window: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aesthetic_studio.desktop import dialogs
    from aesthetic_studio.models import registry

    library = make_library(2)
    monkeypatch.setattr(dialogs, "TeachProcess", lambda _path: MadeProcess(library.ids))
    window = show_window(library)
    used: list[str] = []
    monkeypatch.setattr(window.work, "use_model", used.append)
    window.registry["library.teach"].do()
    panel = window.findChild(TeachPanel)
    assert panel is not None
    panel.installed.emit("personal")
    monkeypatch.setattr(registry, "default_model", lambda: "personal")
    panel.installed.emit("personal")
    assert used == ["personal"]
    window.close()


def test_answers_that_come_when_the_window_is_closed_already_are_not_heard(make_library: Make, qtbot: QtBot) -> None:
    library = make_library(4)
    process = MadeProcess(library.ids)
    named: list[int] = []
    panel = TeachPanel(lambda: process, library.catalogue.reader, lambda photo: str(named.append(photo)))
    qtbot.addWidget(panel)
    panel.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    assert process.asking.wait(10)  # no event is handled meanwhile: the answers wait in the queue
    panel.done(0)
    QCoreApplication.processEvents()
    assert not named


def test_switching_the_model_ends_the_old_process_and_scores_with_the_new(make_library: Make, qtbot: QtBot) -> None:
    class Scorer:
        batch_size, device, reads_words, running = 4, "cpu", False, True

        def __init__(self, version: str) -> None:
            self.model_name, self.model_version = "embedded", version
            self.waiting: list[int] = []
            self.closed = False

        def submit(self, previews: list[bytes], _words: object = None) -> None:
            self.waiting.append(len(previews))

        def take(self) -> list[Answer | None]:
            return [Answer(ScoreDistribution((0.1,) * 10))] * self.waiting.pop(0)

        def discard(self) -> None:
            self.waiting.clear()

        def interrupt(self) -> None: ...

        def close(self) -> None:
            self.closed = True

    library = make_library(4)
    old, new = Scorer("old"), Scorer("new")
    thread = ScoringThread(library.catalogue, old, tuple)  # type: ignore[arg-type]
    thread.start()
    with qtbot.waitSignal(thread.scored, timeout=10_000):
        thread.wake()
    with qtbot.waitSignal(thread.scored, timeout=10_000):
        thread.switch(new, "embedded")  # type: ignore[arg-type]
    thread.stop()
    assert old.closed
    assert library.catalogue.active_model() == ("embedded", "new")
    assert library.catalogue.score_counts("embedded", "old") == (4, 4)
    assert library.catalogue.score_counts("embedded", "new") == (4, 4)


def test_a_model_that_is_not_better_is_not_offered(panel: TeachPanel, qtbot: QtBot, process: MadeProcess) -> None:
    process.report = report(panel, process.ids, passed=False)
    qtbot.mouseClick(button(panel, "teachTrain"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Not better than the base" in words(panel), timeout=5000)
    assert not button(panel, "teachUse").isVisible()


def test_too_few_ratings_are_told_in_the_panel(panel: TeachPanel, qtbot: QtBot, process: MadeProcess) -> None:
    process.report = KnownError("All 30 ratings are equal.", "Give better photos more stars.")
    qtbot.mouseClick(button(panel, "teachTrain"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Give better photos more stars." in words(panel), timeout=5000)
    assert button(panel, "teachTrain").isEnabled()


def test_cancel_ends_training_and_everything_works_again(panel: TeachPanel, qtbot: QtBot, process: MadeProcess) -> None:
    process.hold.clear()
    qtbot.mouseClick(button(panel, "teachTrain"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Learning and judging: 3 of 16" in words(panel), timeout=5000)
    assert not button(panel, "teachTrain").isEnabled()
    qtbot.mouseClick(button(panel, "teachCancel"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Cancelled; nothing was changed." in words(panel), timeout=5000)
    assert process.interrupted.is_set()
    assert button(panel, "teachTrain").isEnabled()


def test_pairs_can_be_answered_while_it_trains(panel: TeachPanel, qtbot: QtBot, process: MadeProcess) -> None:
    process.hold.clear()
    qtbot.mouseClick(button(panel, "teachTrain"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "3 of 16" in words(panel), timeout=5000)
    with qtbot.waitSignal(panel.answered):
        qtbot.mouseClick(button(panel, "teachLeft"), Qt.MouseButton.LeftButton)


def test_versions_are_listed_and_only_good_ones_can_be_used(
    panel: TeachPanel, qtbot: QtBot, process: MadeProcess
) -> None:
    process.state_now = replace(STATE, versions=(RECORD, REFUSED), installed=1)
    process.report = report(panel, process.ids, passed=False)
    qtbot.mouseClick(button(panel, "teachTrain"), Qt.MouseButton.LeftButton)
    versions = panel.findChild(QComboBox)
    assert versions is not None
    qtbot.waitUntil(lambda: versions.count() == 3, timeout=5000)
    assert "60 judgements, 58% → 85%" in versions.itemText(1)
    assert "not better" in versions.itemText(2)
    assert versions.currentIndex() == 1
    assert not button(panel, "teachBack").isEnabled()
    versions.setCurrentIndex(2)
    assert not button(panel, "teachBack").isEnabled()
    versions.setCurrentIndex(0)
    with qtbot.waitSignal(panel.model_wanted) as wanted:
        qtbot.mouseClick(button(panel, "teachBack"), Qt.MouseButton.LeftButton)
    assert process.reverted == [0]
    assert wanted.args == ["embedded"]
    assert "Embedded scores again" in words(panel)


def test_closing_ends_the_process(panel: TeachPanel, process: MadeProcess) -> None:
    process.hold.clear()
    panel.reject()
    assert process.interrupted.is_set()
    assert process.closed >= 1


def test_every_control_has_a_name(panel: TeachPanel) -> None:
    named = [*panel.findChildren(QPushButton), *panel.findChildren(QComboBox), *panel.findChildren(QListWidget)]
    assert all(control.accessibleName() for control in named)


def test_an_answer_in_the_window_becomes_a_judgement(
    make_library: Make, show_window: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aesthetic_studio.desktop import dialogs

    library = make_library(6)
    made = MadeProcess(library.ids)
    monkeypatch.setattr(dialogs, "TeachProcess", lambda _path: made)
    window = show_window(library)
    window.registry["library.teach"].do()
    panel = window.findChild(TeachPanel)
    assert panel is not None
    qtbot.waitUntil(lambda: "photo-00.jpg" in words(panel), timeout=5000)
    with qtbot.waitSignal(window.decisions.decided, timeout=5000):
        qtbot.mouseClick(button(panel, "teachRight"), Qt.MouseButton.LeftButton)
    (said,) = library.catalogue.judgements().preferences
    assert (said.better.photo_id, said.worse.photo_id, said.source) == (library.ids[1], library.ids[0], "teach")
    used: list[str] = []
    monkeypatch.setattr(window.work, "use_model", used.append)
    panel.model_wanted.emit("embedded")
    assert used == ["embedded"]
    window.close()
