"""A plan becomes picks and rejects by the verdicts as they are, and never overrules what was decided since."""

from __future__ import annotations

from aesthetic_studio.curation.cull.changes import changes_for
from aesthetic_studio.curation.cull.records import Fate
from aesthetic_studio.records import Flag, Label, Verdict, VerdictChange

PICK, REJECT, UNFLAG = (VerdictChange(flag=flag) for flag in (Flag.PICK, Flag.REJECT, Flag.NONE))
FATES = {1: Fate.KEPT, 2: Fate.GONE, 3: Fate.LEFT}
BEFORE = {photo: Verdict() for photo in FATES}


def test_what_is_kept_becomes_a_pick_and_what_goes_a_reject():
    found = changes_for(FATES, BEFORE, BEFORE, reject_others=True)
    assert found.changes == {PICK: [1], REJECT: [2]}
    assert (found.kept, found.gone, found.decided_since, found.vanished) == ((1,), (2,), (), ())


def test_picking_alone_rejects_nothing_and_takes_back_a_pick_that_is_to_go():
    before = {**BEFORE, 4: Verdict(flag=Flag.PICK)}
    found = changes_for({**FATES, 4: Fate.GONE}, before, before, reject_others=False)
    assert found.changes == {PICK: [1], UNFLAG: [4]}


def test_what_was_decided_since_is_left_as_it_is():
    now = {1: Verdict(flag=Flag.REJECT), 2: Verdict(rating=5), 3: Verdict()}
    found = changes_for(FATES, BEFORE, now, reject_others=True)
    assert found.changes == {}
    assert found.decided_since == (1, 2)


def test_what_was_decided_so_already_needs_no_change_and_counts():
    now = {1: Verdict(flag=Flag.PICK), 2: Verdict(flag=Flag.REJECT)}
    found = changes_for({1: Fate.KEPT, 2: Fate.GONE}, BEFORE, now, reject_others=True)
    assert (found.changes, found.kept, found.gone, found.decided_since) == ({}, (1,), (2,), ())


def test_a_label_is_no_decision_about_keeping():
    found = changes_for(FATES, BEFORE, {**BEFORE, 1: Verdict(label=Label.RED)}, reject_others=True)
    assert found.changes[PICK] == [1]


def test_what_vanished_is_told():
    found = changes_for(FATES, BEFORE, {2: Verdict()}, reject_others=True)
    assert found.vanished == (1,)
    assert found.changes == {REJECT: [2]}
