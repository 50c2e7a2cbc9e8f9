"""Taking the best of bursts: what is planned, and what is never touched."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aesthetic_studio.curation.take_best import (
    BurstFrames,
    BurstPlan,
    Candidate,
    Fate,
    TakeOptions,
    Wish,
    burst_frames,
    decisions,
    plan_burst,
)
from aesthetic_studio.records import Flag, PhotoState, SeriesKind, Verdict, VerdictChange

LAW = settings(max_examples=300, deadline=None)
STATES = [PhotoState.PRESENT] * 5 + [PhotoState.OFFLINE, PhotoState.MISSING]
FRAME = st.builds(
    Candidate,
    photo_id=st.just(0),
    name=st.just("a.jpg"),
    state=st.sampled_from(STATES),
    verdict=st.builds(Verdict, rating=st.sampled_from([0, 0, 0, 1, 5]), flag=st.sampled_from(Flag)),
    best=st.just(False),
    chosen=st.just(False),
    worth=st.floats(-3, 3),
    score=st.none(),
    reasons=st.just(("a reason",)),
)
OPTIONS = st.builds(TakeOptions, second=st.booleans(), pick=st.booleans())


@st.composite
def bursts(draw, kinds=(SeriesKind.BURST,)):
    frames = draw(st.lists(FRAME, min_size=2, max_size=7))
    best, chosen = draw(st.integers(0, len(frames) - 1)), draw(st.booleans())
    return BurstFrames(
        7,
        draw(st.sampled_from(kinds)),
        "/p",
        tuple(
            replace(frame, photo_id=number, best=number == best + 1, chosen=chosen and number == best + 1)
            for number, frame in enumerate(frames, start=1)
        ),
    )


WISHES = st.dictionaries(st.integers(1, 7), st.sampled_from(Wish), max_size=4)


def applied(burst: BurstFrames, plan: BurstPlan) -> BurstFrames:
    """The burst after what was planned is decided."""
    changes, choices = decisions([plan])
    chosen = choices.get(burst.series_id)
    frames = list(burst.frames)
    for place, frame in enumerate(frames):
        for change, photos in changes.items():
            if frame.photo_id in photos:
                frames[place] = replace(frame, verdict=change.apply(frame.verdict))
        if chosen is not None:
            is_chosen = frame.photo_id == chosen
            frames[place] = replace(frames[place], best=is_chosen, chosen=is_chosen)
    return replace(burst, frames=tuple(frames))


def fates(plan: BurstPlan) -> dict[int, Fate]:
    return {frame.photo_id: frame.fate for frame in plan.frames}


@LAW
@given(burst=bursts(tuple(SeriesKind)), options=OPTIONS)
def test_what_the_person_decided_and_what_is_kept_whole_is_never_rejected(burst, options):
    plan = plan_burst(burst, options)
    changes, choices = decisions([plan])
    rejected = changes.get(VerdictChange(flag=Flag.REJECT), [])
    for frame in burst.frames:
        if frame.photo_id in rejected:
            assert burst.kind is SeriesKind.BURST
            assert (frame.verdict.flag, frame.verdict.rating) == (Flag.NONE, 0)
            assert not frame.chosen
    touched = {photo for photos in changes.values() for photo in photos}
    was_rejected = {frame.photo_id for frame in burst.frames if frame.verdict.flag is Flag.REJECT}
    assert not touched & was_rejected, "no reject is taken back"
    assert choices == {}, "the program judges nothing in the person's name"


@LAW
@given(burst=bursts(), options=OPTIONS)
def test_a_burst_keeps_a_frame_unless_the_person_rejected_all(burst, options):
    plan = plan_burst(burst, options)
    after = applied(burst, plan)
    if plan.untouched:
        assert after == burst
    else:
        assert plan.count(Fate.BEST) == 1
        best = next(f for f in after.frames if fates(plan)[f.photo_id] is Fate.BEST)
        assert best.verdict.flag is not Flag.REJECT
        assert best.state is not PhotoState.MISSING
        assert best.verdict.flag is Flag.PICK or not options.pick


@LAW
@given(burst=bursts(tuple(SeriesKind)), options=OPTIONS)
def test_done_twice_it_changes_nothing_more(burst, options):
    once = applied(burst, plan_burst(burst, options))
    assert decisions([plan_burst(once, options)]) == ({}, {})


@LAW
@given(burst=bursts(), options=OPTIONS, wishes=WISHES)
def test_a_wish_is_obeyed_and_touches_no_other_frame_but_the_best(burst, options, wishes):
    plain, wished = plan_burst(burst, options), plan_burst(burst, options, wishes)
    if plain.untouched:
        assert wished == plain
        return
    suggested = next(photo for photo, fate in fates(plain).items() if fate is Fate.BEST)
    best = next((photo for photo, fate in fates(wished).items() if fate is Fate.BEST), None)
    takes = [frame.photo_id for frame in burst.frames if wishes.get(frame.photo_id) is Wish.BEST]
    assert best in takes if takes else best == suggested or wishes.get(suggested) is Wish.REJECT
    for frame in wished.frames:
        wish = wishes.get(frame.photo_id)
        if frame.photo_id == best:
            assert wish is not Wish.REJECT
        elif wish is Wish.REJECT:
            assert frame.fate is Fate.REJECTED
        elif wish is not None:
            assert frame.fate is Fate.KEPT
        elif frame.photo_id != suggested:
            assert frame.fate is fates(plain)[frame.photo_id]
    assert wished.choice == (best if best not in (suggested, None) else None)


@LAW
@given(burst=bursts(), options=OPTIONS)
def test_at_most_one_frame_is_kept_beside_the_best_and_it_is_nearly_as_good(burst, options):
    plan = plan_burst(burst, options)
    kept = [frame.photo_id for frame in plan.frames if frame.fate is Fate.KEPT]
    assert len(kept) <= (1 if options.second else 0)
    worth = {frame.photo_id: frame.worth for frame in burst.frames}
    best = next((frame.photo_id for frame in plan.frames if frame.fate is Fate.BEST), None)
    assert all(worth[best] - worth[photo] <= 0.25 for photo in kept)


# -- stories -------------------------------------------------------------------------------------------------------


def made(*verdicts: Verdict, worth: tuple[float, ...] = (), chosen: int | None = None) -> BurstFrames:
    frames = [
        Candidate(
            number, f"{number}.jpg", PhotoState.PRESENT, verdict, number == (chosen or 1), number == chosen,
            worth[number - 1] if worth else -float(number), None, (f"reason {number}",),
        )
        for number, verdict in enumerate(verdicts, start=1)
    ]  # fmt: skip
    return BurstFrames(7, SeriesKind.BURST, "/p", tuple(frames))


PLAIN, PICK, REJECT = Verdict(), Verdict(flag=Flag.PICK), Verdict(flag=Flag.REJECT)
BEST, KEPT, GONE, LEFT = Fate.BEST, Fate.KEPT, Fate.REJECTED, Fate.LEFT


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([PLAIN, PLAIN, PLAIN], [BEST, GONE, GONE]),
        ([PLAIN, PICK, PLAIN], [GONE, BEST, GONE]),
        ([PLAIN, PICK, PICK], [GONE, BEST, LEFT]),
        ([PLAIN, Verdict(2), Verdict(4)], [GONE, LEFT, BEST]),
        ([REJECT, PLAIN, PLAIN], [LEFT, BEST, GONE]),
        ([REJECT, REJECT, PLAIN], [LEFT, LEFT, BEST]),
        ([PLAIN, Verdict(5), PICK], [GONE, LEFT, BEST]),
    ],
    ids=["undecided", "picked", "two picks", "stars", "best rejected", "one left", "a pick before stars"],
)
def test_what_the_person_said_of_frames_comes_before_the_programs_order(verdicts, expected):
    assert list(fates(plan_burst(made(*verdicts), TakeOptions())).values()) == expected


def test_a_burst_whose_frames_are_all_rejected_is_left_alone():
    plan = plan_burst(made(REJECT, REJECT), TakeOptions())
    assert plan.untouched == "you rejected every frame"
    assert plan.changes == 0


@pytest.mark.parametrize("kind", [SeriesKind.BRACKET, SeriesKind.PANORAMA, SeriesKind.FOCUS])
def test_sets_kept_whole_are_left_alone_and_it_is_said(kind):
    plan = plan_burst(replace(made(PLAIN, PLAIN), kind=kind), TakeOptions(), {1: Wish.REJECT})
    assert "kept whole" in plan.untouched
    assert plan.changes == 0


def test_each_frame_that_is_left_says_why():
    burst = made(PLAIN, PICK, Verdict(1), Verdict(3), REJECT)
    gone = replace(burst.frames[0], photo_id=6, state=PhotoState.MISSING)
    plan = plan_burst(replace(burst, frames=(*burst.frames, gone), kind=SeriesKind.BURST), TakeOptions())
    assert [frame.why for frame in plan.frames] == [
        "",
        "you picked it",
        "you gave it 1 star",
        "you gave it 3 stars",
        "rejected already",
        "its file is missing",
    ]


def test_the_second_is_kept_only_where_it_is_nearly_as_good_and_nothing_else_is_kept():
    near = made(PLAIN, PLAIN, PLAIN, worth=(1.0, 0.9, 0.8))
    assert list(fates(plan_burst(near, TakeOptions(second=True))).values()) == [BEST, KEPT, GONE]
    assert list(fates(plan_burst(near, TakeOptions())).values()) == [BEST, GONE, GONE]
    far = made(PLAIN, PLAIN, PLAIN, worth=(1.0, 0.5, 0.4))
    assert list(fates(plan_burst(far, TakeOptions(second=True))).values()) == [BEST, GONE, GONE]
    starred = made(PICK, PLAIN, Verdict(3), worth=(1.0, 0.9, 0.8))
    assert list(fates(plan_burst(starred, TakeOptions(second=True))).values()) == [BEST, GONE, LEFT]


def test_another_best_is_a_judgement_and_the_suggested_one_is_of_the_rest():
    burst = made(PLAIN, PLAIN, PLAIN)
    plan = plan_burst(burst, TakeOptions(), {3: Wish.BEST})
    assert list(fates(plan).values()) == [GONE, GONE, BEST]
    changes, choices = decisions([plan])
    assert changes == {VerdictChange(flag=Flag.REJECT): [1, 2], VerdictChange(flag=Flag.PICK): [3]}
    assert choices == {7: 3}
    swapped = plan_burst(burst, TakeOptions(), {1: Wish.REJECT, 2: Wish.KEEP})
    assert (list(fates(swapped).values()), swapped.choice) == ([GONE, BEST, GONE], 2)


def test_one_more_frame_that_is_kept_is_no_judgement_against_the_best():
    plan = plan_burst(made(PLAIN, PLAIN, PLAIN), TakeOptions(), {2: Wish.KEEP})
    assert (list(fates(plan).values()), plan.choice) == ([BEST, KEPT, GONE], None)
    assert decisions([plan])[0][VerdictChange(flag=Flag.PICK)] == [1, 2], "what a person keeps by hand is picked"


def test_without_picking_only_the_rest_is_rejected():
    changes, _ = decisions([plan_burst(made(PLAIN, PLAIN), TakeOptions(pick=False))])
    assert changes == {VerdictChange(flag=Flag.REJECT): [2]}


def test_frames_are_taken_from_records_in_order_of_rank(studio):
    frames = []
    for k in range(6):
        frame = studio.shoot(0.1 * k, score=6 - k, sharpness=0.6 - 0.1 * k, reasons=(f"place {k + 1}",))
        placed = {"series_id": 3, "series_kind": SeriesKind.BURST, "series_rank": k + 1, "best_of_series": k == 0}
        frames.append(replace(frame, **placed))
    burst = burst_frames(frames)
    assert (burst.series_id, burst.kind, len(burst.frames)) == (3, SeriesKind.BURST, 6)
    worth = [frame.worth for frame in burst.frames]
    assert worth == sorted(worth, reverse=True)
    assert burst.frames[0].best
    assert burst.frames[5].reasons == ("place 6",)
