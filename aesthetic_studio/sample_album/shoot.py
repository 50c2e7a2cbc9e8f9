"""Writes the sample shoot: one place after the other, on all cores, so that a run that was interrupted goes on."""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

from aesthetic_studio.errors import KnownError
from aesthetic_studio.sample_album import FEWEST_PHOTOS, MOST_PHOTOS
from aesthetic_studio.sample_album.shoot_plan import shoot_plan
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aesthetic_studio.sample_album.shoot_frames import Frame, Place

_MARKER = ".sample-shoot"
_VERSION = 1
_QUALITY = 93
_MEGABYTES_A_PHOTO = 0.3


def write_shoot(
    folder: Path,
    photos: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
    processes: int | None = None,
) -> list[Path]:
    """Write what is missing of the shoot; see :func:`aesthetic_studio.sample_album.make_shoot`."""
    if not FEWEST_PHOTOS <= photos <= MOST_PHOTOS:
        advice = f"Ask for {FEWEST_PHOTOS} to {MOST_PHOTOS} photos."
        raise KnownError(
            kept("problem", "A sample shoot of {photos} photos cannot be made.").format(photos=photos), advice
        )
    plan = shoot_plan(photos, seed)
    try:
        _claim(folder, f"{_VERSION} {seed} {photos}\n")
        missing: dict[Place, list[Frame]] = {}
        for frame in plan:
            if not (folder / frame.shot.name).is_file():
                missing.setdefault(frame.place, []).append(frame)
        if missing:
            _write(folder, seed, missing, len(plan), progress, processes or min(8, os.cpu_count() or 1))
    except OSError as error:
        raise KnownError(
            kept("problem", "The sample shoot cannot be written to {folder}: {value}.").format(
                folder=folder, value=error.strerror or error
            ),
            kept("problem", "Choose a folder that can be written to and has {photos} MB to spare.").format(
                photos=round(photos * _MEGABYTES_A_PHOTO)
            ),
        ) from error
    except BrokenProcessPool as error:
        raise KnownError(
            "A process that renders the sample shoot was ended, perhaps for want of memory.",
            "Close other programs and start it again: it goes on where it stopped.",
        ) from error
    return [folder / frame.shot.name for frame in plan]


def _claim(folder: Path, stamp: str) -> None:
    """Mark the folder as this shoot's, and remove what an interrupted run left half written."""
    marker = folder / _MARKER
    if marker.is_file():
        if marker.read_text(encoding="ascii", errors="replace") != stamp:
            raise KnownError(
                kept("problem", "{folder} holds another sample shoot.").format(folder=folder),
                kept("problem", "Choose another folder."),
            )
        for half in folder.rglob(".*.part"):
            half.unlink(missing_ok=True)
        return
    if folder.is_dir() and any(not entry.name.startswith(".") for entry in folder.iterdir()):
        raise KnownError(
            kept("problem", "{folder} holds other files.").format(folder=folder),
            kept("problem", "Choose an empty folder, or one that is not there yet."),
        )
    folder.mkdir(parents=True, exist_ok=True)
    marker.write_text(stamp, encoding="ascii")


def _write(
    folder: Path,
    seed: int,
    missing: dict[Place, list[Frame]],
    total: int,
    progress: Callable[[int, int], None] | None,
    processes: int,
) -> None:
    done = total - sum(map(len, missing.values()))
    # Forking beside the window's threads is not safe, hence fresh processes.
    pool = ProcessPoolExecutor(
        min(processes, len(missing)), multiprocessing.get_context("spawn"), initializer=end_with_parent
    )
    try:
        left: set[Future[int]] = {pool.submit(_photograph, folder, seed, *item) for item in missing.items()}
        while left:
            finished, left = wait(left, return_when=FIRST_COMPLETED)
            for future in finished:
                done += future.result()
                if progress is not None:
                    progress(done, total)
    finally:
        pool.shutdown(cancel_futures=True)


def end_with_parent() -> None:
    """In a child: end when the process that started it ends, however that came about."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _photograph(folder: Path, seed: int, place: Place, frames: list[Frame]) -> int:
    """Write the frames of one place; how many they are."""
    from aesthetic_studio.sample_album.files import save  # noqa: PLC0415 - NumPy is loaded only to render
    from aesthetic_studio.sample_album.shoot_develop import photograph  # noqa: PLC0415

    for frame, picture in photograph(place, frames, seed):
        save(folder / frame.shot.name, frame.shot, picture, _QUALITY, full_colour=False)
    return len(frames)
