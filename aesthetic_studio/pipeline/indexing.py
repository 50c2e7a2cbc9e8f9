"""Index folders: find what is new or changed, decode it once in worker processes, store what it yields.

    walk folders ──changed files──▶ workers (decode) ──facts──▶ catalogue, a batch per transaction
                   then what is written beside photos ──words──▶

Walking, decoding and storing overlap. Only this process writes, a folder counts as known only when all its photos are
stored, and each batch is one transaction: so whatever ends the program, the next run goes on where this one stopped.
"""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from aesthetic_studio.albums import PhotoFilter
from aesthetic_studio.pipeline.decode_worker import Job, Kind
from aesthetic_studio.pipeline.nameless import NamelessPhotos
from aesthetic_studio.pipeline.progress import Meter, ReportProgress, ShouldStop, ignore_progress, never_stop
from aesthetic_studio.pipeline.wording import Wording
from aesthetic_studio.pipeline.workers import Answer, DecodePool
from aesthetic_studio.records import PhotoState, UnreadableFile
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.library.scan import FolderScan, FormatSets, SkipCounts
    from aesthetic_studio.records import PhotoFacts, PhotoFile

WRITE_EVERY_S = 0.4
"""Seconds between transactions: a crash costs no more than this."""

WRITE_EVERY_PHOTOS = 64
"""Photos in one transaction, with some 3 MB of previews."""

WALK_SLICE_S = 0.02
"""Seconds of walking between looks at what the workers have done; a verdict may have to wait that long."""

WAIT_S = 0.1
"""Seconds to wait for a worker before asking whether to stop."""

FAULT_ADVICE = kept("problem", "The photo may be fine: the log file has the details, and a later version may read it.")
CRASH_ADVICE = kept(
    "problem", "The file is damaged in a way that stops its decoder. Restore it from a backup, or leave it out."
)
TIME_ADVICE = kept("problem", "Restore the file from a backup, or make it smaller.")


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What indexing did."""

    added: int = 0
    """Photos that are new in the library."""
    updated: int = 0
    """Photos whose file had changed."""
    moved: int = 0
    """Photos that were found again under another name or in another folder."""
    unchanged: int = 0
    """Photos that were known already and not opened."""
    missing: int = 0
    """Photos whose file has gone since the last time: kept, and greyed."""
    unreadable: tuple[UnreadableFile, ...] = ()
    """Files of these folders that no photo can be made of, each once, also those known from before."""
    skipped: SkipCounts | None = None
    """What was left out on purpose, by reason."""
    reworded: int = 0
    """Photos whose words were read without decoding them: a sidecar changed, or nobody had asked before."""
    faults: tuple[str, ...] = ()
    """Tracebacks of our own faults, for the log."""
    interrupted: bool = False

    @property
    def photos(self) -> int:
        """Photos of these folders that are there and in the library."""
        return self.added + self.updated + self.moved + self.unchanged


def format_sets() -> FormatSets:
    """Say what the scan takes for photos, their RAW originals, movies and sidecars."""
    from aesthetic_studio.imaging import formats
    from aesthetic_studio.library.scan import FormatSets

    return FormatSets(
        photo=formats.PHOTO_SUFFIXES,
        raw=formats.RAW_SUFFIXES,
        movie=formats.MOVIE_SUFFIXES,
        sidecar=formats.SIDECAR_SUFFIXES,
    )


def index(
    catalogue: Catalogue,
    roots: Sequence[str],
    *,
    progress: ReportProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
    workers: int | None = None,
    start_method: str | None = None,
    first: Callable[[], Sequence[str]] | None = None,
    niceness: int = 0,
    pool: DecodePool | None = None,
) -> IndexReport:
    """Bring the library up to date with these folders and all that is below them.

    Args:
        catalogue: Where facts go; used from this thread only.
        roots: Absolute paths of folders. One that is out of reach is marked so, and nothing of it is forgotten.
        progress: Told how far it has come; the total is unknown while folders are still being walked.
        should_stop: Asked at least every tenth of a second; what is stored by then is kept.
        workers: Decoding processes, by default one per core.
        start_method: How they are started, by default what is safe here.
        first: Asked now and then for folders or photos to read before the rest.
        niceness: How much the workers yield to others.
        pool: Workers that were started already, to be stopped here.

    Raises ``KnownError`` when the library cannot be written, as on a full disk; what was stored before is kept.
    """
    pool = pool or DecodePool(workers, start_method=start_method, niceness=niceness)
    try:
        return _Indexing(catalogue, roots, pool, progress=progress, should_stop=should_stop, first=first).run()
    finally:
        pool.stop()


class _Queue:
    """Files that wait for a worker, by folder; the largest of a folder come first, so that no worker ends late."""

    def __init__(self) -> None:
        self._folders: dict[str, deque[PhotoFile]] = {}
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, files: Sequence[PhotoFile]) -> None:
        """Queue the files of one folder."""
        for file in sorted(files, key=lambda each: each.size, reverse=True):
            self._folders.setdefault(file.folder, deque()).append(file)
        self._length += len(files)

    def take(self, preferred: Sequence[str]) -> PhotoFile | None:
        """Remove and return the next file: one of ``preferred`` (folders or files) if any of them waits."""
        if not self._length:
            return None
        for path in preferred:
            if path in self._folders:
                return self._remove(path, 0)
            folder, name = os.path.split(path)
            for position, file in enumerate(self._folders.get(folder, ())):
                if file.name == name:
                    return self._remove(folder, position)
        return self._remove(next(iter(self._folders)), 0)

    def _remove(self, folder: str, position: int) -> PhotoFile:
        waiting = self._folders[folder]
        file = waiting[position]
        del waiting[position]
        if not waiting:
            del self._folders[folder]
        self._length -= 1
        return file


class _Indexing:
    """The state of one run of :func:`index`."""

    def __init__(
        self,
        catalogue: Catalogue,
        roots: Sequence[str],
        pool: DecodePool,
        *,
        progress: ReportProgress,
        should_stop: ShouldStop,
        first: Callable[[], Sequence[str]] | None,
    ) -> None:
        self._catalogue = catalogue
        self._roots = [os.path.abspath(root) for root in roots]  # noqa: PTH100 – links stay as the user knows them
        self._pool = pool
        self._should_stop = should_stop
        self._first = first
        self._scan_meter = Meter("scan", progress)
        self._meter = Meter("index", progress)
        self._queue = _Queue()
        self._wording = Wording(catalogue, self._roots)
        self._hashed: set[PhotoFile] = set()
        """Files whose hash was new to the library, on their way to be decoded."""
        self._submitted: dict[int, PhotoFile] = {}
        self._next_number = 0
        self._unwritten: list[tuple[PhotoFile, PhotoFacts | UnreadableFile | bytes]] = []
        """What became of files: facts, a problem, or the hash of one whose content may be known."""
        self._written_at = time.monotonic()
        self._seen_folders: list[str] = []
        self._skipped: SkipCounts | None = None
        self._faults: list[str] = []
        self._vanished: list[UnreadableFile] = []
        self._walking = True
        self._newest_before = 0
        self._found = self._done = 0
        self._added = self._updated = self._moved = 0

    def run(self) -> IndexReport:
        for root in self._roots:
            self._catalogue.add_root(root)
        missing_before = self._catalogue.totals().missing
        self._newest_before = self._catalogue.newest_photo_id()
        interrupted = False
        try:
            interrupted = self._work()
        finally:
            # Also on the way out of an error: what was decoded is worth keeping, if the disk lets us.
            self._write()
        self._catalogue.finish_scan(self._roots, self._seen_folders, interrupted)
        done, found = self._done + self._wording.done, self._found + self._wording.expected
        self._meter.update(done, found, final=True)
        return self._report(missing_before, interrupted)

    def _work(self) -> bool:
        """Walk, decode and store until nothing is left. True when interrupted before that."""
        folders = self._walk()
        while True:
            if self._should_stop():
                return True
            if self._walking:
                self._take_in(folders)
            elif not self._is_busy() and not self._wording.take_in():
                return False
            self._hand_out()
            for answer in self._pool.collect(0.0 if self._walking else WAIT_S):
                self._receive(answer)
            self._write_when_due()
            self._tell()

    def _is_busy(self) -> bool:
        """Words that lie beside photos wait until there is nothing else: by then their photos are stored."""
        return bool(self._queue or self._submitted or self._unwritten or self._wording.is_busy)

    def _tell(self) -> None:
        if self._walking and not self._found:
            self._scan_meter.update(len(self._seen_folders), None, self._seen_folders[-1] if self._seen_folders else "")
        else:
            found = self._found + self._wording.expected
            self._meter.update(self._done + self._wording.done, None if self._walking else found)

    def _walk(self) -> Iterator[FolderScan]:
        from aesthetic_studio.library.scan import walk

        formats = format_sets()
        known = self._catalogue.folder_signatures().get
        nameless = NamelessPhotos(self._roots, formats, known)
        for scan in walk(self._roots, formats, known=nameless.known, should_stop=self._should_stop):
            yield nameless.complete(scan)

    def _take_in(self, folders: Iterator[FolderScan]) -> None:
        """Walk for a moment; what changed in each folder joins the queue."""
        until = time.monotonic() + WALK_SLICE_S
        with self._catalogue.transaction():
            while time.monotonic() < until:
                scan = next(folders, None)
                if scan is None:
                    self._walking = False
                    return
                self._seen_folders.append(scan.path)
                self._skipped = scan.skipped if self._skipped is None else self._skipped + scan.skipped
                files = self._catalogue.apply_scan(scan)
                self._queue.add(files)
                self._found += len(files)

    def _hand_out(self) -> None:
        """Keep every worker busy; no more than that is in memory at once."""
        while self._pool.in_flight < self._pool.capacity and (path := self._wording.next_path()) is not None:
            self._wording.submitted(self._hand_in(Job.WORDS, path))
        if not self._queue or self._pool.in_flight >= self._pool.capacity:
            return
        preferred = self._first() if self._first is not None else ()
        while self._pool.in_flight < self._pool.capacity and (file := self._queue.take(preferred)) is not None:
            self._submit(file, Job.CONTENT_HASH if self._may_be_known(file) else Job.DECODE)

    def _may_be_known(self, file: PhotoFile) -> bool:
        """Whether hashing may save the decode: there was a library before, and it has a photo of this size."""
        return bool(self._newest_before) and file not in self._hashed and self._catalogue.might_be_known(file)

    def _submit(self, file: PhotoFile, job: Job) -> None:
        path = os.path.join(file.folder, file.name)  # noqa: PTH118 – as it is on the disk
        self._submitted[self._hand_in(job, path)] = file

    def _hand_in(self, job: Job, path: str) -> int:
        """Give a job to the workers; its number comes back with the answer."""
        number = self._next_number
        self._next_number += 1
        self._pool.submit(number, job, path)
        return number

    def _receive(self, answer: Answer) -> None:
        if self._wording.receive(answer):
            return
        file = self._submitted.pop(answer.number)
        if answer.kind == Kind.FACTS:
            self._unwritten.append((file, cast("PhotoFacts", answer.payload)))
        elif answer.kind == Kind.HASH:
            self._unwritten.append((file, cast("bytes", answer.payload)))
            return
        else:
            self._unwritten.append((file, self._problem(file, answer)))
        self._done += 1

    def _problem(self, file: PhotoFile, answer: Answer) -> UnreadableFile:
        """Say in words why there is no photo of this file."""
        path = str(file.path)
        if answer.kind == Kind.UNREADABLE:
            reason, advice = cast("tuple[str, str]", answer.payload)
            return UnreadableFile(path, reason, advice)
        if answer.kind == Kind.BROKEN:
            reason, trace = cast("tuple[str, str]", answer.payload)
            self._faults.append(f"{path}\n{trace}")
            return UnreadableFile(
                path, kept("problem", "the program failed to read it ({reason})").format(reason=reason), FAULT_ADVICE
            )
        advice = TIME_ADVICE if answer.kind == Kind.TIMED_OUT else CRASH_ADVICE
        return UnreadableFile(path, str(answer.payload), advice)

    def _write_when_due(self) -> None:
        waited = time.monotonic() - self._written_at
        idle = not (self._walking or self._queue or self._submitted or self._wording.is_reading)
        unwritten = len(self._unwritten) + self._wording.unwritten
        if idle or unwritten >= WRITE_EVERY_PHOTOS or (unwritten and waited >= WRITE_EVERY_S):
            self._write()

    def _write(self) -> None:
        """Store what has come in, all or nothing."""
        batch, self._unwritten = self._unwritten, []
        self._written_at = time.monotonic()
        if not batch and not self._wording.unwritten:
            return
        with self._catalogue.transaction():
            for file, outcome in batch:
                if isinstance(outcome, bytes):
                    self._relink(file, outcome)
                elif isinstance(outcome, UnreadableFile):
                    self._store_problem(file, outcome)
                else:
                    self._store(file, outcome)
            self._wording.write()

    def _relink(self, file: PhotoFile, content_hash: bytes) -> None:
        photo = self._catalogue.relink(file, content_hash)
        if photo is None:
            # Its size was a coincidence: it is new, and has to be decoded after all.
            self._hashed.add(file)
            self._queue.add([file])
            return
        self._done += 1
        if photo > self._newest_before:
            self._added += 1
        else:
            self._moved += 1

    def _store(self, file: PhotoFile, facts: PhotoFacts) -> None:
        if self._catalogue.store_facts(file, facts) > self._newest_before:
            self._added += 1
        else:
            self._updated += 1

    def _store_problem(self, file: PhotoFile, problem: UnreadableFile) -> None:
        if os.path.lexists(problem.path):
            self._catalogue.store_unreadable(file, problem)
        else:
            # It vanished meanwhile, which says nothing about the photo: the next run looks at its folder again.
            self._vanished.append(problem)

    def _report(self, missing_before: int, interrupted: bool) -> IndexReport:
        totals = self._catalogue.totals()
        here = PhotoFilter(folders=tuple(self._roots), states=frozenset({PhotoState.PRESENT}))
        known = self._catalogue.count(here) - self._added - self._updated - self._moved
        problems = {problem.path: problem for problem in self._catalogue.problems() if self._is_below(problem.path)}
        problems.update((problem.path, problem) for problem in self._vanished)
        return IndexReport(
            added=self._added,
            updated=self._updated,
            moved=self._moved,
            unchanged=max(0, known),
            missing=max(0, totals.missing - missing_before),
            unreadable=tuple(problems[path] for path in sorted(problems)),
            skipped=self._skipped,
            reworded=self._wording.count,
            faults=tuple(self._faults),
            interrupted=interrupted,
        )

    def _is_below(self, path: str) -> bool:
        return any(path == root or path.startswith(os.path.join(root, "")) for root in self._roots)  # noqa: PTH118
