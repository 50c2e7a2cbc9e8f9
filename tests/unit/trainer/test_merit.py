"""Which frame of one scene is the better is learned from degraded series, and judged on photos that were held out."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from PIL import Image

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.card import DataSource, ModelCard
from aesthetic_studio.models.embedded import QueryModel
from aesthetic_studio.models.encoders import Encoder, load_encoder
from aesthetic_studio.models.inputs import to_input
from aesthetic_studio.models.merit import Merit, MeritConfig, MeritNet
from aesthetic_studio.models.protocol import VisualTokens
from aesthetic_studio.models.registry import load_from_card
from trainer import cli
from trainer.data.degrade import Fault, labels
from trainer.data.files import photo_files
from trainer.embedded import merit as merit_module
from trainer.embedded import run as embedded_run
from trainer.embedded.bank import learn_bank, read_pool, save_bank
from trainer.embedded.merit import (
    SHOWN,
    MeritJudged,
    begin_merit,
    cooled,
    judge_merit,
    learn_merit,
    merits_of,
    temperature_of,
)
from trainer.embedded.series import EncodedSeries, as_lists, encode_series, photo_of
from trainer.recipes.recipe import EmbeddedRecipe, read_as
from trainer.recipes.sections import DegradedSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor, nn

pytestmark = pytest.mark.xdist_group("embedded")
"""What these tests share is made once, not once a process."""

STEPS = 4
WIDTH = 6
LOWERED = 2
"""The number of a texture that every fault lowers; what the others say differs from photo to photo."""
SETTINGS = DegradedSettings(photos=1, merit_steps=120, merit_batch=32, merit_rate=3e-2, seed=1)
BEGUN = Merit(MeritConfig(WIDTH))
SLACK = 1e-4


def made(photos: int, seed: int, *, faults: tuple[Fault, ...] = tuple(Fault)) -> EncodedSeries:
    """Series of every fault of each photo, in which one number of a frame's texture falls from step to step."""
    draw = torch.Generator().manual_seed(seed)
    count = photos * len(faults) * STEPS
    scene = torch.randn(photos, 1, WIDTH, generator=draw).expand(-1, len(faults) * STEPS, -1).reshape(count, WIDTH)
    texture = 0.5 * scene + 0.3 * torch.randn(count, WIDTH, generator=draw)
    texture[:, LOWERED] -= 0.5 * torch.arange(count).remainder(STEPS)
    known = labels([(f"photo-{number}.jpg-{fault}", str(fault), STEPS) for number in range(photos) for fault in faults])
    return EncodedSeries(
        known, VisualTokens(torch.zeros(count, 4, 2).half(), torch.zeros(count, 2).half(), 2, 2, texture.half())
    )


def with_texture(encoded: EncodedSeries, texture: Tensor | None) -> EncodedSeries:
    return EncodedSeries(encoded.series, dataclasses.replace(encoded.tokens, texture=texture))


def texture_of(encoded: EncodedSeries) -> Tensor:
    assert encoded.tokens.texture is not None
    return encoded.tokens.texture


def learned(encoded: EncodedSeries, settings: DegradedSettings = SETTINGS) -> nn.Linear:
    """The linear part, learned alone."""
    width = texture_of(encoded).shape[1]
    found = learn_merit(BEGUN if width == WIDTH else Merit(MeritConfig(width)), encoded, settings)
    assert found is not None
    return found.linear


def merits(function: nn.Linear, encoded: EncodedSeries) -> Tensor:
    with torch.no_grad():
        found: Tensor = function(texture_of(encoded).float())[:, 0]
    return found


def differences(merit: Tensor) -> Tensor:
    """What orders frames. All merits together are what rounding makes of them: only pairs are ever learned from."""
    return merit - merit.mean()


def in_order(function: nn.Linear, encoded: EncodedSeries) -> float:
    """Share of pairs whose better frame has more merit by the linear part."""
    return share_in_order(merits(function, encoded), encoded)


def share_in_order(found: Tensor, encoded: EncodedSeries) -> float:
    pairs = [(pair.first, pair.second) for one in encoded.series for pair in one.pairs]
    return float(np.mean([bool(found[better] > found[worse]) for better, worse in pairs]))


def test_what_is_learned_of_some_photos_orders_the_frames_of_others() -> None:
    function = learned(made(20, seed=1))
    others = made(20, seed=2)
    assert in_order(function, others) > 0.9
    weights = function.weight[0].abs()
    assert int(weights.argmax()) == LOWERED
    assert float(function.weight[0, LOWERED]) > 0


def test_an_encoder_that_does_not_tell_strengths_teaches_no_merit() -> None:
    assert learn_merit(BEGUN, with_texture(made(2, seed=1), None), SETTINGS) is None


def test_without_merit_begun_nothing_is_learned_or_judged() -> None:
    encoded = made(10, seed=1)
    assert learn_merit(None, encoded, SETTINGS) is None
    assert judge_merit(None, encoded, SETTINGS, "pool", 20) == MeritJudged()
    assert judge_merit(BEGUN, with_texture(encoded, None), SETTINGS, "pool", 20) == MeritJudged()


def test_the_same_seed_learns_the_same_and_leaves_the_random_numbers_alone() -> None:
    encoded = made(6, seed=1)
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    one = learned(encoded)
    assert torch.equal(torch.rand(3), expected)
    again, other = learned(encoded), learned(encoded, dataclasses.replace(SETTINGS, seed=2))
    assert torch.equal(one.weight, again.weight)
    assert torch.equal(one.bias, again.bias)
    assert not torch.equal(one.weight, other.weight)


def test_the_function_is_finished_and_learns_no_more() -> None:
    assert not any(parameter.requires_grad for parameter in learned(made(3, seed=1)).parameters())


@pytest.mark.parametrize("factor", [0.25, 64.0])
def test_how_large_a_layers_answers_are_changes_nothing_of_the_order(factor: float) -> None:
    encoded, others = made(12, seed=1), made(12, seed=2)
    scale = torch.ones(WIDTH)
    scale[LOWERED] = factor
    scale[0] = 1.0 / factor
    plain = merits(learned(encoded), others)
    scaled_texture = [(texture_of(each).float() * scale).half() for each in (encoded, others)]
    function = learned(with_texture(encoded, scaled_texture[0]))
    scaled = merits(function, with_texture(others, scaled_texture[1]))
    torch.testing.assert_close(differences(scaled), differences(plain), atol=SLACK, rtol=0.0)
    assert float(plain.std()) > 1000 * SLACK


def test_how_strong_all_answers_are_together_changes_no_difference_of_merit() -> None:
    encoded, others = made(12, seed=1), made(12, seed=2)
    plain = merits(learned(encoded), others)
    moved = [with_texture(each, texture_of(each).float() + 8.0) for each in (encoded, others)]
    found = merits(learned(moved[0]), moved[1])
    torch.testing.assert_close(differences(found), differences(plain), atol=SLACK, rtol=0.0)


def test_frames_that_no_chosen_series_has_are_not_learned_from() -> None:
    encoded = made(8, seed=1)
    some = encoded.of(np.arange(4 * len(Fault)))
    spoilt = texture_of(encoded).clone()
    spoilt[4 * len(Fault) * STEPS :] = 1000.0
    one, other = learned(some), learned(with_texture(some, spoilt))
    assert torch.equal(one.weight, other.weight)
    assert torch.equal(one.bias, other.bias)


def test_a_number_that_never_changes_counts_for_nothing() -> None:
    encoded = made(8, seed=1)
    texture = texture_of(encoded).clone()
    texture[:, 0] = -9.0
    function = learned(with_texture(encoded, texture))
    assert abs(float(function.weight[0, 0])) < 1e-3
    assert bool(function.bias.isfinite().all())


def test_progress_is_logged_every_hundred_steps() -> None:
    lines: list[dict[str, float | int]] = []
    learn_merit(BEGUN, made(4, seed=1), dataclasses.replace(SETTINGS, merit_steps=210), lines.append)
    assert [line["merit_step"] for line in lines] == [100, 200]
    assert lines[1]["merit_loss"] > 0


def test_strengths_that_are_no_numbers_end_learning_with_the_setting_to_change() -> None:
    encoded = made(3, seed=1)
    texture = texture_of(encoded).clone()
    texture[0, 0] = torch.nan
    with pytest.raises(KnownError, match="merit, step 1") as caught:
        learn_merit(BEGUN, with_texture(encoded, texture), SETTINGS)
    assert "degraded.merit_rate" in str(caught.value)


def test_a_judgement_for_all_kinds_and_for_each_of_a_fifth_of_the_photos() -> None:
    found = judge_merit(BEGUN, made(20, seed=1), SETTINGS, "pool", 50).held_out
    assert [one.protocol for one in found] == [
        "photos held out, all kinds",
        *(f"photos held out, {fault}" for fault in Fault),
    ]
    assert {one.photos for one in found} == {4}
    assert {one.set for one in found} == {"pool, made worse in three steps"}
    assert {one.subject for one in found} == {"this model"}
    for one in found:
        assert set(one.metrics) == set(SHOWN)
        accuracy = one.metrics["pair_accuracy"]
        assert 0.6 < accuracy.value <= 1.0
        assert accuracy.low <= accuracy.value <= accuracy.high
    assert found[0].metrics["pair_accuracy"].value > 0.85


def test_kinds_that_no_photo_was_given_are_not_judged() -> None:
    found = judge_merit(BEGUN, made(10, seed=1, faults=(Fault.BLUR, Fault.NOISE)), SETTINGS, "pool", 20).held_out
    assert [one.protocol.removeprefix("photos held out, ") for one in found] == ["all kinds", "blur", "noise"]


def test_no_series_of_a_judged_photo_is_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = made(20, seed=1)
    given: list[EncodedSeries] = []

    def noted(begun: Merit | None, some: EncodedSeries, settings: DegradedSettings) -> Merit | None:
        given.append(some)
        return learn_merit(begun, some, settings)

    monkeypatch.setattr(merit_module, "learn_merit", noted)
    found = judge_merit(BEGUN, encoded, SETTINGS, "pool", 20).held_out
    (learned_from,) = given
    photos = {one.name.rpartition("-")[0] for one in learned_from.series}
    assert len(photos) == 16
    assert len(learned_from) == 16 * len(Fault), "all series of a photo, or none"
    assert found[0].photos == 20 - len(photos)


def test_what_is_judged_is_not_what_was_learned() -> None:
    """Every photo's order hangs on a number of its own, so that nothing is learned of one from the others."""
    count = 20
    draw = torch.Generator().manual_seed(1)
    texture = 0.01 * torch.randn(count * STEPS, count, generator=draw)
    for photo in range(count):
        texture[photo * STEPS : (photo + 1) * STEPS, photo] -= torch.arange(STEPS)
    known = labels([(f"{photo}-blur", "blur", STEPS) for photo in range(count)])
    tokens = VisualTokens(torch.zeros(count * STEPS, 1, 1), torch.zeros(count * STEPS, 1), 1, 1, texture)
    encoded = EncodedSeries(known, tokens)
    assert in_order(learned(encoded), encoded) > 0.95
    begun = Merit(MeritConfig(count))
    assert judge_merit(begun, encoded, SETTINGS, "pool", 20).held_out[0].metrics["pair_accuracy"].value < 0.9


def test_the_same_photos_are_held_out_every_time() -> None:
    encoded = made(10, seed=1)
    assert judge_merit(BEGUN, encoded, SETTINGS, "pool", 20) == judge_merit(BEGUN, encoded, SETTINGS, "pool", 20)


@pytest.mark.parametrize("photos", [1, 2])
def test_too_few_photos_to_hold_one_out_are_not_judged(photos: int) -> None:
    assert judge_merit(BEGUN, made(photos, seed=1), SETTINGS, "pool", 20) == MeritJudged()


def test_some_series_keep_their_rows_among_the_same_frames() -> None:
    encoded = made(3, seed=1)
    some = encoded.of(np.asarray([4, 1]))
    assert len(some) == 2
    assert some.series == (encoded.series[4], encoded.series[1])
    assert some.series[0].members == tuple(range(4 * STEPS, 5 * STEPS))
    assert some.tokens is encoded.tokens
    assert len(encoded.of(np.asarray([], dtype=np.int64))) == 0


def test_pairs_of_chosen_series_point_at_their_own_frames() -> None:
    series = made(2, seed=1).series
    lists = as_lists(series, [3, 0])
    assert lists.rows.tolist() == [*range(3 * STEPS, 4 * STEPS), *range(STEPS)]
    assert [tuple(pair) for pair in lists.rows[lists.pairs].tolist()] == [
        (pair.first, pair.second) for one in (series[3], series[0]) for pair in one.pairs
    ]
    assert lists.sure.tolist() == [1.0] * 12
    assert lists.numbers.tolist() == [0] * 6 + [1] * 6


def test_a_series_that_is_chosen_twice_counts_twice() -> None:
    lists = as_lists(made(1, seed=1).series, [2, 2])
    once = list(range(2 * STEPS, 3 * STEPS))
    assert lists.rows.tolist() == once + once
    assert lists.numbers.tolist() == [0] * 6 + [1] * 6
    assert torch.equal(lists.pairs[6:], lists.pairs[:6] + STEPS)


def picture(seed: int) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 255, (24, 32, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((128, 112), Image.Resampling.BICUBIC)


@pytest.fixture(scope="module")
def unvoted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five photos that nobody voted on."""
    folder = tmp_path_factory.mktemp("unvoted")
    for number in range(5):
        picture(number).save(folder / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def compact(compact_encoder: Callable[..., Encoder], tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    return compact_encoder(tmp_path_factory.mktemp("compact"))


def test_strengths_of_every_frame_are_kept(unvoted: Path, compact: Encoder) -> None:
    found = encode_series(photo_files(unvoted), compact, seed=1, say=lambda _: None)
    texture = texture_of(found)
    assert texture.shape == (5 * len(Fault) * STEPS, compact.card.texture_width)
    assert texture.dtype == torch.float16
    assert bool(texture.isfinite().all())
    with torch.inference_mode():
        expected = compact(torch.from_numpy(to_input(Image.open(unvoted / "2.png"), 32))[None]).texture
    assert expected is not None
    first = found.series[2 * len(Fault) + list(Fault).index(Fault.NOISE)].members[0]
    torch.testing.assert_close(texture[first].float(), expected[0], atol=0.02, rtol=0.0)


def test_an_encoder_without_strengths_gives_series_without(
    unvoted: Path, planted: Path, shared_recipe: Path, tmp_path: Path
) -> None:
    bank = read_as(EmbeddedRecipe, str(shared_recipe)).bank
    assert bank is not None
    learned_bank = learn_bank(bank.recipe(), read_pool(planted, 20, 24, seed=0))
    save_bank(learned_bank, bank.recipe(), tmp_path, version="1", data=DataSource("made", 20, "none", "features"))
    found = encode_series(photo_files(unvoted)[:1], load_encoder(tmp_path), seed=1, say=lambda _: None)
    assert found.tokens.texture is None


def test_the_command_learns_merit_states_how_well_and_the_model_tells_it(
    planted: Path, unvoted: Path, compact: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_run, "RANDOM_FOLDS", 2)
    assert compact.card.folder is not None
    output = tmp_path / "run"
    quick = ["head.width=16", "head.heads=2", "head.queries=2", "seeds=[1]", "training.epochs=1", "select={}"]
    quick += ["augmentation.views=1", "degraded.photos=5", "degraded.batch=4", "degraded.merit_steps=200"]
    quick += ["degraded.faults=7", "degraded.places_steps=100", "degraded.members=2"]
    command = ["embedded", "--data", str(planted), "--output", str(output), "--resamples", "20"]
    command += [part for change in quick for part in ("--set", change)]
    assert cli.main([*command, "--pool", str(unvoted), "--encoder", str(compact.card.folder)]) == cli.DONE

    card = ModelCard.load(output / "model" / "card.json")
    assert card.config["merit"]["texture_width"] == compact.card.texture_width
    assert card.config["merit"]["middle_width"] == compact.card.middle_width
    worse = [one for one in card.held_out if one.set == f"{unvoted.name}, made worse in three steps"]
    assert [one.protocol for one in worse] == [
        "photos held out, all kinds",
        *(f"photos held out, {fault}" for fault in Fault),
    ]
    assert {one.photos for one in worse} == {1}
    assert card.headline is not None
    assert card.headline.protocol == "leave one source out, pooled", "how it agrees with people comes first"
    lines = (output / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["merit_step"] for line in lines if "merit_step" in line] == [100, 200]
    assert [json.loads(line)["places_step"] for line in lines if "places_step" in line] == [100, 100], "two members"

    model = load_from_card(card, "cpu")
    assert isinstance(model, QueryModel)
    assert model.head.merit is not None
    series = encode_series(photo_files(unvoted), compact, seed=9, merit=model.head.merit, say=lambda _: None)
    merit = merits_of(model.head.merit, series)
    pairs = [(pair.first, pair.second) for one in series.series for pair in one.pairs if one.category == Fault.BLUR]
    assert np.mean([bool(merit[better] > merit[worse]) for better, worse in pairs]) > 0.8
    with torch.inference_mode():
        frame = torch.from_numpy(to_input(Image.open(unvoted / "2.png"), 32))[None]
    answer = model.score(model.encode(frame))
    assert answer.merit is not None
    first = series.series[2 * len(Fault)].members[0]
    torch.testing.assert_close(answer.merit[0], merit[first], atol=0.05, rtol=0.01)


def in_places(photos: int, seed: int) -> EncodedSeries:
    """Series whose frames' order shows only in where a middle layer answers, not in how strongly."""
    encoded = made(photos, seed, faults=(Fault.CROP,))
    count = photos * STEPS
    draw = torch.Generator().manual_seed(seed)
    middle = 0.2 * torch.randn(count, 3, 8, 8, generator=draw)
    for row in range(count):
        step = row % STEPS
        middle[row, 1, : 8 - step] += 1.0
        middle[row, 2, 8 - step :] += 1.0
    middle = middle - middle.mean(dim=(2, 3), keepdim=True)
    texture = torch.randn(count, WIDTH, generator=draw).half()
    return EncodedSeries(encoded.series, dataclasses.replace(encoded.tokens, texture=texture), middle.half())


def test_what_shows_only_in_where_a_layer_answers_is_learned_by_the_networks() -> None:
    begun = Merit(MeritConfig(WIDTH, middle_width=3, components=3, width=8, members=2))
    settings = dataclasses.replace(SETTINGS, merit_steps=20, places_steps=150, places_batch=16)
    found = learn_merit(begun, in_places(40, seed=1), settings)
    assert found is not None
    others = in_places(40, seed=2)
    assert share_in_order(merits_of(found, others), others) > 0.9
    assert in_order(found.linear, others) < 0.7
    assert len({float(net.answer.weight.sum()) for net in found.nets if isinstance(net, MeritNet)}) == 2
    assert not any(parameter.requires_grad for parameter in found.parameters())
    assert not found.training


def test_what_was_begun_stays_as_it_was() -> None:
    begun = Merit(MeritConfig(WIDTH, middle_width=3, components=3, width=8, members=1))
    before = {name: tensor.clone() for name, tensor in begun.state_dict().items()}
    learn_merit(begun, in_places(5, seed=1), dataclasses.replace(SETTINGS, merit_steps=5, places_steps=5))
    assert all(torch.equal(tensor, before[name]) for name, tensor in begun.state_dict().items())


def test_components_are_of_the_pools_photos_and_no_more_than_the_layer_has(unvoted: Path, compact: Encoder) -> None:
    settings = dataclasses.replace(SETTINGS, components=99, members=1)
    begun = begin_merit(photo_files(unvoted), compact, settings)
    assert begun is not None
    assert begun.config.components == compact.card.middle_width
    series = encode_series(photo_files(unvoted), compact, seed=1, kinds=1, merit=begun, say=lambda _: None)
    assert series.middle is not None
    assert series.middle.dtype == torch.float16
    assert series.middle.shape[:2] == (5 * STEPS, begun.config.components)
    pristine = series.middle[torch.tensor([one.members[0] for one in series.series])].float()
    assert abs(float(pristine.mean(dim=(0, 2, 3))[0])) < 0.5 * float(pristine[:, 0].std())
    fewer = begin_merit(photo_files(unvoted), compact, dataclasses.replace(settings, components=2))
    assert fewer is not None
    one, all_of_them = (torch.nn.functional.normalize(basis, dim=0) for basis in (fewer.basis, begun.basis))
    torch.testing.assert_close(one, all_of_them[:, :2])


@pytest.mark.parametrize("change", [{"merit_steps": 0}, {"places_steps": 0}])
def test_a_recipe_may_leave_parts_of_merit_out(unvoted: Path, compact: Encoder, change: dict[str, int]) -> None:
    begun = begin_merit(photo_files(unvoted), compact, dataclasses.replace(SETTINGS, **change))
    if "merit_steps" in change:
        assert begun is None
    else:
        assert begun is not None
        assert not begun.nets
        found = encode_series(photo_files(unvoted)[:1], compact, seed=1, merit=begun, say=lambda _: None)
        assert found.middle is None


def test_each_photo_gets_as_many_kinds_of_fault_as_the_recipe_says_and_not_always_the_same(
    unvoted: Path, compact: Encoder
) -> None:
    found = encode_series(photo_files(unvoted), compact, seed=1, kinds=2, say=lambda _: None)
    kinds: dict[str, list[str]] = {}
    for one in found.series:
        kinds.setdefault(photo_of(one.name), []).append(one.category)
    assert [len(set(some)) for some in kinds.values()] == [2] * 5
    assert len({tuple(some) for some in kinds.values()}) > 1
    again = encode_series(photo_files(unvoted), compact, seed=1, kinds=2, say=lambda _: None)
    assert [one.name for one in again.series] == [one.name for one in found.series]


def test_points_are_log_odds_after_they_were_divided_by_the_temperature() -> None:
    draw = np.random.default_rng(1)
    odds = draw.normal(0.0, 2.0, 20_000)
    right = np.where(draw.random(odds.size) < 1.0 / (1.0 + np.exp(-odds)), odds, -odds)
    assert temperature_of(7.0 * right) == pytest.approx(7.0, rel=0.05)
    assert temperature_of(np.full(9, 3.0)) == pytest.approx(1.0, abs=1e-3), "all in order"
    assert np.isfinite(temperature_of(np.full(9, -3.0)))


def test_a_merit_that_was_cooled_says_the_same_in_smaller_steps() -> None:
    encoded = in_places(8, seed=1)
    begun = Merit(MeritConfig(WIDTH, middle_width=3, components=3, width=8, members=2))
    settings = dataclasses.replace(SETTINGS, merit_steps=20, places_steps=20)
    found = learn_merit(begun, encoded, settings)
    assert found is not None
    warm = merits_of(found, encoded)
    torch.testing.assert_close(merits_of(cooled(found, 4.0), encoded), warm / 4.0)
    assert torch.equal(merits_of(found, encoded), warm), "the merit itself stays as it was"
