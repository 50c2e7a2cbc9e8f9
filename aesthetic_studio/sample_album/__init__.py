"""An album of rendered photos with bursts, brackets, a panorama and known flaws.

It shows and tests every feature where nobody has photos. Nothing here is a photo of anybody or from anywhere::

    plan (what each file is) ──▶ scenes (linear light) ──▶ camera (flaw, exposure, film) ──▶ EXIF ──▶ file
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.sample_album.plan import Flaw, SampleShot, Settings, album_plan, series_plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Flaw", "SampleShot", "Settings", "album_plan", "make_album", "series_plan"]


def make_album(folder: Path, seed: int = 1, progress: Callable[[int, int], None] | None = None) -> list[Path]:
    """Write the sample album into ``folder`` and return its files, in the order of :func:`album_plan`.

    An album that is complete is left alone, and one that was interrupted is completed. ``progress`` is told
    how many files are done, of how many. Raises ``KnownError`` where the folder cannot be written.
    """
    from aesthetic_studio.sample_album.album import write_album  # noqa: PLC0415 - NumPy is loaded only to render

    return write_album(folder, seed, progress)
