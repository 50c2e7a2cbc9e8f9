"""Lessons: views of every photo with the teachers' answers to them, computed once and kept on disk.

    photo ─▶ views ─┬─ at the largest teacher's side ──────────────────▶ pixels (V, 3, S, S) uint8
                    └─ at each teacher's side ─▶ tokens ─root, PCA─▶ dense (V, cells, D), pooled (V, P) half precision

The principal components come from the first photos of the pool, drawn by seed, and lie beside the shards. A run that is
stopped goes on with the shards that are whole.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from aesthetic_studio.errors import KnownError, UnreadablePhoto
from aesthetic_studio.models.inputs import to_input
from aesthetic_studio.models.weights import save_tensors
from trainer.data.files import photo_files
from trainer.data.images import load_photo
from trainer.distil.crops import views_of
from trainer.embedded.bank import principal_components, signed_power
from trainer.features.durable import check_room
from trainer.features.shards import Item, ShardStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from aesthetic_studio.models.encoders import Encoder
    from trainer.recipes.recipe import DistilRecipe

SHARD_PHOTOS = 128
BASIS_PHOTOS = 512
"""Photos whose whole views give the principal components."""
LONG_SIDE = 512
"""A larger photo is shrunk to this first: no teacher here looks closer."""
BASIS_FILE = "basis.safetensors"
FEWEST = 8
"""Photos below which there is nothing to learn from."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Teacher:
    """A frozen encoder with what its answers are turned into.

    Attributes:
        name: ``0``, ``1``, … in the order of the command line.
        mean, basis: Of tokens, (W,) and (W, D) after the root.
        pooled_mean, pooled_basis: Of their mean.
    """

    name: str
    encoder: Encoder
    power: float
    mean: Tensor
    basis: Tensor
    pooled_mean: Tensor
    pooled_basis: Tensor

    def answers(self, views: Sequence[Any]) -> tuple[Tensor, Tensor]:
        """Components of tokens (V, cells, D) and of the whole (V, P) of views."""
        grid, pooled = rooted(self.encoder, views, self.power)
        return (grid - self.mean) @ self.basis, (pooled - self.pooled_mean) @ self.pooled_basis


class Lessons:
    """A pool's lessons, mapped into memory.

    Attributes:
        names: Photos, relative to the pool, in order.
        views: Of each.
        grids: Rows and columns of each teacher's map.
        excluded: Photos that could not be used, and why.
    """

    def __init__(self, store: ShardStore) -> None:
        self._store = store
        places = store.places()
        self.names = sorted(name for name, place in places.items() if place.row >= 0)
        self.excluded = {name: place.item.failure for name, place in sorted(places.items()) if place.row < 0}
        self._places = [(places[name].shard, places[name].row) for name in self.names]
        self.views = int(store.about["views"])
        self.grids: list[tuple[int, int]] = [(int(rows), int(columns)) for rows, columns in store.about["grids"]]
        if len(self.names) < FEWEST:
            raise KnownError(
                f"{store.folder}: only {len(self.names)} photos of the pool can be used.", "Name a larger --pool."
            )

    @classmethod
    def open(cls, folder: Path) -> Lessons:
        """The lessons of a folder. Raises ``KnownError``."""
        return cls(ShardStore.read(folder))

    def __len__(self) -> int:
        return len(self.names) * self.views

    def take(self, rows: NDArray[np.int64]) -> dict[str, Tensor]:
        """Tensors of some views: ``pixels``, and ``dense.K`` and ``pooled.K`` of each teacher K.

        Row r is view r mod V of photo r div V.
        """
        found: dict[str, list[Tensor]] = {}
        for row in rows.tolist():
            shard, place = self._places[row // self.views]
            for name, tensor in self._store.tensors(shard).items():
                found.setdefault(name, []).append(tensor[place, row % self.views])
        return {name: torch.stack(parts) for name, parts in found.items()}


def build_lessons(
    recipe: DistilRecipe,
    pool: Path,
    encoders: Sequence[Encoder],
    folder: Path,
    *,
    progress: Progress,
    say: Callable[[str], None],
) -> Lessons:
    """Show the teachers what of the pool they have not seen yet. Raises ``DiskFull`` and ``KnownError``."""
    settings, side = recipe.lessons, side_of(encoders)
    files = photo_files(pool)
    if len(files) < FEWEST:
        raise KnownError(f"{pool}: there are only {len(files)} photos here.", f"Name a folder of {FEWEST} or more.")
    made_by = {
        "teachers": [{"name": e.card.name, "version": e.card.version, "sha256": e.card.sha256} for e in encoders],
        "lessons": dataclasses.asdict(settings),
        "side": side,
    }
    about = {"views": settings.views, "grids": [list(e.card.grid) for e in encoders]}
    store = ShardStore.begin(folder, made_by, about)
    if damaged := store.damaged():
        say(f"{damaged[0]}: {len(damaged)} parts of these lessons are damaged or missing; they are made again")
        store.drop(damaged)
    teachers = _teachers(files, encoders, recipe, folder, fresh=not store.shards)
    known = store.places()
    named = {str(path.relative_to(pool)): path for path in files}
    missing = [name for name in named if name not in known]
    cells = sum(e.card.grid[0] * e.card.grid[1] + 1 for e in encoders)
    check_room(folder, len(missing) * settings.views * (3 * side * side + 2 * settings.components * cells))
    done = len(named) - len(missing)
    progress(done, len(named))
    for start in range(0, len(missing), SHARD_PHOTOS):
        some = missing[start : start + SHARD_PHOTOS]
        found = [_lesson(name, named[name], teachers, side, recipe) for name in some]
        tensors = [tensors for _, tensors in found if tensors]
        whole = {key: torch.stack([each[key] for each in tensors]) for key in tensors[0]} if tensors else {}
        store.add([item for item, _ in found], whole)
        done += len(some)
        progress(done, len(named))
    return Lessons(store)


def side_of(encoders: Sequence[Encoder]) -> int:
    """Pixels of a side at which views are kept, so that any student of these teachers may learn from the lessons."""
    return max(encoder.card.input_size for encoder in encoders)


def rooted(encoder: Encoder, views: Sequence[Any], power: float) -> tuple[Tensor, Tensor]:
    """Tokens (V, cells, W) of views and their mean (V, W), raised to ``power`` with their signs."""
    pixels = torch.from_numpy(np.stack([to_input(view, encoder.card.input_size) for view in views]))
    with torch.inference_mode():
        grid = signed_power(encoder(pixels).grid.float(), power)
    return grid, grid.mean(dim=1)


def _lesson(
    name: str, path: Path, teachers: Sequence[Teacher], side: int, recipe: DistilRecipe
) -> tuple[Item, dict[str, Tensor]]:
    try:
        content, photo = load_photo(path, LONG_SIDE)
    except UnreadablePhoto as problem:
        return Item(name, "", failure=problem.reason), {}
    views = list(views_of(photo, recipe.lessons, content))
    found = {"pixels": torch.from_numpy(np.stack([to_input(view, side) for view in views]))}
    for teacher in teachers:
        dense, pooled = teacher.answers(views)
        found[f"dense.{teacher.name}"], found[f"pooled.{teacher.name}"] = dense.half(), pooled.half()
    return Item(name, content), found


def _teachers(
    files: Sequence[Path], encoders: Sequence[Encoder], recipe: DistilRecipe, folder: Path, *, fresh: bool
) -> list[Teacher]:
    """The teachers with their components: those that lie in the folder, or new ones where no shard depends on them."""
    path = folder / BASIS_FILE
    names = ("mean", "basis", "pooled_mean", "pooled_basis")
    if fresh:
        found = {
            f"{number}.{name}": tensor
            for number, encoder in enumerate(encoders)
            for name, tensor in zip(names, _components(files, encoder, recipe), strict=True)
        }
        save_tensors(found, path)
    try:
        stored = load_file(path)
        return [
            Teacher(str(n), encoder, recipe.lessons.power, *(stored[f"{n}.{name}"] for name in names))
            for n, encoder in enumerate(encoders)
        ]
    except (OSError, SafetensorError, KeyError) as error:
        raise KnownError(
            f"{path}: the components of these lessons cannot be read ({error}).", "Delete the folder to begin anew."
        ) from error


def _components(files: Sequence[Path], encoder: Encoder, recipe: DistilRecipe) -> Iterator[Tensor]:
    settings = recipe.lessons
    grids, wholes = [], []
    for index in np.random.default_rng(settings.seed).permutation(len(files))[:BASIS_PHOTOS]:
        try:
            _, photo = load_photo(files[index], LONG_SIDE)
        except UnreadablePhoto:
            continue
        grid, whole = rooted(encoder, [photo], settings.power)
        grids.append(grid[0])
        wholes.append(whole)
    if len(wholes) < FEWEST:
        raise KnownError(f"Only {len(wholes)} of the first photos of the pool can be read.", "Name another --pool.")
    for samples in (torch.cat(grids), torch.cat(wholes)):
        width = min(settings.components, samples.shape[1], len(samples) - 1)
        mean, basis = principal_components(samples, width, settings.whitening)
        yield mean
        yield basis.T.contiguous()


def stamp(names: Sequence[str]) -> str:
    """A hash of which photos were learned from, for the card."""
    return hashlib.sha256("\n".join(names).encode("utf-8", "surrogateescape")).hexdigest()[:16]
