"""The frames of one series side by side, best first or as shot, each with its reasons; keys act on the current one.

Pictures come twice: the catalogue's preview at once, then the photo's own pixels at the size of the card, since
sharpness is what frames of a burst differ in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from aesthetic_studio.curation.timeline import as_shot
from aesthetic_studio.desktop.burst.card import FrameCard
from aesthetic_studio.desktop.burst.header import BurstHeader, CurrentFrame, title_of
from aesthetic_studio.desktop.grid.thumbnails import PreviewReader, ThumbnailProvider
from aesthetic_studio.desktop.loupe.images import LoadPhoto, LoupeImages
from aesthetic_studio.records import PREVIEW_LONG_SIDE, PhotoRecord, PhotoState
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PySide6.QtGui import QAction

CARD_WIDTH = 300
"""The narrowest a card may be where there are several."""

CARD_WORDS = 150
"""Room for the words below a picture when a single row of cards is to be seen whole."""

ROOM_FOR_WORDS = 480
"""Height of the view from which on the current frame's words have a place of their own."""

CARDS_AT_ONCE = 12
"""More cards are made when these are on screen, so that a burst of hundreds opens at once."""

BUDGET_BYTES = 192 * 1024 * 1024


class _FrameArea(QScrollArea):
    """Scrolls the cards, and leaves the arrow keys to the view: they lead from frame to frame."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Let every key pass to the view."""
        event.ignore()


class BurstView(QWidget):
    """A series, frame by frame.

    Signals:
        current_photo_changed: The frame that keys act on, −1 for none.
        photo_opened: Double click or Enter: show this frame in the loupe.
        best_chosen: The person wants this frame to stand for the burst, whatever was found best.
    """

    current_photo_changed = Signal(int)
    photo_opened = Signal(int)
    best_chosen = Signal(int)

    def __init__(
        self,
        open_reader: Callable[[], PreviewReader] | None = None,
        parent: QWidget | None = None,
        *,
        load: LoadPhoto | None = None,
    ) -> None:
        """``open_reader`` gives the catalogue's previews; without it only the files themselves are shown."""
        super().__init__(parent)
        self._previews = None if open_reader is None else ThumbnailProvider(open_reader, self)
        self._images = LoupeImages(load, self, budget_bytes=BUDGET_BYTES)
        self._records: list[PhotoRecord] = []
        self._cards: list[FrameCard] = []
        self._current = -1
        self._columns = 0
        self._as_shot = False
        self._header, self._about = BurstHeader(self), CurrentFrame(self)
        self._area, self._inside = _FrameArea(self), QWidget()
        self._grid = QGridLayout(self._inside)
        self._more = QTimer(self)
        self._more.setInterval(0)
        self._more.timeout.connect(self._on_more)
        self._build()
        self._images.loaded.connect(self._on_loaded)
        if self._previews is not None:
            self._previews.thumbnail_ready.connect(self._on_preview)

    def _build(self) -> None:
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.viewport().installEventFilter(self)
        self._inside.setObjectName("burstFrames")
        # Frames follow each other as the photos in the grid do, and as the arrow keys walk them.
        self._inside.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setObjectName("burstView")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._grid.setContentsMargins(14, 4, 14, 14)
        self._grid.setSpacing(12)
        self._area.setWidget(self._inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        # The words wrap and the cards scroll: what they would like must never make the window wider.
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        layout.addWidget(self._header)
        layout.addWidget(self._area, 1)
        layout.addWidget(self._about)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Frames of a series"))
        self.setAccessibleDescription(_("Arrow keys move between frames, Enter opens one in the loupe."))
        self._area.verticalScrollBar().valueChanged.connect(self._request)

    # -- what the window asks ------------------------------------------------------------

    def add_buttons(self, actions: Mapping[str, QAction]) -> None:
        """Offer these commands, each by a short text, above the frames."""
        self._header.add_buttons(actions)

    def show_series(self, records: Sequence[PhotoRecord], current: int | None = None) -> None:
        """Show these frames, given in order of rank; ``current`` (else the best, else the first) becomes current."""
        records = as_shot(records) if self._as_shot else list(records)
        had_keyboard = self.isAncestorOf(self.window().focusWidget() or self.window())
        if self._reorder([record.id for record in records]):
            self._records = records
            for card, record in zip(self._cards, records, strict=False):
                card.show_record(record)
        else:
            self._replace(records)
        self._header.show_series(records, as_shot=self._as_shot)
        self.setAccessibleName(title_of(records))
        kept = current if current is not None else self._current_or_best()
        if not self.set_current_id(kept):
            self.set_current_id(self._current_or_best())
        if had_keyboard and not self.isAncestorOf(self.window().focusWidget() or self.window()):
            self.setFocus()  # it left with the card that had it
        self._show_about()
        self._arrange(force=True)
        self._request()

    def set_as_shot(self, *, as_shot: bool) -> None:
        """Show frames in the order of shooting, or of rank; another series too, until told otherwise."""
        if as_shot != self._as_shot:
            self._as_shot = as_shot
            by_rank = sorted(self._records, key=lambda record: record.series_rank or 0)
            self.show_series(by_rank, self.current_id())

    def is_set_as_shot(self) -> bool:
        """Whether frames are to stand in the order of shooting."""
        return self._as_shot

    def is_as_shot(self) -> bool:
        """Whether they do stand so, asked for or by their rank."""
        return self._records == as_shot(self._records)

    def neighbours(self) -> list[int]:
        """The other frames, those after the current one first."""
        ids, place = [record.id for record in self._records], self._place_of(self._current)
        return [*ids[place + 1 :], *ids[: max(0, place)][::-1]]

    def ids_ahead(self) -> list[int]:
        """The frames after the current one, as they are shown."""
        return [record.id for record in self._records[self._place_of(self._current) + 1 :]]

    def current_id(self) -> int | None:
        """The frame that keys act on."""
        return None if self._current < 0 else self._current

    def set_current_id(self, photo_id: int) -> bool:
        """Make a frame current and show it; ``False`` where it is not of this series."""
        place = self._place_of(photo_id)
        if place < 0:
            return False
        self._make_cards(place + 1)
        changed, self._current = photo_id != self._current, photo_id
        for card in self._cards:
            card.set_current(card.record.id == photo_id)
        card = self._cards[place]
        if self.isVisible():
            self._inside.adjustSize() if self._more.isActive() else None
            self._area.ensureWidgetVisible(card, 0, 24)
            if self.hasFocus() or self.isAncestorOf(self.window().focusWidget() or self.window()):
                card.setFocus()
        self._show_about()
        if changed:
            self.current_photo_changed.emit(photo_id)
        return True

    def step(self, by: int) -> bool:
        """Go on by so many frames; ``False`` at the end, where nothing moves."""
        place = self._place_of(self._current)
        target = min(max(0, place + by), len(self._records) - 1)
        if place < 0 or target == place:
            return False
        return self.set_current_id(self._records[target].id)

    def choose_current(self) -> None:
        """Make the current frame the best, as its button does."""
        if self._current >= 0:
            self.best_chosen.emit(self._current)

    def columns(self) -> int:
        """Cards side by side."""
        return max(1, self._columns)

    def clear(self) -> None:
        """Show no series."""
        self._replace([])
        self._header.show_series([], as_shot=self._as_shot)
        self._show_about()

    def close_workers(self) -> None:
        """End the decoding threads."""
        self._more.stop()
        self._images.close()
        if self._previews is not None:
            self._previews.close()

    # -- keys ------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows, Home and End move between frames, Enter opens one. The rest is the window's."""
        key, count = Qt.Key(event.key()), len(self._records)
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self.columns(),
            Qt.Key.Key_Down: self.columns(),
            Qt.Key.Key_Home: -count,
            Qt.Key.Key_End: count,
        }
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            event.ignore()
        elif key in steps:
            self.step(steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current >= 0:
            self.photo_opened.emit(self._current)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Hand the keyboard to the current frame's card, which a screen reader can read."""
        super().focusInEvent(event)
        place = self._place_of(self._current)
        if 0 <= place < len(self._cards):
            self._cards[place].setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Arrange the cards for the new width; where the view is low, they need its height more than the words do."""
        super().resizeEvent(event)
        self._about.setVisible(self.height() >= ROOM_FOR_WORDS)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Decode what was only noted while hidden."""
        super().showEvent(event)
        self._arrange(force=True)
        self._request()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """The scroll area's own resize comes after this widget's."""
        if event.type() == QEvent.Type.Resize:
            self._arrange()
        return super().eventFilter(watched, event)

    # -- how it is done ------------------------------------------------------------------------

    def _show_about(self) -> None:
        place = self._place_of(self._current)
        self._about.show_frame(self._records[place] if place >= 0 else None, len(self._records))

    def _reorder(self, ids: list[int]) -> bool:
        """Bring the cards into this order, keyboard and pictures kept; ``False`` where they are of other frames."""
        shown = [record.id for record in self._records]
        if ids != shown and (sorted(ids) != sorted(shown) or len(self._cards) < len(ids)):
            return False
        if ids != shown:
            self._cards.sort(key=lambda card: ids.index(card.record.id))
        return True

    def _replace(self, records: list[PhotoRecord]) -> None:
        for card in self._cards:
            self._grid.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = []
        self._records = records
        self._current = -1
        self._area.verticalScrollBar().setValue(0)
        self._make_cards(min(CARDS_AT_ONCE, len(records)))
        if len(self._cards) < len(records):
            self._more.start()

    def _make_cards(self, count: int) -> None:
        for record in self._records[len(self._cards) : count]:
            card = FrameCard(record, self._inside)
            card.entered.connect(self.set_current_id)
            card.opened.connect(self.photo_opened)
            card.chosen.connect(self.best_chosen)
            self._cards.append(card)
            self._place_card(len(self._cards) - 1)
            # What is decoded already is told of no more.
            self._on_preview(record.id)
            self._on_loaded(str(record.path))

    def _on_more(self) -> None:
        self._make_cards(len(self._cards) + CARDS_AT_ONCE)
        if len(self._cards) >= len(self._records):
            self._more.stop()
        self._request()

    def _arrange(self, *, force: bool = False) -> None:
        """As many columns as the width has room for, all alike; pictures as tall as fits their shape and the view."""
        width = self._area.viewport().width()
        columns = max(1, min(len(self._records), (width - 16) // (CARD_WIDTH + 12)))
        if columns != self._columns or force:
            for column in range(max(columns, self._columns)):
                self._grid.setColumnStretch(column, 1 if column < columns else 0)
            self._columns = columns
            lines = -(-len(self._records) // columns)
            for line in range(self._grid.rowCount() + 1):
                # What is left of the height goes below the last line: cards are as tall as their words.
                self._grid.setRowStretch(line, 1 if line == lines else 0)
            for place in range(len(self._cards)):
                self._place_card(place)
        for card in self._cards:
            card.set_picture_height(self._picture_height())

    def _place_card(self, place: int) -> None:
        line, column = divmod(place, self.columns())
        self._grid.addWidget(self._cards[place], line, column)
        self._cards[place].set_picture_height(self._picture_height())
        self._cards[place].show()

    def _picture_height(self) -> int:
        across = self._card_width() - 20
        shapes = [record.height / record.width for record in self._records if record.width and record.height]
        tallest = max(shapes, default=2 / 3)
        room = self._area.viewport().height() - CARD_WORDS
        return max(120, min(round(across * min(tallest, 1.5)), max(room, 160)))

    def _card_width(self) -> int:
        width = self._area.viewport().width() - 28 - 12 * (self.columns() - 1)
        return max(120, width // self.columns())

    def _request(self) -> None:
        """Wish for the pictures of the cards in sight, then of the others."""
        if not self.isVisible() or not self._cards:
            return
        top = self._area.verticalScrollBar().value()
        bottom = top + self._area.viewport().height()
        seen = [card.record for card in self._cards if card.y() < bottom and card.y() + card.height() > top]
        others = [record for record in self._records if record not in seen] if len(self._records) <= 60 else []
        wanted = [*seen, *others]
        ratio = self.devicePixelRatioF()
        if self._previews is not None:
            self._previews.want([record.id for record in wanted], side=PREVIEW_LONG_SIDE)
        side = round(max(self._card_width(), self._picture_height()) * ratio)
        present = [str(record.path) for record in wanted if record.state is PhotoState.PRESENT]
        self._images.want(present, side)

    def _on_preview(self, photo_id: int) -> None:
        pixmap = None if self._previews is None else self._previews.pixmap(photo_id)
        place = self._place_of(photo_id)
        if pixmap is not None and 0 <= place < len(self._cards):
            self._cards[place].picture.show_preview(pixmap.toImage())

    def _on_loaded(self, path: str) -> None:
        decoded = self._images.image(path)
        for card in self._cards:
            if decoded is not None and str(card.record.path) == path:
                width = card.picture.width() * self.devicePixelRatioF()
                card.picture.show_photo(QImage(decoded.level_for(width)))

    def _place_of(self, photo_id: int) -> int:
        return next((place for place, record in enumerate(self._records) if record.id == photo_id), -1)

    def _current_or_best(self) -> int:
        if self._place_of(self._current) >= 0:
            return self._current
        best = next((record.id for record in self._records if record.best_of_series), -1)
        return best if best >= 0 or not self._records else self._records[0].id
