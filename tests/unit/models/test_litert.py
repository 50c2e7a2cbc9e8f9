"""A quantised network as a frozen teacher: its last feature map, dequantised, row by row."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image

from aesthetic_studio.errors import KnownError, ModelUnavailable
from aesthetic_studio.models.card import EncoderCard
from aesthetic_studio.models.encoders import find_encoder, load_encoder
from aesthetic_studio.models.encoders.compact import CompactConfig
from aesthetic_studio.models.encoders.litert import LiteRTEncoder
from aesthetic_studio.models.inputs import to_input

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytest.importorskip("ai_edge_litert", reason="the extra `teacher` is not installed")

SCALE, ZERO = 0.5, 3
TEACHERS = {
    "mobilenet_v1_1.0_224_quant_embedding_extractor.tflite": 1024,
    "tf2_mobilenet_v2_1.0_224_ptq.tflite": 1280,
}


SHAPE = CompactConfig(input_size=16, stem=4, widths=(6, 8), strides=(1, 2), width=8, pooled_width=8)


@pytest.fixture
def network(pooled_network: Callable[..., bytes]) -> Callable[[tuple[int, ...]], bytes]:
    """Means of squares, from side to side."""
    return lambda sides: pooled_network(sides, (SCALE, ZERO))


@pytest.fixture
def made(tmp_path: Path, network: Callable[[tuple[int, ...]], bytes]) -> Path:
    """A network 8×8 ─mean of 2×2─▶ 4×4 ─mean of 4×4─▶ 1×1, on pixels quantised as they are."""
    path = tmp_path / "made net.tflite"
    path.write_bytes(network((8, 4, 1)))
    return path


def test_the_tokens_are_the_last_map_before_pooling_row_by_row(made: Path) -> None:
    encoder = find_encoder(str(made))
    images = torch.randint(0, 256, (3, 3, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    tokens = encoder(images)
    means = torch.nn.functional.avg_pool2d(images.float(), 2).flatten(2).transpose(1, 2)
    assert (tokens.height, tokens.width) == (4, 4)
    torch.testing.assert_close(tokens.grid, (means - ZERO) * SCALE, atol=0.5 * SCALE + 1e-6, rtol=0.0)
    torch.testing.assert_close(tokens.pooled, tokens.grid.mean(dim=1))


def test_a_photo_is_encoded_alike_alone_and_in_company(made: Path) -> None:
    encoder = find_encoder(str(made))
    images = torch.randint(0, 256, (3, 3, 40, 40), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    assert torch.equal(encoder(images).grid[1:2], encoder(images[1:2]).grid)
    assert encoder(images[:0]).grid.shape == (0, 16, 3)


def test_its_card_is_written_from_the_file(made: Path) -> None:
    card = find_encoder(str(made)).card
    assert (card.name, card.kind, card.input_size, card.grid) == ("made-net", "litert", 8, (4, 4))
    assert (card.width, card.pooled_width) == (3, 3)
    assert card.sha256.startswith(card.version)


def test_a_model_can_carry_it_along(made: Path, tmp_path: Path, network: Callable[[tuple[int, ...]], bytes]) -> None:
    encoder = find_encoder(str(made))
    encoder.store(tmp_path / "encoder")
    images = torch.randint(0, 256, (1, 3, 8, 8), dtype=torch.uint8)
    again = load_encoder(tmp_path / "encoder")
    assert torch.equal(again(images).grid, encoder(images).grid)
    assert EncoderCard.load(tmp_path / "encoder" / "encoder.json") == encoder.card
    (tmp_path / "encoder" / made.name).write_bytes(network((8, 2, 1)))
    with pytest.raises(ModelUnavailable, match="damaged"):
        load_encoder(tmp_path / "encoder")


@pytest.mark.parametrize("content", [b"", b"nothing", b"\x1c\x00\x00\x00TFL3" + b"\x00" * 64])
def test_a_damaged_network_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelUnavailable, match=r"broken\.tflite: this network cannot be used"):
        find_encoder(str(path))


def test_a_missing_network_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"gone\.tflite: there is no such network"):
        find_encoder(str(tmp_path / "gone.tflite"))


def test_a_network_without_places_is_refused(tmp_path: Path, network: Callable[[tuple[int, ...]], bytes]) -> None:
    path = tmp_path / "flat.tflite"
    path.write_bytes(network((8, 1)))
    with pytest.raises(ModelUnavailable, match="no feature map with more than one place"):
        find_encoder(str(path))


def test_without_its_library_the_command_that_installs_it_is_named(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **others: Any) -> Any:
        if name.startswith("ai_edge_litert"):
            raise ImportError(name)
        return real(name, *rest, **others)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(KnownError, match=r"pip install 'aesthetic-studio\[teacher\]'"):
        find_encoder(str(made))


def test_every_layer_up_to_the_map_can_be_asked_and_none_behind_it(
    tmp_path: Path, layered_network: Callable[..., bytes]
) -> None:
    path = tmp_path / "layers.tflite"
    path.write_bytes(layered_network(SHAPE))
    found = LiteRTEncoder.open(path).layers
    assert found == [(8, 8, 4), (8, 8, 4), (8, 8, 6), (4, 4, 6), (4, 4, 8)]  # and not the classes


def test_a_layer_says_at_a_place_what_it_says_there_in_the_whole(
    tmp_path: Path, layered_network: Callable[..., bytes], noise: Callable[[int, int, int], torch.Tensor]
) -> None:
    path = tmp_path / "layers.tflite"
    path.write_bytes(layered_network(SHAPE))
    encoder = LiteRTEncoder.open(path)
    draw = np.random.default_rng(2)
    places = [
        np.stack([draw.integers(0, rows, 9), draw.integers(0, columns, 9)]) for rows, columns, _ in encoder.layers
    ]
    for photo in noise(3, 32, 1):  # twice as large as the network's input
        said = encoder.answers_at(photo, places)
        assert [answers.shape for answers in said] == [(9, width) for _, _, width in encoder.layers]
        whole = encoder(photo[None]).grid.view(4, 4, 8).numpy()
        rows, columns = places[-1]
        assert np.array_equal(said[-1], whole[rows, columns])
        assert said[-1].std() > 0.5
        assert all(answers.min() >= 0.0 and answers.max() <= 6.0 for answers in said)


@pytest.mark.parametrize("number", [0, 1, 4])
def test_a_layer_that_is_not_cut_off_at_six_is_named(
    tmp_path: Path, layered_network: Callable[..., bytes], number: int
) -> None:
    path = tmp_path / "open.tflite"
    path.write_bytes(layered_network(SHAPE, unclipped=number))
    encoder = LiteRTEncoder.open(path)
    assert encoder(torch.zeros(1, 3, 16, 16, dtype=torch.uint8)).grid.shape == (1, 16, 8)
    with pytest.raises(ModelUnavailable, match=rf"open\.tflite.*layer {number} does not end in a ReLU up to six"):
        _ = encoder.layers


def test_the_layers_of_the_real_teacher_can_be_asked(real_data: Path) -> None:
    first, second = (LiteRTEncoder.open(real_data / "weights" / "teacher" / file) for file in TEACHERS)
    assert len(first.layers) == 27
    assert first.layers[0] == (112, 112, 32)
    assert first.layers[-1] == (7, 7, 1024)
    with pytest.raises(ModelUnavailable, match="does not end in a ReLU up to six"):
        _ = second.layers  # its bottlenecks are linear


@pytest.mark.parametrize(("file", "width"), TEACHERS.items())
def test_real_teachers_see_where_in_a_photo_something_is(real_data: Path, file: str, width: int) -> None:
    encoder = find_encoder(str(real_data / "weights" / "teacher" / file))
    path = sorted((real_data / "sophoappeal" / "images").glob("*.*"))[0]
    with Image.open(path) as picture:
        photo = torch.from_numpy(to_input(picture.convert("RGB"), encoder.card.input_size))[None]
    tokens = encoder(torch.cat([photo, photo.flip(3)]))
    assert tokens.grid.shape == (2, 49, width)
    assert bool((tokens.grid >= -1e-4).all())  # the map follows a ReLU6
    assert bool((tokens.grid <= 6.001).all())
    plain, mirrored = (side.view(7, 7, width) for side in tokens.grid)
    back = torch.corrcoef(torch.stack([plain.flatten(), mirrored.flip(1).flatten()]))[0, 1]
    as_it_lies = torch.corrcoef(torch.stack([plain.flatten(), mirrored.flatten()]))[0, 1]
    assert back > as_it_lies
    assert back > 0.5
