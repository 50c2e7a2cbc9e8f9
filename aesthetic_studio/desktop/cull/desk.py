"""Opens the page, has its plans made, and decides what it shows as one step.

Views, Album ──Scope──▶ CullPlanner ──CullAnswer──▶ CullPage ──Draft──▶ Decisions ──▶ apply_cull ──▶ catalogue
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from aesthetic_studio.desktop.cull.page import CullPage
from aesthetic_studio.desktop.cull.planner import CullPlanner, Scope
from aesthetic_studio.pipeline.culling import apply_cull
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from aesthetic_studio.desktop.cull.planner import CullAnswer
    from aesthetic_studio.desktop.window import MainWindow
    from aesthetic_studio.library.catalogue import Catalogue, Decision
    from aesthetic_studio.pipeline.culling import CullDone

TYPING_MS = 150
"""A plan is asked for so long after the last change of its settings: a number is typed digit by digit."""


class CullDesk(QObject):
    """The cull of one window. Its page lies over all photos and panels while it is open.

    Attributes:
        page: The page; None until it is first opened.
    """

    _applied = Signal(object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.page: CullPage | None = None
        self._planner = CullPlanner(window.catalogue, self)
        self._scope = Scope(window.album.query)
        self._generation = -1
        self._applying = False
        self._fresh = False
        self._ask_soon = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._ask_soon.timeout.connect(self._ask)
        self._planner.planned.connect(self._on_planned)
        self._planner.failed.connect(self._on_failed)
        self._applied.connect(self._on_applied)
        window.decisions.failed.connect(self._on_not_written)
        window.verdicts.applied.connect(lambda _: self._ask_again())
        window.album.loaded.connect(lambda _: self._ask_again())

    @property
    def is_open(self) -> bool:
        """Whether the page lies over the photos."""
        return self._window.views.covered

    def open(self) -> None:
        """Show what the best of the selected photos, or of all that are shown, would be."""
        window = self._window
        if self.is_open:
            return
        selected = window.grid.selected_ids() if window.views.mode == "grid" else ()
        self._scope = Scope(window.album.query, tuple(selected) if len(selected) > 1 else ())
        page = self.page or self._make_page()
        answer = window.album.answer
        photos = len(self._scope.selected) or (answer.matching if answer is not None else 0)
        window.views.covered = True
        window.cover(page)
        page.start(photos)
        self._ask_again()

    def close_page(self) -> None:
        """Go back to the photos; nothing is decided."""
        if self.page is not None and self.is_open:
            self._ask_soon.stop()
            self._generation = -1
            self._planner.forget()
            self._window.views.covered = False
            self._window.uncover(self.page)
            self._window.views.take_focus()

    def close(self) -> None:
        """End the threads."""
        self._ask_soon.stop()
        self._planner.stop()
        if self.page is not None:
            self.page.close_workers()

    # -- how ---------------------------------------------------------------------------------------------------------

    def _make_page(self) -> CullPage:
        page = self.page = CullPage(self._window.reader_here.cells, self._window.catalogue.reader)
        page.plan_wanted.connect(self._on_plan_wanted)
        page.apply_wanted.connect(self._apply)
        page.closed.connect(self.close_page)
        return page

    def _on_plan_wanted(self) -> None:
        if self.page is not None and self.is_open:
            self.page.show_waiting()
            self._ask_soon.start()

    def _ask_again(self) -> None:
        """Plan anew from the library as it is now."""
        if self.is_open and not self._applying:
            self._fresh = True
            self._ask()

    def _ask(self) -> None:
        if self.page is None or not self.is_open:
            return
        self._ask_soon.stop()
        self.page.show_waiting()
        fresh, self._fresh = self._fresh, False
        if not self._scope.selected:
            self._scope = Scope(self._window.album.query)
        controls = self.page.controls
        self._generation = self._planner.request(self._scope, controls.target(), controls.strictness(), fresh=fresh)

    def _on_planned(self, answer: CullAnswer) -> None:
        if self.page is not None and answer.generation == self._generation and not self._ask_soon.isActive():
            self.page.show_answer(answer)

    def _apply(self) -> None:
        """Decide what is shown. What was decided or vanished since is found out when it is written."""
        if self.page is None or self._applying:
            return
        self._applying = True
        self.page.apply_button.setEnabled(False)
        draft, reject_others = self.page.draft, self.page.rejects_others()
        fates, planned = draft.fates(), draft.planned()

        def write(catalogue: Catalogue) -> Decision:
            done = apply_cull(catalogue, fates, planned, reject_others=reject_others)
            self._applied.emit(done)
            return done.decision

        self._window.decisions.decide_by(write)

    def _on_applied(self, done: CullDone) -> None:
        self._applying = False
        self.close_page()
        undo = " " + self._window.actions_.tips.words(_("Undo [edit.undo] takes it back.")) if done.decision.id else ""
        self._window.status.show_message(f"{done.words}{undo}")

    def _on_not_written(self) -> None:
        """Let it be tried again; the window tells why."""
        if self._applying and self.page is not None:
            self._applying = False
            self.page.apply_button.setEnabled(True)

    def _on_failed(self, message: str, advice: str) -> None:
        self.close_page()
        self._window.dialogs.tell(message, advice)
