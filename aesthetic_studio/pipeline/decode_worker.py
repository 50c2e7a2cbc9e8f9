"""What a decoding process does: take paths from a pipe, answer each with a photo's facts or why there are none.

It runs apart from the program because a damaged file may crash a native decoder, or keep it busy for ever; then the
parent sees this process end, starts another, and goes on. Messages are plain tuples::

    parent ──(number, job, path)──▶ worker ──(number, kind, payload)──▶ parent
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import traceback
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from aesthetic_studio.records import PhotoFacts, Words


class Job(IntEnum):
    """What to do with a file."""

    DECODE = 0
    CONTENT_HASH = 1
    WORDS = 2
    """Read what was written in a photo, without decoding it, or in a sidecar."""


class Kind(IntEnum):
    """What an answer holds."""

    FACTS = 0
    """A ``PhotoFacts``."""
    HASH = 1
    """16 bytes: the file's content, for a file that may only have moved."""
    UNREADABLE = 2
    """``(reason, advice)``: no photo can be made of the file."""
    BROKEN = 3
    """``(reason, traceback)``: a bug of ours, which must cost no more than this one photo."""
    CRASHED = 4
    """``reason``: the process ended while it worked on the file. Said by the parent."""
    TIMED_OUT = 5
    """``reason``: the file kept its process busy for too long. Said by the parent."""
    READY = 6
    """The worker has its decoder and takes jobs."""
    NOT_READY = 7
    """``traceback``: the decoder itself cannot be loaded, whatever the file."""
    WORDS = 8
    """``Words``."""


Message = tuple[int, Kind, object]
Decoders = tuple["Callable[[str], PhotoFacts]", Callable[[str], bytes]]


def load_decoders() -> Decoders:
    """Import the decoder, in the worker and not in the parent, which stays light; workers import side by side."""
    # There is one process per core already; numpy's own threads would only get in each other's way.
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    from aesthetic_studio.imaging.decode import content_hash, read_facts

    return read_facts, content_hash


def serve(connection: Connection, inherited: Sequence[Connection], niceness: int, load: Callable[[], Decoders]) -> None:
    """Answer jobs until the parent closes its end or dies.

    Args:
        connection: This worker's end of the pipe.
        inherited: The parent's ends that came along with a fork; held open here, they would hide the parent's death.
        niceness: How much this process yields to others, so that a window stays fluent while it works.
        load: Gives the functions that do the jobs.
    """
    for end in inherited:
        end.close()
    _settle_down(niceness)
    with contextlib.suppress(EOFError, OSError):
        try:
            decode, hash_content = load()
        except Exception:
            connection.send((-1, Kind.NOT_READY, traceback.format_exc()))
            return
        connection.send((-1, Kind.READY, None))
        while True:
            number, job, path = connection.recv()
            if job == Job.DECODE:
                connection.send(_answer(number, Kind.FACTS, decode, path))
            elif job == Job.WORDS:
                connection.send(_answer(number, Kind.WORDS, _read_words, path))
            else:
                connection.send(_answer(number, Kind.HASH, hash_content, path))


def _read_words(path: str) -> Words:
    """Read words; few runs have any to read, so its import waits until then."""
    from aesthetic_studio.imaging.word_files import read_words

    return read_words(path)


def _settle_down(niceness: int) -> None:
    """Leave Ctrl-C to the parent, and keep the chatter of native decoders off the user's terminal."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    faulthandler.disable()
    with contextlib.suppress(OSError):
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        os.close(silence)
    if niceness and hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(niceness)


def _answer(number: int, kind: Kind, work: Callable[[str], object], path: str) -> Message:
    """Do one job; whatever goes wrong becomes an answer."""
    from aesthetic_studio.errors import UnreadablePhoto

    try:
        return number, kind, work(path)
    except UnreadablePhoto as error:
        return number, Kind.UNREADABLE, (error.reason, error.advice)
    except MemoryError:
        return (
            number,
            Kind.UNREADABLE,
            (
                kept("problem", "it needs more memory than there is"),
                kept("problem", "Close other programs and try again."),
            ),
        )
    except Exception as error:
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return number, Kind.BROKEN, (reason, traceback.format_exc())
