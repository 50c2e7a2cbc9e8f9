"""The small controls that the filter's fields are made of."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDate, QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QIconEngine, QKeyEvent, QMouseEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDateEdit,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from aesthetic_studio.desktop.grid.glyphs import Glyph, draw_glyph
from aesthetic_studio.desktop.toolkit.colours import LABELS
from aesthetic_studio.desktop.toolkit.controls import icon_button, named
from aesthetic_studio.desktop.toolkit.theme import LABEL_COLOURS, grey, icon
from aesthetic_studio.records import Label
from aesthetic_studio.translation import N_, _, inside

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

CALENDAR = QSize(280, 232)
"""At a text of 16 pixels."""
ARROW = 9
"""Pixels from the right edge to the middle of the arrow that opens the calendar."""
ANY = N_("any")
"""What a bound that bounds nothing says."""


class NumberBox(QDoubleSpinBox):
    """A number; where it has ``stops``, the arrows go from one to the next, as a camera's dial does.

    Args:
        name: For screen readers and the tool tip.
        lowest, highest: The range.
        decimals: Digits after the point.
        stops: Ascending.
        suffix: What stands behind the number.
    """

    def __init__(
        self, name: str, lowest: float, highest: float, *, decimals: int, stops: Sequence[float] = (), suffix: str = ""
    ) -> None:
        super().__init__()
        self._stops = stops
        self.setDecimals(decimals)
        self.setRange(lowest, highest)
        self.setSingleStep(10**-decimals)
        self.setSuffix(suffix)
        self.setAccessibleName(name)
        self.setToolTip(name)
        # The number that is typed is the number that is meant, not each of its digits on the way.
        self.setKeyboardTracking(False)
        self.setStepType(QAbstractSpinBox.StepType.DefaultStepType)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(54)

    def stepBy(self, steps: int) -> None:  # noqa: N802
        """Go on by so many stops, or steps where there are none."""
        if not self._stops:
            super().stepBy(steps)
            return
        stops = sorted({self.minimum(), *self._stops})
        at = bisect_right(stops, self.value()) - 1 if steps > 0 else bisect_left(stops, self.value())
        self.setValue(stops[min(max(0, at + steps), len(stops) - 1)])


class DayBox(QDateEdit):
    """A day, or any; with a calendar that opens where the photos are.

    Attributes:
        opens_at: The day whose month the calendar shows while none is chosen.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.opens_at = QDate.currentDate()
        self.setAccessibleName(name)
        self.setToolTip(_("{name}. Alt+Down opens the calendar, Delete clears.").format(name=name))
        self.setCalendarPopup(True)
        self.setSpecialValueText(_(ANY))
        self.setDisplayFormat(_("d MMM yyyy"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setKeyboardTracking(False)
        self.setDateRange(QDate(1900, 1, 1), QDate(2200, 1, 1))
        self.setDate(self.minimumDate())
        calendar = self.calendarWidget()
        calendar.setAccessibleName(_("Calendar: {name}").format(name=inside(name)))
        calendar.setMinimumSize(CALENDAR * self.fontMetrics().height() / 16)
        self._calm_weekends()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take up the greys of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self.calendarPopup():
            self._calm_weekends()

    def _calm_weekends(self) -> None:
        """Let all days look alike: Qt paints weekends red."""
        calendar = self.calendarWidget()
        plain = calendar.weekdayTextFormat(Qt.DayOfWeek.Monday)
        plain.setForeground(grey("text"))
        for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
            calendar.setWeekdayTextFormat(day, plain)

    def day(self) -> QDate | None:
        """Return the day that is chosen."""
        return None if self.date() == self.minimumDate() else self.date()

    def show_day(self, day: date | None) -> None:
        """Show this day, ``any`` for None."""
        self.setDate(self.minimumDate() if day is None else QDate(day.year, day.month, day.day))

    def stepBy(self, steps: int) -> None:  # noqa: N802
        """Go on by a day, month or year; from ``any``, to where the photos are."""
        if self.day() is None:
            self.setDate(self.opens_at)
        else:
            super().stepBy(steps)

    def clear(self) -> None:
        """Choose any day."""
        self.setDate(self.minimumDate())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Open the calendar by Alt+Down as a list opens, clear by Delete: Qt leaves both to the mouse."""
        if event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            arrow = QPointF(self.width() - ARROW, self.height() / 2)
            left = Qt.MouseButton.LeftButton
            kind = QEvent.Type.MouseButtonPress
            press = QMouseEvent(kind, arrow, self.mapToGlobal(arrow), left, left, Qt.KeyboardModifier.NoModifier)
            QCoreApplication.sendEvent(self, press)
        elif event.key() == Qt.Key.Key_Delete:
            self.clear()
        else:
            super().keyPressEvent(event)

    def turn_to_photos(self) -> None:
        """Let the calendar open at the photos and not a century ago."""
        if self.day() is None:
            self.calendarWidget().setCurrentPage(self.opens_at.year(), self.opens_at.month())


def text_field(name: str, hint: str) -> QLineEdit:
    """Make a line to type into, with a picture of a glass and a cross that empties it."""
    field = named(QLineEdit(), "filterText")
    field.setPlaceholderText(hint)
    field.setClearButtonEnabled(True)
    field.setAccessibleName(name)
    field.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
    for action in field.findChildren(QAction):
        if action.objectName() == "_q_qlineeditclearaction":
            action.setIcon(icon("clear"))
    for button in field.findChildren(QToolButton):
        button.setAccessibleName(_("Clear text") if button.actions() else name)
    return field


def combo(name: str, texts: Sequence[str]) -> QComboBox:
    """Make a list to choose one of."""
    made = QComboBox()
    made.addItems(list(texts))
    made.setAccessibleName(name)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(3)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return made


def toggle(name: str, picture: QIcon) -> QToolButton:
    """Make a button that stays down."""
    button = icon_button(picture, _("Only {name}").format(name=inside(name)), size=16, flat=False)
    button.setCheckable(True)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return button


def caption(text: str, buddy: QWidget) -> QLabel:
    """Make the word in front of a field; its key goes to ``buddy``."""
    label = QLabel(text)
    label.setProperty("role", "dim")
    label.setBuddy(buddy)
    return label


def row(*widgets: QWidget, spacing: int = 6) -> QWidget:
    """Put widgets side by side."""
    line = QWidget()
    layout = QHBoxLayout(line)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for widget in widgets:
        layout.addWidget(widget)
    return line


def swatch(label: Label) -> QIcon:
    """Paint a round spot of the label's colour; a ring for none."""
    pixmap = QPixmap(48, 48)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(LABEL_COLOURS[label]), 3) if label is Label.NONE else Qt.PenStyle.NoPen)
    if label is not Label.NONE:
        painter.setBrush(LABELS[label])
    painter.drawEllipse(8, 8, 32, 32)
    painter.end()
    return QIcon(pixmap)


class _GlyphIcon(QIconEngine):
    """A sign of the grid as an icon, in the colour of the theme in force."""

    def __init__(self, glyph: Glyph) -> None:
        super().__init__()
        self._glyph = glyph

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        """Paint it as large as the rectangle."""
        painter.setOpacity(0.4 if mode is QIcon.Mode.Disabled else 1.0)
        draw_glyph(painter, self._glyph, QRectF(rect), grey("icon"))
        painter.setOpacity(1.0)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return it in so many device pixels."""
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        """Copy it, as Qt does before it changes an icon."""
        return _GlyphIcon(self._glyph)


def glyph_icon(glyph: Glyph) -> QIcon:
    """Make an icon of a sign of the grid."""
    return QIcon(_GlyphIcon(glyph))
