"""How alike two photos look, whatever their exposures, and how far the camera turned between them."""

from __future__ import annotations

import numpy as np
import pytest

from aesthetic_studio.curation.looks import LookTable


def likeness(one, two):
    return LookTable([one.look, two.look]).compare(np.array([0]), np.array([1]))


def drift(one, two):
    return LookTable([one.look, two.look]).drift(np.array([0]), np.array([1]))


@pytest.mark.parametrize("ev", [-4, -3, -2, -1, 1, 2])
def test_exposure_does_not_hide_the_same_framing(studio, ev):
    assert likeness(studio.shoot(world=5), studio.shoot(world=5, ev=ev)).framing[0] > 0.75


@pytest.mark.parametrize("shift", [(3, 0), (8, 5), (-14, 9), (20, -8)])
def test_a_shake_of_the_hand_does_not_hide_it_either(studio, shift):
    moved = studio.shoot(world=5, x=300 + shift[0], y=100 + shift[1])
    assert likeness(studio.shoot(world=5), moved).framing[0] > 0.6


def test_other_scenes_are_not_alike(studio):
    photos = [studio.shoot(world=k) for k in range(16)]
    one, two = np.triu_indices(16, 1)
    framing = LookTable([photo.look for photo in photos]).compare(one, two).framing
    assert np.quantile(framing, 0.97) < 0.5


def test_a_photo_is_wholly_like_itself(studio):
    photo = studio.shoot(world=3)
    both = likeness(photo, photo)
    assert both.framing[0] == pytest.approx(1, abs=1e-3)
    assert both.colour[0] == pytest.approx(0, abs=1e-3)
    assert (both.shift_x[0], both.shift_y[0]) == (0, 0)


def test_likeness_does_not_depend_on_which_comes_first(studio):
    one, two = studio.shoot(world=3), studio.shoot(world=3, x=306, ev=-1)
    assert likeness(one, two).framing[0] == pytest.approx(likeness(two, one).framing[0], abs=0.1)


@pytest.mark.parametrize("step", [-120, -70, 40, 70, 120])
def test_the_turn_of_the_camera_is_measured(studio, step):
    turned = drift(studio.shoot(world=7, x=400), studio.shoot(world=7, x=400 + step, y=103))
    assert turned.framing[0] > 0.3
    # The content moves against the camera.
    assert turned.shift_x[0] == pytest.approx(-step / 192, abs=0.05)
    assert turned.shift_y[0] == pytest.approx(0, abs=0.06)


def test_nothing_is_said_where_a_fingerprint_is_missing_or_all_is_burnt_out(studio):
    photo, white = studio.shoot(world=3), studio.shoot(world=3, ev=12)
    table = LookTable([photo.look, None, white.look])
    framing = table.compare(np.array([0, 0]), np.array([1, 2])).framing
    assert np.isnan(framing).all()


def test_two_empty_skies_are_told_by_their_light_and_not_by_noise(studio):
    rng = np.random.default_rng(1)
    slope = np.linspace(0.1, 0.3, 128, dtype=np.float32)[:, None, None] * np.array([0.6, 0.8, 1.0])
    sky = np.broadcast_to(slope, (128, 192, 3))
    photos = [studio.shoot(picture=sky * rng.uniform(0.97, 1.03, sky.shape)) for _ in range(2)]
    turned_over = studio.shoot(picture=sky[::-1])
    assert likeness(*photos).framing[0] > 0.7
    assert likeness(photos[0], turned_over).framing[0] < 0.2


def test_many_photos_are_compared_as_they_are_one_by_one(studio):
    photos = [studio.shoot(world=k % 9, x=300 + k % 4) for k in range(600)]
    table = LookTable([photo.look for photo in photos])
    together = table.compare(np.arange(599), np.arange(1, 600)).framing
    for k in (0, 255, 256, 511, 512, 598):
        assert together[k] == pytest.approx(likeness(photos[k], photos[k + 1]).framing[0], abs=1e-5)
