"""Find bursts, brackets, panoramas and focus stacks in the folders that changed since they were last grouped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.pipeline.progress import Meter, ReportProgress, ShouldStop, ignore_progress, never_stop

if TYPE_CHECKING:
    from aesthetic_studio.library.catalogue import Catalogue


def group_folders(
    catalogue: Catalogue, *, progress: ReportProgress = ignore_progress, should_stop: ShouldStop = never_stop
) -> int:
    """Group every folder that changed since it was grouped, and return how many folders that were.

    A folder is done whole or not at all, so stopping in between loses nothing.
    """
    folders = catalogue.folders_to_group()
    if not folders:
        return 0
    from aesthetic_studio.curation.series import find_series

    meter = Meter("group", progress)
    done = 0
    for folder in folders:
        if should_stop():
            break
        catalogue.replace_series(folder, find_series(catalogue.records_in_folder(folder)))
        done += 1
        meter.update(done, len(folders), folder)
    meter.update(done, len(folders), final=True)
    return done
