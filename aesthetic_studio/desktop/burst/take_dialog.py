"""The dry run of taking the best of bursts: everything that would be done, frame by frame, before any of it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from aesthetic_studio.curation.take_best import TakeOptions
from aesthetic_studio.desktop.burst.plan_model import summary
from aesthetic_studio.desktop.burst.plan_view import PlanView
from aesthetic_studio.desktop.grid.thumbnails import PreviewReader, ThumbnailProvider
from aesthetic_studio.desktop.toolkit.controls import push_button
from aesthetic_studio.translation import N_, _, whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from aesthetic_studio.desktop.burst.plan_model import PlanModel

SECONDS = (N_("the best frame"), N_("the best, and a second one that is nearly as good"))
SHARE_OF_WINDOW = 0.92


class TakeDialog(QDialog):
    """A plan with its options; accepted, it is to be done as it stands.

    Args:
        plan: What would be done.
        open_reader: Gives the catalogue's previews to a thread.
        note: What is to be said first, as that the bursts changed meanwhile.
    """

    def __init__(
        self,
        plan: PlanModel,
        open_reader: Callable[[], PreviewReader] | None,
        parent: QWidget | None = None,
        *,
        note: str = "",
    ) -> None:
        super().__init__(parent)
        self.plan = plan
        self._previews = None if open_reader is None else ThumbnailProvider(open_reader, self)
        self._list = PlanView(plan, self._previews, self)
        self._summary, self._words, self._about = QLabel(), QLabel(), QLabel()
        self._second, self._pick = QComboBox(), QCheckBox(_("&Pick the best"))
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        # An accepting button would be the default one, and Enter must not do it by accident.
        self._apply = self._buttons.addButton(_("Apply"), QDialogButtonBox.ButtonRole.ApplyRole)
        self._build(note)
        plan.planned.connect(self._on_planned)
        self._list.selectionModel().currentChanged.connect(self._on_current_changed)
        self._second.currentIndexChanged.connect(self._on_options_changed)
        self._pick.toggled.connect(self._on_options_changed)
        self._apply.clicked.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._on_planned()
        self._list.setFocus()

    def _build(self, note: str) -> None:
        self.setWindowTitle(_("Take the best, reject the rest"))
        self.setObjectName("takeDialog")
        self._summary.setProperty("role", "name")
        self._words.setProperty("role", "dim")
        for label in (self._summary, self._words, self._about):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setText(f"{note} {left_alone(self.plan)}".strip())
        self._about.setAccessibleName(_("The current frame"))
        self._about.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._about.setFixedHeight(2 * self.fontMetrics().lineSpacing() + 4)
        self._second.addItems([_(words) for words in SECONDS])
        self._second.setAccessibleName(_("Keep of each burst"))
        self._second.setCurrentIndex(int(self.plan.options.second))
        self._pick.setChecked(self.plan.options.pick)
        self._pick.setToolTip(_("Else the best frames get no flag, and only the rest is rejected"))
        for button in self._buttons.buttons():
            button.setProperty("autoDefault", False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(self._summary)
        layout.addWidget(self._words)
        layout.addLayout(self._options_row())
        layout.addWidget(self._list, 1)
        layout.addWidget(self._about)
        layout.addLayout(self._buttons_row())
        self._fit()

    def _fit(self) -> None:
        """Be as large as the plan needs, and no larger than the window leaves."""
        window = self.parentWidget()
        room = QSize(1240, 800) if window is None else window.size() * SHARE_OF_WINDOW
        width = max(720, min(1240, room.width()))
        around = self.sizeHint().height() - self._list.sizeHint().height()
        self.resize(width, max(440, min(room.height(), around + self._list.page_height(width - 60))))

    def _options_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(10)
        keep = QLabel(_("Keep of each burst"))
        keep.setBuddy(self._second)
        row.addWidget(keep)
        row.addWidget(self._second)
        row.addSpacing(14)
        row.addWidget(self._pick)
        row.addStretch(1)
        return row

    def _buttons_row(self) -> QHBoxLayout:
        """What can be done with the current frame, and with the plan."""
        row = QHBoxLayout()
        row.setSpacing(8)
        acts = (
            (_("Take this (B)"), "takeThis", self._list.take_current),
            (_("Keep or reject (Space)"), "toggleThis", self._list.toggle_current),
            (_("As planned (U)"), "clearThis", self._list.clear_current),
        )
        for text, name, act in acts:
            button = push_button(text, name)
            button.setAutoDefault(False)
            button.clicked.connect(act)
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self._buttons)
        return row

    def done(self, result: int) -> None:
        """Close, and let go of the catalogue."""
        if self._previews is not None:
            self._previews.close()
        super().done(result)

    # -- news --------------------------------------------------------------------------------------------------------

    def _on_options_changed(self) -> None:
        self.plan.set_options(TakeOptions(second=self._second.currentIndex() == 1, pick=self._pick.isChecked()))

    def _on_planned(self) -> None:
        picked, rejected = self.plan.counts()[:2]
        self._summary.setText(summary(self.plan))
        self._apply.setText(apply_words(picked, rejected))
        self._apply.setShortcut("Ctrl+Return")
        self._apply.setToolTip(_("Ctrl+Return. Undo takes all of it back at once"))
        self._apply.setEnabled(any(plan.changes or plan.choice is not None for plan in self.plan.plans))
        self._on_current_changed()

    def _on_current_changed(self, *_args: object) -> None:
        index = self._list.currentIndex()
        self._about.setText(self.plan.about(index.row()) if index.isValid() else "")


def apply_words(picked: int, rejected: int) -> str:
    """What the button would do: ``Pick 3 and reject 12``."""
    if picked and rejected:
        return _("Pick {picked} and reject {rejected}").format(picked=whole(picked), rejected=whole(rejected))
    if picked:
        return _("Pick {picked}").format(picked=whole(picked))
    return _("Reject {rejected}").format(rejected=whole(rejected)) if rejected else _("Apply")


def left_alone(plan: PlanModel) -> str:
    """What is not touched, and that nothing is hidden."""
    alone = plan.left_alone()
    rule = _(
        "Frames that you picked, starred or rejected stay as they are. Frames that a filter hides are shown here too."
    )
    return rule + " " + _("Left alone, at the end: {series}.").format(series=", ".join(alone)) if alone else rule
