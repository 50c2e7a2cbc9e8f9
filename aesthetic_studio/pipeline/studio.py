"""The whole way from folders to ranked photos, as the command line walks it: index, score, find faces, group."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.albums import PhotoFilter, PhotoQuery, SortKey
from aesthetic_studio.pipeline.grouping import group_folders
from aesthetic_studio.pipeline.indexing import IndexReport, index
from aesthetic_studio.pipeline.progress import ReportProgress, ShouldStop, ignore_progress, never_stop
from aesthetic_studio.records import PhotoState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.pipeline.faces import FaceReport


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was done to make photos ready to be ranked."""

    indexed: IndexReport
    scored: int
    failed: int
    """Photos that could not be scored."""
    grouped_folders: int
    interrupted: bool
    compared: int = 0
    """Pairs of photos in bursts that a model looked at side by side."""


def prepare(
    catalogue: Catalogue,
    folders: Sequence[str],
    *,
    model: str | None = None,
    device: str = "auto",
    compare: bool = True,
    progress: ReportProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> Prepared:
    """Index these folders, score what is missing in them, look for faces and group what changed.

    Faces are looked for where the face models are installed. Where a model is installed that compares photos, it orders
    their bursts, unless ``compare`` is false.

    Torch is loaded only where there is something to score. Raises ``KnownError`` for what is in the way.
    """
    indexed = index(catalogue, folders, progress=progress, should_stop=should_stop)
    scored = failed = 0
    if not indexed.interrupted:
        scored, failed = score_folders(
            catalogue, folders, model=model, device=device, progress=progress, should_stop=should_stop
        )
    if not indexed.interrupted and not should_stop():
        find_faces_in(catalogue, folders, progress=progress, should_stop=should_stop)
    groups = group_folders(catalogue, progress=progress, should_stop=should_stop)
    compared = 0
    if compare and not should_stop():
        compared = compare_folders(catalogue, folders, device=device, progress=progress, should_stop=should_stop)
    return Prepared(indexed, scored, failed, groups, indexed.interrupted or should_stop(), compared)


def compare_folders(
    catalogue: Catalogue,
    folders: Sequence[str],
    *,
    device: str = "auto",
    progress: ReportProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> int:
    """Let the installed model that compares, if there is one, order the bursts of these folders and all below them.

    Returns how many pairs were compared.
    """
    from aesthetic_studio.models import registry

    card = registry.comparing_model()
    if card is None:
        return 0
    from aesthetic_studio.pipeline.comparing import Comparer, compare_bursts

    wanted = [os.path.join(folder, "") for folder in folders]  # noqa: PTH118 - the same form as the catalogue's
    within = [path for path, _ in catalogue.folder_counts() if os.path.join(path, "").startswith(tuple(wanted))]  # noqa: PTH118
    report = compare_bursts(
        catalogue,
        (card.name, card.version),
        lambda: Comparer(card.name, device),
        within,
        progress=progress,
        should_stop=should_stop,
    )
    return report.pairs


def score_folders(
    catalogue: Catalogue,
    folders: Sequence[str],
    *,
    model: str | None = None,
    device: str = "auto",
    progress: ReportProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> tuple[int, int]:
    """Score the photos of these folders that a model has not scored, and show its scores from now on.

    Returns how many were scored, and how many could not be.
    """
    from aesthetic_studio.models import registry

    card = registry.find_card(model or registry.default_model())
    if catalogue.active_model() != (card.name, card.version):
        catalogue.set_active_model(card.name, card.version)
    unscored = catalogue.unscored_among(card.name, card.version, present_photos(catalogue, folders))
    if not unscored or should_stop():
        return 0, 0
    from aesthetic_studio.pipeline.scorer import Scorer
    from aesthetic_studio.pipeline.scoring import score_library

    scorer = Scorer(card.name, device)
    try:
        report = score_library(catalogue, scorer, progress=progress, should_stop=should_stop, only=unscored)
    finally:
        scorer.close()
    return report.scored, report.failed


def present_photos(catalogue: Catalogue, folders: Sequence[str]) -> Sequence[int]:
    """Ids of the photos of these folders whose files are there, by name; every frame of a series."""
    chosen = PhotoFilter(folders=tuple(folders), states=frozenset({PhotoState.PRESENT}))
    return catalogue.ids(PhotoQuery(chosen, sort=SortKey.NAME, descending=False, collapse_series=False))


def find_faces_in(
    catalogue: Catalogue,
    folders: Sequence[str],
    *,
    progress: ReportProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> FaceReport | None:
    """Look for faces in the photos of these folders in which nobody has looked; ``None`` without the face models."""
    from aesthetic_studio.models.faces import parts

    if not parts.is_installed():
        return None
    from aesthetic_studio.pipeline.faces import Looker, find_faces

    lookers: list[Looker] = []

    def looker() -> Looker:
        lookers.append(Looker())
        return lookers[0]

    try:
        return find_faces(
            catalogue,
            parts.VERSION,
            looker,
            progress=progress,
            should_stop=should_stop,
            only=present_photos(catalogue, folders),
        )
    finally:
        for each in lookers:
            each.close()
