"""Two photos against each other, or up to nine side by side, zoomed and moved in step.

Data flows::

    CompareControl ──records──▶ PhotoPane ×1..9 ◀──pixels── LoupeImages (one bounded memory for all)
                                    │ wheel, drag, click, keys
                                    ▼
                                 InStep ──SharedLook──▶ every pane that is locked
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aesthetic_studio.curation.differences import best_of
from aesthetic_studio.desktop.compare.caption import BEST_SHOWN, Beside, OneLine
from aesthetic_studio.desktop.compare.choosing import MOST
from aesthetic_studio.desktop.compare.in_step import BUDGET_BYTES, InStep
from aesthetic_studio.desktop.compare.pane import PhotoPane
from aesthetic_studio.desktop.compare.tiles import Tiles, tile
from aesthetic_studio.desktop.loupe.heat_map import attention_rows, heat_map_image
from aesthetic_studio.desktop.loupe.images import LoadPhoto, LoupeImages
from aesthetic_studio.desktop.loupe.photo import PAN_KEYS, PAN_STEP
from aesthetic_studio.translation import N_, _

if TYPE_CHECKING:
    from aesthetic_studio.records import PhotoRecord

PreviewOf = Callable[[int], QImage]
"""The stored preview of a photo, an empty picture where there is none."""

GAP = 6
MARGIN = 6
FULL_FROM = 400
"""Height of a pane from which on there is a line for each measurement."""
SETTINGS_FROM, PLACE_FROM = 200, 250
"""Heights of a pane from which on there is room to say how a photo was taken, and its place in a series."""

CHAMPION = N_("Champion")


class CompareView(QWidget):
    """Photos side by side.

    Attributes:
        is_survey: Whether photos are surveyed, else champion and challenger compared.

    Signals:
        current_photo_changed: The photo that keys act on, −1 for none.
        promote_wanted: Up: the challenger is to be the champion.
        keep_wanted: Down: the champion is to stay, and the next challenger to come.
    """

    current_photo_changed = Signal(int)
    promote_wanted = Signal()
    keep_wanted = Signal()

    def __init__(self, parent: QWidget | None = None, *, load: LoadPhoto | None = None) -> None:
        super().__init__(parent)
        self._images = LoupeImages(load, self, budget_bytes=BUDGET_BYTES)
        self._step = InStep(self._images)
        self._panes = self._step.panes
        self._current: PhotoPane | None = None
        self._told = -1
        self._columns = 1
        self._thirds = False
        self.is_survey = False
        self._title, self._hints = OneLine(_("Comparison")), OneLine(_("Keys"), "small")
        self._floor = QWidget(self)
        self._build()
        self._images.loaded.connect(self._on_loaded)
        self._images.failed.connect(self._on_loaded)

    def _build(self) -> None:
        self.setObjectName("compareView")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._hints.setAlignment(Qt.AlignmentFlag.AlignRight)
        head = QHBoxLayout()
        head.setContentsMargins(MARGIN + 4, 7, MARGIN + 4, 6)
        head.setSpacing(24)
        head.addWidget(self._title)
        head.addWidget(self._hints, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        layout.addLayout(head)
        layout.addWidget(self._floor, 1)
        self._floor.installEventFilter(self)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumSize(160, 120)
        self.setAccessibleName(_("Photos side by side"))

    # -- what is shown -------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Look at other photos than before: whole, in step, with nothing kept in memory of the last ones."""
        self._current = None
        self._step.begin()

    def show_pair(
        self, champion: PhotoRecord, challenger: PhotoRecord | None, preview: PreviewOf, *, place: str, end: str
    ) -> None:
        """Show a champion and a challenger, ``place`` saying which; where there is none, the words of ``end``.

        Zoom and place are kept. Keys act on the challenger, unless the champion was chosen; at the end on nothing, so
        that no key can hit another photo than the one it was meant for.
        """
        self.is_survey = False
        on_champion = self._current is not None and self._panes[:1] == [self._current] and len(self._panes) > 1
        self._have_panes(2)
        left, right = self._panes
        for pane, record in ((left, champion), (right, challenger)):
            if pane.is_alone() and (record is None or pane.photo_id() != record.id):
                self._step.lock(pane)
        self._put(left, champion, preview, _(CHAMPION))
        if challenger is None:
            right.show_words(end)
        else:
            self._put(right, challenger, preview, _("Challenger {place}").format(place=place))
        self._settle()
        self._make_current(left if on_champion else None if challenger is None else right)

    def show_survey(self, records: Sequence[PhotoRecord], preview: PreviewOf, current: int | None = None) -> None:
        """Show up to nine photos as large as they fit; ``current``, or else the first, becomes the current one."""
        self.is_survey = True
        records = list(records)[:MOST]
        self._keep_panes_of([record.id for record in records])
        for pane, record in zip(self._panes, records, strict=True):
            self._put(pane, record, preview, "")
        self._settle()
        self._make_current(self._pane_of(current) or self._panes[0])

    def update_records(self, records: Sequence[PhotoRecord]) -> None:
        """Take up new decisions, scores and states of photos that are shown."""
        for record in records:
            pane = self._pane_of(record.id)
            if pane is not None:
                pane.update_record(record)
        self._say_differences()
        self._step.request()

    def say(self, title: str, hints: str) -> None:
        """Say above the photos what is compared, and which keys do what."""
        self._title.say(title)
        self._hints.say(hints)

    def set_likely(self, records: Sequence[PhotoRecord]) -> None:
        """Decode these in advance, the likeliest first."""
        self._step.likely = tuple(records)
        self._step.request()

    def leave(self) -> None:
        """Give back the memory that the photos took."""
        self._step.begin()

    def panes(self) -> list[PhotoPane]:
        """The panes on screen, in reading order."""
        return list(self._panes)

    def close_workers(self) -> None:
        """End the decoding threads."""
        self._images.close()

    # -- which photo ---------------------------------------------------------------------------------------------------

    def current_id(self) -> int | None:
        """The photo that keys act on."""
        return None if self._current is None else self._current.photo_id()

    def set_current_id(self, photo_id: int) -> bool:
        """Let keys act on this photo; ``False`` where it is not shown."""
        pane = self._pane_of(photo_id)
        if pane is not None:
            self._make_current(pane)
        return pane is not None

    def turn(self, by: int) -> bool:
        """Let keys act on the next pane, round and round."""
        shown = [pane for pane in self._panes if pane.record is not None]
        if not shown:
            return False
        place = shown.index(self._current) if self._current in shown else -1 if by > 0 else 0
        self._make_current(shown[(place + by) % len(shown)])
        return True

    def step(self, by: int) -> bool:
        """Let keys act on a pane further on; ``False`` at the end, where nothing moves."""
        place = self._panes.index(self._current) if self._current in self._panes else 0
        target = min(max(0, place + by), len(self._panes) - 1)
        if target == place or not self._panes:
            return False
        self._make_current(self._panes[target])
        return True

    def columns(self) -> int:
        """Panes side by side."""
        return self._columns

    # -- how they are looked at ----------------------------------------------------------------------------------------

    def toggle_zoom(self, scale: float | None = 1.0) -> None:
        """From fit to a scale and back, ``None`` to fit; at the cursor where that is over the current photo."""
        pane = self._leader()
        if pane is not None:
            self._step.toggle(pane, pane.canvas.cursor_place(), scale)

    def is_zoomed_to(self, scale: float | None) -> bool:
        """Whether the current photo is shown at this scale, ``None`` for fitted."""
        pane = self._leader()
        zoom = None if pane is None else pane.canvas.look.zoom
        return pane is not None and (zoom is None if scale is None else zoom == scale)

    def zoom_in(self, notches: float = 1.0) -> None:
        """Zoom in or out a little, at the cursor where that is over the current photo."""
        pane = self._leader()
        if pane is not None:
            self._step.zoom(pane, notches, pane.canvas.cursor_place())

    def pan_by(self, dx: float, dy: float) -> None:
        """Move by so many device-independent pixels."""
        pane = self._leader()
        if pane is not None:
            self._step.pan(pane, dx, dy)

    def toggle_lock(self) -> bool | None:
        """Let the current pane move alone, or with the others again; says whether it moves alone now."""
        pane = self._current
        if pane is None:
            return None
        if pane.is_alone():
            self._step.lock(pane)
        else:
            self._step.release(pane)
        self._step.request()
        return pane.is_alone()

    def moves_alone(self) -> bool:
        """Whether the current pane moves alone."""
        return self._current is not None and self._current.is_alone()

    def set_thirds(self, shown: bool) -> None:
        """Draw the lines at the thirds."""
        self._thirds = shown
        for pane in self._panes:
            pane.canvas.thirds = shown
            pane.canvas.refresh()

    def set_heat_map(self, photo_id: int, rows: int, columns: int, weights: Sequence[float]) -> None:
        """Lay where the model looks over one of the photos."""
        pane = self._pane_of(photo_id)
        if pane is not None:
            self.clear_heat_map()
            pane.canvas.heat = heat_map_image(attention_rows(rows, columns, weights))
            pane.canvas.refresh()

    def clear_heat_map(self) -> None:
        """Show the photos alone."""
        for pane in self._panes:
            pane.canvas.heat = QImage()
            pane.canvas.refresh()

    # -- keys and size -------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Take Up and Down in a comparison before the window's commands do: there they decide, and once a press."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._decides(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Up and Down decide between two photos; arrows with Shift move them. The rest is the window's."""
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if self._decides(event):
            if not event.isAutoRepeat():
                (self.promote_wanted if key == Qt.Key.Key_Up else self.keep_wanted).emit()
        elif modifiers == Qt.KeyboardModifier.ShiftModifier and key in PAN_KEYS:
            self.pan_step(*PAN_KEYS[key])
        else:
            event.ignore()

    def pan_step(self, across: int, down: int) -> None:
        """Move all photos in step by a share of a pane."""
        pane = self._leader()
        if pane is not None:
            self.pan_by(across * PAN_STEP * pane.canvas.width(), down * PAN_STEP * pane.canvas.height())

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Hand the keyboard to the current pane, which a screen reader can read."""
        super().focusInEvent(event)
        if self._current is not None:
            self._current.setFocus()

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802
        """Tab leads to a pane, also while none is current."""
        return self.turn(1 if forward else -1)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Decode what was only noted while hidden."""
        super().showEvent(event)
        self._arrange()
        self._step.request()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """The floor has its size after this widget's own resize."""
        if event.type() == QEvent.Type.Resize:
            self._arrange()
            self._step.request()
        return super().eventFilter(watched, event)

    def _decides(self, event: QKeyEvent) -> bool:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return not self.is_survey and plain and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _have_panes(self, count: int) -> None:
        while len(self._panes) > count:
            self._drop(self._panes.pop())
        while len(self._panes) < count:
            self._panes.append(self._new_pane())

    def _keep_panes_of(self, photo_ids: list[int]) -> None:
        """As many panes as photos; one that shows a photo already stays with it, and so with its own look."""
        free = {pane.photo_id(): pane for pane in self._panes if pane.photo_id() in photo_ids}
        spare = [pane for pane in self._panes if pane not in free.values()]
        self._panes[:] = [free.get(photo_id) or (spare.pop() if spare else self._new_pane()) for photo_id in photo_ids]
        for pane in spare:
            self._drop(pane)

    def _new_pane(self) -> PhotoPane:
        pane = PhotoPane(self._images, self._floor)
        canvas = pane.canvas
        canvas.thirds = self._thirds
        pane.entered.connect(lambda: self._make_current(pane))
        pane.turned.connect(self.turn)
        pane.clicked.connect(lambda at: self._step.toggle(pane, at))
        canvas.dragged.connect(lambda step: self._step.pan(pane, step.x(), step.y()))
        canvas.wheeled.connect(lambda notches, at: self._step.zoom(pane, notches, at))
        canvas.resized.connect(lambda: self._step.follow(pane))
        return pane

    def _drop(self, pane: PhotoPane) -> None:
        if self._current is pane:
            self._current = None
        if pane.hasFocus():
            # A widget that goes hands the keyboard on by itself, to whatever comes next.
            self.setFocus()
        pane.hide()
        pane.deleteLater()

    def _put(self, pane: PhotoPane, record: PhotoRecord, preview: PreviewOf, role: str) -> None:
        if pane.photo_id() == record.id:
            pane.update_record(record)
        else:
            pane.show_photo(record, preview(record.id))
        pane.show_role(role, crowned=role == _(CHAMPION))
        self._step.follow(pane)

    def _settle(self) -> None:
        """Say, arrange and decode what is shown now."""
        self._say_differences()
        self._arrange()
        self._step.request()

    def _say_differences(self) -> None:
        shown = [pane.record for pane in self._panes if pane.record is not None]
        best = best_of(shown)
        for pane in self._panes:
            if pane.record is None or best is None:
                continue
            if self.is_survey:
                other = None if pane.record.id == best.id else best
                pane.show_beside(Beside(other, other, _(BEST_SHOWN) if pane.record.score is not None else ""))
            else:
                champion = self._panes[0].record
                others = [record for record in shown if record.id != pane.record.id]
                is_champion = champion is not None and pane.record.id == champion.id
                pane.show_beside(Beside(others[0] if others else None, None if is_champion else champion))

    def _arrange(self) -> None:
        if not self._panes:
            return
        room = self._floor.rect().adjusted(MARGIN, 0, -MARGIN, -MARGIN)
        tiles = self._tiles(room.width(), room.height(), caption=0)
        for _turn in range(2):  # the words decide how much room the photos have, and that decides which words there are
            caption = self._fit_captions(tiles.places[0].width, tiles.places[0].height)
            tiles = self._tiles(room.width(), room.height(), caption)
        self._columns = tiles.columns
        for pane, place in zip(self._panes, tiles.places, strict=True):
            pane.setGeometry(room.left() + int(place.x), room.top() + int(place.y), int(place.width), int(place.height))
            pane.show()

    def _tiles(self, width: float, height: float, caption: float) -> Tiles:
        shapes = [pane.canvas.look.photo_width / pane.canvas.look.photo_height for pane in self._panes]
        return tile(shapes, width, height, caption, GAP, columns=None if self.is_survey else 2)

    def _fit_captions(self, width: float, height: float) -> int:
        """Say as much under each photo as a pane of this size has room for; all panes alike."""
        full = not self.is_survey and height >= FULL_FROM
        in_series = any(
            pane.record is not None and (pane.record.series_size > 1 or pane.record.reasons) for pane in self._panes
        )
        for pane in self._panes:
            pane.caption.set_full(full=full)
            pane.caption.fit_width(round(width))
            pane.caption.set_lines(settings=height >= SETTINGS_FROM, place=in_series and height >= PLACE_FROM)
        tallest = max(pane.caption.sizeHint().height() for pane in self._panes)
        for pane in self._panes:
            pane.caption.setFixedHeight(tallest)
        return tallest

    def _make_current(self, pane: PhotoPane | None) -> None:
        """Let keys act on this pane, and follow with the keyboard where it is in here."""
        if pane is not None and pane.record is None:
            return
        self._current = pane
        for each in self._panes:
            each.set_current(current=each is pane)
        focus = self.window().focusWidget()
        if focus is not None and (focus is self or self.isAncestorOf(focus)):
            target: QWidget = self if pane is None else pane
            if focus is not target:
                target.setFocus()
        told = -1 if pane is None else pane.photo_id() or -1
        if told != self._told:
            self._told = told
            self.current_photo_changed.emit(told)

    def _leader(self) -> PhotoPane | None:
        """The pane that keys zoom and move: the current one, or else the champion."""
        return self._current or (self._panes[0] if self._panes else None)

    def _pane_of(self, photo_id: int | None) -> PhotoPane | None:
        return next((pane for pane in self._panes if pane.record is not None and pane.photo_id() == photo_id), None)

    def _on_loaded(self, path: str, _problem: str = "") -> None:
        for pane in self._panes:
            if pane.record is not None and str(pane.record.path) == path:
                pane.canvas.take_pixels()
                self._step.follow(pane)
