"""How many to keep, how strictly, and whether the others are rejected."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QComboBox, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from aesthetic_studio.curation.cull.records import CullTarget, Strictness
from aesthetic_studio.desktop.toolkit.controls import named, push_button
from aesthetic_studio.translation import N_, Texts, _, pgettext

if TYPE_CHECKING:
    from PySide6.QtWidgets import QPushButton

NAMES = Texts({Strictness.LENIENT: N_("Lenient"), Strictness.BALANCED: N_("Balanced"), Strictness.STRICT: N_("Strict")})
WORDS = Texts(
    {
        Strictness.LENIENT: N_("By stars and score alone. A scene may fill as many places as its photos earn."),
        Strictness.BALANCED: N_("Each further photo of a scene has to be clearly better than one of another scene."),
        Strictness.STRICT: N_("One photo a scene. A second one comes only when every scene has one."),
    }
)
USUAL_NUMBER = 50


class CullControls(QWidget):
    """The settings of a cull.

    Signals:
        changed: Another plan is wanted.
        rejecting_changed: Whether the others are rejected; the plan stays.
    """

    changed = Signal()
    rejecting_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photos = 0
        self._asked = False
        self.number = named(QSpinBox(), "cullNumber")
        self.number.setAccessibleName(_("How many to keep"))
        self.number.setRange(1, 1)
        self.number.setKeyboardTracking(True)
        self.number.setMinimumWidth(92)
        self.unit = named(QComboBox(), "cullUnit")
        self.unit.setAccessibleName(_("Number or share"))
        self.unit.addItems([pgettext("to keep", "photos"), pgettext("to keep", "% of them")])
        self._steps = QButtonGroup(self)
        self._words = QLabel()
        self._words.setProperty("role", "dim")
        self._words.setWordWrap(True)
        self.reject_others = named(QCheckBox(_("Reject the others")), "cullReject")
        self.reject_others.setChecked(True)
        self._arrange()
        self.number.valueChanged.connect(self._on_number)
        self.unit.currentIndexChanged.connect(self._on_unit)
        self._steps.idToggled.connect(self._on_step)
        self.reject_others.toggled.connect(self.rejecting_changed)
        self.set_strictness(Strictness.BALANCED)

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        keep = QLabel(_("&Keep"))
        keep.setBuddy(self.number)
        for widget in (keep, self.number, self.unit):
            row.addWidget(widget)
        row.addSpacing(20)
        row.addWidget(QLabel(_("Strictness")))
        steps = QHBoxLayout()
        steps.setSpacing(0)
        for place, strictness in enumerate(Strictness):
            step = self._step(strictness)
            self._steps.addButton(step, place)
            steps.addWidget(step)
        row.addLayout(steps)
        row.addSpacing(20)
        row.addWidget(self.reject_others)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self._words)
        chain: list[QWidget] = [self.number, self.unit, *self._steps.buttons(), self.reject_others]
        for before, after in pairwise(chain):
            self.setTabOrder(before, after)

    @staticmethod
    def _step(strictness: Strictness) -> QPushButton:
        step = push_button(NAMES[strictness], f"cull.{strictness}")
        step.setCheckable(True)
        step.setAutoDefault(False)
        step.setAccessibleName(_("Strictness: {name}").format(name=NAMES[strictness]))
        step.setAccessibleDescription(WORDS[strictness])
        step.setToolTip(WORDS[strictness])
        return step

    # -- what is wanted ----------------------------------------------------------------------------------------------

    def target(self) -> CullTarget:
        """How many to keep."""
        if self._is_share():
            return CullTarget(share=self.number.value() / 100)
        return CullTarget(number=self.number.value())

    def strictness(self) -> Strictness:
        """How strictly."""
        return list(Strictness)[max(0, self._steps.checkedId())]

    def set_strictness(self, strictness: Strictness) -> None:
        """Choose a step."""
        self._steps.button(list(Strictness).index(strictness)).setChecked(True)

    def set_photos(self, photos: int) -> None:
        """Say how many photos it is about: a fitting number is suggested until the person names one."""
        self._photos = max(1, photos)
        blocked = self.number.blockSignals(True)
        try:
            self.number.setMaximum(100 if self._is_share() else self._photos)
            if not self._asked and not self._is_share():
                self.number.setValue(min(USUAL_NUMBER, max(1, round(self._photos / 4))))
        finally:
            self.number.blockSignals(blocked)

    def take_focus(self) -> None:
        """Let the number be typed at once."""
        self.number.setFocus()
        self.number.selectAll()

    # -- how ---------------------------------------------------------------------------------------------------------

    def _is_share(self) -> bool:
        return self.unit.currentIndex() == 1

    def _on_number(self) -> None:
        self._asked = True
        self.changed.emit()

    def _on_unit(self) -> None:
        """Say the same amount in the other unit."""
        value = self.number.value()
        blocked = self.number.blockSignals(True)
        if self._is_share():
            self.number.setRange(1, 100)
            self.number.setValue(round(100 * value / max(1, self._photos)))
        else:
            self.number.setRange(1, max(1, self._photos))
            self.number.setValue(CullTarget(share=value / 100).of(self._photos))
        self.number.blockSignals(blocked)
        self._asked = True
        self.changed.emit()

    def _on_step(self, _place: int, checked: bool) -> None:
        if checked:
            # Tab leads to the step that is chosen, arrows from there to the others, as among radio buttons.
            for step in self._steps.buttons():
                step.setFocusPolicy(Qt.FocusPolicy.StrongFocus if step.isChecked() else Qt.FocusPolicy.ClickFocus)
            self._words.setText(WORDS[self.strictness()])
            self.changed.emit()
