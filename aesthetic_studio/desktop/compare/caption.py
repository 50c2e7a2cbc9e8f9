"""The words under one photo: what it is, how it was taken and judged, and how it differs from the one it stands beside.

A line is cut where there is no room, with all of it as its tool tip: so the lines of all panes stand level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from aesthetic_studio.curation.differences import Aspect, Difference, differences, score_words
from aesthetic_studio.desktop.inspector.panel import measurement_in_words
from aesthetic_studio.desktop.loupe.hud import VerdictPlate
from aesthetic_studio.desktop.toolkit import colours, words
from aesthetic_studio.paths import shown
from aesthetic_studio.translation import N_, _, retold

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QResizeEvent

    from aesthetic_studio.records import Measurements, Metadata, PhotoRecord

FIELDS = {
    Aspect.SHARPNESS: "sharpness",
    Aspect.MOTION: "motion_blur",
    Aspect.NOISE: "noise",
    Aspect.EXPOSURE: "exposure_ev",
    Aspect.HIGHLIGHTS: "clipped_highlights",
    Aspect.TILT: "tilt_degrees",
}
SELF_EXPLAINING = frozenset({Aspect.EXPOSURE, Aspect.TILT})
"""Their differences are numbers already."""

ACROSS, BACKWARDS = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.RightToLeft
ONE_ROW, NUMBERS = 30, 42
"""Widths in letters from which on name and score stand in one row, and numbers stand beside words."""

ALIKE = N_("Nothing measured sets it apart")
BEST_SHOWN = N_("The best score shown")


@dataclass(frozen=True, slots=True)
class Beside:
    """What a photo is compared with.

    Attributes:
        other: The photo that its measurements differ from; ``None`` where it is the measure of the others.
        score_of: The photo whose score its own is held against; ``None`` where it is the measure itself.
        words: What is said in place of differences where there is no other photo.
    """

    other: PhotoRecord | None = None
    score_of: PhotoRecord | None = None
    words: str = ""


class OneLine(QLabel):
    """A text in one line, cut at its end where there is no room; all of it is read out and shown as the tool tip."""

    def __init__(self, name: str, role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._text = name, ""
        self._where = Qt.TextElideMode.ElideRight
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        if role:
            self.setProperty("role", role)

    def say(self, text: str, *, where: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        """Show this text, cut at ``where`` if it has to be."""
        self._text, self._where = text, where
        self.setAccessibleName(f"{self._name}: {text}" if text else self._name)
        self._cut()

    def words(self) -> str:
        """All of the text."""
        return self._text

    def set_shade(self, colour: str) -> None:
        """Write in this colour."""
        self.setStyleSheet(f"color: {colour};")

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As narrow as the layout decides."""
        return QSize(0, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as all of the text."""
        return QSize(self.fontMetrics().horizontalAdvance(self._text) + 2, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Cut anew."""
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        cut = self.fontMetrics().elidedText(self._text, self._where, max(0, self.width()))
        self.setText(cut)
        self.setToolTip(self._text if cut != self._text else "")


class PaneCaption(QWidget):
    """Everything that is said of one photo of several: a line for each measurement, or one for all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._score = OneLine(_("Name"), "name"), QLabel()
        self._score.setProperty("role", "name")
        self._verdict = VerdictPlate(plate=False)
        self._settings, self._place = OneLine(_("Settings"), "dim"), OneLine(_("Place"), "dim")
        self._line = OneLine(_("Differences"))
        self._table = MeasureTable()
        self._full = False
        self._top, self._judged = QBoxLayout(ACROSS), QBoxLayout(BACKWARDS)
        self._judged.setSpacing(8)
        self._judged.addWidget(self._score)
        self._judged.addWidget(self._verdict)
        self._judged.addStretch(1)
        self._top.addWidget(self._name, 1)
        self._top.addLayout(self._judged)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 7, 10, 8)
        layout.setSpacing(3)
        layout.addLayout(self._top)
        for widget in (self._line, self._table, self._settings, self._place):
            layout.addWidget(widget)
        self.set_full(full=False)

    def set_full(self, *, full: bool) -> None:
        """A line for each measurement, or one for all."""
        self._full = full
        self._table.setVisible(full)
        self._line.setVisible(not full)

    def fit_width(self, width: int) -> None:
        """Leave room for the name, and for words rather than numbers, where a pane is narrow."""
        letter = self.fontMetrics().averageCharWidth()
        one_row = width >= ONE_ROW * letter
        self._top.setDirection(ACROSS if one_row else QBoxLayout.Direction.TopToBottom)
        self._top.setSpacing(8 if one_row else 2)
        # The scores of panes in one row stand at their right edges, with the verdicts before them.
        self._judged.setDirection(BACKWARDS if one_row else ACROSS)
        self._table.show_numbers(shown=width >= NUMBERS * letter)

    def set_lines(self, *, settings: bool, place: bool) -> None:
        """Whether there is room and need for how the photos were taken, and for their places in a series."""
        self._settings.setVisible(settings)
        self._place.setVisible(place)

    def show_record(self, record: PhotoRecord, beside: Beside) -> None:
        """Say all of a photo beside another."""
        name, score = shown(record.name), retold("difference", score_words(record, beside.score_of))
        self._name.say(name, where=Qt.TextElideMode.ElideMiddle)
        self._score.setText(score)
        self._score.setAccessibleName(_("Score {score}").format(score=score) if score else _("Not scored yet"))
        self._verdict.show_verdict(record.verdict)
        self._settings.say(settings_in_words(record.metadata))
        self._place.say(place_in_words(record))
        found = () if beside.other is None else differences(record, beside.other)
        self._line.say(differences_in_words(record, beside))
        self._table.show_values(record.measurements, found)

    def spoken(self) -> str:
        """All of it, for those who hear the screen."""
        parts = [self._line.words(), self._settings.words(), self._place.words()]
        return "; ".join(part for part in parts if part)


class MeasureTable(QWidget):
    """A line for each measurement: its name, its value, and how it differs, brighter where that is to its credit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 1, 0, 1)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(2, 1)
        self._names: dict[Aspect, QLabel] = {}
        self._values: dict[Aspect, QLabel] = {}
        self._words: dict[Aspect, OneLine] = {}
        for row, aspect in enumerate(Aspect):
            name = QLabel(_(aspect.value))
            name.setProperty("role", "dim")
            value, said = QLabel(), OneLine(_(aspect.value))
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setMinimumWidth(value.fontMetrics().horizontalAdvance("−15.0 EV"))
            for column, widget in enumerate((name, value, said)):
                grid.addWidget(widget, row, column)
            self._names[aspect], self._values[aspect], self._words[aspect] = name, value, said

    def show_numbers(self, *, shown: bool) -> None:
        """Show names and values, or the words alone, which say of themselves what they are about."""
        for label in (*self._names.values(), *self._values.values()):
            label.setVisible(shown)

    def show_values(self, measured: Measurements | None, found: tuple[Difference, ...]) -> None:
        """Show what was measured, and the differences that were found."""
        said = {each.aspect: each for each in found}
        for aspect in Aspect:
            value = value_in_words(measured, aspect)
            self._values[aspect].setText(value)
            self._values[aspect].setAccessibleName(f"{_(aspect.value)}: {value}")
            difference = said.get(aspect)
            self._words[aspect].say("" if difference is None else said_of(difference))
            self._words[aspect].set_shade(colours.css(shade_of(difference)))


def said_of(difference: Difference) -> str:
    """A difference in the language in force."""
    return retold("difference", difference.words)


def shade_of(difference: Difference | None) -> QColor:
    """Bright to a photo's credit, plain where it is neither, muted where it is to the other's or cannot be seen."""
    if difference is None or not difference.clear or difference.favours < 0:
        return colours.TEXT_MUTED
    return colours.RING if difference.favours else colours.TEXT


def value_in_words(measured: Measurements | None, aspect: Aspect) -> str:
    """Say one measurement with its unit."""
    if measured is None or (aspect is Aspect.TILT and measured.tilt_degrees == 0):
        return words.UNKNOWN  # exactly 0 stands for "no line tells"
    return measurement_in_words(FIELDS[aspect], getattr(measured, FIELDS[aspect]))


def differences_in_words(record: PhotoRecord, beside: Beside) -> str:
    """Say in one line what can be seen to differ: ``sharper (62 %) · 0.7 EV darker``."""
    if beside.other is None:
        return beside.words
    found = differences(record, beside.other)
    parts = [
        said_of(each)
        if each.aspect in SELF_EXPLAINING
        else f"{said_of(each)} ({value_in_words(record.measurements, each.aspect)})"
        for each in found
        if each.clear
    ]
    said = " · ".join(parts) or (_(ALIKE) if found else "")
    return f"{said[:1].upper()}{said[1:]}"


def settings_in_words(metadata: Metadata) -> str:
    """Say how a photo was taken: ``1/250 s · f/2.8 · ISO 400 · 85 mm``."""
    return words.joined(
        [
            words.shutter(metadata.shutter_s),
            words.aperture(metadata.aperture),
            words.iso(metadata.iso),
            words.focal_length(metadata.focal_length_mm),
        ]
    )


def place_in_words(record: PhotoRecord) -> str:
    """Say a photo's place in its series and why: ``Burst of 7, place 2: sharpest of 7``; elsewhere its reasons."""
    reasons = ", ".join(shown(reason) for reason in words.reasons_of(record))
    if record.series_kind is None or record.series_size < 2:
        return f"{reasons[:1].upper()}{reasons[1:]}"
    series = words.series_of(record.series_kind, record.series_size, record.series_rank)
    return f"{series}: {reasons}" if reasons else series
