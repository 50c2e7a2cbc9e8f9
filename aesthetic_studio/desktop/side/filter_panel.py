"""The filter: every field that is set must hold, and how many photos that hides is always in sight."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from aesthetic_studio.albums import Comparison, PhotoFilter
from aesthetic_studio.desktop.inspector.parts import heading_label
from aesthetic_studio.desktop.toolkit.colours import LABELS
from aesthetic_studio.desktop.toolkit.controls import icon_button, named, push_button
from aesthetic_studio.desktop.toolkit.theme import LABEL_COLOURS, icon
from aesthetic_studio.desktop.toolkit.words import FLAG_NAMES, STAR, STATE_NAMES, count_of, label_name
from aesthetic_studio.paths import shown
from aesthetic_studio.records import Flag, Label

if TYPE_CHECKING:
    from collections.abc import Sequence

TYPING_PAUSE_MS = 150
"""How long the typing rests before the album follows it."""

LOWEST, HIGHEST = 1.0, 10.0
COMBO_EDGES = 54
"""What a combo box needs beside its text, which Qt does not count where a style sheet pads it."""

FLAG_ICONS = {Flag.PICK: "pick", Flag.NONE: "unflag", Flag.REJECT: "reject"}


class FilterPanel(QWidget):
    """Fields for text, score, stars, flags, labels, camera and state.

    Signals:
        filter_changed: The ``PhotoFilter``; its folders are those last given by ``set_folders``.
        left: Enter was pressed in the text: the keyboard may go back to the photos.
    """

    filter_changed = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filterPanel")
        self._folders: tuple[str, ...] = ()
        self._cameras: list[str] = []
        self._typing = QTimer(self, singleShot=True, interval=TYPING_PAUSE_MS)
        self._typing.timeout.connect(self._emit)
        self._text = self._make_text()
        self._lowest = _score_box("Lowest score", LOWEST)
        self._highest = _score_box("Highest score", HIGHEST)
        self._rating, self._comparison = self._make_rating()
        self._flags = {flag: self._toggle(FLAG_NAMES[flag], icon(FLAG_ICONS[flag])) for flag in FLAG_ICONS}
        self._labels = {label: self._toggle(label_name(label), _swatch(label)) for label in Label}
        self._camera = _combo("Camera", ["Any camera"])
        self._state = _combo("State", ["Any state", *STATE_NAMES.values()])
        self._hidden = push_button("", "showAll", "link")
        self._clear = push_button("Clear all filters", "clearFilters")
        self._arrange()
        self._connect()
        self._comparison.setEnabled(False)
        self.show_hidden(0)

    # -- what others ask ---------------------------------------------------------------------------------------------

    def filter(self) -> PhotoFilter:
        """Read the filter from the fields as they stand now."""
        lowest, highest = self._lowest.value(), self._highest.value()
        rating = self._rating.currentIndex() - 1
        flags = frozenset(flag for flag, button in self._flags.items() if button.isChecked())
        labels = frozenset(label for label, button in self._labels.items() if button.isChecked())
        camera, state = self._camera.currentIndex() - 1, self._state.currentIndex() - 1
        return PhotoFilter(
            folders=self._folders,
            text=self._text.text().strip(),
            score_at_least=lowest if lowest > LOWEST else None,
            score_at_most=highest if highest < HIGHEST else None,
            rating=rating if rating >= 0 else None,
            rating_comparison=self._comparison_for(rating),
            flags=flags or None,
            labels=labels or None,
            camera=self._cameras[camera] if 0 <= camera < len(self._cameras) else None,
            states=frozenset({list(STATE_NAMES)[state]}) if state >= 0 else None,
        )

    def set_folders(self, folders: Sequence[str]) -> None:
        """Narrow the filter to these folders; empty for all."""
        if tuple(folders) != self._folders:
            self._folders = tuple(folders)
            self._emit()

    def set_cameras(self, cameras: Sequence[tuple[str, int]]) -> None:
        """Offer these cameras with their counts, keeping the one that is chosen."""
        names = [name for name, _ in cameras]
        texts = [f"{shown(name)} ({count:,})" for name, count in cameras]
        if texts == [self._camera.itemText(row) for row in range(1, self._camera.count())]:
            return
        chosen = self.filter().camera
        with QSignalBlocker(self._camera):
            self._cameras = names
            self._camera.clear()
            self._camera.addItems(["Any camera", *texts])
            self._camera.setCurrentIndex(names.index(chosen) + 1 if chosen in names else 0)

    def show_hidden(self, hidden: int) -> None:
        """Say how many photos the filter hides."""
        active = replace(self.filter(), folders=()) != PhotoFilter()
        self._hidden.setText(f"{count_of(hidden, 'photo')} hidden – show all" if hidden else "Nothing is hidden")
        self._hidden.setAccessibleName(self._hidden.text())
        self._hidden.setEnabled(bool(hidden))
        self._clear.setEnabled(active)

    def focus_text(self) -> None:
        """Put the cursor into the text field."""
        self._text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._text.selectAll()

    def clear(self) -> None:
        """Show everything of the chosen folders again."""
        self.set_filter(PhotoFilter(folders=self._folders))

    def set_filter(self, wanted: PhotoFilter) -> None:
        """Set every field at once and say so once."""
        fields = (self._text, self._lowest, self._highest, self._rating, self._comparison, self._camera, self._state)
        blockers = [QSignalBlocker(field) for field in (*fields, *self._flags.values(), *self._labels.values())]
        self._folders = wanted.folders
        self._text.setText(wanted.text)
        self._lowest.setValue(LOWEST if wanted.score_at_least is None else wanted.score_at_least)
        self._highest.setValue(HIGHEST if wanted.score_at_most is None else wanted.score_at_most)
        self._rating.setCurrentIndex(0 if wanted.rating is None else wanted.rating + 1)
        self._comparison.setCurrentIndex(0 if wanted.rating_comparison is Comparison.AT_LEAST else 1)
        for flag, button in self._flags.items():
            button.setChecked(flag in (wanted.flags or ()))
        for label, button in self._labels.items():
            button.setChecked(label in (wanted.labels or ()))
        self._camera.setCurrentIndex(self._cameras.index(wanted.camera) + 1 if wanted.camera in self._cameras else 0)
        states = list(STATE_NAMES)
        self._state.setCurrentIndex(0 if not wanted.states else states.index(next(iter(wanted.states))) + 1)
        del blockers
        self._emit()

    # -- how it is made ----------------------------------------------------------------------------------------------

    def _make_text(self) -> QLineEdit:
        field = named(QLineEdit(), "filterText")
        field.setPlaceholderText("Name, words, folder, camera…")
        field.setClearButtonEnabled(True)
        field.setAccessibleName("Find text")
        field.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        for action in field.findChildren(QAction):
            if action.objectName() == "_q_qlineeditclearaction":
                action.setIcon(icon("clear"))
        for button in field.findChildren(QToolButton):
            button.setAccessibleName("Clear text" if button.actions() else "Find text")
        return field

    def _make_rating(self) -> tuple[QComboBox, QComboBox]:
        rating = _combo("Stars", ["Any", "Unrated", *(STAR * number for number in range(1, 6))])
        comparison = _combo("How stars compare", ["or more", "exactly"])
        rating.setMinimumWidth(COMBO_EDGES)
        comparison.setMinimumWidth(comparison.fontMetrics().horizontalAdvance("or more") + COMBO_EDGES)
        return rating, comparison

    def _toggle(self, name: str, picture: QIcon) -> QToolButton:
        button = icon_button(picture, f"Only {name.lower()}", size=16, flat=False)
        button.setCheckable(True)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        return button

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(10)
        form.setVerticalSpacing(7)
        form.addRow(_caption("S&core", self._lowest), _row(self._lowest, QLabel("to"), self._highest))
        form.addRow(_caption("S&tars", self._rating), _row(self._rating, self._comparison))
        form.addRow(_caption("&Flag", self._flags[Flag.PICK]), _row(*self._flags.values()))
        form.addRow(_caption("La&bel", self._labels[Label.NONE]), _row(*self._labels.values(), spacing=2))
        form.addRow(_caption("Ca&mera", self._camera), self._camera)
        form.addRow(_caption("St&ate", self._state), self._state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addWidget(heading_label("Filter"))
        layout.addWidget(self._text)
        layout.addLayout(form)
        layout.addWidget(self._clear)
        layout.addWidget(self._hidden)

    def _connect(self) -> None:
        self._text.textChanged.connect(self._typing.start)
        self._text.returnPressed.connect(self._emit)
        self._text.returnPressed.connect(self.left)
        for box in (self._lowest, self._highest):
            box.valueChanged.connect(self._emit)
        for combo in (self._rating, self._comparison, self._camera, self._state):
            combo.currentIndexChanged.connect(self._emit)
        for button in (*self._flags.values(), *self._labels.values()):
            button.toggled.connect(self._emit)
        self._clear.clicked.connect(self.clear)
        self._hidden.clicked.connect(self.clear)

    def _comparison_for(self, rating: int) -> Comparison:
        # "Unrated or more" would be everything: unrated always means exactly that.
        exactly = rating == 0 or self._comparison.currentIndex() == 1
        return Comparison.EXACTLY if exactly else Comparison.AT_LEAST

    def _emit(self) -> None:
        self._typing.stop()
        self._comparison.setEnabled(self._rating.currentIndex() > 1)
        self.filter_changed.emit(self.filter())


def _score_box(name: str, value: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(LOWEST, HIGHEST)
    box.setSingleStep(0.1)
    box.setDecimals(1)
    box.setValue(value)
    box.setAccessibleName(name)
    box.setToolTip(f"{name}, 1 to 10")
    box.setKeyboardTracking(False)
    box.setStepType(QAbstractSpinBox.StepType.DefaultStepType)
    return box


def _combo(name: str, texts: Sequence[str]) -> QComboBox:
    combo = QComboBox()
    combo.addItems(list(texts))
    combo.setAccessibleName(name)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(3)
    combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return combo


def _caption(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "dim")
    label.setBuddy(buddy)
    return label


def _row(*widgets: QWidget, spacing: int = 6) -> QHBoxLayout:
    layout = QHBoxLayout()
    layout.setSpacing(spacing)
    for widget in widgets:
        layout.addWidget(widget)
    return layout


def _swatch(label: Label) -> QIcon:
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
