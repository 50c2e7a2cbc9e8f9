"""Lets memory of decoded photos go back to the system as soon as they are let go."""

from __future__ import annotations

import ctypes
import logging
import sys

log = logging.getLogger("aesthetic_studio.desktop")

M_MMAP_THRESHOLD = -3
LARGE_BYTES = 1024 * 1024


def return_large_blocks() -> None:
    """Have glibc map large blocks one by one, so that freeing one returns it; elsewhere nothing is done.

    By itself glibc raises its threshold to 32 MiB with the first large blocks that are freed. From then on photos are
    decoded into heaps, one for each decoding thread, which keep most of what they once needed.
    """
    if sys.platform != "linux":
        return
    try:
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
    except (OSError, AttributeError) as error:
        log.info("this system's allocator cannot be told to return memory: %s", error)
