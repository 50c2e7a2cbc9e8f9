"""Find bursts, brackets, panoramas and focus stacks in the folders that changed since they were last grouped."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from aesthetic_studio.pipeline.progress import Meter, ReportProgress, ShouldStop, ignore_progress, never_stop
from aesthetic_studio.records import PhotoState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.records import PhotoRecord


def group_folders(
    catalogue: Catalogue, *, progress: ReportProgress = ignore_progress, should_stop: ShouldStop = never_stop
) -> int:
    """Group every folder that changed since it was grouped, and return how many folders that were.

    A folder is done whole or not at all, so stopping in between loses nothing. What an installed model that compares
    has said of a folder's bursts counts; what it has not seen yet is left to ``compare_bursts``.
    """
    folders = catalogue.folders_to_group()
    if not folders:
        return 0
    from aesthetic_studio.pipeline.comparing import group_again

    model = comparing_model()
    meter = Meter("group", progress)
    done = 0
    for folder in folders:
        if should_stop():
            break
        group_again(catalogue, folder, model)
        done += 1
        meter.update(done, len(folders), folder)
    meter.update(done, len(folders), final=True)
    return done


def regroup(catalogue: Catalogue, photo_ids: Iterable[int]) -> None:
    """Find the series of these photos again at once, and of those they are together with now.

    It takes what these few cost, however many photos their folder holds. The folder stays marked: when its series are
    next found as a whole, frames that no burst had a place for until now may join.
    """
    from aesthetic_studio.curation.series import find_series

    photos = {photo.id: photo for photo in catalogue.photos(list(photo_ids))}
    for series in {photo.series_id for photo in photos.values() if photo.series_id is not None}:
        photos.update((frame.id, frame) for frame in catalogue.series_frames(series))
    folders: dict[str, list[PhotoRecord]] = defaultdict(list)
    for photo in photos.values():
        if photo.state in (PhotoState.PRESENT, PhotoState.OFFLINE):
            folders[photo.folder].append(photo)
    model = comparing_model()
    for folder, members in folders.items():
        comparisons = catalogue.pair_scores(*model, [photo.content_id for photo in members]) if model else {}
        found = find_series(members, comparisons, catalogue.holding(folder))
        catalogue.replace_series(folder, found, among={photo.id for photo in members})


def comparing_model() -> tuple[str, str] | None:
    """Name and version of the installed model that compares, if there is one."""
    from aesthetic_studio.models import registry

    card = registry.comparing_model()
    return None if card is None else (card.name, card.version)
