"""Find bursts, brackets, panoramas and focus stacks in the folders that changed since they were last grouped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.pipeline.progress import Meter, ReportProgress, ShouldStop, ignore_progress, never_stop

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aesthetic_studio.library.catalogue import Catalogue


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


def regroup(catalogue: Catalogue, folders: Iterable[str]) -> None:
    """Find the series of these folders again at once, as after a decision that grouped by hand."""
    folders = tuple(folders)
    if not folders:
        return
    from aesthetic_studio.pipeline.comparing import group_again

    model = comparing_model()
    for folder in folders:
        group_again(catalogue, folder, model)


def comparing_model() -> tuple[str, str] | None:
    """Name and version of the installed model that compares, if there is one."""
    from aesthetic_studio.models import registry

    card = registry.comparing_model()
    return None if card is None else (card.name, card.version)
