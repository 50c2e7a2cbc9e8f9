"""A score is told as a standing among varied photos where its model knows of some, and else not at all."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models import registry
from aesthetic_studio.models.card import EncoderReference, ModelCard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SCORES = st.floats(1.0, 10.0)


def card(reference: Sequence[float]) -> ModelCard:
    return ModelCard(
        name="made",
        version="1",
        title="Made",
        kind="embedded",
        encoder=EncoderReference("none", "1"),
        input_size=8,
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        score_range=(1.0, 10.0),
        parameters=0,
        file="model.safetensors",
        sha256="",
        size_bytes=0,
        licence="none",
        summary="",
        reference=tuple(reference),
    )


@given(st.lists(SCORES, min_size=2, max_size=30), SCORES, SCORES)
def test_a_higher_score_never_stands_lower(reference: list[float], one: float, two: float) -> None:
    made = card(sorted(reference))
    low, high = made.standing(min(one, two)), made.standing(max(one, two))
    assert low is not None
    assert high is not None
    assert 0.0 <= low <= high <= 100.0


@given(st.lists(SCORES, min_size=2, max_size=30, unique=True))
def test_a_score_at_a_quantile_stands_there(reference: list[float]) -> None:
    quantiles = sorted(reference)
    steps = len(quantiles) - 1
    found = [card(quantiles).standing(score) for score in quantiles]
    assert found == pytest.approx([100.0 * place / steps for place in range(steps + 1)])


@given(st.lists(SCORES, min_size=2, max_size=200), SCORES)
def test_it_is_the_share_of_photos_that_score_lower(photos: list[float], score: float) -> None:
    quantiles = np.quantile(photos, np.linspace(0.0, 1.0, 101)).tolist()
    found = card(sorted(quantiles)).standing(score)
    assert found is not None
    lower = 100.0 * float(np.mean(np.asarray(photos) < score))
    not_higher = 100.0 * float(np.mean(np.asarray(photos) <= score))
    # Between two photos the quantiles go straight, so one photo and one step of the quantiles may be between.
    room = 100.0 / (len(photos) - 1) + 1.0
    assert lower - room <= found <= not_higher + room


def test_scores_beyond_both_ends_are_below_and_above_all() -> None:
    made = card((3.0, 4.0, 6.0))
    assert [made.standing(score) for score in (1.0, 2.99, 3.0)] == [0.0, 0.0, 0.0]
    assert [made.standing(score) for score in (6.0, 6.01, 10.0)] == [100.0, 100.0, 100.0]
    assert [made.standing(score) for score in (3.5, 4.0, 5.0)] == [25.0, 50.0, 75.0]


def test_a_score_that_many_photos_have_is_above_those_that_are_lower() -> None:
    made = card((3.0, 4.0, 4.0, 5.0))
    below, there = made.standing(3.999), made.standing(4.0)
    assert below is not None
    assert below == pytest.approx(100 / 3, abs=0.1)
    assert there == pytest.approx(200 / 3)


@pytest.mark.parametrize("reference", [(), (5.0,)])
def test_a_model_without_a_reference_tells_no_standing(reference: tuple[float, ...]) -> None:
    assert card(reference).standing(5.0) is None


@pytest.mark.parametrize(
    "reference",
    [[3.0, 4.0, 3.9], [5.0, 4.0], [3.0, math.nan, 5.0], [math.nan, 3.0], [3.0, math.nan]],
)
def test_a_damaged_reference_is_named(install_model: Callable[..., ModelCard], reference: list[float]) -> None:
    installed = install_model("damaged")
    path = installed.weights.parent / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"reference": reference}))
    with pytest.raises(ModelUnavailable, match=r"card\.json: .*the scores of reference do not rise"):
        ModelCard.load(path)


@pytest.mark.parametrize("reference", ["3, 4", 5.0, {"0": 3.0}, [3.0, "4"], [3.0, None]])
def test_a_reference_that_is_no_list_of_scores_is_named(
    install_model: Callable[..., ModelCard], reference: object
) -> None:
    path = install_model("damaged").weights.parent / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"reference": reference}))
    with pytest.raises(ModelUnavailable, match=r"card\.json: .*'reference'"):
        ModelCard.load(path)


def test_a_reference_survives_saving_and_reading(install_model: Callable[..., ModelCard]) -> None:
    facts: dict[str, Any] = {"reference": (3.0, 3.0, 4.5, 7.25), "reference_photos": "4 photos of made"}
    installed = install_model("referring", **facts)
    assert installed.folder is not None
    again = ModelCard.load(installed.folder / "card.json")
    assert again == installed
    assert (again.reference, again.reference_photos) == (facts["reference"], facts["reference_photos"])


def test_a_standing_is_told_of_the_version_that_scored_and_of_no_other(
    install_model: Callable[..., ModelCard],
) -> None:
    install_model("standing-known", version="7", reference=(2.0, 4.0, 6.0))
    assert registry.standing("standing-known", "7", 5.0) == 75.0
    assert registry.standing("standing-known", "7", 9.0) == 100.0
    assert registry.standing("standing-known", "6", 5.0) is None
    assert registry.standing("standing-unknown", "7", 5.0) is None
    assert registry.standing("../standing-known", "7", 5.0) is None


def test_a_damaged_or_silent_card_tells_no_standing_and_stops_nothing(
    install_model: Callable[..., ModelCard],
) -> None:
    install_model("standing-silent")
    broken = install_model("standing-broken", reference=(2.0, 4.0))
    (broken.weights.parent / "card.json").write_text("{")
    assert registry.standing("standing-silent", "1", 5.0) is None
    assert registry.standing("standing-broken", "1", 5.0) is None
