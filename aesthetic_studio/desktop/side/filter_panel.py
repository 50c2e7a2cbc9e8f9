"""The filter: every field that is set must hold. What is asked for most is in sight, the rest behind *More*."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QToolButton, QVBoxLayout, QWidget

from aesthetic_studio.albums import Comparison, PhotoFilter
from aesthetic_studio.desktop.inspector.parts import heading_label
from aesthetic_studio.desktop.side.field_parts import caption
from aesthetic_studio.desktop.side.fields import (
    FOCAL_STOPS,
    ISO_STOPS,
    ChoiceField,
    DayField,
    FacesField,
    Field,
    RangeField,
    StarsField,
    StateField,
    TextField,
    flags_field,
    groups_field,
    labels_field,
)
from aesthetic_studio.desktop.toolkit.controls import named, push_button
from aesthetic_studio.desktop.toolkit.theme import icon
from aesthetic_studio.translation import N_, _, pgettext

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

LOWEST, HIGHEST = 1.0, 10.0
WIDEST_SPREAD = 4.5
SPREAD_TIP = N_("By how much people would disagree")
SHARPNESS_TIP = N_(
    "Per cent of your library, from the softest photo to the sharpest. There is no sharp or soft "
    "in numbers: soft light and shallow focus are no faults."
)


class FilterPanel(QWidget):
    """The filter's fields.

    Signals:
        filter_changed: The ``PhotoFilter``; its folders are those last given by ``set_folders``.
        show_all_wanted: Clear the filter, and whatever else hides photos.
        left: Enter was pressed in the text: the keyboard may go back to the photos.
    """

    filter_changed = Signal(object)
    show_all_wanted = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filterPanel")
        self._wanted = PhotoFilter()
        self._text = TextField()
        self._camera = ChoiceField(_("Ca&mera"), "camera", _("Camera"), _("Any camera"))
        self._lens = ChoiceField(_("Le&ns"), "lens", _("Lens"), _("Any lens"))
        self._days = [
            DayField(_("Ta&ken"), _("First day"), last=False),
            DayField(pgettext("from … to …", "to"), _("Last day"), last=True),
        ]
        self._first: list[Field] = [
            RangeField(_("S&core"), _("score"), "score", LOWEST, HIGHEST, tip=_("From 1 to 10")),
            StarsField(),
            flags_field(),
            labels_field(),
        ]
        self._rest: list[Field] = [
            *self._days,
            self._camera,
            self._lens,
            RangeField(
                _("F&ocal"), _("focal length"), "focal", 0, 9999, suffix=" mm", stops=FOCAL_STOPS, any_below=True,
                decimals=0, tip=_("Millimetres, as the camera states them"),
            ),
            RangeField(_("&ISO"), "ISO", "iso", 0, 9_999_999, stops=ISO_STOPS, any_below=True, decimals=0, whole=True),
            RangeField(_("Sp&read"), _("spread"), "spread", 0.0, WIDEST_SPREAD, tip=_(SPREAD_TIP)),
            RangeField(
                _("&Sharpness"), _("sharpness"), "sharpness", 0, 100, suffix=" %", stops=range(0, 101, 5), decimals=0,
                tip=_(SHARPNESS_TIP),
            ),
            FacesField(),
            groups_field(),
            StateField(),
        ]  # fmt: skip
        self._more = self._make_more()
        self._folded = QWidget()
        self._clear = push_button(_("Clear all filters"), "clearFilters")
        self._arrange()
        self._connect()
        self.set_more_shown(shown=False)
        self._show_state()

    # -- what others ask ---------------------------------------------------------------------------------------------

    def filter(self) -> PhotoFilter:
        """Return the filter as it stands now."""
        return self._wanted

    def set_folders(self, folders: Sequence[str]) -> None:
        """Narrow the filter to these folders; empty for all."""
        if tuple(folders) != self._wanted.folders:
            self._change(replace(self._wanted, folders=tuple(folders)))

    def set_cameras(self, cameras: Sequence[tuple[str, int]]) -> None:
        """Offer these cameras with their counts, keeping the one that is chosen."""
        self._camera.offer(cameras, self._wanted)

    def set_lenses(self, lenses: Sequence[tuple[str, int]]) -> None:
        """Offer these lenses with their counts, keeping the one that is chosen."""
        self._lens.offer(lenses, self._wanted)

    def set_days(self, days: tuple[datetime, datetime] | None) -> None:
        """Say when the library's first and last photo were taken."""
        if days is not None:
            for field in self._days:
                field.set_days(*days)

    def focus_text(self) -> None:
        """Put the cursor into the text field."""
        self._text.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._text.line.selectAll()

    def clear(self) -> None:
        """Show everything of the chosen folders again."""
        self.set_filter(PhotoFilter(folders=self._wanted.folders))

    def set_filter(self, wanted: PhotoFilter) -> None:
        """Set every field at once and say so once."""
        if wanted.rating == 0 and wanted.rating_comparison is Comparison.AT_LEAST:
            # "Unrated or more" would be everything: unrated always means exactly that.
            wanted = replace(wanted, rating_comparison=Comparison.EXACTLY)
        elif wanted.rating is None:
            wanted = replace(wanted, rating_comparison=Comparison.AT_LEAST)
        for field in self._fields():
            field.show(wanted)
        self._change(wanted)

    def more_shown(self) -> bool:
        """Whether the fields behind *More* are in sight."""
        return self._more.isChecked()

    def set_more_shown(self, *, shown: bool) -> None:
        """Unfold the fields behind *More*, or fold them away."""
        self._more.setChecked(shown)
        self._folded.setVisible(shown)
        self._more.setIcon(icon("branch-open" if shown else "branch-closed"))

    # -- how it is made ----------------------------------------------------------------------------------------------

    def _fields(self) -> list[Field]:
        return [self._text, *self._first, *self._rest]

    def _make_more(self) -> QToolButton:
        button = named(QToolButton(), "moreFilters")
        button.setCheckable(True)
        button.setProperty("role", "fold")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _arrange(self) -> None:
        folded = _form(self._rest)
        folded.setContentsMargins(0, 2, 0, 0)
        self._folded.setLayout(folded)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addWidget(heading_label(_("Filter")))
        layout.addWidget(self._text.widget)
        layout.addLayout(_form(self._first))
        layout.addWidget(self._more)
        layout.addWidget(self._folded)
        layout.addWidget(self._clear)

    def _connect(self) -> None:
        for field in self._fields():
            field.edited.connect(partial(self._on_edited, field))
        self._text.line.returnPressed.connect(self.left)
        self._more.toggled.connect(lambda shown: self.set_more_shown(shown=shown))
        self._clear.clicked.connect(self.show_all_wanted)

    def _on_edited(self, field: Field) -> None:
        self._change(field.applied(self._wanted))

    def _change(self, wanted: PhotoFilter) -> None:
        self._wanted = wanted
        self._show_state()
        self.filter_changed.emit(wanted)

    def _show_state(self) -> None:
        """Say how many of the folded fields filter, so that none does so unseen."""
        self._clear.setEnabled(replace(self._wanted, folders=()) != PhotoFilter())
        behind = _names_behind_more()
        nothing = PhotoFilter()
        names = {
            behind[each.name]
            for each in fields(PhotoFilter)
            if each.name in behind and getattr(self._wanted, each.name) != getattr(nothing, each.name)
        }
        self._more.setText(_("More · {count} on").format(count=len(names)) if names else _("More"))
        self._more.setAccessibleName(
            _("More filters, {count} on").format(count=len(names)) if names else _("More filters")
        )


def _names_behind_more() -> dict[str, str]:
    """The filter's fields that have their place behind *More*, each by the one thing that it is a side of."""
    sides = {"taken_from": "taken", "taken_before": "taken", "eyes_closed": "faces"}
    for name in ("focal", "iso", "spread", "sharpness", "faces"):
        sides |= {f"{name}_at_least": name, f"{name}_at_most": name}
    return sides | {name: name for name in ("camera", "lens", "groups", "states")}


def _form(rows: Sequence[Field]) -> QFormLayout:
    form = QFormLayout()
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(8)
    form.setVerticalSpacing(7)
    for field in rows:
        form.addRow(caption(field.caption, field.buddy), field.widget)
    return form
