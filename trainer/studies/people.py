"""Simulated people: panels whose votes are real, and tastes for named attributes, each judging with noise."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.errors import KnownError
from aesthetic_studio.judgements import FlaggedPhoto, JudgedPhoto, Judgements, Preference, PreferenceSource, RatedPhoto
from aesthetic_studio.records import Flag

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trainer.data.votes import VotedPhotos

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

STARS = np.arange(1.0, 6.0)
ATTRIBUTE_SHARE, VOTES_SHARE, NOISE = 0.8, 0.6, 0.8
"""A taste's liking: so much of the attribute, so much of what people like on average, and so much noise each time, in
standard deviations. The two shares' squares sum to 1."""
STAR_QUANTILES = (0.1, 0.3, 0.7, 0.9)
"""Where a taste's liking turns from one star to the next."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who judges.

    Attributes:
        name: In the tables.
        truth: (N,) what they like without noise; NaN for photos that they never saw.
        votes: (N, 5) stars that this panel gave, for who is one of its members each time; ``None`` for a taste.
        known: Whether what they like is among the attributes that the model can name.
    """

    name: str
    truth: Floats
    votes: Floats | None = None
    known: bool = False

    def rate(self, rows: Rows, generator: np.random.Generator) -> Floats:
        """Stars 1..5 of photos: one member's vote, or the liking with noise."""
        if self.votes is not None:
            return np.asarray([1.0 + generator.choice(5, p=self.votes[row] / self.votes[row].sum()) for row in rows])
        liking = self._noisy(rows, generator)
        limits = np.nanquantile(self.truth, STAR_QUANTILES)
        stars: Floats = 1.0 + (liking[:, None] > limits).sum(axis=1)
        return stars

    def prefers(self, one: Rows, two: Rows, generator: np.random.Generator) -> Floats:
        """(P,) 1 where the first photo of a pair is preferred, 0 where the second, 0.5 for no difference."""
        if self.votes is not None:
            difference = self.rate(one, generator) - self.rate(two, generator)
        else:
            difference = self._noisy(one, generator) - self._noisy(two, generator)
        found: Floats = (np.sign(difference) + 1.0) / 2.0
        return found

    def _noisy(self, rows: Rows, generator: np.random.Generator) -> Floats:
        noisy: Floats = self.truth[rows] + NOISE * generator.normal(size=len(rows))
        return noisy


@dataclass(frozen=True, slots=True)
class RandomPerson:
    """Somebody whose judgements mean nothing."""

    name: str = "random"

    def rate(self, rows: Rows, generator: np.random.Generator) -> Floats:
        """Stars 1..5 by chance."""
        stars: Floats = generator.choice(STARS, size=len(rows), p=(0.1, 0.2, 0.4, 0.2, 0.1))
        return stars

    def prefers(self, one: Rows, two: Rows, generator: np.random.Generator) -> Floats:
        """(P,) 0 or 1 by chance."""
        del two
        return generator.integers(0, 2, len(one)).astype(np.float64)


def luma(images: NDArray[np.uint8]) -> Floats:
    """Brightness 0..1 of photos' pixels (N, S, S)."""
    found: Floats = np.tensordot(images.astype(np.float64) / 255.0, [0.2126, 0.7152, 0.0722], axes=(1, 0))
    return found


def colourfulness(images: NDArray[np.uint8]) -> Floats:
    """Hasler and Süsstrunk (2003), eq. 3."""
    red, green, blue = np.moveaxis(images.astype(np.float64), 1, 0)
    one, two = red - green, (red + green) / 2.0 - blue
    found: Floats = np.sqrt(one.var((1, 2)) + two.var((1, 2))) + 0.3 * np.sqrt(
        one.mean((1, 2)) ** 2 + two.mean((1, 2)) ** 2
    )
    return found


def symmetry(images: NDArray[np.uint8]) -> Floats:
    """How much of the left half is found mirrored on the right, −1..1."""
    picture = luma(images)
    picture = picture - picture.mean((1, 2), keepdims=True)
    found: Floats = (picture * picture[:, :, ::-1]).sum((1, 2)) / np.maximum((picture**2).sum((1, 2)), 1e-9)
    return found


def open_sky(images: NDArray[np.uint8]) -> Floats:
    """How much brighter and calmer the upper third is than the rest."""
    picture = luma(images)
    third = picture.shape[1] // 3
    upper, rest = picture[:, :third], picture[:, third:]
    found: Floats = upper.mean((1, 2)) - rest.mean((1, 2)) - upper.std((1, 2)) + rest.std((1, 2))
    return found


TASTES: tuple[tuple[str, Callable[[NDArray[np.uint8]], Floats], bool], ...] = (
    ("colourful", colourfulness, True),
    ("dark", lambda images: -luma(images).mean((1, 2)), True),
    ("contrasty", lambda images: luma(images).std((1, 2)), True),
    ("symmetric", symmetry, False),
    ("open sky", open_sky, False),
)
"""Names, what they measure, and whether the model has that among its named attributes."""


def tastes(photos: VotedPhotos) -> list[Person]:
    """One person for each named attribute, who also likes what people like on average."""
    average = standard(photos.votes @ np.arange(1.0, 11.0))
    return [
        Person(name, ATTRIBUTE_SHARE * standard(measure(photos.images)) + VOTES_SHARE * average, known=known)
        for name, measure, known in TASTES
    ]


def panels(table: Path, photos: VotedPhotos) -> list[Person]:
    """One person for each panel of ``panels.csv`` (file, panel, stars1…stars5), and one for all of them together.

    Raises ``KnownError`` where there is no such table.
    """
    path = (table if table.is_dir() else table.parent) / "panels.csv"
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = [
                (row["panel"], row["file"], [float(row[f"stars{k}"]) for k in range(1, 6)])
                for row in csv.DictReader(stream)
            ]
    except (OSError, UnicodeDecodeError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise KnownError(
            f"{path}: the panels' votes cannot be read ({getattr(error, 'strerror', None) or error}).",
            "It needs file, panel and stars1…stars5; name its folder with --data.",
        ) from error
    number = {name: place for place, name in enumerate(photos.files)}
    votes = {name: np.zeros((len(photos), 5)) for name in sorted({row[0] for row in rows})}
    for panel, file, stars in rows:
        if file in number:
            votes[panel][number[file]] += stars
    everyone = {f"panel {name}": given for name, given in votes.items()}
    everyone["all panels"] = np.sum(list(votes.values()), axis=0)
    return [Person(name, _means(given), given) for name, given in everyone.items()]


def standard(values: Floats) -> Floats:
    """Mean 0 and standard deviation 1."""
    found: Floats = (values - values.mean()) / values.std()
    return found


def judge_by_stars(person: Person | RandomPerson, rows: Rows, generator: np.random.Generator) -> Judgements:
    """One judgement a photo."""
    stars = person.rate(rows, generator)
    return Judgements(ratings=tuple(RatedPhoto(photo(row), int(given)) for row, given in zip(rows, stars, strict=True)))


def judge_by_flags(person: Person | RandomPerson, rows: Rows, generator: np.random.Generator) -> Judgements:
    """One judgement a photo: picked above three stars, rejected below; what lies between goes either way."""
    stars = person.rate(rows, generator) + generator.choice((-0.5, 0.5), size=len(rows))
    flags = np.where(stars > 3.0, Flag.PICK, Flag.REJECT)
    return Judgements(flags=tuple(FlaggedPhoto(photo(r), Flag(int(flag))) for r, flag in zip(rows, flags, strict=True)))


def judge_pairs(person: Person | RandomPerson, pairs: NDArray[np.int64], generator: np.random.Generator) -> Judgements:
    """One judgement a pair (P, 2)."""
    first = person.prefers(pairs[:, 0], pairs[:, 1], generator)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = []
    for (one, two), better in zip(pairs, first, strict=True):
        best, worst = (one, two) if better >= 0.5 else (two, one)
        source = PreferenceSource.TIE if better == 0.5 else PreferenceSource.TEACH
        made.append(Preference(photo(best), photo(worst), source, now))
    return Judgements(preferences=tuple(made))


def photo(row: int) -> JudgedPhoto:
    """The photo of a row, as a library would name it."""
    return JudgedPhoto(int(row), int(row), content(row), Path(f"{row}.png"), present=True)


def content(row: int) -> bytes:
    """Its content hash."""
    return int(row).to_bytes(16, "big")


def _means(votes: Floats) -> Floats:
    total = votes.sum(axis=1)
    found: Floats = np.where(total > 0, votes @ STARS, np.nan) / np.maximum(total, 1.0)
    return found
