"""A quantised LiteRT network (``.tflite``) as a frozen encoder: its last feature map before pooling is the tokens.

    photo (B, 3, S, S) ──resize──▶ int8 network, on the CPU ──▶ last map (B, h, w, D), dequantised ▸ tokens, their mean

Only proofs and distillation need it, so its library is an optional extra and is imported when a network is opened.
"""

from __future__ import annotations

import math
import re
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from aesthetic_studio.errors import KnownError, ModelUnavailable
from aesthetic_studio.models.card import EncoderCard, check_weights, file_sha256
from aesthetic_studio.models.encoders.base import Encoder, resized
from aesthetic_studio.models.protocol import VisualTokens

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

SUFFIX = ".tflite"

_LOWEST = {"uint8": 0, "int8": -128}
"""The code that stands for a black pixel, by the type of the network's input."""


class LiteRTEncoder(Encoder):
    """An int8 network whose last spatial map is read, and its mean: finer than the network's own, quantised embedding.

    Always on the CPU, whatever the photos lie on; it cannot be traced and has nothing to train.
    """

    kind = "litert"

    def __init__(self, file: Path, sha256: str) -> None:
        """Open the network. Raises ``ModelUnavailable`` for a file that is missing, damaged or no such network."""
        super().__init__()
        check_weights(file, sha256)
        self._interpreter = _open(file)
        self._one_at_a_time = threading.Lock()
        """An interpreter keeps what it says in itself, and photos are scored in several threads."""
        self._input = self._interpreter.get_input_details()[0]
        self._map = self._details(_last_map(file), file)
        self._file = file
        self._convolutions: list[dict[str, Any]] | None = None
        self._check(file)

    @classmethod
    def open(cls, file: Path) -> LiteRTEncoder:
        """Read a network that has no card; one is written from what the file says.

        Raises ``ModelUnavailable`` for a file that is missing or is no such network, ``KnownError`` where the library
        is not installed.
        """
        if not file.is_file():
            raise ModelUnavailable(f"{file}: there is no such network.", "Check the path.")
        digest = file_sha256(file)
        encoder = cls(file, digest)
        encoder.card = card_of(encoder, file, digest)
        return encoder

    def fill(self, file: Path, sha256: str) -> None:
        """Its numbers came with its graph; only the file is checked."""
        check_weights(file, sha256)

    @property
    def side(self) -> int:
        """Side of the network's square input, in pixels."""
        return int(self._input["shape"][1])

    @property
    def map_shape(self) -> tuple[int, int, int]:
        """Rows, columns and width of the map."""
        _, rows, columns, width = (int(number) for number in self._map["shape"])
        return rows, columns, width

    def forward(self, images: Tensor) -> VisualTokens:
        """Tokens (B, h·w, D) and their mean (B, D) of photos (B, 3, S, S), uint8 sRGB, resized as it needs."""
        rows, columns, width = self.map_shape
        pixels = resized(images.cpu(), self.side)
        maps = [self._run(photo) for photo in pixels.permute(0, 2, 3, 1).numpy()]
        empty: NDArray[np.float32] = np.empty((0, rows, columns, width), dtype=np.float32)
        grid = torch.from_numpy(np.concatenate([empty, *maps])).flatten(1, 2).to(images.device)
        return VisualTokens(grid, grid.mean(dim=1), rows, columns)

    @property
    def layers(self) -> list[tuple[int, int, int]]:
        """Rows, columns and width of what each convolution up to the map answers, in order.

        Raises ``ModelUnavailable`` for a network with a layer that does not end in a ReLU up to six.
        """
        shapes = [[int(number) for number in part["shape"]] for part in self._layers()]
        return [(rows, columns, width) for _, rows, columns, width in shapes]

    def answers_at(self, photo: Tensor, places: Sequence[NDArray[np.int64]]) -> list[NDArray[np.float32]]:
        """What every layer says (P, width) at rows and columns (2, P) of its own, to a photo (3, S, S), uint8 sRGB."""
        pixels = resized(photo[None].cpu(), self.side)[0]
        found = zip(self._layers(), places, strict=True)
        with self._one_at_a_time:
            self._invoke(pixels.permute(1, 2, 0).numpy())
            return [
                _real(self._interpreter.get_tensor(part["index"])[0][rows, columns], part)
                for part, (rows, columns) in found
            ]

    def _layers(self) -> list[dict[str, Any]]:
        if self._convolutions is None:
            self._convolutions = [self._details(index, self._file) for index in _clipped_convolutions(self._file)]
        return self._convolutions

    def _run(self, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The dequantised map (1, h, w, D) of one photo (side, side, 3)."""
        with self._one_at_a_time:
            self._invoke(photo)
            return _real(self._interpreter.get_tensor(self._map["index"]), self._map)

    def _invoke(self, photo: NDArray[np.uint8]) -> None:
        kind = self._input["dtype"]
        codes = (photo.astype(np.int16) + _LOWEST[np.dtype(kind).name]).astype(kind)
        self._interpreter.set_tensor(self._input["index"], codes[None])
        self._interpreter.invoke()

    def _details(self, index: int, file: Path) -> dict[str, Any]:
        found: list[dict[str, Any]] = self._interpreter.get_tensor_details()
        chosen = next((part for part in found if part["index"] == index), None)
        if chosen is None:
            raise _unusable(file, "its last feature map cannot be read")
        return chosen

    def _check(self, file: Path) -> None:
        shape = [int(number) for number in self._input["shape"]]
        if len(shape) != 4 or shape[0] != 1 or shape[1] != shape[2] or shape[3] != 3:
            raise _unusable(file, f"its input is {shape}, not one square RGB picture")
        if np.dtype(self._input["dtype"]).name not in _LOWEST:
            raise _unusable(file, f"its input is {np.dtype(self._input['dtype']).name}, not quantised pixels")


def card_of(encoder: LiteRTEncoder, file: Path, sha256: str) -> EncoderCard:
    """What can be said of a network that came without a card; its version is the beginning of its sha256."""
    rows, columns, width = encoder.map_shape
    name = re.sub(r"[^a-z0-9._-]+", "-", file.stem.lower()).strip("-.") or "network"
    return EncoderCard(
        name=name,
        version=sha256[:12],
        title=f"LiteRT network {file.name}",
        kind=LiteRTEncoder.kind,
        input_size=encoder.side,
        grid=(rows, columns),
        width=width,
        pooled_width=width,
        parameters=_count_parameters(file),
        file=file.name,
        sha256=sha256,
        licence="not stated in the file",
        folder=file.parent,
    )


def _open(file: Path) -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType  # noqa: PLC0415
    except ImportError as error:
        raise KnownError(
            f"{file}: reading a LiteRT network needs a library that is not installed.",
            "Install it: pip install 'aesthetic-studio[teacher]'",
        ) from error
    try:
        # The plain kernels do integer arithmetic by the book; the delegate's round otherwise, and differ by processor.
        interpreter = Interpreter(
            str(file),
            experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise _unusable(file, str(error).strip().rstrip(".")) from error
    return interpreter


def _graph(file: Path) -> tuple[Any, Any]:
    from ai_edge_litert import schema_py_generated as schema  # noqa: PLC0415

    model = schema.Model.GetRootAs(file.read_bytes(), 0)
    return model, model.Subgraphs(0)


def _last_map(file: Path) -> int:
    """Index of the last layer's output that still has places: 4-D, with more than one row and column."""
    _, graph = _graph(file)
    for number in reversed(range(graph.OperatorsLength())):
        for output in graph.Operators(number).OutputsAsNumpy():
            shape = graph.Tensors(output).ShapeAsNumpy()
            if not isinstance(shape, int) and len(shape) == 4 and shape[1] > 1 and shape[2] > 1:
                return int(output)
    raise _unusable(file, "it has no feature map with more than one place")


def _clipped_convolutions(file: Path) -> list[int]:
    """Indices of the answers of all convolutions up to the last map, in order."""
    from ai_edge_litert import schema_py_generated as schema  # noqa: PLC0415

    kinds = {
        schema.BuiltinOperator.CONV_2D: schema.Conv2DOptions,
        schema.BuiltinOperator.DEPTHWISE_CONV_2D: schema.DepthwiseConv2DOptions,
    }
    model, graph = _graph(file)
    last = _last_map(file)
    found: list[int] = []
    for number in range(graph.OperatorsLength()):
        operator = graph.Operators(number)
        answer = int(operator.OutputsAsNumpy()[0])
        code = model.OperatorCodes(operator.OpcodeIndex())
        kind = kinds.get(max(code.BuiltinCode(), code.DeprecatedBuiltinCode()))
        if kind is not None:
            options = kind()
            options.Init(operator.BuiltinOptions().Bytes, operator.BuiltinOptions().Pos)
            if options.FusedActivationFunction() != schema.ActivationFunctionType.RELU6:
                raise _unusable(file, f"its layer {len(found)} does not end in a ReLU up to six, so it gives no hints")
            found.append(answer)
        if answer == last:
            return found
    return found


def _real(codes: NDArray[Any], details: dict[str, Any]) -> NDArray[np.float32]:
    """Quantised numbers as what they stand for."""
    scale, zero = details["quantization"]
    found = codes.astype(np.float32)
    real: NDArray[np.float32] = (found - np.float32(zero)) * np.float32(scale) if scale else found
    return real


def _count_parameters(file: Path) -> int:
    model, graph = _graph(file)
    tensors = [graph.Tensors(number) for number in range(graph.TensorsLength())]
    kept = [tensor for tensor in tensors if model.Buffers(tensor.Buffer()).DataLength()]
    return sum(math.prod(int(size) for size in tensor.ShapeAsNumpy()) for tensor in kept if tensor.ShapeLength())


def _unusable(file: Path, why: str) -> ModelUnavailable:
    return ModelUnavailable(f"{file}: this network cannot be used as an encoder: {why}.", "Choose another one.")
