"""What stands above and below the frames of a series: what it is and how it is ordered; the current frame's words."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from aesthetic_studio.desktop.toolkit.controls import action_button
from aesthetic_studio.desktop.toolkit.words import capture_time, joined, reasons_of, series_of
from aesthetic_studio.paths import shown
from aesthetic_studio.records import SeriesKind
from aesthetic_studio.translation import _, decimal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtGui import QAction, QResizeEvent

    from aesthetic_studio.records import PhotoRecord


class BurstHeader(QWidget):
    """The series' title with the buttons that act on it, and what its order says."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._title, self._words = QLabel(self), QLabel(self)
        self._title.setProperty("role", "title")
        self._words.setProperty("role", "dim")
        self._words.setWordWrap(True)
        self._buttons = QWidget(self)
        self._row = QHBoxLayout(self._buttons)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self._buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 6)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self._words)
        # What words and buttons would like must never make the window wider.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def add_buttons(self, actions: Mapping[str, QAction]) -> None:
        """Offer these commands by a short text each, wherever there is room for all of them."""
        for text, action in actions.items():
            action.setIconText(text)
            button = action_button(action, text=True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.setProperty("role", "")
            self._row.addWidget(button)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Leave the buttons to the menu where they would be cut."""
        super().resizeEvent(event)
        self._buttons.setVisible(self._title.sizeHint().width() + self._buttons.sizeHint().width() + 40 <= self.width())

    def show_series(self, records: Sequence[PhotoRecord], *, as_shot: bool) -> None:
        """Say what these frames are, nothing for none."""
        self._title.setText(title_of(records))
        self._words.setText(words_of(records, as_shot=as_shot))


class CurrentFrame(QLabel):
    """The current frame in words: its name, time, rank and score, and its reasons, which no card cuts short."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setContentsMargins(16, 8, 16, 10)
        self.setAccessibleName(_("The current frame"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        # Two lines for the reasons of any frame: the cards must not move up and down at every step.
        self.setFixedHeight(3 * self.fontMetrics().lineSpacing() + 22)

    def show_frame(self, record: PhotoRecord | None, count: int = 0) -> None:
        """Say all of this frame, one of so many."""
        if record is None:
            self.clear()
            return
        score = (
            "" if record.score is None else _("score {mean}").format(mean=decimal(record.score.distribution.mean, 2))
        )
        rank = _("{rank} of {count}").format(rank=record.series_rank, count=count) if record.series_rank else ""
        facts = joined([rank, score, capture_time(record.metadata.taken)])
        reasons = "; ".join(reasons_of(record))
        self.setText(
            f"<b>{escape(shown(record.name))}</b>&nbsp;&nbsp; <span>{escape(facts)}</span>"
            f"<br>{escape(reasons[:1].upper() + reasons[1:])}"
        )


def title_of(records: Sequence[PhotoRecord]) -> str:
    """``"Burst of 7"``."""
    if not records:
        return ""
    return series_of(records[0].series_kind, len(records))


def words_of(records: Sequence[PhotoRecord], *, as_shot: bool = False) -> str:
    """What the order of the frames says."""
    if not records:
        return ""
    if records[0].series_kind is not SeriesKind.BURST:
        return _("Kept whole: these frames were meant to be together, in the order of shooting.")
    if as_shot:
        return _("In the order of shooting; the number is the frame's rank within this burst.")
    if any(record.chosen for record in records):
        return _("Your choice first, then by score and by what differs within this burst.")
    return _("Best first, judged by score and by what differs within this burst.")
