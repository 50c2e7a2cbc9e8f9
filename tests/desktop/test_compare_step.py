"""Looking in step: laws that hold for photos and panes of every size."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aesthetic_studio.desktop.compare.step import NO_SHIFT, SharedLook, Shift
from aesthetic_studio.desktop.loupe.geometry import MAX_SCALE, LoupeGeometry

sides = st.integers(400, 9000)
views = st.tuples(st.floats(200, 1600), st.floats(200, 1200), st.sampled_from([1.0, 1.5, 2.0]))
shares = st.floats(0.1, 0.9)


def pane(view: tuple[float, float, float], width: int, height: int) -> LoupeGeometry:
    return LoupeGeometry(view[0], view[1], width, height, view[2])


def middle(look: LoupeGeometry) -> tuple[float, float]:
    return look.photo_point(look.view_width / 2, look.view_height / 2)


def seen(look: LoupeGeometry) -> tuple[float, float]:
    """Which share of the photo's width and height is in sight."""
    rect = look.photo_rect
    return min(1.0, look.view_width / rect.width), min(1.0, look.view_height / rect.height)


@given(views, sides, sides, st.floats(0.4, 2.5), st.floats(0.5, 4), shares, shares)
def test_photos_of_different_sizes_show_the_same_part(view, width, height, larger, zoom, across, down) -> None:
    leader = pane(view, width, height)
    other = pane(view, round(width * larger), round(height * larger))
    near = leader.zoomed(zoom, across * view[0], down * view[1])
    assume(near.scale / larger < MAX_SCALE)
    assume(near.scale > leader.fit_scale)
    assume(near.scale / larger > min(other.fit_scale, 1.0))
    followed = SharedLook().zoomed_by(near).seen_by(other)
    assert seen(followed) == pytest.approx(seen(near), rel=0.01)
    assert middle(followed) == pytest.approx(middle(near), abs=0.01)


@given(views, views, sides, sides, st.floats(1.0, 8))
def test_photos_of_one_size_are_shown_at_one_scale(first, second, width, height, zoom) -> None:
    near = pane(first, width, height).zoomed(zoom)
    assert SharedLook().zoomed_by(near).seen_by(pane(second, width, height)).scale == pytest.approx(near.scale)


@given(views, sides, sides, st.floats(0.5, 6), shares, shares)
def test_the_pane_that_zooms_looks_just_as_it_zoomed(view, width, height, zoom, across, down) -> None:
    near = pane(view, width, height).zoomed(zoom, across * view[0], down * view[1])
    again = SharedLook().zoomed_by(near).seen_by(near)
    assert again.scale == pytest.approx(near.scale)
    assert middle(again) == pytest.approx(middle(near), abs=1e-6)


@given(views, sides, sides)
def test_fit_shows_every_photo_whole(view, width, height) -> None:
    near = pane(view, width, height).zoomed(2.0)
    assert SharedLook().zoomed_by(near.zoomed(None)).seen_by(near).zoom is None


@given(
    st.floats(-0.1, 0.1), st.floats(-0.1, 0.1), st.floats(0.5, 2), st.floats(0.4, 0.6), st.floats(0.4, 0.6), views
)  # fmt: skip
def test_a_released_pane_keeps_its_shift_when_it_is_locked_again(across, down, factor, x, y, view) -> None:
    shared = SharedLook(9000.0, x, y)
    alone = pane(view, 6000, 4000).looking(1.5 * factor, x + across, y + down)
    shift = shared.shift_of(alone)
    assert shift is not None
    again = shared.seen_by(alone, shift)
    assert (again.scale, again.centre_x, again.centre_y) == pytest.approx((alone.scale, alone.centre_x, alone.centre_y))


@given(views, st.floats(-0.1, 0.1), st.floats(-0.1, 0.1), st.floats(-300, 300), st.floats(-300, 300))
def test_a_shifted_pane_leads_the_others_by_as_much_as_it_moves(view, across, down, dx, dy) -> None:
    shared, shift = SharedLook(18000.0, 0.5, 0.5), Shift(across, down)
    leader, other = (shared.seen_by(pane(view, 6000, 4000), each) for each in (shift, NO_SHIFT))
    moved = leader.panned(dx, dy)
    after = shared.panned_by(leader, moved)
    again = after.seen_by(leader, shift)
    assert (again.centre_x, again.centre_y) == pytest.approx((moved.centre_x, moved.centre_y))
    followed = after.seen_by(other)
    assert followed.centre_x - other.centre_x == pytest.approx(moved.centre_x - leader.centre_x)
    assert followed.centre_y - other.centre_y == pytest.approx(moved.centre_y - leader.centre_y)


def test_moving_against_an_edge_moves_no_other_pane() -> None:
    view, shared, shift = (800.0, 600.0, 1.0), SharedLook(12000.0, 0.1, 0.5), Shift(-0.2, 0.0)
    leader = shared.seen_by(pane(view, 6000, 4000), shift)
    assert leader.photo_rect.x == 0
    assert shared.panned_by(leader, leader.panned(500, 0)) == shared


def test_whole_photos_have_no_shift() -> None:
    look = pane((800, 600, 1.0), 6000, 4000)
    assert SharedLook().shift_of(look.zoomed(1.0)) is None
    assert SharedLook(9000.0).shift_of(look) is None
