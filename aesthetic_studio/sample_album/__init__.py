"""Rendered photos: an album with bursts, brackets, a panorama and known flaws, and a whole shoot to cull.

They show and test every feature where nobody has photos. None is a photo of anybody or from anywhere::

    plan (what each file is) ──▶ scenes (linear light) ──▶ camera (flaw, exposure, film) ──▶ EXIF ──▶ file

The album's plan is written down photo by photo. The shoot's is drawn by a seed from chapters of a day: at each place
(``shoot_chapters``) something is done (``shoot_acts``), which gives frames (``shoot_plan``) that are developed from
one rendering of the place (``shoot_develop``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.sample_album.plan import Flaw, SampleShot, Settings, album_plan, series_plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "FEWEST_PHOTOS",
    "MOST_PHOTOS",
    "SHOOT_PHOTOS",
    "Flaw",
    "SampleShot",
    "Settings",
    "album_plan",
    "make_album",
    "make_shoot",
    "series_plan",
]

SHOOT_PHOTOS, FEWEST_PHOTOS, MOST_PHOTOS = 1000, 50, 5000
"""Of a sample shoot: how many where nobody says, and from how many to how many."""


def make_album(folder: Path, seed: int = 1, progress: Callable[[int, int], None] | None = None) -> list[Path]:
    """Write the sample album into ``folder`` and return its files, in the order of :func:`album_plan`.

    An album that is complete is left alone, and one that was interrupted is completed. ``progress`` is told
    how many files are done, of how many. Raises ``KnownError`` where the folder cannot be written.
    """
    from aesthetic_studio.sample_album.album import write_album  # noqa: PLC0415 - NumPy is loaded only to render

    return write_album(folder, seed, progress)


def make_shoot(
    folder: Path,
    photos: int = SHOOT_PHOTOS,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
    processes: int | None = None,
) -> list[Path]:
    """Write a day's shoot of exactly ``photos`` photos into ``folder``: its files in the order of shooting.

    A shoot that is complete is left alone, and one that was interrupted is completed. ``progress`` is told how many
    files are done, of how many; ``processes`` is how many render, one a core where ``None``. Raises ``KnownError``
    where the folder cannot be written or holds anything else, and where ``photos`` is out of bounds.
    """
    from aesthetic_studio.sample_album.shoot import write_shoot  # noqa: PLC0415 - only who wants it waits for it

    return write_shoot(folder, photos, seed, progress, processes)
