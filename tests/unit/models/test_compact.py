"""The compact encoder: the same answers with norms, without them, alone, in company, and from its card."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import TYPE_CHECKING, Any

import pytest
import torch

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.card import ENCODER_CARD_FILE, EncoderCard, file_sha256
from aesthetic_studio.models.encoders import load_encoder
from aesthetic_studio.models.encoders.compact import FAINTEST, CompactConfig, CompactEncoder, Layer
from aesthetic_studio.models.weights import save_weights

if TYPE_CHECKING:
    from pathlib import Path

COMPONENTS = {"width": 5, "pooled_width": 7}
SMALL = CompactConfig(input_size=32, stem=6, widths=(8, 12), strides=(1, 2), **COMPONENTS)


def photos(count: int, side: int) -> torch.Tensor:
    return torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8, generator=torch.Generator().manual_seed(2))


def drawn(*, normed: bool = False) -> CompactEncoder:
    torch.manual_seed(1)
    encoder = CompactEncoder(SMALL, normed=normed).eval()
    for buffer in (encoder.mean, encoder.basis, encoder.pooled_mean, encoder.pooled_basis):
        buffer.normal_()
    return encoder


def trained() -> CompactEncoder:
    """An encoder whose norms have seen photos, and have weights of their own."""
    encoder = drawn(normed=True).train()
    optimiser = torch.optim.SGD(encoder.parameters(), 0.05)
    for _ in range(5):
        loss = (encoder.places(photos(6, 32)).mean(dim=(2, 3)) - torch.linspace(0.0, 3.0, 12)).square().mean()
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
    return encoder


def stored(encoder: CompactEncoder, folder: Path, *, half: bool = False) -> Path:
    """A card and weights; the card's path."""
    save_weights(encoder, folder / "encoder.safetensors", half=half)
    card = EncoderCard(
        name="compact",
        version="1",
        title="Compact",
        kind=CompactEncoder.kind,
        input_size=encoder.config.input_size,
        grid=(encoder.config.grid, encoder.config.grid),
        width=encoder.config.width,
        pooled_width=encoder.config.pooled_width,
        texture_width=encoder.config.texture_width,
        parameters=sum(parameter.numel() for parameter in encoder.parameters()),
        file="encoder.safetensors",
        sha256=file_sha256(folder / "encoder.safetensors"),
        licence="none",
        config=encoder.as_json(),
    )
    return card.save(folder)


def test_without_its_norms_it_answers_as_with_them_at_rest() -> None:
    encoder = trained()
    merged = encoder.folded()
    assert not any(isinstance(part, torch.nn.BatchNorm2d) for part in merged.modules())
    assert encoder.training
    assert all(part.training for part in encoder.modules())
    with torch.inference_mode():
        resting, plain = encoder.eval()(photos(4, 32)), merged.eval()(photos(4, 32))
        busy = encoder.train()(photos(4, 32))
    assert torch.allclose(plain.grid, resting.grid, atol=1e-3)
    assert torch.allclose(plain.pooled, resting.pooled, atol=1e-3)
    # The norms' state matters: by the batch alone, the answers are others.
    assert float((busy.grid - resting.grid).abs().max()) > 0.1


def test_merging_norms_leaves_the_encoder_as_it_was() -> None:
    encoder = trained()
    before = {name: tensor.clone() for name, tensor in encoder.state_dict().items()}
    merged = encoder.folded()
    for tensor in merged.state_dict().values():
        tensor.zero_()
    assert all(torch.equal(before[name], tensor) for name, tensor in encoder.state_dict().items())


def test_a_photo_is_encoded_alike_alone_and_in_company() -> None:
    encoder = drawn()
    with torch.inference_mode():
        together, alone = encoder(photos(3, 32)), encoder(photos(3, 32)[1:2])
    assert (together.height, together.width) == (8, 8)
    assert together.grid.shape == (3, 64, 5)
    assert together.pooled.shape == (3, 7)
    assert torch.allclose(together.grid[1:2], alone.grid, atol=1e-4)
    assert torch.allclose(together.pooled[1:2], alone.pooled, atol=1e-4)
    assert together.texture is not None
    assert alone.texture is not None
    assert torch.allclose(together.texture[1:2], alone.texture, atol=1e-4)
    assert float((together.texture[0] - together.texture[1]).abs().max()) > 0.01
    assert float((together.grid[0] - together.grid[1]).abs().max()) > 0.1


def test_tokens_are_components_of_the_roots_of_what_the_last_layer_says() -> None:
    encoder = drawn()
    with torch.inference_mode():
        tokens, places = encoder(photos(2, 32)), encoder.places(photos(2, 32))
    for row, column in ((0, 0), (0, 7), (5, 2)):
        expected = (places[:, :, row, column].sqrt() - encoder.mean) @ encoder.basis
        assert torch.allclose(tokens.grid[:, 8 * row + column], expected, atol=1e-4)
    whole = (places.sqrt().mean(dim=(2, 3)) - encoder.pooled_mean) @ encoder.pooled_basis
    assert torch.allclose(tokens.pooled, whole, atol=1e-4)


def test_an_encoder_without_components_keeps_the_first_channels() -> None:
    torch.manual_seed(1)
    encoder = CompactEncoder(SMALL).eval()
    with torch.inference_mode():
        tokens, places = encoder(photos(2, 32)), encoder.places(photos(2, 32))
    assert torch.allclose(tokens.grid, places.sqrt().flatten(2).transpose(1, 2)[..., :5])


@pytest.mark.parametrize(
    ("strides", "last", "width"),
    [
        ((1, 2, 1, 2, 1), (0, 2, 4), 3 * (8 + 20 + 40)),
        ((2, 1, 1, 1, 1), (4,), 3 * 40),
        ((2, 2, 2, 1, 1), (0, 1, 4), 3 * (8 + 12 + 40)),
        ((1, 1, 1, 1, 2), (3, 4), 3 * (30 + 40)),
    ],
)
def test_strengths_are_told_of_the_last_block_of_every_resolution(
    strides: tuple[int, ...], last: tuple[int, ...], width: int
) -> None:
    config = CompactConfig(input_size=32, stem=6, widths=(8, 12, 20, 30, 40), strides=strides, **COMPONENTS)
    assert config.last_of_resolution == last
    assert config.texture_width == width
    with torch.inference_mode():
        encoder = CompactEncoder(config).eval()
        tokens, seen = encoder(photos(2, 32)), encoder.seen(photos(2, 32))
    assert tokens.texture is not None
    assert tokens.texture.shape == (2, width)
    assert [answer.shape[1] for answer in seen] == [config.widths[number] for number in last]
    sides = [answer.shape[2] for answer in seen]
    assert sides == sorted(set(sides), reverse=True), "each resolution once, fine to coarse"


def test_strengths_are_logarithms_of_mean_mean_root_and_deviation() -> None:
    encoder = drawn()
    with torch.inference_mode():
        texture, fine = encoder(photos(2, 32)).texture, encoder.seen(photos(2, 32))[0]
    assert texture is not None
    for channel in (0, 5):
        answer = fine[1, channel].flatten()
        for part, expected in enumerate((answer.mean(), answer.sqrt().mean(), answer.std())):
            found = float(texture[1, 8 * part + channel])
            assert found == pytest.approx(math.log(max(float(expected), FAINTEST)), abs=1e-4)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_photo_of_one_colour_has_finite_strengths(level: int) -> None:
    encoder = drawn()
    with torch.inference_mode():
        flat = encoder(torch.full((1, 3, 32, 32), level, dtype=torch.uint8)).texture
        # Layers that never answer are as silent as can be, and still have a logarithm.
        for layer in encoder.chain:
            layer.give(torch.zeros_like(layer.convolution.weight), torch.full((len(layer.convolution.weight),), -1.0))
        silent = encoder(photos(1, 32)).texture
    assert flat is not None
    assert silent is not None
    assert bool(flat.isfinite().all())
    assert torch.allclose(silent, torch.tensor(FAINTEST).log())


def test_blur_is_seen_in_the_strengths() -> None:
    sharp = photos(1, 32)
    blurred = torch.nn.functional.avg_pool2d(sharp.float(), 5, 1, 2).to(torch.uint8)
    with torch.inference_mode():
        before, after = drawn()(sharp).texture, drawn()(blurred).texture
    assert before is not None
    assert after is not None
    deviations = slice(16, 24)
    assert float((before[:, deviations] - after[:, deviations]).median()) > 0.1


@pytest.mark.parametrize("side", [9, 32, 77])
def test_a_photo_of_any_size_becomes_the_same_grid_of_answers_from_nothing_to_six(side: int) -> None:
    with torch.inference_mode():
        places = drawn().places(photos(2, side))
    assert places.shape == (2, 12, 8, 8)
    assert 0.0 <= float(places.min()) < float(places.max()) <= 6.0


@pytest.mark.parametrize(("row", "column"), [(0, 0), (1, 1), (2, 2), (0, 2)])
def test_a_strided_layer_lies_over_its_input_as_in_tensorflow(row: int, column: int) -> None:
    """The kernel's corner falls on the first pixel; what lacks is added below and to the right."""
    layer = Layer(1, 1, kernel=3, stride=2)
    kernel = torch.zeros(1, 1, 3, 3)
    kernel[0, 0, row, column] = 1.0
    layer.give(kernel, torch.zeros(1))
    x = torch.rand(2, 1, 8, 8, generator=torch.Generator().manual_seed(4))
    expected = torch.nn.functional.pad(x, (0, 1, 0, 1))[:, :, row::2, column::2][:, :, :4, :4]
    assert torch.equal(layer(x), expected)


def test_a_layer_of_stride_one_lies_over_its_input_evenly() -> None:
    layer = Layer(1, 1, kernel=3)
    kernel = torch.zeros(1, 1, 3, 3)
    kernel[0, 0, 1, 1] = 1.0
    layer.give(kernel, torch.zeros(1))
    x = torch.rand(1, 1, 5, 5, generator=torch.Generator().manual_seed(4))
    assert torch.equal(layer(x), x)


def test_a_layer_can_be_given_the_weights_of_some_channels_and_keeps_the_others() -> None:
    layer = Layer(6, 6, kernel=3, groups=6)
    before = layer.convolution.weight.detach().clone()
    layer.give(torch.full((2, 9), 3.0), torch.full((2,), 5.0), slice(2, 4))
    after, bias = layer.convolution.weight.detach(), layer.convolution.bias
    assert bias is not None
    assert bool((after[2:4] == 3.0).all())
    assert bool((bias[2:4] == 5.0).all())
    assert torch.equal(after[[0, 1, 4, 5]], before[[0, 1, 4, 5]])


def test_a_layer_with_a_norm_takes_no_weights_from_elsewhere() -> None:
    with pytest.raises(ValueError, match="no biases of its own"):
        Layer(3, 4, kernel=1, normed=True).give(torch.zeros(4, 3), torch.zeros(4))


def test_a_stored_encoder_answers_as_before(tmp_path: Path) -> None:
    encoder = trained().eval().folded()
    again = load_encoder(stored(encoder, tmp_path).parent)
    with torch.inference_mode():
        before, after = encoder(photos(2, 40)), again(photos(2, 40))
    assert torch.equal(after.grid, before.grid)
    assert torch.equal(after.pooled, before.pooled)
    assert before.texture is not None
    assert after.texture is not None
    assert torch.equal(after.texture, before.texture)
    assert again.card.texture_width == before.texture.shape[1]


def test_an_encoder_stored_at_half_precision_takes_half_the_room_and_answers_nearly_as_before(tmp_path: Path) -> None:
    encoder = trained().eval().folded()
    path = stored(encoder, tmp_path, half=True)
    bytes_of_numbers = 2 * sum(tensor.numel() for tensor in encoder.state_dict().values())
    assert bytes_of_numbers < (tmp_path / "encoder.safetensors").stat().st_size < bytes_of_numbers + 4000
    again = load_encoder(path.parent)
    with torch.inference_mode():
        before, after = encoder(photos(2, 40)).grid, again(photos(2, 40)).grid
    assert after.dtype == torch.float32
    assert float((after - before).abs().max()) < 0.02 * float(before.std())


@pytest.mark.parametrize(
    "change",
    [
        {"input_size": 33},
        {"input_size": 30},
        {"input_size": 0},
        {"input_size": 1 << 20},
        {"stem": 0},
        {"stem": 1 << 20},
        {"widths": ()},
        {"widths": (8,)},
        {"widths": (8, -1)},
        {"widths": (8, 1 << 20)},
        {"widths": (), "strides": ()},
        {"widths": (8,) * 1000, "strides": (1,) * 1000},
        {"strides": (1, 3)},
        {"strides": (1, 0)},
        {"strides": (1, 2, 2)},
        {"width": 0},
        {"width": 13},
        {"pooled_width": 13},
        {"pooled_width": -1},
    ],
)
def test_a_damaged_card_asks_for_nothing_impossible(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="allowed: "):
        dataclasses.replace(SMALL, **change)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"input_size": 32, "stem": [8, 12], "widths": [16], "blocks": [1], "width": 24},
        {"input_size": 32, "stem": 6, "widths": [8, 12], **COMPONENTS},
        {"input_size": 32, "stem": 6, "widths": [8, 12], "strides": [1, 2]},
        {"input_size": 32, "stem": 6, "widths": 8, "strides": 2, **COMPONENTS},
        {"input_size": 32, "stem": 6, "widths": ["wide", 12], "strides": [1, 2], **COMPONENTS},
        {"input_size": "large", "stem": 6, "widths": [8, 12], "strides": [1, 2], **COMPONENTS},
        {"input_size": 32, "stem": 6, "widths": [8, 12], "strides": [1, 2], **COMPONENTS, "kernel": 5},
        {"input_size": 32, "stem": 6, "widths": [8, 12], "strides": [1, 9], **COMPONENTS},
    ],
)
def test_a_damaged_card_is_named(tmp_path: Path, config: dict[str, Any]) -> None:
    path = stored(drawn(), tmp_path)
    path.write_text(json.dumps({**json.loads(path.read_text()), "config": config}))
    with pytest.raises(ModelUnavailable, match=rf"{ENCODER_CARD_FILE}: this program cannot build such an encoder"):
        load_encoder(tmp_path)


def test_weights_of_another_shape_are_named(tmp_path: Path) -> None:
    path = stored(drawn(), tmp_path)
    content = json.loads(path.read_text())
    content["config"]["widths"] = [8, 16]
    path.write_text(json.dumps(content))
    with pytest.raises(ModelUnavailable, match="of another architecture"):
        load_encoder(tmp_path)
