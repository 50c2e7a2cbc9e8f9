"""Zooming and panning: laws that hold for every photo, view and screen."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aesthetic_studio.desktop.loupe.geometry import LoupeGeometry

sides = st.integers(200, 9000)
looks = st.builds(
    LoupeGeometry,
    view_width=st.floats(200, 3000), view_height=st.floats(200, 2000),
    photo_width=sides, photo_height=sides,
    ratio=st.sampled_from([1.0, 1.25, 1.5, 2.0, 3.0]),
)  # fmt: skip
shares = st.floats(0.05, 0.95)


@given(looks, st.floats(0.2, 8), shares, shares)
def test_what_is_under_the_cursor_stays_there_unless_an_edge_holds_it(look, zoom, across, down) -> None:
    x, y = across * look.view_width, down * look.view_height
    before = look.photo_point(x, y)
    assume(all(0 <= part <= 1 for part in before))
    near = look.zoomed(zoom, x, y)
    after = near.photo_point(x, y)
    rect = near.photo_rect
    one_pixel = 1.5 / look.ratio
    touches_x = rect.x > -one_pixel or rect.x + rect.width < look.view_width + one_pixel
    touches_y = rect.y > -one_pixel or rect.y + rect.height < look.view_height + one_pixel
    assert touches_x or abs(after[0] - before[0]) * rect.width <= one_pixel
    assert touches_y or abs(after[1] - before[1]) * rect.height <= one_pixel


@given(looks, st.floats(0.2, 8), st.floats(-9000, 9000), st.floats(-9000, 9000))
def test_no_empty_border_shows_that_the_photo_could_fill(look, zoom, dx, dy) -> None:
    rect = look.zoomed(zoom).panned(dx, dy).photo_rect
    if rect.width >= look.view_width:
        assert rect.x <= 1
        assert rect.x + rect.width >= look.view_width - 1
    else:
        assert rect.x >= -1
    if rect.height >= look.view_height:
        assert rect.y <= 1
        assert rect.y + rect.height >= look.view_height - 1


@given(looks)
def test_fit_shows_the_whole_photo_as_large_as_possible(look: LoupeGeometry) -> None:
    rect = look.photo_rect
    assert rect.width <= look.view_width + 1e-6
    assert rect.height <= look.view_height + 1e-6
    one_pixel = 1 / look.ratio
    assert min(look.view_width - rect.width, look.view_height - rect.height) <= one_pixel
    assert not look.can_pan


@given(looks)
def test_a_fitted_photo_takes_whole_device_pixels(look: LoupeGeometry) -> None:
    rect = look.photo_rect
    for length in (rect.x, rect.y, rect.width, rect.height):
        assert length * look.ratio == pytest.approx(round(length * look.ratio), abs=1e-6)
    assert look.device_size == (round(rect.width * look.ratio), round(rect.height * look.ratio))


@given(looks, st.floats(0.2, 8), shares, shares)
def test_the_part_in_sight_is_what_the_view_covers(look, zoom, across, down) -> None:
    near = look.zoomed(zoom, across * look.view_width, down * look.view_height)
    part, rect = near.seen_part, near.photo_rect
    assert 0 <= part.x <= part.x + part.width <= 1 + 1e-9
    assert 0 <= part.y <= part.y + part.height <= 1 + 1e-9
    assert part.width * rect.width == pytest.approx(min(rect.width, look.view_width), abs=1.5)
    assert part.height * rect.height == pytest.approx(min(rect.height, look.view_height), abs=1.5)


@given(looks)
def test_one_to_one_is_one_device_pixel_for_one_of_the_photo(look: LoupeGeometry) -> None:
    rect = look.zoomed(1.0).photo_rect
    assert rect.width * look.ratio == pytest.approx(look.photo_width)
    assert (rect.x * look.ratio) == pytest.approx(round(rect.x * look.ratio), abs=1e-6)


@given(looks, st.floats(0.3, 4), shares, shares, sides, sides)
def test_zoom_and_place_are_kept_while_stepping(look, zoom, across, down, width, height) -> None:
    near = look.zoomed(zoom, across * look.view_width, down * look.view_height)
    other = near.with_photo(width, height)
    assert other.scale == pytest.approx(near.scale)
    same = near.with_photo(look.photo_width, look.photo_height)
    assert same.photo_rect == near.photo_rect


@given(looks, st.floats(0.2, 8))
def test_zooming_out_far_enough_fits(look: LoupeGeometry, zoom: float) -> None:
    assert look.zoomed(zoom).stepped(-40).zoom is None


def test_a_click_beside_the_photo_zooms_to_its_nearest_edge() -> None:
    look = LoupeGeometry(1000, 500, 3000, 3000)
    rect = look.zoomed(1.0, 5, 250).photo_rect
    assert rect.x == 0


def test_zoom_has_an_end() -> None:
    look = LoupeGeometry(1000, 500, 3000, 3000)
    assert look.zoomed(1000).scale == 16
    assert look.zoomed(0.0001).scale == pytest.approx(look.fit_scale)
