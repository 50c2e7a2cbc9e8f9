"""The line at the bottom: how many photos, what goes on in the background, what could not be read, which model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QWidget

from aesthetic_studio.desktop.commands.key_tips import key_tip
from aesthetic_studio.desktop.toolkit.controls import icon_button, named, push_button
from aesthetic_studio.desktop.toolkit.theme import icon
from aesthetic_studio.desktop.toolkit.words import count_of, progress_in_words
from aesthetic_studio.translation import _, whole

if TYPE_CHECKING:
    from aesthetic_studio.records import Progress

MESSAGE_MS = 6000


class StatusPanel(QWidget):
    """Counts, progress with its buttons, problems, model.

    Signals:
        pause_toggled: Scoring is to stand still, or go on.
        cancel_wanted: Reading and scoring are to end for now.
        problems_wanted: Show the files that could not be read.
    """

    pause_toggled = Signal()
    cancel_wanted = Signal()
    problems_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusPanel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Status"))
        self._counts = QLabel()
        self._work = QLabel()
        self._work.setProperty("role", "dim")
        # The text changes many times a second; it may be cut, the layout must not jump.
        self._work.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._work.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(QSize(140, 8))
        self._bar.setAccessibleName(_("Progress"))
        self._pause = named(icon_button("pause", _("Pause"), size=14), "pause")
        self._cancel = named(icon_button("cancel", _("Stop"), size=14), "cancel")
        self._problems = push_button("", "problems", "link")
        self._problems.setIcon(icon("warning"))
        self._model = QLabel()
        self._model.setProperty("role", "dim")
        self._message = ""
        self._progress_text = ""
        self._message_timer = QTimer(self, singleShot=True, interval=MESSAGE_MS)
        self._message_timer.timeout.connect(lambda: self.show_message(""))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 4)
        layout.setSpacing(10)
        layout.addWidget(self._counts)
        layout.addWidget(self._problems)
        layout.addWidget(self._work, 1)
        for widget in (self._bar, self._pause, self._cancel, self._model):
            layout.addWidget(widget)
        self._pause.clicked.connect(self.pause_toggled)
        self._cancel.clicked.connect(self.cancel_wanted)
        self._problems.clicked.connect(self.problems_wanted)
        self.show_problems(0)
        self.show_rest()

    def show_counts(self, shown: int, total: int, selected: int) -> None:
        """Say how many photos are shown, of how many, and how many are selected."""
        text = (
            count_of(total, "photo")
            if shown == total
            else _("{shown} of {photos}").format(shown=whole(shown), photos=count_of(total, "photo"))
        )
        self._counts.setText(
            _("{text} · {selected} selected").format(text=text, selected=whole(selected)) if selected > 1 else text
        )
        self._counts.setAccessibleName(self._counts.text())

    def show_progress(self, progress: Progress, *, paused: bool) -> None:
        """Say how far the work has come."""
        self._progress_text = progress_in_words(progress)
        self._show_text()
        self._bar.setMaximum(max(1, progress.total) if progress.total else 0)
        self._bar.setValue(min(progress.done, progress.total) if progress.total else 0)
        self._bar.setAccessibleDescription(self._progress_text)
        self.show_paused(paused=paused)
        for widget in (self._bar, self._pause, self._cancel):
            widget.show()

    def show_paused(self, *, paused: bool) -> None:
        """Bring the button in line with what it would do."""
        name = _("Continue") if paused else _("Pause")
        if self._pause.accessibleName() != name:
            self._pause.setIcon(icon("play" if paused else "pause"))
            self._pause.setAccessibleName(name)
            key_tip(self._pause, f"{name} [library.pause]")
        if paused:
            self._progress_text = _("Paused")
            self._show_text()

    def show_rest(self) -> None:
        """Nothing goes on."""
        self._progress_text = ""
        self._show_text()
        for widget in (self._bar, self._pause, self._cancel):
            widget.hide()

    def show_message(self, text: str) -> None:
        """Say something for a few seconds in the place of the progress."""
        self._message = text
        self._show_text()
        if text:
            self._message_timer.start()

    def show_problems(self, count: int) -> None:
        """Offer the list of files that could not be read."""
        self._problems.setVisible(count > 0)
        self._problems.setText(_("{files} could not be read").format(files=count_of(count, "file")))
        self._problems.setAccessibleName(self._problems.text())

    def show_model(self, model: str, device: str) -> None:
        """Say which model scores, and on what."""
        self._model.setText(_("{model} on {device}").format(model=model, device=device) if device else model)
        self._model.setAccessibleName(_("Scored by {text}").format(text=self._model.text()))
        self._model.setToolTip(_("The model that scores, and the device it runs on"))

    def _show_text(self) -> None:
        text = self._message or self._progress_text
        self._work.setText(text)
        self._work.setToolTip(text)
        self._work.setAccessibleName(text or _("Nothing goes on in the background"))
