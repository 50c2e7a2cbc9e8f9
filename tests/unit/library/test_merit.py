"""What a model says of a frame within its scene is kept with its votes, and scores of older libraries stay readable."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aesthetic_studio.library.rows import pack_distribution, unpack_distribution
from aesthetic_studio.records import ScoreDistribution

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.library.conftest import Album

EVEN = ScoreDistribution((0.1,) * 10)
VOTES = st.lists(st.integers(0, 50), min_size=10, max_size=10).filter(any).map(ScoreDistribution.from_votes)


@given(VOTES, st.none() | st.floats(-(2.0**99), 2.0**99, width=32))
def test_votes_and_merit_are_read_as_they_were_written(votes: ScoreDistribution, merit: float | None) -> None:
    again = unpack_distribution(pack_distribution(replace(votes, merit=merit)))
    assert again.merit == merit
    assert again.probabilities == pytest.approx(votes.probabilities, abs=1e-6)


def test_a_score_without_merit_is_written_as_older_versions_wrote_it() -> None:
    assert len(pack_distribution(EVEN)) == 40
    assert len(pack_distribution(replace(EVEN, merit=0.0))) == 44


def test_a_merit_of_nought_is_a_merit() -> None:
    assert unpack_distribution(pack_distribution(replace(EVEN, merit=0.0))).merit == 0.0
    assert unpack_distribution(pack_distribution(EVEN)).merit is None


@pytest.mark.parametrize("merit", [math.inf, -math.inf, math.nan])
def test_a_merit_that_is_no_number_is_refused(merit: float) -> None:
    with pytest.raises(ValueError, match="a score distribution has no"):
        ScoreDistribution((0.1,) * 10, merit)


def test_merit_changes_neither_score_nor_spread() -> None:
    with_merit = replace(EVEN, merit=12.5)
    assert (with_merit.mean, with_merit.spread) == (EVEN.mean, EVEN.spread)


def test_a_library_keeps_merit_where_there_is_one(
    album: Album, distribution_of: Callable[[float], ScoreDistribution]
) -> None:
    album.write("with.jpg", "a")
    album.write("without.jpg", "b")
    album.index()
    ids = [album.id_of(name) for name in ("with.jpg", "without.jpg")]
    contents = [photo.content_id for photo in album.catalogue.photos(ids)]
    album.catalogue.set_active_model("made", "1")
    rows = [(contents[0], replace(distribution_of(6.5), merit=-2.75)), (contents[1], distribution_of(6.5))]
    album.catalogue.store_scores("made", "1", rows)
    found = [photo.score for photo in album.catalogue.photos(ids)]
    assert [None if score is None else score.distribution.merit for score in found] == [-2.75, None]
    assert [None if score is None else score.distribution.mean for score in found] == pytest.approx([6.5, 6.5])

    # A score of the same photo that knows no merit replaces one that did.
    album.catalogue.store_scores("made", "1", [(contents[0], distribution_of(4.0))])
    again = album.catalogue.photos(ids[:1])[0].score
    assert again is not None
    assert again.distribution.merit is None
