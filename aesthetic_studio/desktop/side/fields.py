"""The filter's fields: each shows its part of a ``PhotoFilter`` and, once edited, says that part anew.

A field that is not edited changes nothing: what it cannot show whole (a moment, where it shows days) stays as it was.
A field that is added to the filter needs one of these and its line in ``FilterPanel``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDate, QEvent, QObject, QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from aesthetic_studio.albums import Comparison, GroupKind, PhotoFilter
from aesthetic_studio.desktop.grid.glyphs import SERIES_GLYPHS
from aesthetic_studio.desktop.side.field_parts import (
    ANY,
    DayBox,
    NumberBox,
    combo,
    glyph_icon,
    row,
    swatch,
    text_field,
    toggle,
)
from aesthetic_studio.desktop.toolkit.theme import icon
from aesthetic_studio.desktop.toolkit.words import FLAG_NAMES, GROUP_NAMES, STAR, STATE_NAMES, label_name
from aesthetic_studio.paths import shown
from aesthetic_studio.records import Flag, Label
from aesthetic_studio.translation import N_, _, pgettext, whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TYPING_PAUSE_MS = 150
"""How long the typing rests before the album follows it."""
COMBO_EDGES = 54
"""What a combo box needs beside its text, which Qt does not count where a style sheet pads it."""
FLAG_ICONS = {Flag.PICK: "pick", Flag.NONE: "unflag", Flag.REJECT: "reject"}
ISO_STOPS = [round(100 * 2**stop) for stop in range(-1, 11)]
FOCAL_STOPS = [8, 10, 12, 14, 16, 20, 24, 28, 35, 50, 70, 85, 100, 135, 200, 300, 400, 500, 600, 800]


class Field(QObject):
    """One field of the filter.

    Attributes:
        caption: The word in front of it, with the letter that Alt takes one to it.
        widget: What stands behind the word.
        buddy: What takes the keyboard.

    Signals:
        edited: The person changed it.
    """

    edited = Signal()

    def __init__(self, caption: str, widget: QWidget, buddy: QWidget) -> None:
        super().__init__(widget)
        self.caption, self.widget, self.buddy = caption, widget, buddy

    def show(self, wanted: PhotoFilter) -> None:
        """Show this field's part of a filter, without ``edited``."""
        raise NotImplementedError

    def applied(self, wanted: PhotoFilter) -> PhotoFilter:
        """The filter with this field's part as it stands now."""
        raise NotImplementedError


class TextField(Field):
    """Words that must occur."""

    def __init__(self) -> None:
        self.line = text_field(_("Find text"), _("Name, words, folder, camera…"))
        super().__init__("", self.line, self.line)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_PAUSE_MS)
        self._typing.timeout.connect(self.edited)
        self.line.textChanged.connect(self._typing.start)
        self.line.returnPressed.connect(self._on_return)

    def show(self, wanted: PhotoFilter) -> None:
        """Show the words; what is being typed is dropped for them."""
        self._typing.stop()
        if self.line.text().strip() != wanted.text:
            with QSignalBlocker(self.line):
                self.line.setText(wanted.text)

    def applied(self, wanted: PhotoFilter) -> PhotoFilter:
        """The filter with these words."""
        return replace(wanted, text=self.line.text().strip())

    def _on_return(self) -> None:
        self._typing.stop()
        self.edited.emit()


class RangeField(Field):
    """Two numbers; one that stands at its open end bounds nothing.

    Args:
        caption: The word in front.
        name: What is bounded, ``"score"``.
        attribute: The filter's fields are this with ``_at_least`` and ``_at_most`` behind.
        lowest, highest: The range of the numbers; the open ends, unless ``any_below`` is set.
        any_below: Both are open at the lowest number, which says ``any``.
        whole: The filter takes integers.
    """

    def __init__(
        self,
        caption: str,
        name: str,
        attribute: str,
        lowest: float,
        highest: float,
        *,
        decimals: int = 1,
        suffix: str = "",
        stops: Sequence[float] = (),
        any_below: bool = False,
        whole: bool = False,
        tip: str = "",
    ) -> None:
        kinds: dict[str, Any] = {"decimals": decimals, "stops": stops, "suffix": suffix}
        self._least = NumberBox(_("Lowest {name}").format(name=name), lowest, highest, **kinds)
        self._most = NumberBox(_("Highest {name}").format(name=name), lowest, highest, **kinds)
        super().__init__(caption, row(self._least, QLabel(pgettext("from … to …", "to")), self._most), self._least)
        self._attribute, self._whole = attribute, whole
        self._open = (lowest, lowest if any_below else highest)
        self._shown: dict[str, tuple[float | None, float]] = {}
        for box, end in zip((self._least, self._most), self._open, strict=True):
            if any_below:
                box.setSpecialValueText(_(ANY))
            if tip:
                box.setToolTip(f"{box.toolTip()}. {tip}")
            box.setValue(end)
            box.valueChanged.connect(self.edited)

    def show(self, wanted: PhotoFilter) -> None:
        """Show the bounds."""
        for box, name, end in self._parts():
            bound = getattr(wanted, name)
            with QSignalBlocker(box):
                box.setValue(end if bound is None else bound)
            self._shown[name] = bound, box.value()

    def applied(self, wanted: PhotoFilter) -> PhotoFilter:
        """The filter with these bounds; one whose number still stands as it was shown stays with all its digits."""
        bounds: dict[str, float | None] = {}
        for box, name, end in self._parts():
            before, value = getattr(wanted, name), box.value()
            if (before, value) == self._shown.get(name):
                bounds[name] = before
            elif value == end:
                bounds[name] = None
            else:
                bounds[name] = int(value) if self._whole else value
        return replace(wanted, **bounds)  # type: ignore[arg-type]

    def _parts(self) -> list[tuple[NumberBox, str, float]]:
        names = (f"{self._attribute}_at_least", f"{self._attribute}_at_most")
        return list(zip((self._least, self._most), names, self._open, strict=True))


class StarsField(Field):
    """So many stars: or more, exactly, or fewer."""

    def __init__(self) -> None:
        self._rating = combo(_("Stars"), [_("Any"), _("Unrated"), *(STAR * number for number in range(1, 6))])
        comparisons = [_("or more"), _("exactly"), _("or fewer")]
        self._comparison = combo(_("How stars compare"), comparisons)
        super().__init__(_("S&tars"), row(self._rating, self._comparison), self._rating)
        self._rating.setMinimumWidth(COMBO_EDGES)
        width = max(map(self._comparison.fontMetrics().horizontalAdvance, comparisons)) + COMBO_EDGES
        self._comparison.setMinimumWidth(width)
        self._comparison.setEnabled(False)
        self._rating.currentIndexChanged.connect(self._on_rating_changed)
        self._comparison.currentIndexChanged.connect(self.edited)

    def show(self, wanted: PhotoFilter) -> None:
        """Show the stars and how they compare."""
        with QSignalBlocker(self._rating), QSignalBlocker(self._comparison):
            self._rating.setCurrentIndex(0 if wanted.rating is None else wanted.rating + 1)
            self._comparison.setCurrentIndex(COMPARISONS.index(wanted.rating_comparison))
            self._comparison.setEnabled(bool(wanted.rating))

    def applied(self, wanted: PhotoFilter) -> PhotoFilter:
        """The filter with these stars; unrated always means exactly that."""
        rating = self._rating.currentIndex() - 1
        comparison = Comparison.EXACTLY if rating == 0 else COMPARISONS[self._comparison.currentIndex()]
        if rating < 0:
            return replace(wanted, rating=None, rating_comparison=Comparison.AT_LEAST)
        return replace(wanted, rating=rating, rating_comparison=comparison)

    def _on_rating_changed(self, place: int) -> None:
        self._comparison.setEnabled(place > 1)
        self.edited.emit()


COMPARISONS = [Comparison.AT_LEAST, Comparison.EXACTLY, Comparison.AT_MOST]


class ToggleField(Field):
    """Buttons, one for each value; none down is all of them.

    Args:
        caption: The word in front.
        attribute: The filter's field.
        buttons: By value.
    """

    def __init__(self, caption: str, attribute: str, buttons: Mapping[Any, QToolButton], *, spacing: int = 6) -> None:
        super().__init__(caption, row(*buttons.values(), spacing=spacing), next(iter(buttons.values())))
        self._attribute, self._buttons = attribute, buttons
        for button in buttons.values():
            button.toggled.connect(self.edited)

    def show(self, wanted: PhotoFilter) -> None:
        """Press the buttons of the values that are let through."""
        values = getattr(wanted, self._attribute) or ()
        for value, button in self._buttons.items():
            with QSignalBlocker(button):
                button.setChecked(value in values)

    def applied(self, wanted: PhotoFilter) -> PhotoFilter:
        """The filter with the values whose buttons are down."""
        values = frozenset(value for value, button in self._buttons.items() if button.isChecked())
        return replace(wanted, **{self._attribute: values or None})  # type: ignore[arg-type]


def flags_field() -> ToggleField:
    """Make the field of flags."""
    return ToggleField(
        _("&Flag"), "flags", {flag: toggle(FLAG_NAMES[flag], icon(picture)) for flag, picture in FLAG_ICONS.items()}
    )


def labels_field() -> ToggleField:
    """Make the field of labels."""
    return ToggleField(
        _("La&bel"), "labels", {label: toggle(label_name(label), swatch(label)) for label in Label}, spacing=2
    )


def groups_field() -> ToggleField:
    """Make the field of groups."""
    buttons = {GroupKind.SINGLE: toggle(GROUP_NAMES[GroupKind.SINGLE], icon("single"))}
    for kind, glyph in SERIES_GLYPHS.items():
        buttons[GroupKind(kind.value)] = toggle(GROUP_NAMES[GroupKind(kind.value)], glyph_icon(glyph))
    return ToggleField(_("Gro&up"), "groups", buttons, spacing=2)


class ChoiceField(Field):
    """One of the names that the library knows, with how many photos each has."""

    def __init__(self, caption: str, attribute: str, name: str, none: str) -> None:
        self._list = combo(name, [none])
        super().__init__(caption, self._list, self._list)
        self._attribute, self._none = attribute, none
        self._names: list[str] = []
        self._texts: list[str] = []
        self._list.currentIndexChanged.connect(self.edited)

    def offer(self, counts: Sequence[tuple[str, int]], wanted: PhotoFilter) -> None:
        """Offer these, keeping the one that is chosen, even where the library no longer has it."""
        chosen = getattr(wanted, self._attribute)
        names = [name for name, _count in counts]
        texts = [f"{shown(name)} ({whole(count)})" for name, count in counts]
        if chosen is not None and chosen not in names:
            names.append(chosen)
            texts.append(f"{shown(chosen)} (0)")
        if (names, texts) == (self._names, self._texts):
            return
        self._names, self._texts = names, texts
        with QSignalBlocker(self._list):
            self._list.clear()
            self._list.addItems([self._none, *texts])
            self._list.setCurrentIndex(0 if chosen is None else names.index(chosen) + 1)

    def show(self, wanted: PhotoFilter) -> None:
        """Choose the name."""
        chosen = getattr(wanted, self._attribute)
        if chosen is not None and chosen not in self._names:
            self._names.append(chosen)
            self._texts.append(f"{shown(chosen)} (0)")
            with QSignalBlocker(self._list):
                self._list.addItem(self._texts[-1])
        with QSignalBlocker(self._list):
            self._list.setCurrentIndex(0 if chosen is None else self._names.index(chosen) + 1)

    def applied(self, wanted: PhotoFilter) -> PhotoFilter:
        """The filter with the chosen name."""
        place = self._list.currentIndex() - 1
        return replace(wanted, **{self._attribute: self._names[place] if place >= 0 else None})  # type: ignore[arg-type]


class FacesField(Field):
    """How many faces were found, and whether eyes are closed."""

    def __init__(self) -> None:
        self._list = combo(_("Faces"), [_("Any"), *map(_, FACES)])
        self._list.setToolTip(_("Only photos in which faces were looked for"))
        super().__init__(_("Fac&es"), self._list, self._list)
        self._list.currentIndexChanged.connect(self.edited)

    def show(self, wanted: PhotoFilter) -> None:
        """Choose what is asked of faces; what the list has no word for shows as *Any* and stays as it is."""
        asked = {name: getattr(wanted, name) for name in ANY_FACES}
        with QSignalBlocker(self._list):
            place = next((place for place, each in enumerate(FACES.values(), 1) if ANY_FACES | each == asked), 0)
            self._list.setCurrentIndex(place)

    def applied(self, wanted: PhotoFilter) -> PhotoFilter:
        """The filter with what was chosen."""
        place = self._list.currentIndex() - 1
        return replace(wanted, **(ANY_FACES | (list(FACES.values())[place] if place >= 0 else {})))


ANY_FACES: dict[str, Any] = {"faces_at_least": None, "faces_at_most": None, "eyes_closed": None}
FACES: dict[str, dict[str, Any]] = {
    N_("With faces"): {"faces_at_least": 1},
    N_("One face"): {"faces_at_least": 1, "faces_at_most": 1},
    N_("Several faces"): {"faces_at_least": 2},
    N_("No faces"): {"faces_at_most": 0},
    N_("Eyes closed"): {"eyes_closed": True},
    N_("With faces, no eyes closed"): {"faces_at_least": 1, "eyes_closed": False},
}
"""What can be asked of faces, by its word."""


class StateField(Field):
    """Whether the file is there."""

    def __init__(self) -> None:
        self._list = combo(_("State"), [_("Any state"), *STATE_NAMES.values()])
        super().__init__(_("St&ate"), self._list, self._list)
        self._list.currentIndexChanged.connect(self.edited)

    def show(self, wanted: PhotoFilter) -> None:
        """Choose the state; several show the first of them."""
        states = sorted(wanted.states or ())
        with QSignalBlocker(self._list):
            self._list.setCurrentIndex(list(STATE_NAMES).index(states[0]) + 1 if states else 0)

    def applied(self, wanted: PhotoFilter) -> PhotoFilter:
        """The filter with the chosen state."""
        place = self._list.currentIndex() - 1
        return replace(wanted, states=frozenset({list(STATE_NAMES)[place]}) if place >= 0 else None)


class DayField(Field):
    """The first or the last day of a range; each side stands in a row of its own, for the width of a date."""

    def __init__(self, caption: str, name: str, *, last: bool) -> None:
        self._box = DayBox(name)
        super().__init__(caption, self._box, self._box)
        self._last = last
        self._box.dateChanged.connect(self.edited)
        self._box.calendarWidget().installEventFilter(self)

    def set_days(self, first: datetime, last: datetime) -> None:
        """Let the calendar open among the library's days."""
        day = last if self._last else first
        self._box.opens_at = QDate(day.year, day.month, day.day)

    def show(self, wanted: PhotoFilter) -> None:
        """Show the day that the moment lies in; a range that ends at midnight ends with the day before."""
        with QSignalBlocker(self._box):
            self._box.show_day(self._day_of(wanted))

    def applied(self, wanted: PhotoFilter) -> PhotoFilter:
        """The filter from the start of that day, or up to its end."""
        shown_day, day = self._day_of(wanted), self._box.day()
        if (None if day is None else day.toPython()) == shown_day:
            return wanted
        start = None if day is None else datetime(day.year(), day.month(), day.day())
        if not self._last:
            return replace(wanted, taken_from=start)
        return replace(wanted, taken_before=None if start is None else start + timedelta(days=1))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Show the right month when the calendar opens."""
        if event.type() == QEvent.Type.Show:
            self._box.turn_to_photos()
        return super().eventFilter(watched, event)

    def _day_of(self, wanted: PhotoFilter) -> Any:
        if not self._last:
            return None if wanted.taken_from is None else wanted.taken_from.date()
        end = wanted.taken_before
        if end is None:
            return None
        return (end - timedelta(days=1) if end.time() == time() else end).date()
