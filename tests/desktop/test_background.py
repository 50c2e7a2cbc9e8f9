"""The work behind the window: visible photos first, paused and ended at once, and failures told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aesthetic_studio.desktop.window import MainWindow
from aesthetic_studio.desktop.work import background
from aesthetic_studio.desktop.work.decisions import Decisions
from aesthetic_studio.desktop.work.scoring_thread import AttentionRequest, ScoringThread
from aesthetic_studio.errors import KnownError
from aesthetic_studio.models import registry
from aesthetic_studio.records import Answer, ScoreDistribution, VerdictChange

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

Make = Callable[..., Any]
EVEN = ScoreDistribution((0.1,) * 10)


class MadeScorer:
    """Answers like the model's process, at once and without a model."""

    def __init__(self, *_: object, fail: bool = False) -> None:
        self.batch_size = 2
        self.device = "cpu"
        self.reads_words = False
        self.model_name, self.model_version = "embedded", registry.find_card("embedded").version
        self.running = True
        self.batches: list[int] = []
        self.waiting: list[int] = []
        self.closed = False
        self.fail = fail
        self.may_answer = threading.Event()
        self.may_answer.set()

    def submit(self, previews: Sequence[bytes], words: Sequence[str] | None = None) -> None:
        assert words is None, "it reads none"
        if self.fail:
            raise KnownError("The process that scores photos has stopped.", "Start scoring again.")
        self.waiting.append(len(previews))

    def take(self) -> list[Answer | None]:
        self.may_answer.wait(10)
        count = self.waiting.pop(0)
        self.batches.append(count)
        return [Answer(EVEN)] * count

    def discard(self) -> None:
        self.waiting.clear()

    def attention(self, _preview: bytes) -> tuple[int, int, tuple[float, ...]]:
        return 1, 2, (0.25, 0.75)

    def interrupt(self) -> None:
        self.fail = True
        self.may_answer.set()

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def start_thread() -> Iterator[Callable[..., ScoringThread]]:
    threads: list[ScoringThread] = []

    def start(library: Any, scorer: MadeScorer, visible: Callable[[], Sequence[int]] = tuple) -> ScoringThread:
        thread = ScoringThread(library.catalogue, scorer, visible)
        threads.append(thread)
        thread.start()
        return thread

    yield start
    for thread in threads:
        thread.stop()


def test_everything_is_scored_and_told(qtbot: QtBot, make_library: Make, start_thread: Make) -> None:
    library = make_library(5)
    thread = start_thread(library, MadeScorer())

    with qtbot.waitSignals([thread.progressed, thread.scored, thread.rested], timeout=10_000):
        thread.wake()

    card = registry.find_card("embedded")
    assert library.catalogue.score_counts(card.name, card.version) == (5, 5)
    assert library.catalogue.active_model() == (card.name, card.version)


def test_a_library_that_is_scored_does_not_load_the_model(qtbot: QtBot, make_library: Make, start_thread: Make) -> None:
    scorer = MadeScorer()
    thread = start_thread(make_library(0), scorer)

    with qtbot.waitSignal(thread.rested, timeout=10_000):
        thread.wake()

    assert scorer.batches == []


def test_what_is_looked_at_is_scored_first(qtbot: QtBot, make_library: Make, start_thread: Make) -> None:
    library = make_library(8)
    looked_at = library.ids[6:]
    order: list[int] = []
    store = library.catalogue.store_scores

    def noting(model: str, version: str, rows: Sequence[tuple[int, ScoreDistribution]], words: None) -> None:
        order.extend(content for content, _ in rows)
        store(model, version, rows, words)

    library.catalogue.store_scores = noting
    thread = start_thread(library, MadeScorer(), lambda: looked_at)

    with qtbot.waitSignal(thread.rested, timeout=10_000):
        thread.wake()

    contents = [record.content_id for record in library.catalogue.photos(looked_at)]
    assert order[:2] == contents


def test_pause_stands_still_and_resume_goes_on(qtbot: QtBot, make_library: Make, start_thread: Make) -> None:
    library = make_library(8)
    scorer = MadeScorer()
    scorer.may_answer.clear()
    thread = start_thread(library, scorer)
    thread.wake()
    qtbot.waitUntil(lambda: bool(scorer.waiting))

    with qtbot.waitSignal(thread.paused):
        thread.pause()
    scorer.may_answer.set()
    qtbot.waitUntil(lambda: not scorer.waiting)
    scored_while_paused = sum(scorer.batches)
    with qtbot.waitSignal(thread.rested, timeout=10_000):
        thread.resume()

    assert scored_while_paused <= 4
    assert sum(scorer.batches) == 8


def test_attention_comes_with_its_generation(qtbot: QtBot, make_library: Make, start_thread: Make) -> None:
    library = make_library(1)
    thread = start_thread(library, MadeScorer())

    with qtbot.waitSignal(thread.attention_ready, timeout=10_000) as answered:
        thread.request_attention(AttentionRequest(7, library.ids[0]))

    answer = answered.args[0]
    assert (answer.generation, answer.photo_id) == (7, library.ids[0])
    assert (answer.rows, answer.columns, answer.weights) == (1, 2, (0.25, 0.75))


def test_a_model_process_that_died_is_told_with_advice(qtbot: QtBot, make_library: Make, start_thread: Make) -> None:
    thread = start_thread(make_library(2), MadeScorer(fail=True))

    with qtbot.waitSignal(thread.failed, timeout=10_000) as failed:
        thread.wake()

    assert failed.args == ["The process that scores photos has stopped.", "Start scoring again."]


def test_a_failure_is_told_once_and_not_again_until_a_person_retries(
    qtbot: QtBot, make_library: Make, start_thread: Make
) -> None:
    scorer = MadeScorer(fail=True)
    thread = start_thread(make_library(2), scorer)
    told: list[str] = []
    thread.failed.connect(lambda message, _advice: told.append(message))
    with qtbot.waitSignal(thread.rested, timeout=10_000):
        thread.wake()

    for _ in range(3):
        thread.wake()
    with qtbot.waitSignal(thread.grouped, timeout=10_000):
        thread.wake(group=True)
    told_by_itself = list(told)
    scorer.fail = False
    with qtbot.waitSignal(thread.scored, timeout=10_000):
        thread.retry()

    assert len(told_by_itself) == 1
    assert len(told) == 1


def test_a_heat_map_that_cannot_be_made_says_why(qtbot: QtBot, make_library: Make, start_thread: Make) -> None:
    library = make_library(1)
    scorer = MadeScorer()

    def stopped(_preview: bytes) -> None:
        raise KnownError("The process that scores photos has stopped.", "Start scoring again.")

    scorer.attention = stopped
    thread = start_thread(library, scorer)

    with qtbot.waitSignal(thread.attention_ready, timeout=10_000) as answered:
        thread.request_attention(AttentionRequest(1, library.ids[0]))

    assert answered.args[0].weights is None
    assert answered.args[0].problem == "The process that scores photos has stopped. Start scoring again."


def test_stopping_ends_the_model_process(qtbot: QtBot, make_library: Make, start_thread: Make) -> None:
    scorer = MadeScorer()
    thread = start_thread(make_library(2), scorer)
    qtbot.waitUntil(thread.isRunning)

    thread.stop()

    assert thread.isFinished()
    assert scorer.closed


def test_decisions_are_written_in_the_order_they_were_made(qtbot: QtBot, make_library: Make) -> None:
    library = make_library(1)
    decisions = Decisions(library.catalogue)
    for rating in (1, 5, 3):
        decisions.decide(library.ids, VerdictChange(rating=rating))
    decisions.undo()

    decisions.start()
    decisions.stop()

    assert library.verdict(library.ids[0]).rating == 5


def test_a_decision_that_cannot_be_kept_is_told(qtbot: QtBot, make_library: Make) -> None:
    library = make_library(1)

    def full(*_: object) -> None:
        raise KnownError("The disk is full.", "Make room and try again.")

    library.catalogue.decide = full
    decisions = Decisions(library.catalogue)
    decisions.start()

    with qtbot.waitSignal(decisions.failed) as failed:
        decisions.decide(library.ids, VerdictChange(rating=3))
    decisions.stop()

    assert failed.args == ["The disk is full.", "Make room and try again."]


def test_a_folder_that_is_opened_is_indexed_scored_and_shown(
    qtbot: QtBot, make_library: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL import Image

    folder = tmp_path / "shoot"
    folder.mkdir()
    for number in range(3):
        Image.effect_noise((320, 240), 20 + 30 * number).convert("RGB").save(folder / f"{number}.jpg")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a photo")
    monkeypatch.setattr(background, "ScoringProcess", MadeScorer)
    library = make_library(0)
    window = MainWindow(library.catalogue)
    qtbot.addWidget(window)
    window.show()
    window.start([str(folder)])

    qtbot.waitUntil(lambda: bool(window.news.overview and window.news.overview.totals.scored == 3), timeout=60_000)
    qtbot.waitUntil(lambda: not window.news.is_working, timeout=20_000)

    shown = {record.name for record in library.catalogue.photos(list(window.grid.model().ids))}
    assert shown >= {"0.jpg", "1.jpg", "2.jpg"}
    assert [Path(problem.path).name for problem in library.catalogue.problems()] == ["broken.jpg"]
    assert not window.status._problems.isHidden()


def test_the_window_closes_while_the_model_is_still_loading(
    qtbot: QtBot, make_library: Make, start_thread: Make
) -> None:
    scorer = MadeScorer()
    scorer.may_answer.clear()
    thread = start_thread(make_library(5), scorer)
    thread.wake()
    qtbot.waitUntil(lambda: bool(scorer.waiting))

    thread.stop()

    assert thread.isFinished()
    assert scorer.closed
