"""The student with what it is asked in training only: each teacher's components of every token and of the whole photo.

pixels ─▶ CompactEncoder ─┬─ linear, resized to the teacher's grid ─▶ dense: squared error
├─ mean ─ linear ─▶ pooled: squared error
└─ mean ─▶ who is alike to whom in the batch, as the teacher sees it
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from torch import Tensor, nn

from trainer.embedded.bank import principal_components
from trainer.loop import Share, Shuffled

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from aesthetic_studio.models.encoders.compact import CompactEncoder
    from trainer.distil.lessons import Lessons
    from trainer.recipes.sections import DistilTrainingSettings

VALIDATION_BATCH = 128
TOKEN_RIDGE, WHOLE_RIDGE = 0.01, 0.3
"""Of the heads that a student begins with, in parts of its numbers' variance: wholes are far fewer than tokens."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the student says: of each teacher the components of every token (B, cells, D) and of the whole (B, P).

    Attributes:
        whole: (B, width) the student's own mean token.
    """

    dense: list[Tensor]
    pooled: list[Tensor]
    whole: Tensor


@dataclass(frozen=True, slots=True)
class LessonBatch:
    """One process's part of a step; lists have one entry for each teacher."""

    pixels: Tensor
    dense: list[Tensor]
    pooled: list[Tensor]


class Student(nn.Module):
    """The encoder that is taught, with one linear head for each of the teachers' answers."""

    def __init__(
        self, encoder: CompactEncoder, widths: Sequence[tuple[int, int]], grids: Sequence[tuple[int, int]]
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.grids = list(grids)
        width = encoder.config.widths[-1]
        self.dense = nn.ModuleList([nn.Linear(width, dense) for dense, _ in widths])
        self.pooled = nn.ModuleList([nn.Linear(width, pooled) for _, pooled in widths])

    def forward(self, pixels: Tensor) -> Answers:
        """Answers to views (B, 3, S, S), uint8 sRGB."""
        places = self.encoder.places(pixels)
        whole = places.mean(dim=(2, 3))
        dense = []
        for head, grid in zip(self.dense, self.grids, strict=True):
            # Linear and resizing may change places; this way the narrower map is resized.
            found = head(places.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
            dense.append(_at(grid, found))
        return Answers(dense, [head(whole) for head in self.pooled], whole)

    @torch.no_grad()
    def fit_heads(self, lessons: Lessons, rows: NDArray[np.int64]) -> None:
        """Begin with the heads that answer some views best, for the encoder as it is: ridge regression."""
        tokens, wholes = [], []
        answers: list[LessonBatch] = []
        for start in range(0, len(rows), VALIDATION_BATCH):
            batch = batch_of(lessons, rows[start : start + VALIDATION_BATCH])
            places = self.encoder.places(batch.pixels)
            tokens.append(places)
            wholes.append(places.mean(dim=(2, 3)))
            answers.append(batch)
        for number, grid in enumerate(self.grids):
            found = torch.cat([_at(grid, places).flatten(0, 1) for places in tokens])
            goals = torch.cat([batch.dense[number].flatten(0, 1) for batch in answers])
            _fit_linear(self.dense[number], found, goals, TOKEN_RIDGE)
            goals = torch.cat([batch.pooled[number] for batch in answers])
            _fit_linear(self.pooled[number], torch.cat(wholes), goals, WHOLE_RIDGE)


class LessonBatches(Shuffled):
    """Batches of lessons' rows; half of the views are mirrored, and the teachers' maps with them."""

    def __init__(self, lessons: Lessons, rows: NDArray[np.int64], *, batch: int, seed: int) -> None:
        super().__init__(rows, batch, seed)
        self.lessons = lessons

    def load(self, share: Share) -> LessonBatch:
        """A share's views and answers."""
        mirrored = torch.from_numpy(share.own(share.generator().random(share.whole) < 0.5))
        found = batch_of(self.lessons, share.rows)
        pixels = torch.where(mirrored[:, None, None, None], found.pixels.flip(3), found.pixels)
        dense = [
            torch.where(mirrored[:, None, None], _mirrored(part, grid), part)
            for part, grid in zip(found.dense, self.lessons.grids, strict=True)
        ]
        return LessonBatch(pixels, dense, found.pooled)


def batch_of(lessons: Lessons, rows: NDArray[np.int64]) -> LessonBatch:
    """Some views as they are."""
    found = lessons.take(rows)
    teachers = range(len(lessons.grids))
    return LessonBatch(
        found["pixels"],
        [found[f"dense.{number}"].float() for number in teachers],
        [found[f"pooled.{number}"].float() for number in teachers],
    )


def distillation_loss(answers: Answers, batch: LessonBatch, settings: DistilTrainingSettings) -> Tensor:
    """The sum over teachers of squared errors of tokens and of the whole, and of the relations within the batch."""
    loss = answers.whole.new_zeros(())
    for said, pooled, dense_goal, pooled_goal in zip(
        answers.dense, answers.pooled, batch.dense, batch.pooled, strict=True
    ):
        loss = loss + F.mse_loss(said, dense_goal) + settings.pooled_weight * F.mse_loss(pooled, pooled_goal)
        loss = loss + settings.relation_weight * relation_loss(answers.whole, pooled_goal)
    return loss


def relation_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Similarity-preserving distillation (arXiv 1907.09682, eq. 4), on cosines about the batch's mean.

    Who is alike to whom (B, B) by the student's vectors (B, W) and by the teacher's (B, P), compared by squared error;
    a batch of one has no relations, and no loss.
    """
    if len(student) < 2:
        return student.new_zeros(())
    mine, goal = (F.normalize(part - part.mean(dim=0), dim=1) for part in (student, teacher))
    return F.mse_loss(mine @ mine.T, goal @ goal.T)


@torch.inference_mode()
def explained(student: Student, lessons: Lessons, rows: NDArray[np.int64], device: torch.device) -> dict[str, float]:
    """Share of the teachers' variance that the student explains on some views: of tokens, of wholes, and their mean."""
    errors, goals = {"dense": 0.0, "pooled": 0.0}, {"dense": 0.0, "pooled": 0.0}
    for start in range(0, len(rows), VALIDATION_BATCH):
        batch = batch_of(lessons, rows[start : start + VALIDATION_BATCH])
        said = student(batch.pixels.to(device))
        for name, ours, theirs in (("dense", said.dense, batch.dense), ("pooled", said.pooled, batch.pooled)):
            for mine, goal in zip(ours, theirs, strict=True):
                errors[name] += float((mine.cpu() - goal).double().square().sum())
                goals[name] += float(goal.double().square().sum())
    found = {name: 1.0 - errors[name] / goals[name] for name in errors}
    return {**found, "explained": (found["dense"] + found["pooled"]) / 2}


@torch.no_grad()
def fit_components(encoder: CompactEncoder, lessons: Lessons, rows: NDArray[np.int64]) -> None:
    """Give an encoder the principal components of its answers to some views."""
    tokens, wholes = [], []
    for start in range(0, len(rows), VALIDATION_BATCH):
        pixels = lessons.take(rows[start : start + VALIDATION_BATCH])["pixels"]
        rooted = encoder.rooted(encoder.places(pixels))
        tokens.append(rooted.flatten(0, 1))
        wholes.append(rooted.mean(dim=1))
    config = encoder.config
    for name, samples, width in (("", tokens, config.width), ("pooled_", wholes, config.pooled_width)):
        mean, basis = principal_components(torch.cat(samples), width, 0.0, standardise=False)
        encoder.get_buffer(f"{name}mean").copy_(mean)
        encoder.get_buffer(f"{name}basis").copy_(basis.T)


def _at(grid: tuple[int, int], places: Tensor) -> Tensor:
    """A map (B, D, h, w) as the tokens (B, cells, D) of another grid."""
    if places.shape[2:] != torch.Size(grid):
        places = F.interpolate(places, size=grid, mode="bilinear", antialias=True)
    return places.flatten(2).transpose(1, 2)


def _fit_linear(head: nn.Module, x: Tensor, y: Tensor, ridge: float) -> None:
    assert isinstance(head, nn.Linear)  # noqa: S101 - ModuleList forgets the type
    found = x.double()
    mean, goal = found.mean(dim=0), y.double().mean(dim=0)
    moments = (found - mean).T @ (found - mean) / len(found)
    moments += torch.eye(len(moments), dtype=torch.float64) * (ridge * moments.diagonal().mean() + 1e-12)
    weight = torch.linalg.solve(moments, (found - mean).T @ (y.double() - goal) / len(found))
    head.weight.copy_(weight.T)
    head.bias.copy_(goal - mean @ weight)


def _mirrored(dense: Tensor, grid: tuple[int, int]) -> Tensor:
    rows, columns = grid
    return dense.view(len(dense), rows, columns, -1).flip(2).flatten(1, 2)
