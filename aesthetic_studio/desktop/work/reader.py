"""The queries that may take long, answered by a thread of its own with its own read-only connection.

Every question carries a *generation*: of questions of one kind only the newest is asked, and an answer that is no
longer wanted is dropped by whoever receives it. So typing quickly into the filter never piles up work or paints an old
album.
"""

from __future__ import annotations

import itertools
import logging
import threading
from array import array
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from aesthetic_studio.albums import (
    Duplicates,
    Histogram,
    LikePhoto,
    LikeWords,
    PhotoFilter,
    PhotoQuery,
    SmartAlbum,
    Timeline,
)
from aesthetic_studio.errors import KnownError, WordsUnavailable
from aesthetic_studio.records import SeriesKind
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from PySide6.QtGui import QImage

    from aesthetic_studio.library.catalogue import Catalogue, LibraryTotals
    from aesthetic_studio.pipeline.finding import Finder
    from aesthetic_studio.pipeline.words_process import Words
    from aesthetic_studio.records import PhotoRecord

WORDS_KEPT_S = 300.0
"""Seconds after a search by words that the text tower's process is kept: the next one then answers at once."""

SPREAD_SAMPLE = 200
FEWEST_SPREADS = 12

KINDS = ("album", "undecided", "details", "spreading", "overview", "albums", "counts")
"""Kinds of questions: what the eye rests on comes before what stands beside it."""
_GENERATIONS = itertools.count(1)
"""Of all readers, as answers of two of them may be for the same album."""

log = logging.getLogger("aesthetic_studio.desktop.reader")


@dataclass(frozen=True, slots=True)
class AlbumAnswer:
    """The photos of one query.

    Attributes:
        matching: Photos that pass the filter, frames inside collapsed series included.
        in_scope: Photos of the chosen folders, whatever else is filtered.
        usual_spread: Quartiles of the album's spreads, None where too few photos are scored.
        groups: Of a search for duplicates: how many there are.
    """

    generation: int
    query: PhotoQuery
    ids: array[int]
    matching: int
    in_scope: int
    usual_spread: tuple[float, float] | None = None
    groups: int = 0

    @property
    def hidden(self) -> int:
        """Photos that the filter keeps out of sight."""
        return max(0, self.in_scope - self.matching)


@dataclass(frozen=True, slots=True)
class Overview:
    """What the folder tree, the filter's choices and the status bar are made from."""

    totals: LibraryTotals
    roots: tuple[str, ...]
    offline_roots: frozenset[str]
    folders: tuple[tuple[str, int], ...]
    cameras: tuple[tuple[str, int], ...]
    lenses: tuple[tuple[str, int], ...] = ()
    days: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, slots=True)
class Spreading:
    """How the photos of an album spread over scores and time.

    Attributes:
        histogram: Over the scores, of the album without its filter by score.
        timeline: Over time, of the album without its filter by time.
    """

    generation: int
    histogram: Histogram
    timeline: Timeline


@dataclass(frozen=True, slots=True)
class FaceNews:
    """What is known of a photo's faces beside its record.

    Attributes:
        looked: Somebody has looked for faces in it.
        pictures: Of the largest faces, in their order.
        note: How to get the face models, where nobody can look.
    """

    looked: bool = False
    pictures: tuple[QImage, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """Everything the inspector says of one photo.

    Attributes:
        twins: Other photos with identical bytes.
        ahead_of: Share of the scored photos in the chosen folders that score lower, 0..1; None while unscored.
        standing: Per cent of its model's reference photos that score lower, 0..100; None where the model states none.
        faces: Pictures of its faces, or how to have them found.
        in_library: The same share of all scored photos of the library.
        in_shoot: The same share of its shoot: one folder, one day.
        shoot_size: How many photos of its shoot are scored.
        frames: The frames of its burst, it among them; none where it is no frame of a burst.
    """

    generation: int
    record: PhotoRecord
    twins: tuple[PhotoRecord, ...]
    ahead_of: float | None
    standing: float | None = None
    faces: FaceNews = FaceNews()
    in_library: float | None = None
    in_shoot: float | None = None
    shoot_size: int = 0
    frames: tuple[PhotoRecord, ...] = ()


class LibraryReader(QThread):
    """Answers questions about the library off the GUI thread.

    Signals:
        album_loaded: An ``AlbumAnswer``.
        overview_loaded: An ``Overview``.
        details_loaded: ``Details``.
        spreading_loaded: A ``Spreading``.
        albums_loaded: The ``SmartAlbum`` records as a list, in order of name.
        album_counted: A smart album's id and how many photos it holds.
        undecided_found: The generation of the question, and the first photo without stars or flag; −1 for none.
        loading: Torch is being loaded, for words; the answer takes some seconds.
        wordless: What is missing for a search by words and how to get it, of a ``WordsUnavailable``.
        failed: What happened and what to do, of any other ``KnownError``.
    """

    album_loaded = Signal(object)
    overview_loaded = Signal(object)
    details_loaded = Signal(object)
    spreading_loaded = Signal(object)
    albums_loaded = Signal(list)
    album_counted = Signal(int, int)
    undecided_found = Signal(int, int)
    loading = Signal()
    wordless = Signal(str, str)
    failed = Signal(str, str)

    def __init__(self, catalogue: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._finder: Finder | None = None
        self._words: Words | None = None
        self._wanted: dict[str, Callable[[Catalogue], None]] = {}
        self._changed = threading.Condition()
        self._stopping = False

    def request_album(self, query: PhotoQuery) -> int:
        """Ask for the ids of a query; returns the generation that its answer will carry."""
        generation = self._next_generation()
        self._ask("album", lambda reader: self._answer_album(reader, query, generation))
        return generation

    def let_go(self) -> None:
        """Forget what was read for searches, and its memory; the text tower is kept for a while."""
        self._ask("album", lambda _: setattr(self, "_finder", None))

    def request_overview(self) -> None:
        """Ask for folders, cameras and totals."""
        self._ask("overview", lambda reader: self.overview_loaded.emit(read_overview(reader)))

    def request_details(self, photo_id: int, scope: PhotoFilter) -> int:
        """Ask for all about one photo; returns the generation that its answer will carry."""
        generation = self._next_generation()
        self._ask("details", lambda reader: self._answer_details(reader, photo_id, scope, generation))
        return generation

    def request_spreading(self, wanted: PhotoFilter, bins: int, found: Sequence[int] | None = None) -> int:
        """Ask how an album's photos spread, over at most so many bins of time; returns the answer's generation.

        Of the photos that a filter lets through only those count that a search ``found``, where there is one.
        """
        generation = self._next_generation()

        def answer(reader: Catalogue) -> None:
            histogram = reader.score_histogram(wanted.without_scores(), found)
            timeline = reader.timeline(wanted.without_times(), found, most=bins)
            self.spreading_loaded.emit(Spreading(generation, histogram, timeline))

        self._ask("spreading", answer)
        return generation

    def request_albums(self) -> None:
        """Ask for the smart albums, then for the count of each, one question after the other."""

        def answer(reader: Catalogue) -> None:
            albums = reader.albums.all()
            self.albums_loaded.emit(albums)
            self._ask("counts", lambda reader: self._count(reader, albums))

        self._ask("albums", answer)

    def _count(self, reader: Catalogue, albums: list[SmartAlbum]) -> None:
        """Count one album and leave the others to a later question: what the eye rests on comes in between."""
        if albums:
            self.album_counted.emit(albums[0].id, reader.count(albums[0].query.filter))
            with self._changed:
                if "counts" not in self._wanted:
                    self._ask("counts", lambda reader: self._count(reader, albums[1:]))

    def request_undecided(self, ids: array[int]) -> int:
        """Ask which of these photos is the first without stars or flag; returns the answer's generation."""
        generation = self._next_generation()

        def answer(reader: Catalogue) -> None:
            left = frozenset(reader.undecided())
            self.undecided_found.emit(generation, next((photo for photo in ids if photo in left), -1))

        self._ask("undecided", answer)
        return generation

    def stop(self) -> None:
        """End the thread once the query that runs now has its answer."""
        with self._changed:
            self._stopping = True
            self._wanted.clear()
            self._changed.notify()
            words = self._words
        if words is not None:
            words.interrupt()
        self.wait()

    def run(self) -> None:
        """Answer the newest question of each kind until told to stop."""
        try:
            with self._catalogue.reader() as reader:
                while (question := self._next_question()) is not None:
                    self._answer(question, reader)
        except KnownError as error:
            self.failed.emit(error.message, error.advice)
        finally:
            self._let_words_go()

    def _answer(self, question: Callable[[Catalogue], None], reader: Catalogue) -> None:
        try:
            question(reader)
        except KnownError as error:
            self.failed.emit(error.message, error.advice)
        except Exception:
            # The log has it; the window keeps what it shows, which beats losing the thread that feeds it.
            log.exception("a question to the library failed")

    def _answer_album(self, reader: Catalogue, query: PhotoQuery, generation: int) -> None:
        if query.search is None:
            self.album_loaded.emit(read_album(reader, query, generation))
            return
        try:
            answer = search_album(reader, self._ready_finder(reader), query, generation, self._is_superseded)
        except KnownError as error:
            if self._stopping:
                return
            (self.wordless if isinstance(error, WordsUnavailable) else self.failed).emit(error.message, error.advice)
            answer = read_album(reader, replace(query, search=None), generation)
        if answer is not None:
            self.album_loaded.emit(answer)

    def _ready_finder(self, reader: Catalogue) -> Finder:
        from aesthetic_studio.pipeline.finding import Finder  # noqa: PLC0415 - brings numpy
        from aesthetic_studio.pipeline.words_process import Words  # noqa: PLC0415

        with self._changed:
            self._words = self._words or Words(self.loading.emit)
            if self._stopping:
                self._words.interrupt()
        self._finder = self._finder or Finder(reader, self._words.vector)
        return self._finder

    def _let_words_go(self) -> None:
        if self._words is not None:
            self._words.close()

    def _is_superseded(self) -> bool:
        """Whether somebody waits who wants something else by now."""
        return self._stopping or "album" in self._wanted

    def _answer_details(self, reader: Catalogue, photo_id: int, scope: PhotoFilter, generation: int) -> None:
        details = read_details(reader, photo_id, scope, generation)
        if details is not None:
            self.details_loaded.emit(details)

    def _next_generation(self) -> int:
        return next(_GENERATIONS)

    def _ask(self, kind: str, question: Callable[[Catalogue], None]) -> None:
        with self._changed:
            if not self._stopping:
                self._wanted[kind] = question
                self._changed.notify()

    def _next_question(self) -> Callable[[Catalogue], None] | None:
        with self._changed:
            limit = WORDS_KEPT_S if self._words is not None and self._words.running else None
            if not self._changed.wait_for(lambda: self._stopping or bool(self._wanted), limit):
                self._let_words_go()
                self._changed.wait_for(lambda: self._stopping or bool(self._wanted))
            if self._stopping:
                return None
            kind = next(kind for kind in KINDS if kind in self._wanted)
            return self._wanted.pop(kind)


def read_album(reader: Catalogue, query: PhotoQuery, generation: int = 0) -> AlbumAnswer:
    """Find the photos of a query, and how many the filter hides."""
    found = reader.album(query)
    spread = _usual_spread(reader, found.ids)
    return AlbumAnswer(generation, query, found.ids, found.matching, found.in_scope, spread)


def search_album(
    reader: Catalogue,
    finder: Finder,
    query: PhotoQuery,
    generation: int = 0,
    should_stop: Callable[[], bool] = lambda: False,
) -> AlbumAnswer | None:
    """Find those photos of a query that its search finds; None where it is stopped.

    Raises ``KnownError`` where the search cannot be answered.
    """
    plain = replace(query, search=None, collapse_series=False)
    among = reader.ids(plain)
    groups: list[list[int]] = []
    match query.search:
        case LikePhoto(photo_id):
            ids = finder.similar(photo_id, among).photos
        case LikeWords(text):
            ids = finder.showing(text, among).photos
        case Duplicates():
            groups = finder.duplicates(among, should_stop=should_stop)
            ids = [photo for group in groups for photo in group]
        case None:
            ids = list(among)
    if should_stop():
        return None
    in_scope = reader.count(PhotoFilter(folders=query.filter.folders))
    return AlbumAnswer(generation, query, array("q", ids), len(ids), in_scope, _usual_spread(reader, ids), len(groups))


def _usual_spread(reader: Catalogue, ids: Sequence[int]) -> tuple[float, float] | None:
    """Take the quartiles from a few photos all over the album: enough to say what is usual."""
    sample = ids[:: max(1, len(ids) // SPREAD_SAMPLE)]
    spreads = sorted(cell.spread for cell in reader.cells(sample) if cell.spread is not None)
    count = len(spreads)
    return (spreads[count // 4], spreads[3 * count // 4]) if count >= FEWEST_SPREADS else None


def read_overview(reader: Catalogue) -> Overview:
    """Gather what the panels show of the whole library."""
    roots = tuple(reader.roots())
    return Overview(
        totals=reader.totals(),
        roots=roots,
        offline_roots=frozenset(root for root in roots if not Path(root).is_dir()),
        folders=tuple(reader.folder_counts()),
        cameras=tuple(reader.cameras()),
        lenses=tuple(reader.lenses()),
        days=reader.days(),
    )


def read_details(reader: Catalogue, photo_id: int, scope: PhotoFilter, generation: int = 0) -> Details | None:
    """Gather what the inspector shows of one photo; None where the photo is gone."""
    found = reader.photos([photo_id])
    if not found:
        return None
    record = found[0]
    twins = tuple(reader.photos(reader.twins(photo_id)))
    shoot, lower = reader.shoot_standing(photo_id)
    in_library = _share_below(reader, record, ())
    return Details(
        generation,
        record,
        twins,
        _share_below(reader, record, scope.folders) if scope.folders else in_library,
        _standing(record),
        _face_news(reader, record),
        in_library=in_library,
        in_shoot=lower / (shoot - 1) if shoot > 1 else None,
        shoot_size=shoot,
        frames=_frames(reader, record),
    )


def _face_news(reader: Catalogue, record: PhotoRecord) -> FaceNews:
    from aesthetic_studio.desktop.inspector.faces import crop_faces  # noqa: PLC0415 - not before the window is shown
    from aesthetic_studio.models.faces import parts  # noqa: PLC0415

    looked = reader.faces_version(record.content_id) is not None
    note = (
        ""
        if looked or parts.is_installed()
        else _("Faces and closed eyes are found after: {how_to_get}").format(how_to_get=parts.HOW_TO_GET)
    )
    return FaceNews(looked, crop_faces(reader.preview(record.id), record.faces) if record.faces else (), note)


def _frames(reader: Catalogue, record: PhotoRecord) -> tuple[PhotoRecord, ...]:
    """The frames that compete with a photo; those of brackets, panoramas and stacks differ on purpose."""
    if record.series_id is None or record.series_kind is not SeriesKind.BURST:
        return ()
    return tuple(reader.series_frames(record.series_id))


def _share_below(reader: Catalogue, record: PhotoRecord, chosen: tuple[str, ...]) -> float | None:
    if record.score is None:
        return None
    folders = PhotoFilter(folders=chosen)
    scored = reader.count(replace(folders, score_at_least=1.0))
    at_least = reader.count(replace(folders, score_at_least=record.score.distribution.mean))
    return (scored - at_least) / (scored - 1) if scored > 1 else None


def _standing(record: PhotoRecord) -> float | None:
    if record.score is None:
        return None
    from aesthetic_studio.models import registry  # noqa: PLC0415 - not before the window is shown

    return registry.standing(record.score.model, record.score.version, record.score.distribution.mean)
