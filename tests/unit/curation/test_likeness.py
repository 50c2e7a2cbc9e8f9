"""Photos that look alike are found best first, and always the same ones."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as shapes

from aesthetic_studio.curation import likeness
from aesthetic_studio.curation.likeness import groups_alike, nearest, unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LAW = settings(max_examples=150, deadline=None)


def drawn(count: int, width: int = 6, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(0, 1, (count, width)).astype(np.float32)


def whole_numbers(rows: int, width: int = 3, largest: int = 2) -> st.SearchStrategy[Floats]:
    """Vectors whose products are exact, so that many of them are equal."""
    return shapes.arrays(np.float32, (rows, width), elements=st.integers(-largest, largest).map(float))


@st.composite
def galleries(draw: st.DrawFn) -> tuple[Floats, Floats, int]:
    looks = draw(st.integers(0, 12).flatmap(whole_numbers))
    wanted = draw(st.integers(0, 3).flatmap(whole_numbers))
    return looks, wanted, draw(st.integers(0, 14))


@LAW
@given(galleries())
def test_the_nearest_are_those_of_a_full_sort_and_ties_keep_the_order_of_the_rows(
    gallery: tuple[Floats, Floats, int],
) -> None:
    looks, wanted, count = gallery
    rows, cosines = nearest(looks, wanted, count)
    assert rows.shape == cosines.shape == (len(wanted), min(count, len(looks)))
    for one, found, said in zip(wanted, rows.tolist(), cosines.tolist(), strict=True):
        products = [float(np.dot(look, one)) for look in looks]
        expected = sorted(range(len(looks)), key=lambda row: (-products[row], row))[:count]
        assert found == expected
        assert said == [products[row] for row in expected]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7])
def test_of_equal_photos_the_first_are_found(count: int) -> None:
    looks = unit(np.asarray([[-1.0, 2.0]] * 4 + [[3.0, 4.0]] * 8 + [[-1.0, 1.0]] * 3, np.float32))
    rows, cosines = nearest(looks, looks[4:6], count)
    assert rows.tolist() == [list(range(4, 4 + count))] * 2
    assert np.allclose(cosines, 1.0)


def test_a_photo_is_most_alike_to_itself_however_bright_its_vector() -> None:
    vectors = drawn(50)
    looks = unit(vectors)
    for brightness in (0.001, 1.0, 700.0):
        rows, cosines = nearest(looks, unit(vectors * np.float32(brightness)), 3)
        assert rows[:, 0].tolist() == list(range(50))
        assert np.allclose(cosines[:, 0], 1.0, atol=1e-5)
        assert bool((cosines[:, 0] > cosines[:, 1]).all())


def test_more_than_there_are_gives_all_of_them_best_first() -> None:
    looks = unit(drawn(4))
    rows, cosines = nearest(looks, unit(drawn(5, seed=1)), 100)
    assert rows.shape == cosines.shape == (5, 4)
    assert [sorted(one) for one in rows.tolist()] == [[0, 1, 2, 3]] * 5
    assert all(high >= low for one in cosines.tolist() for high, low in itertools.pairwise(one))


@pytest.mark.parametrize("count", [0, 1, 9])
def test_an_empty_gallery_has_nothing_to_find(count: int) -> None:
    looks = unit(np.empty((0, 6), np.float32))
    rows, cosines = nearest(looks, unit(drawn(3)), count)
    assert looks.shape == (0, 6)
    assert rows.shape == cosines.shape == (3, 0)
    assert rows.dtype == np.int64
    assert cosines.dtype == np.float32


def test_nothing_wanted_finds_nothing() -> None:
    rows, cosines = nearest(unit(drawn(5)), unit(np.empty((0, 6), np.float32)), 2)
    assert rows.shape == cosines.shape == (0, 2)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_look_that_is_no_number_is_like_no_other_and_breaks_nothing(wrong: float) -> None:
    vectors = drawn(5)
    vectors[2, 1] = wrong

    rows, cosines = nearest(unit(vectors), unit(drawn(5)), 5)

    assert np.isfinite(cosines).all()
    assert [sorted(row) for row in rows.tolist()] == [[0, 1, 2, 3, 4]] * 5
    assert (cosines[rows == 2] == 0.0).all()


def test_a_photo_of_which_nothing_is_known_is_like_no_other_and_not_even_like_itself() -> None:
    vectors = drawn(5)
    vectors[2] = 0.0
    looks = unit(vectors)
    assert looks[2].tolist() == [0.0] * 6
    rows, cosines = nearest(looks, looks, 5)
    assert cosines[2].tolist() == [0.0] * 5
    assert rows[2].tolist() == [0, 1, 2, 3, 4]
    for one in (0, 1, 3, 4):
        assert cosines[one][rows[one].tolist().index(2)] == 0.0


@LAW
@given(shapes.arrays(np.float32, (4, 3), elements=st.floats(-1e4, 1e4, width=32)))
def test_looks_have_length_one_and_keep_their_direction(vectors: Floats) -> None:
    looks = unit(vectors)
    assert looks.dtype == np.float32
    for look, vector in zip(looks.astype(np.float64), vectors.astype(np.float64), strict=True):
        length = float(np.linalg.norm(vector))
        if length > 1e-6:
            assert np.allclose(look * length, vector, rtol=1e-4, atol=1e-4 * length)
            assert np.linalg.norm(look) == pytest.approx(1.0, abs=1e-4)
        else:
            assert np.linalg.norm(look) <= 1.0 + 1e-4


def test_a_photos_look_does_not_depend_on_its_company() -> None:
    vectors = drawn(6)
    assert np.array_equal(unit(vectors)[4:5], unit(vectors[4:5]))


@LAW
@given(st.integers(0, 14).flatmap(lambda rows: whole_numbers(rows, 3, 1)), st.integers(1, 40))
def test_groups_are_the_chains_of_pairs_alike_whatever_the_memory(vectors: Floats, block: int) -> None:
    looks = unit(vectors)
    least = 0.7
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(likeness, "BLOCK", block)
        found = groups_alike(looks, least)
    tied = {row: {row} for row in range(len(looks))}
    for one, other in itertools.combinations(range(len(looks)), 2):
        if looks[one] @ looks[other] >= least:
            whole = tied[one] | tied[other]
            tied.update(dict.fromkeys(whole, whole))
    chains = sorted({tuple(sorted(group)) for group in tied.values() if len(group) > 1})
    assert [tuple(group) for group in found] == chains


def test_a_photo_that_shows_nothing_is_nobodys_duplicate() -> None:
    assert groups_alike(unit(np.zeros((3, 4), np.float32))) == []
