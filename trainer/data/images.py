"""From a photo's file to the pixels that an encoder reads, by the same bounded decoder as the app's index.

One photo: ``load_image``. Many: ``decode_all``, in processes of their own, so that a file that kills its decoder costs
that file only. No torch here: a decoding process starts in a moment.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.imaging import colour, pixels, preview, source
from aesthetic_studio.models.inputs import to_input
from aesthetic_studio.records import PREVIEW_LONG_SIDE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

AHEAD = 64
"""Photos that are decoded before they are asked for."""

FEW = 96
"""So few photos are decoded sooner than a process starts."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """One file, read once.

    Attributes:
        content: BLAKE2b of the file in hex; empty where it could not be read, or another attempt may go better.
        pixels: (3, S, S) uint8 sRGB, the photo stretched to a square; ``None`` where no photo could be made of it.
        reason: Why, in that case.
    """

    content: str
    pixels: NDArray[np.uint8] | None
    reason: str = ""


def load_image(path: Path, side: int) -> NDArray[np.uint8]:
    """A photo as (3, side, side) uint8 sRGB: upright, whole, stretched to a square.

    A photo whose end is missing is read as far as it goes, as the loaders of AVA do. Raises ``UnreadablePhoto``.
    """
    return _pixels(source.read_bytes(str(path)), str(path), side)


def load_photo(path: Path, long_side: int) -> tuple[str, Image.Image]:
    """A file's content as in ``Decoded``, and its photo: upright sRGB, ``long_side`` pixels at most; read once.

    Raises ``UnreadablePhoto``.
    """
    data = source.read_bytes(str(path))
    return source.hash_bytes(data).hex(), _upright(data, str(path), long_side)


def content_of(path: Path) -> str:
    """The content's identity, as in ``Decoded``; empty where the file cannot be read."""
    try:
        return source.content_hash(str(path)).hex()
    except UnreadablePhoto:
        return ""


def decode(path: Path, side: int) -> Decoded:
    """As ``load_image``, with the content's identity, and with a reason in place of an error."""
    content = ""
    try:
        data = source.read_bytes(str(path))
        content = source.hash_bytes(data).hex()
        return Decoded(content, _pixels(data, str(path), side))
    except UnreadablePhoto as problem:
        return Decoded(content, None, problem.reason)
    except MemoryError:
        return Decoded("", None, "there is not enough memory for the picture")


def decode_all(paths: Sequence[Path], side: int, workers: int = 0) -> Iterator[Decoded]:
    """Decode photos in their order, ``workers`` at a time; 0 and few photos are decoded in this process."""
    if workers < 1 or len(paths) < FEW:
        yield from (decode(path, side) for path in paths)
        return
    waiting = deque(paths)
    while waiting:
        try:
            for found in _by_workers(waiting, side, workers):
                waiting.popleft()
                yield found
        except BrokenProcessPool:
            # One of the photos that were under way killed its process: they go one after the other until it is found.
            for found in _one_by_one([waiting[k] for k in range(min(len(waiting), workers + AHEAD))], side):
                waiting.popleft()
                yield found


KILLED = "the decoder died of it"


def _by_workers(paths: Iterable[Path], side: int, workers: int) -> Iterator[Decoded]:
    with _pool(workers) as pool:
        ahead: deque[Future[Decoded]] = deque()
        try:
            for path in list(paths):
                ahead.append(pool.submit(decode, path, side))
                if len(ahead) >= AHEAD + workers:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _one_by_one(paths: Iterable[Path], side: int) -> Iterator[Decoded]:
    """Photos in order, up to the one that kills its decoder."""
    with _pool(1) as pool:
        for path in paths:
            try:
                yield pool.submit(decode, path, side).result()
            except BrokenProcessPool:
                yield Decoded("", None, KILLED)
                return


def _pool(workers: int) -> ProcessPoolExecutor:
    # Started afresh and not forked: torch's threads are not copied by a fork, its locks are.
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_leave_with_parent)


def _leave_with_parent() -> None:
    """End this process when the one that started it is gone, however it ended, and leave it to that one to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def _pixels(data: bytes, path: str, side: int) -> NDArray[np.uint8]:
    return to_input(_upright(data, path, max(PREVIEW_LONG_SIDE, 2 * side)), side)


def _upright(data: bytes, path: str, long_side: int) -> Image.Image:
    photo = pixels.open_photo(data, source.sniff(data, path), path, least_long_side=long_side)
    small, _ = colour.to_srgb(preview.shrink(photo.image, long_side), photo.profile)
    return preview.upright(small, photo.orientation)
