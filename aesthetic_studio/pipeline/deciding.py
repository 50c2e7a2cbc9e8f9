"""What a decision about photos is called, in the window's menu and on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.records import Flag, Label
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from aesthetic_studio.records import VerdictChange

FLAGGING = {
    Flag.PICK: kept("undo", "picking {photos}"),
    Flag.REJECT: kept("undo", "rejecting {photos}"),
    Flag.NONE: kept("undo", "unflagging {photos}"),
}
LABELLING = {
    Label.NONE: kept("undo", "clearing the label of {photos}"),
    Label.RED: kept("undo", "labelling {photos} red"),
    Label.YELLOW: kept("undo", "labelling {photos} yellow"),
    Label.GREEN: kept("undo", "labelling {photos} green"),
    Label.BLUE: kept("undo", "labelling {photos} blue"),
    Label.PURPLE: kept("undo", "labelling {photos} purple"),
}


def title_of(change: VerdictChange, count: int) -> str:
    """Name a decision as it stands after "Undo": ``rating 3 photos ★★★★``."""
    photos = kept("undo", "1 photo") if count == 1 else kept("undo", "{number} photos").format(number=f"{count:,}")
    if change.rating is not None:
        title = (
            kept("undo", "rating {photos} {stars}") if change.rating else kept("undo", "clearing the stars of {photos}")
        )
    elif change.flag is not None:
        title = FLAGGING[change.flag]
    else:
        title = LABELLING[change.label or Label.NONE]
    return title.format(photos=photos, stars="★" * (change.rating or 0))
