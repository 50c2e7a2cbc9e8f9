"""The Teach panel: how much was judged, what to answer next, training in the background, and what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from aesthetic_studio.desktop.grid.thumbnails import ThumbnailProvider
from aesthetic_studio.desktop.teach.pairs import PairsPage
from aesthetic_studio.desktop.teach.parts import ROW, AccuracyBars, MovedList
from aesthetic_studio.desktop.teach.thread import QUESTIONS, REVERT, STATE, TEACH, TeachThread
from aesthetic_studio.desktop.toolkit.controls import named, push_button
from aesthetic_studio.desktop.toolkit.words import count_of
from aesthetic_studio.translation import N_, Texts, _, percent, retold
from trainer.personal.records import Counts, TeachReport, TeachState, more_would_help, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPixmap

    from aesthetic_studio.desktop.grid.thumbnails import PreviewReader
    from aesthetic_studio.desktop.teach.process import TeachProcess
    from trainer.personal.records import VersionRecord

QUESTIONS_AT_ONCE = 8
STAGES = Texts({"look": N_("Looking at your photos"), "learn": N_("Learning and judging")})


class TeachPanel(QDialog):
    """A window of its own beside the photos; both can be used.

    Signals:
        answered: Better photo, worse photo, source: to be written as a decision.
        model_wanted: The name of the model that is to score from now on.
        installed: The name of a model of which a new version is installed.
    """

    answered = Signal(int, int, str)
    model_wanted = Signal(str)
    installed = Signal(str)

    def __init__(
        self,
        make_process: Callable[[], TeachProcess],
        open_reader: Callable[[], PreviewReader],
        name_of: Callable[[int], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("teachPanel")
        self.setWindowTitle(_("Teach"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(1080, 700)
        self._state: TeachState | None = None
        self._counts = Counts()
        self._ended = False
        self._thumbnails = ThumbnailProvider(open_reader, self)
        self._small = ThumbnailProvider(open_reader, self)
        self._small.thumbnail_ready.connect(self._on_small)
        self._thread = TeachThread(make_process, self)
        self._make_parts(name_of)
        self._arrange()
        self._connect()
        self._set_training(on=False)
        self._thread.ask(STATE)
        self._pairs.ask_again()
        self._pairs.setFocus()

    # -- making ------------------------------------------------------------------------------------------------------

    def _make_parts(self, name_of: Callable[[int], str]) -> None:
        self._judged, self._more = _text(_("Counting your judgements…")), _text("", "dim")
        self._train = push_button(_("Train"), "teachTrain", "main")
        self._stage, self._bar = _text("", "small"), QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(_("Training"))
        self._cancel = push_button(_("Cancel"), "teachCancel")
        self._verdict = named(_text(""), "teachVerdict")
        self._bars = AccuracyBars()
        self._use = push_button(_("Score my photos with it"), "teachUse")
        self._versions = QComboBox()
        self._versions.setAccessibleName(_("Versions of your model"))
        self._back = push_button(_("Use this version"), "teachBack")
        self._back.setEnabled(False)
        self._pairs = PairsPage(self._thumbnails, name_of)
        self._moved = MovedList()
        self._tabs = QTabWidget()
        self._tabs.setAccessibleName(_("Pairs and moved photos"))
        self._tabs.addTab(self._pairs, _("Which is better?"))
        self._tabs.addTab(self._moved, _("What moved"))

    def _arrange(self) -> None:
        running = QHBoxLayout()
        running.addWidget(self._bar, 1)
        running.addWidget(self._cancel)
        side = QVBoxLayout()
        side.setSpacing(10)
        _stack(side, _heading(_("YOUR JUDGEMENTS")), self._judged, self._more, self._train, self._stage)
        side.addLayout(running)
        _stack(side, self._verdict, self._bars, self._use)
        side.addStretch(1)
        _stack(side, _heading(_("VERSIONS")), self._versions, self._back)
        left = QWidget()
        left.setFixedWidth(312)
        left.setLayout(side)
        layout = QHBoxLayout(self)
        layout.addWidget(left)
        layout.addWidget(self._tabs, 1)

    def _connect(self) -> None:
        self._train.clicked.connect(self._on_train)
        self._cancel.clicked.connect(self._thread.cancel)
        self._use.clicked.connect(lambda: self._want(installed=True))
        self._back.clicked.connect(lambda: self._thread.ask(REVERT, int(self._versions.currentData() or 0)))
        self._versions.currentIndexChanged.connect(self._show_back)
        self._pairs.answered.connect(self._on_answered)
        self._pairs.more_wanted.connect(lambda: self._thread.ask(QUESTIONS, QUESTIONS_AT_ONCE))
        self._thread.started_on.connect(self._on_started)
        self._thread.progressed.connect(self._on_progressed)
        self._thread.answered.connect(self._on_thread_answered)
        self._thread.cancelled.connect(self._on_cancelled)
        self._thread.failed.connect(self._on_failed)

    # -- what the person does ----------------------------------------------------------------------------------------

    def done(self, result: int) -> None:
        """End what runs; nothing unfinished is kept, and news that is on its way already is not heard."""
        self._ended = True
        self._thread.stop()
        self._thumbnails.close()
        self._small.close()
        super().done(result)

    def _on_train(self) -> None:
        self._pairs.setFocus()  # where the keys are of use meanwhile
        self._set_training(on=True)
        self._verdict.setText("")
        self._thread.ask(TEACH)

    def _on_answered(self, better: int, worse: int, source: str) -> None:
        self.answered.emit(better, worse, source)
        self._show_counts(replace(self._counts, pairs=self._counts.pairs + 1, usable=self._counts.usable + 1))

    def _want(self, *, installed: bool) -> None:
        if self._state is not None:
            self.model_wanted.emit(self._state.name if installed else self._state.base_name)
            self._use.setEnabled(False)

    # -- news --------------------------------------------------------------------------------------------------------

    def _on_started(self, what: str) -> None:
        if what == QUESTIONS:
            self._stage.setText("")

    def _on_progressed(self, stage: str, done: int, total: int) -> None:
        self._stage.setText(
            _("{stage}: {done} of {total}").format(stage=STAGES.get(stage, stage), done=done, total=total)
            if total
            else STAGES.get(stage, stage)
        )
        self._bar.setMaximum(max(1, total))
        self._bar.setValue(done)

    def _on_thread_answered(self, what: str, answer: object) -> None:
        if self._ended:
            return  # it was on its way when the panel was closed; the library may be closed by now, too
        if isinstance(answer, TeachState):
            self._show_state(answer)
            if what == REVERT:
                self._verdict.setText(
                    _("Version {installed} is in use.").format(installed=answer.installed)
                    if answer.installed
                    else _("{base} scores again.").format(base=answer.base)
                )
                self._want(installed=answer.installed is not None)
        elif isinstance(answer, TeachReport):
            self._show_report(answer)
        elif isinstance(answer, list):
            self._pairs.add(answer)
            self._stage.setText("")

    def _on_cancelled(self, what: str) -> None:
        self._set_training(on=False)
        self._verdict.setText(_("Cancelled; nothing was changed.") if what == TEACH else "")
        self._pairs.tell(_("Answering was interrupted."))
        self._pairs.ask_again()

    def _on_failed(self, what: str, message: str, advice: str) -> None:
        if what == QUESTIONS:
            self._pairs.tell(_told(message, advice))
            return
        self._set_training(on=False)
        self._verdict.setText(_told(message, advice))

    # -- showing -----------------------------------------------------------------------------------------------------

    def _show_state(self, state: TeachState) -> None:
        self._state = state
        self._show_counts(state.counts)
        self._versions.clear()
        self._versions.addItem(_("{base}, as it is").format(base=state.base), 0)
        for record in state.versions:
            self._versions.addItem(_version_words(record), record.number)
        self._versions.setCurrentIndex(self._versions.findData(state.installed or 0))
        self._show_back()

    def _show_counts(self, counts: Counts) -> None:
        self._counts = counts
        self._judged.setText(said(counts)[:1].upper() + said(counts)[1:] + ".")
        self._more.setText(more_would_help(counts, self._state.least if self._state is not None else 0))

    def _show_back(self) -> None:
        """Only versions that passed can be used, and the one that is in use need not be chosen."""
        if self._state is None:
            return
        number = self._versions.currentData() or 0
        passed = {record.number for record in self._state.versions if record.passed} | {0}
        self._back.setEnabled(number in passed and number != (self._state.installed or 0))

    def _show_report(self, report: TeachReport) -> None:
        self._set_training(on=False)
        self._verdict.setText(retold("reason", report.verdict.words))
        self._bars.show_figures(report.verdict.base, report.verdict.personal)
        self._use.setVisible(report.installed)
        self._use.setEnabled(report.installed)
        self._tabs.setTabText(1, _("What moved") if report.installed else _("What would have moved"))
        wanted = self._moved.show_report(report)
        self._small.want(wanted, side=ROW * 2)
        for photo_id in wanted:
            self._moved.show_thumbnail(photo_id, self._small.pixmap(photo_id))
        self._tabs.setCurrentWidget(self._moved)
        self._thread.ask(STATE)
        if report.installed:
            self.installed.emit(report.name)

    def _on_small(self, photo_id: int) -> None:
        picture: QPixmap | None = self._small.pixmap(photo_id)
        self._moved.show_thumbnail(photo_id, picture)

    def _set_training(self, *, on: bool) -> None:
        self._train.setEnabled(not on)
        self._cancel.setVisible(on)
        self._bar.setVisible(on)
        self._bar.setMaximum(0)
        self._stage.setText(_("Starting…") if on else "")
        if on:
            self._bars.setVisible(False)
        self._use.setVisible(False)


def _version_words(record: VersionRecord) -> str:
    change = f"{percent(record.base_accuracy.value)} → {percent(record.personal_accuracy.value)}"
    judged = count_of(record.judgements.get("usable", 0), "judgement")
    said = f"{record.number}: {record.made[:10]}, {judged}, {change}"
    return said if record.passed else _("{version}, not better").format(version=said)


def _told(message: str, advice: str) -> str:
    return f"{retold('problem', message)} {retold('problem', advice)}"


def _text(words: str, role: str = "") -> QLabel:
    label = QLabel(words)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        label.setProperty("role", role)
    return label


def _stack(layout: QVBoxLayout, *parts: QWidget) -> None:
    for part in parts:
        layout.addWidget(part)


def _heading(words: str) -> QLabel:
    return _text(words, "heading")
