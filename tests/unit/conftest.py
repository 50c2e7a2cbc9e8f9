"""What tests of more than one room use: networks made in moments, as TensorFlow or this program writes them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    from aesthetic_studio.models.encoders import Encoder
    from aesthetic_studio.models.encoders.compact import CompactConfig

PIXEL, ANSWER = (1.0 / 127.5, 127), (6.0 / 255, 0)
"""Scale and zero of pixels, from -1 to 1, and of what a layer says, from 0 to 6."""
CLASSES = 5


@pytest.fixture(scope="session")
def pooled_network() -> Callable[..., bytes]:
    """The content of a ``.tflite`` file that takes means only."""

    def write(sides: Sequence[int], quantised: tuple[float, int]) -> bytes:
        graph = Graph()
        last = first = graph.tensor([1, sides[0], sides[0], 3], quantised)
        for before, side in itertools.pairwise(sides):
            last = graph.mean(last, before // side, [1, side, side, 3], quantised)
        return graph.file(first, last)

    return write


@pytest.fixture(scope="session")
def layered_network() -> Callable[..., bytes]:
    """The content of a ``.tflite`` file with a compact encoder's layers, a mean over all places, and classes.

    Its weights are drawn by ``seed``, and scaled so that every channel says something between 0 and 6 to noise. Every
    layer ends in a ReLU up to six, but for ``unclipped``, a layer's number. The classes end in none, as they never do.
    """

    def write(config: CompactConfig, seed: int = 0, unclipped: int | None = None) -> bytes:
        import torch

        graph, entering = Graph(), PIXEL
        last = first = graph.tensor([1, config.input_size, config.input_size, 3], entering)
        for number, (weight, bias, stride, side) in enumerate(drawn_layers(config, seed)):
            shape = [1, side, side, len(bias)]
            last = graph.convolution(
                last, entering, weight.numpy(), bias.numpy(), stride, shape, clipped=number != unclipped
            )
            entering = ANSWER
        last = graph.mean(last, config.grid, [1, 1, 1, config.widths[-1]], ANSWER)
        classes = torch.randn(CLASSES, 1, 1, config.widths[-1], generator=torch.Generator().manual_seed(seed)).numpy()
        nothing = np.zeros(CLASSES, dtype=np.float32)
        last = graph.convolution(last, ANSWER, classes, nothing, 1, [1, 1, 1, CLASSES], clipped=False)
        return graph.file(first, last)

    return write


@pytest.fixture(scope="session")
def noise() -> Callable[[int, int, int], Tensor]:
    """Makes photos (count, 3, side, side), uint8, of coarse and fine noise."""
    return drawn_noise


@pytest.fixture(scope="session")
def compact_encoder() -> Callable[..., Encoder]:
    """Writes a small compact encoder into a folder, its weights drawn by seed, and loads it from there."""

    def write(folder: Path, seed: int = 0, **card: Any) -> Encoder:
        import torch

        from aesthetic_studio.models.card import EncoderCard, file_sha256
        from aesthetic_studio.models.encoders import load_encoder
        from aesthetic_studio.models.encoders.compact import CompactConfig, CompactEncoder
        from aesthetic_studio.models.weights import save_weights

        config = CompactConfig(input_size=32, stem=6, widths=(8, 12), strides=(1, 2), width=6, pooled_width=7)
        torch.manual_seed(seed)
        encoder = CompactEncoder(config)
        file = folder / "encoder.safetensors"
        save_weights(encoder, file)
        facts: dict[str, Any] = {
            "name": "compact",
            "version": "1",
            "title": "Compact",
            "kind": encoder.kind,
            "input_size": config.input_size,
            "grid": (config.grid, config.grid),
            "width": config.width,
            "pooled_width": config.pooled_width,
            "texture_width": config.texture_width,
            "middle_width": config.middle_width,
            "parameters": 1,
            "file": file.name,
            "sha256": file_sha256(file),
            "licence": "none",
            "config": encoder.as_json(),
        }
        EncoderCard(**facts | card).save(folder)
        return load_encoder(folder)

    return write


def drawn_noise(count: int, side: int, seed: int) -> Tensor:
    import torch
    import torch.nn.functional as F  # noqa: N812

    draw = torch.Generator().manual_seed(seed)
    whole = torch.zeros(count, 3, side, side)
    for part in (1, 2, 4):
        coarse = torch.randn(count, 3, side // part, side // part, generator=draw)
        whole += F.interpolate(coarse, size=(side, side), mode="bilinear")
    return (128 + 40 * whole).clamp(0, 255).to(torch.uint8)


def drawn_layers(config: CompactConfig, seed: int) -> list[tuple[Tensor, Tensor, int, int]]:
    """Weights in TensorFlow's order, biases, stride and side of each layer."""
    import torch

    from aesthetic_studio.models.encoders.compact import CompactEncoder

    torch.manual_seed(seed)
    encoder = CompactEncoder(config)
    photos = encoder.normalised(drawn_noise(32, config.input_size, seed))
    found = []
    with torch.inference_mode():
        for layer in encoder.chain:
            weight = layer.convolution.weight.clone()
            layer.give(weight, torch.zeros(len(weight)))
            said = layer.linear(photos)
            middle, spread = said.mean(dim=(0, 2, 3)), said.std(dim=(0, 2, 3)) / 2.0
            weight /= spread[:, None, None, None]
            layer.give(weight, 2.5 - middle / spread)
            photos = layer(photos)
            order = (0, 2, 3, 1) if layer.convolution.groups == 1 else (1, 2, 3, 0)
            assert layer.convolution.bias is not None
            bias = layer.convolution.bias.clone()
            found.append((weight.permute(order).contiguous(), bias, layer.convolution.stride[0], photos.shape[2]))
    return found


class Graph:
    """A ``.tflite`` file's one graph, written operator by operator; numbers of tensors stand for them."""

    def __init__(self) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self.schema: Any = schema
        self.model, self.graph = schema.ModelT(), schema.SubGraphT()
        self.model.version, self.model.subgraphs = 3, [self.graph]
        self.model.buffers, self.model.operatorCodes = [schema.BufferT()], []
        self.graph.tensors, self.graph.operators = [], []

    def tensor(self, shape: Sequence[int], quantised: tuple[float, int], content: NDArray[Any] | None = None) -> int:
        """Codes of one byte, but for biases."""
        found = self.schema.TensorT()
        found.name, found.shape, found.buffer = f"tensor {len(self.graph.tensors)}", list(shape), 0
        biases = content is not None and content.dtype == np.int32
        found.type = self.schema.TensorType.INT32 if biases else self.schema.TensorType.UINT8
        found.quantization = self.schema.QuantizationParametersT()
        found.quantization.scale, found.quantization.zeroPoint = [quantised[0]], [quantised[1]]
        if content is not None:
            kept = self.schema.BufferT()
            kept.data = np.frombuffer(content.tobytes(), dtype=np.uint8)
            found.buffer = len(self.model.buffers)
            self.model.buffers.append(kept)
        self.graph.tensors.append(found)
        return len(self.graph.tensors) - 1

    def mean(self, before: int, step: int, shape: Sequence[int], quantised: tuple[float, int]) -> int:
        """Of squares of places."""
        options = self.schema.Pool2DOptionsT()
        options.strideW = options.strideH = options.filterWidth = options.filterHeight = step
        options.padding = self.schema.Padding.VALID
        return self._operator("AVERAGE_POOL_2D", "Pool2DOptions", options, [before], self.tensor(shape, quantised))

    def convolution(
        self,
        before: int,
        entering: tuple[float, int],
        weight: NDArray[np.float32],
        bias: NDArray[np.float32],
        stride: int,
        shape: Sequence[int],
        *,
        clipped: bool,
    ) -> int:
        """With weights (O, k, k, I), or (1, k, k, C) for a channel each; padded as "same"."""
        lowest, highest = min(float(weight.min()), 0.0), max(float(weight.max()), 0.0)
        scale = (highest - lowest) / 255
        zero = round(-lowest / scale)
        codes = np.clip(np.round(weight / scale) + zero, 0, 255).astype(np.uint8)
        offsets = np.round(bias / (entering[0] * scale)).astype(np.int32)
        inputs = [
            before,
            self.tensor(weight.shape, (scale, zero), codes),
            self.tensor(bias.shape, (entering[0] * scale, 0), offsets),
        ]
        depthwise = len(weight) == 1 < len(bias)
        options = self.schema.DepthwiseConv2DOptionsT() if depthwise else self.schema.Conv2DOptionsT()
        options.strideH = options.strideW = stride
        options.padding = self.schema.Padding.SAME
        ends = self.schema.ActivationFunctionType
        options.fusedActivationFunction = ends.RELU6 if clipped else ends.NONE
        if depthwise:
            options.depthMultiplier = 1
        code = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
        kind = "DepthwiseConv2DOptions" if depthwise else "Conv2DOptions"
        return self._operator(code, kind, options, inputs, self.tensor(shape, ANSWER))

    def file(self, first: int, last: int) -> bytes:
        """The whole, from its input to its output."""
        import flatbuffers  # type: ignore[import-untyped]

        self.graph.inputs, self.graph.outputs = [first], [last]
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    def _operator(self, code: str, kind: str, options: Any, inputs: list[int], output: int) -> int:
        entry, found = self.schema.OperatorCodeT(), self.schema.OperatorT()
        entry.builtinCode = entry.deprecatedBuiltinCode = getattr(self.schema.BuiltinOperator, code)
        entry.version = 1
        found.opcodeIndex, found.inputs, found.outputs = len(self.model.operatorCodes), inputs, [output]
        found.builtinOptionsType, found.builtinOptions = getattr(self.schema.BuiltinOptions, kind), options
        self.model.operatorCodes.append(entry)
        self.graph.operators.append(found)
        return output
