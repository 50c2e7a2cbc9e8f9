"""Base models that have not seen the photos that simulated people judge."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models import registry
from aesthetic_studio.models.encoders import load_encoder
from aesthetic_studio.models.personal import attributes
from aesthetic_studio.models.places import ENCODER_FOLDER
from trainer.data.votes import VotedPhotos, read_votes
from trainer.embedded.training import Voted, train_head
from trainer.embedded.views import encode_views
from trainer.personal.features import PhotoFeatures
from trainer.personal.preference import Design, Scaling
from trainer.recipes.recipe import EmbeddedRecipe, read_as
from trainer.studies import people
from trainer.studies.output import say

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from trainer.studies.people import Person


@dataclass(frozen=True, slots=True)
class World:
    """A base model and the photos that it has not seen.

    Attributes:
        name: The sources that were left out.
        features: The base's answers to all photos.
        design: The same, scaled by what is usual among ``rows``.
        rows: The photos of the sources that were left out.
    """

    name: str
    features: PhotoFeatures
    design: Design
    rows: NDArray[np.int64]


def read_people(data: Path) -> tuple[VotedPhotos, list[Person]]:
    """The voted photos, and everyone who judges them. Raises ``KnownError`` where sources cannot be left out."""
    encoder = registry.find_card(registry.DEFAULT_MODEL)
    photos, _ = read_votes(data, encoder.input_size)
    if len(np.unique(photos.sources)) < 3:
        raise KnownError(f"{data}: it has fewer than three sources.", "Two are left out, and the base needs others.")
    return photos, [*people.panels(data, photos), *people.tastes(photos)]


def left_out_worlds(photos: VotedPhotos, members: int) -> list[World]:
    """A base for every two sources, trained on the votes of the others only."""
    embedded = read_as(EmbeddedRecipe, "embedded")
    recipe = dataclasses.replace(embedded, select={}, seeds=embedded.seeds[:members])
    encoder = load_encoder(registry.find_card(registry.DEFAULT_MODEL).weights.parent / ENCODER_FOLDER)
    say(f"encoding {len(photos)} photos, {recipe.augmentation.views} views of each")
    views = encode_views(encoder, photos.images, recipe.augmentation, seed=0)
    voted = Voted(views, photos.votes, photos.sources)
    measured = attributes(torch.from_numpy(photos.images)).double().numpy()
    worlds = []
    # Two sources at once, so that a person has 200 photos to judge and others are left to be judged on.
    for out in itertools.combinations([str(source) for source in np.unique(photos.sources)], 2):
        left = np.isin(photos.sources, out)
        say(f"base without {out[0]} and {out[1]}")
        head = train_head(voted, np.flatnonzero(~left), recipe)
        with torch.no_grad():
            answer = head(views.of(torch.arange(len(photos)), 0))
        features = PhotoFeatures(
            tuple(people.content(row) for row in range(len(photos))),
            answer.probabilities.double().numpy(),
            measured,
            views.pooled[:, 0].double().numpy(),
            answer.embedding.double().numpy(),
        )
        rows = np.flatnonzero(left)
        worlds.append(World(" + ".join(out), features, Scaling.of(features.take(rows)).apply(features), rows))
    return worlds
