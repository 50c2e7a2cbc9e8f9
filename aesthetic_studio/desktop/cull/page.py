"""The page: what stays on the left, what goes on the right, above them how it is chosen, below them what to do.

Nothing is decided until Apply is pressed. Plain keys stay on this page: none of them may decide about a photo of the
views that lie hidden below it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from aesthetic_studio.curation.cull.records import Fate
from aesthetic_studio.desktop.cull.controls import CullControls
from aesthetic_studio.desktop.cull.draft import Draft
from aesthetic_studio.desktop.cull.photos import CullGrid
from aesthetic_studio.desktop.grid.thumbnails import ThumbnailProvider
from aesthetic_studio.desktop.toolkit.controls import named, push_button
from aesthetic_studio.translation import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable

    from aesthetic_studio.desktop.cull.planner import CullAnswer
    from aesthetic_studio.desktop.grid.model import FetchCells
    from aesthetic_studio.desktop.grid.thumbnails import PreviewReader

BUDGET_BYTES = 96 * 1024 * 1024
"""Thumbnails of one side; each side wishes for its own."""

HINT = N_("Click a photo, or press Space on it, to move it to the other side.")


class CullPage(QWidget):
    """A draft of who stays and who goes.

    Attributes:
        draft: What is shown.

    Signals:
        plan_wanted: The settings changed.
        apply_wanted: The draft is to be decided so.
        closed: The person goes back without deciding.
    """

    plan_wanted = Signal()
    apply_wanted = Signal()
    closed = Signal()

    def __init__(
        self, fetch: FetchCells, open_reader: Callable[[], PreviewReader], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("cullPage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Keep the best"))
        self.draft = Draft()
        self._thumbnails = [ThumbnailProvider(open_reader, self, budget_bytes=BUDGET_BYTES) for _ in range(2)]
        self.controls = CullControls()
        self.kept = CullGrid(fetch, self._reason, self._thumbnails[0], name="cullKept", key=Qt.Key.Key_X)
        self.gone = CullGrid(fetch, self._reason, self._thumbnails[1], name="cullGone", key=Qt.Key.Key_P)
        self._scope, self._kept_title, self._gone_title, self._notes = (QLabel() for _number in range(4))
        self.apply_button = push_button(_("Apply"), "cullApply", "main")
        self.cancel_button = push_button(_("Cancel"), "cullCancel", "plain")
        self._arrange()
        self._connect()
        self.show_waiting()

    def _arrange(self) -> None:
        title = QLabel(_("Keep the best"))
        title.setProperty("role", "title")
        for label in (self._scope, self._notes):
            label.setProperty("role", "dim")
            label.setWordWrap(True)
        for side in (self._kept_title, self._gone_title):
            side.setProperty("role", "name")
        self.cancel_button.setToolTip(_("Cancel (Esc)"))
        self.apply_button.setToolTip(_("Apply (Ctrl+Enter)"))
        sides = QSplitter(Qt.Orientation.Horizontal)
        for label, grid in ((self._kept_title, self.kept), (self._gone_title, self.gone)):
            sides.addWidget(_titled(label, grid))
        sides.setChildrenCollapsible(False)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self._notes, 1)
        foot.addWidget(self.cancel_button)
        foot.addWidget(self.apply_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 14)
        layout.setSpacing(10)
        for widget in (title, self._scope, self.controls):
            layout.addWidget(widget)
        layout.addWidget(sides, 1)
        layout.addLayout(foot)

    def _connect(self) -> None:
        self.controls.changed.connect(self.plan_wanted)
        self.controls.rejecting_changed.connect(self._show_words)
        self.kept.swap_wanted.connect(self._on_swap)
        self.gone.swap_wanted.connect(self._on_swap)
        self.apply_button.clicked.connect(self.apply_wanted)
        self.cancel_button.clicked.connect(self.closed)
        apply = QShortcut(QKeySequence("Ctrl+Return"), self)
        apply.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        apply.activated.connect(self.apply_button.click)

    # -- what the desk asks ------------------------------------------------------------------------------------------

    def show_waiting(self) -> None:
        """Say that a plan is being made; the one before stays in sight, and cannot be applied."""
        self.apply_button.setEnabled(False)
        if not self.draft.plan.choices:
            self._notes.setText(_("Comparing the photos…"))

    def show_answer(self, answer: CullAnswer) -> None:
        """Show a plan, with what was moved by hand on top of it."""
        self.draft.take(answer.plan)
        self._scope.setText(answer.scope)
        self.controls.set_photos(answer.photos)
        self._show_draft()

    def start(self, photos: int) -> None:
        """Begin anew, about so many photos."""
        self.draft = Draft()
        self.controls.set_photos(photos)
        self._scope.setText("")
        self._show_draft()
        self.show_waiting()
        self.controls.take_focus()

    def rejects_others(self) -> bool:
        """Whether what goes is to be rejected."""
        return self.controls.reject_others.isChecked()

    def close_workers(self) -> None:
        """End the decoding threads."""
        for thumbnails in self._thumbnails:
            thumbnails.close()

    # -- keys --------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Keep plain keys here, and Ctrl+A: the window's commands would act on photos that nobody sees."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_ours(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Esc goes back."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        event.accept()

    # -- how ---------------------------------------------------------------------------------------------------------

    def _reason(self, photo_id: int) -> str:
        return self.draft.reason(photo_id)

    def _on_swap(self, photo_ids: list[int]) -> None:
        self.draft.swap(photo_ids)
        self._show_draft()

    def _show_draft(self) -> None:
        self.kept.show_ids(self.draft.ids(Fate.KEPT))
        self.gone.show_ids(self.draft.ids(Fate.GONE))
        # The same photos may be there for other reasons.
        for grid in (self.kept, self.gone):
            grid.viewport().update()
        self._show_words()

    def _show_words(self) -> None:
        draft, rejecting = self.draft, self.rejects_others()
        self._kept_title.setText(draft.kept_words())
        self._gone_title.setText(draft.gone_words(reject_others=rejecting))
        self.kept.setAccessibleName(draft.kept_words())
        self.gone.setAccessibleName(draft.gone_words(reject_others=rejecting))
        for grid in (self.kept, self.gone):
            grid.setAccessibleDescription(_("Arrow keys move between photos, Space moves one to the other side."))
        self.kept.set_empty_text(_("Nothing is kept"))
        self.gone.set_empty_text(_("Nothing goes"))
        self._notes.setText(" ".join([*draft.notes(), _(HINT)]))
        self.apply_button.setText(draft.apply_words(reject_others=rejecting))
        self.apply_button.setAccessibleName(self.apply_button.text())
        self.apply_button.setEnabled(bool(draft.plan.choices))


def _titled(label: QLabel, grid: CullGrid) -> QWidget:
    side = named(QWidget(), f"{grid.objectName()}Side")
    layout = QVBoxLayout(side)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(6)
    layout.addWidget(label)
    layout.addWidget(grid, 1)
    return side


def _is_ours(event: QKeyEvent) -> bool:
    key, modifiers = Qt.Key(event.key()), event.modifiers()
    meta = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    if modifiers & meta:
        return key == Qt.Key.Key_A and bool(modifiers & Qt.KeyboardModifier.ControlModifier)
    return not (Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35) and key != Qt.Key.Key_Question
