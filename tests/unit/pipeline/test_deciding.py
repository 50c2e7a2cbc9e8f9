"""A decision names itself, as it stands behind *Undo*."""

from __future__ import annotations

import pytest

from aesthetic_studio.pipeline.deciding import title_of
from aesthetic_studio.records import Flag, Label, VerdictChange


@pytest.mark.parametrize(
    ("change", "count", "title"),
    [
        (VerdictChange(rating=3), 3, "rating 3 photos ★★★"),
        (VerdictChange(rating=0), 1, "clearing the stars of 1 photo"),
        (VerdictChange(flag=Flag.PICK), 1, "picking 1 photo"),
        (VerdictChange(flag=Flag.REJECT), 1200, "rejecting 1,200 photos"),
        (VerdictChange(label=Label.RED), 2, "labelling 2 photos red"),
        (VerdictChange(label=Label.NONE), 2, "clearing the label of 2 photos"),
    ],
)
def test_a_decision_names_itself_for_undo(change: VerdictChange, count: int, title: str) -> None:
    assert title_of(change, count) == title
