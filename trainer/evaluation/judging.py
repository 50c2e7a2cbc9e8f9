"""Asks models for their answers: every photo is decoded once for each size that a model reads, and never kept.

A model that reads photos at their own resolution (FGAesQ) is given those, and orders a series by all of its pairs.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
import torch

from aesthetic_studio.errors import KnownError, UnreadablePhoto
from aesthetic_studio.imaging import colour, pixels, preview, source
from trainer.data.images import decode_all
from trainer.data.records import Exclusion, PhotoSet, SeriesSet
from trainer.metrics import mean_scores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from aesthetic_studio.models.protocol import AestheticModel
    from aesthetic_studio.records import ScoreDistribution
    from trainer.metrics import Array

    Photo = NDArray[np.uint8]

BATCH = 32
WORKERS = max(1, min(4, (os.cpu_count() or 2) - 1))
WITH_WORDS = "with words"

Progress = Callable[[int, int], None]


@runtime_checkable
class ReadsWholePhotos(Protocol):
    """A model that judges photos at their own resolution, and series by their pairs, as FGAesQ does."""

    def score_image(self, photo: Photo, seed: int | None = 0, *, draws: int = 1) -> ScoreDistribution:
        """Judge one photo (H, W, 3) of sRGB bytes."""
        ...

    def score_series(self, photos: Sequence[Callable[[], Photo]], name: str) -> list[float]:
        """Scores of a series' photos, NaN for one that its loader cannot read."""
        ...


@dataclass(slots=True)
class Answers:
    """What judges say of the photos that all of them could read.

    Attributes:
        rows: (M,) which photos of the set those are.
        predicted: For each judge, distributions (M, 10).
        excluded: The photos that could not be read, and why.
    """

    rows: np.ndarray
    predicted: dict[str, Array]
    excluded: tuple[Exclusion, ...] = ()


@dataclass(slots=True)
class _Collected:
    found: dict[str, dict[int, Array]] = field(default_factory=dict)
    unreadable: dict[int, str] = field(default_factory=dict)


def ask(
    models: Mapping[str, AestheticModel],
    data: PhotoSet | SeriesSet,
    *,
    words: Sequence[str] = (),
    progress: Progress = lambda _done, _total: None,
    workers: int = WORKERS,
) -> Answers:
    """Distributions of every model for every photo of a set.

    ``words`` (N,) are the photos' words, empty strings where there are none; a model that reads words then answers
    twice, as ``NAME`` and as ``NAME, with words``. Raises ``KnownError`` where not one photo can be read.
    """
    collected = _Collected()
    whole = {name: model for name, model in models.items() if isinstance(model, ReadsWholePhotos)}
    sizes = sorted({model.card.input_size for name, model in models.items() if name not in whole})
    passes = len(sizes) + len(whole)
    for number, size in enumerate(sizes):
        chosen = {name: m for name, m in models.items() if m.card.input_size == size and name not in whole}
        _ask_at(size, chosen, data, words, collected, _later(progress, number, passes, len(data.files)), workers)
    for number, (name, model) in enumerate(whole.items(), start=len(sizes)):
        _ask_whole(name, model, data, collected, _later(progress, number, passes, len(data.files)))
    rows = np.asarray([k for k in range(len(data.files)) if k not in collected.unreadable], dtype=np.int64)
    if not len(rows):
        reason = next(iter(collected.unreadable.values()), "the set is empty")
        raise KnownError(f"{data.name}: not one photo can be read.", f"The first reason: {reason}")
    names = [name for model in models for name in (model, f"{model}, {WITH_WORDS}") if name in collected.found]
    predicted = {name: np.stack([collected.found[name][int(row)] for row in rows]) for name in names}
    excluded = tuple(Exclusion(data.files[row], why) for row, why in sorted(collected.unreadable.items()))
    return Answers(rows, predicted, excluded)


def ask_series(
    models: Mapping[str, AestheticModel],
    data: SeriesSet,
    *,
    progress: Progress = lambda _done, _total: None,
    workers: int = WORKERS,
) -> tuple[SeriesSet, dict[str, list[Array]], tuple[Exclusion, ...]]:
    """Scores of every model for each series, and the set less the photos that could not be read.

    A model of series compares all pairs of each; any other scores each photo by itself. Raises ``KnownError`` where
    nothing can be read.
    """
    used = np.unique([row for series in data.series for row in series.members]).astype(np.int64)
    pairwise = {name: model for name, model in models.items() if isinstance(model, ReadsWholePhotos)}
    single = {name: model for name, model in models.items() if name not in pairwise}
    passes = bool(single) + len(pairwise)
    readable = set(used.tolist())
    excluded: list[Exclusion] = []
    means: dict[str, dict[int, float]] = {}
    if single:
        answers = ask(
            single, data.take(used), progress=lambda done, all_: progress(done, passes * all_), workers=workers
        )
        rows = used[answers.rows]
        readable, excluded = set(rows.tolist()), list(answers.excluded)
        for name, predicted in answers.predicted.items():
            means[name] = dict(zip(rows.tolist(), mean_scores(predicted).tolist(), strict=True))
    in_pairs: dict[str, list[dict[int, float]]] = {}
    for number, (name, model) in enumerate(pairwise.items(), start=bool(single)):
        in_pairs[name] = []
        later = _later(progress, number, passes, len(data.series))
        for done, series in enumerate(data.series, start=1):
            members = [row for row in series.members if row in readable]
            scores = model.score_series([partial(whole_photo, data.paths[row]) for row in members], series.name)
            lost = [row for row, score in zip(members, scores, strict=True) if len(members) > 1 and np.isnan(score)]
            excluded += [Exclusion(data.files[row], "it could not be scored beside its series") for row in lost]
            readable -= set(lost)
            in_pairs[name].append(dict(zip(members, scores, strict=True)))
            later(done)
    kept = np.asarray(sorted(readable), dtype=np.int64)
    seen = data.take(kept)
    if not seen.series:
        why = excluded[0].reason if excluded else "no series has a compared pair"
        raise KnownError(f"{data.name}: no series is left to judge.", f"The first reason: {why}")
    places = _places(data, seen, kept)
    found: dict[str, list[Array]] = {}
    for name in models:
        found[name] = [
            np.asarray(
                [(means[name] if name in means else in_pairs[name][place])[int(kept[m])] for m in series.members]
            )
            for place, series in zip(places, seen.series, strict=True)
        ]
    return seen, found, tuple(excluded)


def _places(data: SeriesSet, seen: SeriesSet, kept: NDArray[np.int64]) -> list[int]:
    """Which series of ``data`` each one of ``seen`` was; series keep their order, and some are gone."""
    places, place = [], -1
    for series in seen.series:
        rows = {int(kept[member]) for member in series.members}
        place += 1
        while data.series[place].name != series.name or not rows <= set(data.series[place].members):
            place += 1
        places.append(place)
    return places


def whole_photo(path: Path) -> Photo:
    """A photo at its own resolution: (H, W, 3) sRGB bytes, upright. Raises ``UnreadablePhoto``."""
    data = source.read_bytes(str(path))
    photo = pixels.open_photo(data, source.sniff(data, str(path)), str(path))
    picture, _ = colour.to_srgb(photo.image, photo.profile)
    return np.asarray(preview.upright(picture, photo.orientation))


def _ask_at(
    size: int,
    models: Mapping[str, AestheticModel],
    data: PhotoSet | SeriesSet,
    words: Sequence[str],
    collected: _Collected,
    progress: Callable[[int], None],
    workers: int,
) -> None:
    rows: list[int] = []
    pixels: list[np.ndarray] = []
    for row, decoded in enumerate(decode_all(data.paths, size, workers)):
        if decoded.pixels is None:
            collected.unreadable[row] = decoded.reason
        else:
            rows.append(row)
            pixels.append(decoded.pixels)
        if len(rows) == BATCH or (rows and row + 1 == len(data.files)):
            _ask_batch(models, rows, np.stack(pixels), words, collected)
            rows, pixels = [], []
        progress(row + 1)


def _ask_whole(
    name: str,
    model: ReadsWholePhotos,
    data: PhotoSet | SeriesSet,
    collected: _Collected,
    progress: Callable[[int], None],
) -> None:
    found = collected.found.setdefault(name, {})
    for row, path in enumerate(data.paths):
        if row not in collected.unreadable:
            try:
                found[row] = np.asarray(model.score_image(whole_photo(path)).probabilities, dtype=np.float64)
            except UnreadablePhoto as problem:
                collected.unreadable[row] = problem.reason
        progress(row + 1)


def _ask_batch(
    models: Mapping[str, AestheticModel],
    rows: Sequence[int],
    pixels: np.ndarray,
    words: Sequence[str],
    collected: _Collected,
) -> None:
    images = torch.from_numpy(pixels)
    for name, model in models.items():
        tokens = model.encode(images)
        answers = {name: model.score(tokens)}
        text = model.encode_words([words[row] for row in rows]) if words else None
        if text is not None:
            answers[f"{name}, {WITH_WORDS}"] = model.score(tokens, text)
        for judge, answer in answers.items():
            shares = answer.probabilities.double().cpu().numpy()
            if not np.isfinite(shares).all():
                raise KnownError(
                    f"{judge}: its answer for some photos is no number.", "The model is damaged; install it again."
                )
            collected.found.setdefault(judge, {}).update(zip(rows, shares, strict=True))


def _later(progress: Progress, number: int, passes: int, photos: int) -> Callable[[int], None]:
    """Progress of one pass of several, as a share of all of them."""
    return lambda done: progress(number * photos + done, passes * photos)
