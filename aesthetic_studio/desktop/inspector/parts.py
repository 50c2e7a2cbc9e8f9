"""What the inspector is built of: a plot of votes, a bar beside a number, a picture that scales, a section."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from aesthetic_studio.desktop.toolkit.theme import grey
from aesthetic_studio.desktop.toolkit.words import distribution_in_words
from aesthetic_studio.records import SCORE_BINS, ScoreDistribution
from aesthetic_studio.translation import _

LONGEST_WORD = 22
"""Letters after which a name without a place to break is broken all the same."""


class DistributionPlot(QWidget):
    """The predicted votes over 1..10 as bars, with the mean as a mark; says itself in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("distributionPlot")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._distribution: ScoreDistribution | None = None
        self.show_distribution(None)

    def show_distribution(self, distribution: ScoreDistribution | None) -> None:
        """Plot these votes; an empty axis for None."""
        self._distribution = distribution
        words = _("Not scored yet") if distribution is None else distribution_in_words(distribution)
        self.setAccessibleName(_("Distribution of predicted votes"))
        self.setAccessibleDescription(words)
        self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Ask for a place that is wide and low."""
        return QSize(200, 84)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint bars, axis and mean."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPointSizeF(8)
        painter.setFont(font)
        axis = self.height() - painter.fontMetrics().height() - 3
        step = self.width() / SCORE_BINS
        probabilities = self._distribution.probabilities if self._distribution else (0.0,) * SCORE_BINS
        highest = max(*probabilities, 0.25)
        for place, probability in enumerate(probabilities):
            painter.setPen(grey("dim"))
            label = QRectF(place * step, axis + 3, step, self.height() - axis - 3)
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, str(place + 1))
            height = (axis - 8) * probability / highest
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(grey("dim"))
            painter.drawRoundedRect(QRectF(place * step + step * 0.14, axis - height, step * 0.72, height), 1.5, 1.5)
        painter.fillRect(QRectF(0, axis, self.width(), 1), grey("line"))
        if self._distribution is not None:
            self._paint_mean(painter, (self._distribution.mean - 0.5) * step, axis)

    @staticmethod
    def _paint_mean(painter: QPainter, x: float, axis: float) -> None:
        painter.setBrush(grey("bright"))
        painter.fillRect(QRectF(x - 0.75, 3, 1.5, axis - 3), grey("bright"))
        painter.drawPolygon([QPointF(x - 4, 0), QPointF(x + 4, 0), QPointF(x, 5)])


class Bar(QWidget):
    """How a number lies between two ends: filled from zero, or a mark at its place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._start = self._end = 0.0
        self._mark: float | None = None
        self._is_place = False

    def show_value(self, value: float | None, lowest: float, highest: float) -> None:
        """Fill from zero to ``value``; nothing for None."""
        span = highest - lowest
        zero = (min(max(0.0, lowest), highest) - lowest) / span
        place = zero if value is None else (min(max(value, lowest), highest) - lowest) / span
        self._start, self._end = sorted((zero, place))
        self.update()

    def show_place(self, share: float | None) -> None:
        """Mark a place between the two ends, 0..1; an empty groove for None."""
        self._is_place, self._mark = True, share
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Ask for the place of a thin line."""
        return QSize(60, 8)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint the groove and what is filled of it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        top = self.height() / 2 - 2
        painter.setBrush(grey("base"))
        painter.drawRoundedRect(QRectF(0, top, self.width(), 4), 2, 2)
        if self._is_place:
            if self._mark is not None:
                painter.setBrush(grey("bright"))
                painter.drawEllipse(QPointF(4 + self._mark * (self.width() - 8), self.height() / 2), 3.5, 3.5)
            return
        painter.setBrush(grey("dim"))
        left = self._start * self.width()
        painter.drawRoundedRect(QRectF(left, top, max(2.0, (self._end - self._start) * self.width()), 4), 2, 2)


class Picture(QLabel):
    """A picture that fills its width, keeps its shape and stays sharp at any scaling."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._image = QImage()

    def show_image(self, image: QImage | None, longest: int = 240) -> None:
        """Show this image; an empty place of no height for None."""
        self._image = image or QImage()
        self.setVisible(not self._image.isNull())
        if self._image.isNull():
            self.clear()
            return
        ratio = self.devicePixelRatioF()
        side = round(min(longest, max(80, self.width())) * ratio)
        scaled = self._image.scaled(
            side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        scaled.setDevicePixelRatio(ratio)
        self.setPixmap(QPixmap.fromImage(scaled))
        self.setFixedHeight(round(scaled.height() / ratio))


class Section(QWidget):
    """A heading with what belongs to it below."""

    def __init__(self, heading: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = heading_label(heading)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(5)
        self.body.addWidget(line())
        self.body.addWidget(title)


class Rows(QWidget):
    """Names on the left, values on the right, each value named after its row for those who hear the screen."""

    def __init__(self, names: list[str], *, bars: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        self.values: dict[str, QLabel] = {}
        self.bars: dict[str, Bar] = {}
        self._names: dict[str, QLabel] = {}
        for row, name in enumerate(names):
            caption = QLabel(_(name))
            caption.setProperty("role", "dim")
            caption.setAlignment(Qt.AlignmentFlag.AlignTop)
            value = text_label(_(name))
            grid.addWidget(caption, row, 0)
            self.values[name], self._names[name] = value, caption
            if bars:
                value.setWordWrap(False)
                value.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
                self.bars[name] = Bar()
                self.bars[name].setAccessibleName(_("{name}, as a bar").format(name=_(name)))
                grid.addWidget(self.bars[name], row, 1)
                grid.addWidget(value, row, 2, Qt.AlignmentFlag.AlignRight)
            else:
                grid.addWidget(value, row, 1)

    def show_value(self, name: str, value: str) -> None:
        """Set one value; a row without one is not shown."""
        self.values[name].setText(breakable(value))
        self.values[name].setAccessibleName(f"{_(name)}: {value}")
        for widget in (self.values[name], self._names[name], self.bars.get(name)):
            if widget is not None:
                widget.setVisible(bool(value))


def line() -> QFrame:
    """Make a line between two parts."""
    frame = QFrame()
    frame.setProperty("role", "line")
    frame.setFixedHeight(1)
    return frame


def heading_label(text: str) -> QLabel:
    """Make the small heading of a section."""
    label = QLabel(text.upper())
    label.setAccessibleName(text)
    label.setProperty("role", "heading")
    label.setIndent(0)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return label


class WrappingLabel(QLabel):
    """A text over as many lines as its width makes of it.

    A label asks for the height that its text would have at its least width: for a path, a dozen lines that are never
    there, by which the panel would scroll past its end.
    """

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Ask for one line; the layout asks for the others by ``heightForWidth``."""
        return QSize(super().minimumSizeHint().width(), self.fontMetrics().height())

    def sizeHint(self) -> QSize:  # noqa: N802
        """As ``minimumSizeHint`` where lines may be broken: the height follows from the width alone."""
        hint = super().sizeHint()
        return QSize(hint.width(), min(hint.height(), self.fontMetrics().height())) if self.wordWrap() else hint


def text_label(name: str, role: str = "") -> QLabel:
    """Text to be read, selected and copied, by mouse or keyboard."""
    label = WrappingLabel()
    label.setAccessibleName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    # A label wants the width of its longest word, which for a file's name may be wider than the panel.
    label.setMinimumWidth(20)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    if role:
        label.setProperty("role", role)
    return label


def breakable(text: str) -> str:
    """Allow a line to end after each slash, and within words too long for a narrow panel."""
    parts: list[str] = []
    since = 0
    for letter in text:
        parts.append(letter)
        since = 0 if letter.isspace() else since + 1
        if letter in "/\\" or since >= LONGEST_WORD:
            parts.append("\u200b")
            since = 0
    return "".join(parts)
