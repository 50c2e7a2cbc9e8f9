"""Hints: the student learns its layers one by one from what the teacher's layers say, before it learns as a whole.

After FitNets (arXiv 1412.6550), where a hint is the answer of a teacher's layer, and channel pruning by reconstruction
(arXiv 1707.06168), where a thinner network's layers are fitted one after the other to the channels that are kept. The
student is given no weight of the teacher: it sees photos, and what each layer answers at some places of them.

    views ─┬─▶ teacher ─ at some places of every layer ─▶ answers ─ the channels that tell most of the others ─┐ goal
           └─▶ student's layers that are learned already ───────────────────────────────────────▶ inputs ──────┴▶ fit

Each layer answers to what the student's own earlier layers say, so that it makes up for what they miss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from scipy.linalg import qr
from torch import Tensor

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.encoders.compact import CEILING
from aesthetic_studio.models.encoders.litert import LiteRTEncoder
from trainer.distil.clipped import fit_clipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from aesthetic_studio.models.encoders import Encoder
    from aesthetic_studio.models.encoders.compact import CompactEncoder, Layer
    from trainer.recipes.sections import HintSettings

TOLERANCE = CEILING / 255 / 2
"""Half a step of an eight-bit answer."""
CHOICE_SAMPLES = 6000
"""Answers by which channels are chosen."""
FEW_SAMPLES = 8192
"""By which a depthwise layer is fitted: each of its channels has ten unknowns, and not hundreds."""
GROUPS = 128
"""Channels of a depthwise layer that are solved at a time: a bound on memory, not on the answer."""
CHUNK = 8
"""Views that pass a layer at a time."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What a teacher's layers said to some views.

    Attributes:
        places: Of each layer: rows and columns (V, 2, P) that were looked at.
        answers: Of each layer: (V·P, C).
    """

    places: list[NDArray[np.int64]]
    answers: list[NDArray[np.float32]]


def check_hints(teacher: Encoder, student: CompactEncoder, name: str) -> LiteRTEncoder:
    """The teacher, if its layers can be hints for the student's. Raises ``KnownError``."""
    way_out = "Give the student the teacher's strides and no more of its widths, or learn without: hints.views = 0."
    if not isinstance(teacher, LiteRTEncoder):
        raise KnownError(
            f"{name}: its layers cannot be looked into.", "Name a .tflite file first, or set hints.views = 0."
        )
    theirs = teacher.layers
    if len(theirs) != len(student.chain):
        raise KnownError(f"{name} has {len(theirs)} layers, the student {len(student.chain)}.", way_out)
    side = teacher.side
    for number, (layer, (rows, _, width)) in enumerate(zip(student.chain, theirs, strict=True)):
        side //= layer.convolution.stride[0]
        mine, alone = layer.convolution.out_channels, layer.convolution.groups > 1
        if rows != side or width < mine or (alone and width != theirs[number - 1][2]):
            raise KnownError(
                f"{name}: layer {number} answers with {rows} places a side and {width} channels; "
                f"the student's has {side} and {mine}.",
                way_out,
            )
    return teacher


def ask(
    teacher: LiteRTEncoder, views: Tensor, settings: HintSettings, *, progress: Callable[[int, int], None]
) -> Hints:
    """Show views (V, 3, S, S), uint8, to a teacher and note what its layers say at places drawn by seed."""
    draw = np.random.default_rng(settings.seed)
    places = [
        np.stack([draw.integers(0, side, (len(views), settings.places)) for side in (rows, columns)], axis=1)
        for rows, columns, _ in teacher.layers
    ]
    heard: list[list[NDArray[np.float32]]] = [[] for _ in places]
    for number, view in enumerate(views):
        for answers, said in zip(heard, teacher.answers_at(view, [part[number] for part in places]), strict=True):
            answers.append(said)
        progress(number + 1, len(views))
    return Hints(places, [np.concatenate(answers) for answers in heard])


def learn_layers(
    student: CompactEncoder,
    views: Tensor,
    hints: Hints,
    settings: HintSettings,
    *,
    progress: Callable[[int, int], None],
) -> list[float]:
    """Fit every layer, the first to the last; the share of its hints' variance that each explains."""
    shares: list[float] = []
    channels: NDArray[np.int64] = np.arange(3)
    entering = [student.normalised(view[None])[0] for view in views]
    with torch.inference_mode():
        for number, (layer, places, answers) in enumerate(zip(student.chain, hints.places, hints.answers, strict=True)):
            if layer.convolution.groups == 1:
                channels = choose(answers, layer.convolution.out_channels, settings.seed)
            goal = torch.from_numpy(answers[:, channels])
            shares.append(_fit(layer, entering, torch.from_numpy(places), goal, settings.steps))
            entering = list(_through(layer, entering))
            progress(number + 1, len(student.chain))
    return shares


def choose(answers: NDArray[np.float32], keep: int, seed: int) -> NDArray[np.int64]:
    """The channels (K,) of answers (N, C) from which the others can be told best, ascending.

    By QR with column pivoting: each is the one of which those before it tell least.
    """
    if keep >= answers.shape[1]:
        return np.arange(answers.shape[1])
    some = np.random.default_rng(seed).permutation(len(answers))[:CHOICE_SAMPLES]
    centred = answers[some] - answers[some].mean(axis=0)
    _, order = qr(centred, mode="r", pivoting=True, check_finite=False)
    return np.sort(order[:keep]).astype(np.int64)


def _fit(layer: Layer, entering: Sequence[Tensor], places: Tensor, goal: Tensor, steps: int) -> float:
    """Give a layer the weights with which it answers its goal (N, O) best; the share that it explains."""
    alone = layer.convolution.groups > 1
    each = max(1, FEW_SAMPLES // len(entering)) if alone else places.shape[2]
    inputs = torch.cat([_patches(layer, x, where) for x, where in zip(entering, places[..., :each], strict=True)])
    goal = goal.view(len(entering), -1, goal.shape[1])[:, :each].flatten(0, 1)
    if not alone:
        problems = [(slice(None), inputs.flatten(1)[None], goal[None])]
    else:
        problems = [
            (some, inputs[:, some].transpose(0, 1).contiguous(), goal[:, some].T[..., None].contiguous())
            for some in (slice(start, start + GROUPS) for start in range(0, goal.shape[1], GROUPS))
        ]
    missed = 0.0
    for some, x, y in problems:
        weight, bias = fit_clipped(x, y, ceiling=CEILING, tolerance=TOLERANCE, steps=steps)
        layer.give(weight.transpose(1, 2).flatten(0, 1), bias.flatten(), some)
        said = (x @ weight + bias[:, None]).clamp(0.0, CEILING)
        missed += float((said - y).square().sum())
    # A layer that always says the same has no variance: it is learned to half a step, and nothing is explained.
    there = float((goal - goal.mean(dim=0)).square().sum())
    return 1.0 - missed / max(there, TOLERANCE**2 * goal.numel())


def _patches(layer: Layer, x: Tensor, where: Tensor) -> Tensor:
    """What of a map (C, h, w) the layer sees at places (2, P) of its answer: (P, C, k²)."""
    size, stride = layer.convolution.kernel_size[0], layer.convolution.stride[0]
    padded = F.pad(x.float(), layer.padding)
    offsets = torch.arange(size)
    rows = where[0, :, None, None] * stride + offsets[:, None]
    columns = where[1, :, None, None] * stride + offsets[None, :]
    return padded[:, rows, columns].flatten(2).transpose(0, 1)


def _through(layer: Layer, entering: Sequence[Tensor]) -> Iterator[Tensor]:
    for start in range(0, len(entering), CHUNK):
        x = torch.stack(list(entering[start : start + CHUNK])).float()
        yield from layer(x.contiguous(memory_format=torch.channels_last)).half()
