"""The catalogue: everything the program knows of the person's photos, in one SQLite file.

This class is the room's only door; each concern lies in a module of its own (``photos`` identity, ``scanning`` walks,
``scores``, ``groups``, ``decisions``, ``queries``). One object may be used from several threads: its lock lets them
take turns. A thread that must not wait for a writer asks for a ``reader()`` of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aesthetic_studio.library import charts, halves, judged, queries
from aesthetic_studio.library.by_hand import ByHand
from aesthetic_studio.library.choices import Choices
from aesthetic_studio.library.connection import Store, open_writer
from aesthetic_studio.library.contents import Contents
from aesthetic_studio.library.decisions import Decision, Decisions
from aesthetic_studio.library.faces import Faces
from aesthetic_studio.library.folders import Folders
from aesthetic_studio.library.groups import Groups, ReadAt
from aesthetic_studio.library.looks import Looks, StoredLooks
from aesthetic_studio.library.photos import Photos
from aesthetic_studio.library.previews import PreviewStore, open_previews, open_previews_reader
from aesthetic_studio.library.reading import LibraryTotals, Reading
from aesthetic_studio.library.scanning import Scanning
from aesthetic_studio.library.scores import Scores
from aesthetic_studio.library.smart_albums import SmartAlbums
from aesthetic_studio.library.words import PhotoWords, WordsDue

if TYPE_CHECKING:
    import contextlib
    from array import array
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from aesthetic_studio.albums import AlbumPhotos, Histogram, PhotoFilter, PhotoQuery, Timeline
    from aesthetic_studio.faces import Face
    from aesthetic_studio.groupings import Held, Statement
    from aesthetic_studio.judgements import Judgements, PairScore
    from aesthetic_studio.library.scan import FolderScan
    from aesthetic_studio.records import (
        GridCell,
        PhotoFacts,
        PhotoFile,
        PhotoFiles,
        PhotoRecord,
        ScoreDistribution,
        Series,
        UnreadableFile,
        VerdictChange,
        Words,
    )

__all__ = ["Catalogue", "Decision", "LibraryTotals", "StoredLooks", "WordsDue"]


class Catalogue:
    """One library, open for writing or (from ``reader()``) for reading only.

    Attributes:
        path: The library's file.
        albums: Filters and orders that the person kept under names.
    """

    def __init__(self, store: Store, previews: PreviewStore, read_at: ReadAt) -> None:
        self.path = store.path
        self._store = store
        self._previews = previews
        self._read_at = read_at
        self._folders = Folders(store)
        self._words = PhotoWords(store)
        self._contents = Contents(store, previews, self._words)
        self._photos = Photos(store, self._contents, self._folders, self._words)
        self._by_hand = ByHand(store, self._folders)
        self._scanning = Scanning(store, self._folders, self._by_hand)
        self._scores = Scores(store)
        self._looks = Looks(store, previews)
        self._faces = Faces(store)
        choices = Choices(store)
        self._groups = Groups(store, self._folders, choices, read_at)
        self._decisions = Decisions(store, choices, self._by_hand)
        self._reading = Reading(store)
        self.albums = SmartAlbums(store)
        store.before_commit(previews.commit)
        store.after_rollback(lambda everything: previews.roll_back() if everything else None)

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> Catalogue:
        """Open a library, made where there is none unless ``create`` says otherwise.

        Raises ``NotALibrary``, ``LibraryTooNew``, ``LibraryLocked``, ``DiskFull``, or ``LibraryError`` for the rest.
        """
        store = open_writer(Path(path), create=create)
        try:
            catalogue = cls(store, open_previews(store.path), {})
            catalogue._contents.notice_lost_previews()
        except BaseException:
            store.close()
            raise
        return catalogue

    def reader(self) -> Catalogue:
        """Another connection for another thread, which can only read and never waits for the writer."""
        return Catalogue(halves.PairedReader(self.path), open_previews_reader(self.path), self._read_at)

    def close(self) -> None:
        """Close the files; harmless twice."""
        with self._store.lock:
            self._previews.close()
            self._store.close()

    def __enter__(self) -> Catalogue:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def transaction(self) -> contextlib.AbstractContextManager[None]:
        """Write many things at once: all or nothing. Keep it short, other writers wait meanwhile."""
        return self._store.transaction()

    # -- index ---------------------------------------------------------------------------------------------------

    def add_root(self, folder: str) -> None:
        """Remember a folder that the person chose."""
        self._scanning.add_root(folder)

    def roots(self) -> list[str]:
        """The folders that the person chose, in order of path."""
        return self._scanning.roots()

    def remove_root(self, folder: str) -> None:
        """List a folder's photos no longer. Nothing is forgotten: added again, they have their verdicts."""
        self._scanning.remove_root(folder)

    def folder_signature(self, path: str) -> bytes | None:
        """The signature of a folder whose files are all stored, for ``scan.walk``."""
        return self._folders.signature(path)

    def folder_signatures(self) -> dict[str, bytes]:
        """All of them in one read: ``known=catalogue.folder_signatures().get`` is the quickest walk."""
        return self._folders.signatures()

    def apply_scan(self, scan: FolderScan) -> list[PhotoFile]:
        """Take over what a folder holds now; says which files have to be read (and then stored)."""
        return self._scanning.apply(scan)

    def finish_scan(self, roots: Iterable[str], seen_folders: Collection[str], interrupted: bool = False) -> None:
        """Grey the photos that the walk of ``roots`` did not meet; does nothing where it was interrupted."""
        self._scanning.finish(roots, seen_folders, interrupted=interrupted)

    def store_facts(self, file: PhotoFile, facts: PhotoFacts) -> int:
        """Store what a decode told of a file; says the photo's id, which a move or rename does not change."""
        return self._photos.store_facts(file, facts)

    def relink(self, file: PhotoFile, content_hash: bytes) -> int | None:
        """Store a file whose content is known without decoding it; ``None`` where it has to be decoded."""
        return self._photos.relink(file, content_hash)

    def might_be_known(self, file: PhotoFile) -> bool:
        """Whether a file has the size of some known photo, so that hashing it first may save a decode."""
        return self._photos.might_be_known(file)

    def store_unreadable(self, file: PhotoFile, problem: UnreadableFile) -> int:
        """Remember that no photo can be made of a file."""
        return self._photos.store_unreadable(file, problem)

    def newest_photo_id(self) -> int:
        """Say the highest photo id given so far; photos stored later have higher ones."""
        return self._reading.newest_photo_id()

    def unread_count(self) -> int:
        """Photos that have to be decoded again since their preview was lost."""
        return self._reading.unread_count()

    def words_due(self, *, after: int = 0, limit: int = 256) -> list[WordsDue]:
        """Photos whose words are to be read, by id from ``after`` on: a sidecar changed, or nobody asked before."""
        return self._words.due(after=after, limit=limit)

    def store_words(
        self, photo_id: int, own: Words | None, mark: str, sidecar: Words, problem: str | None = None
    ) -> None:
        """Store the words of a photo that was due.

        Args:
            photo_id: The photo.
            own: What its file says; ``None`` leaves that as it is.
            mark: The state of its sidecars as they were read (``words.sidecar_mark``), empty for none.
            sidecar: What they say.
            problem: Why one of them could not be read.
        """
        self._words.store(photo_id, own, mark, sidecar, problem)

    # -- score ---------------------------------------------------------------------------------------------------

    def unscored(self, model: str, version: str, *, limit: int, first: Sequence[int] = ()) -> list[tuple[int, int]]:
        """``(content_id, photo_id)`` of contents that a model has not judged, the photos of ``first`` ahead."""
        return self._scores.unscored(model, version, limit=limit, first=first)

    def unscored_among(self, model: str, version: str, photo_ids: Sequence[int]) -> list[int]:
        """Those of these photos that a model has not judged, in their order."""
        return self._scores.unscored_among(model, version, photo_ids)

    def store_scores(
        self,
        model: str,
        version: str,
        rows: Sequence[tuple[int, ScoreDistribution]],
        words: Mapping[int, str] | None = None,
    ) -> None:
        """Keep a model's answers as ``(content_id, distribution)``. The first model ever becomes the active one.

        ``words`` says which words a model was given that reads words: a score counts until they are others.
        """
        self._scores.store(model, version, rows, words)

    def store_looks(self, model: str, version: str, rows: Sequence[tuple[int, bytes]]) -> None:
        """Keep what a model says photos show, as ``(content_id, half floats)``, within the caller's transaction."""
        self._looks.store(model, version, rows)

    def without_look(self, model: str, version: str, *, limit: int) -> list[int]:
        """Contents that a model has scored and whose look is not kept: an earlier program did not keep any."""
        return self._looks.lacking(model, version, limit)

    def looks(self, model: str, version: str) -> StoredLooks:
        """Every look of a model."""
        return self._looks.all(model, version)

    def look_count(self, model: str, version: str) -> int:
        """How many looks of a model are kept."""
        return self._looks.count(model, version)

    def stamp(self) -> tuple[int, ...]:
        """Numbers that are others once anything was written to the library or its previews; asking costs nothing."""
        with self._store.lock:
            return (*self._store.stamp(), *self._previews.stamp())

    def contents(self) -> list[tuple[int, int]]:
        """Every listed photo that could be read with its content, by number."""
        return self._reading.contents()

    def contents_state(self) -> tuple[int, int]:
        """Numbers that are others once ``contents`` may be."""
        return self._reading.contents_state()

    def words(self, content_ids: Sequence[int]) -> dict[int, str]:
        """Content → caption and keywords as one text, those that have any."""
        return self._words.texts(content_ids)

    def store_pair_scores(self, model: str, version: str, rows: Sequence[PairScore]) -> None:
        """Keep what a model that compares says of pairs of contents."""
        self._scores.store_pairs(model, version, rows)

    def pair_scores(
        self, model: str, version: str, content_ids: Sequence[int]
    ) -> dict[tuple[int, int], tuple[float, float]]:
        """``(content, content) → (score, score)`` of those pairs among these contents that were compared, both ways."""
        return self._scores.pairs(model, version, content_ids)

    def score_counts(self, model: str, version: str) -> tuple[int, int]:
        """How many contents a model has judged, of how many there are."""
        return self._scores.counts(model, version)

    def set_active_model(self, name: str, version: str) -> None:
        """Show and sort by the scores of this model from now on."""
        self._scores.set_active(name, version)

    def active_model(self) -> tuple[str, str] | None:
        """Name and version of the model whose scores are shown."""
        return self._scores.active()

    def preview(self, photo_id: int) -> bytes | None:
        """A photo's preview as JPEG."""
        content_hash = self._reading.hash_of_photo(photo_id)
        if content_hash is None:
            return None
        with self._store.lock:
            return self._previews.get([content_hash]).get(content_hash)

    def previews(self, content_ids: Sequence[int]) -> dict[int, bytes]:
        """Content → preview as JPEG, those that are there."""
        hashes = self._reading.hashes(content_ids)
        with self._store.lock:
            return {hashes[content_hash]: jpeg for content_hash, jpeg in self._previews.get(hashes).items()}

    # -- faces ---------------------------------------------------------------------------------------------------

    def store_faces(self, version: str, looks: Iterable[tuple[int, Sequence[Face]]]) -> None:
        """Keep the faces of each content, none included, as one version of the models saw them."""
        self._faces.store(version, looks)

    def without_faces(
        self, version: str, *, limit: int, after: int = 0, first: Sequence[int] = ()
    ) -> list[tuple[int, int, str]]:
        """``(content, photo, path)`` of contents that a version has not looked at, the photos of ``first`` ahead.

        Only photos whose files are there; ``after`` leaves out contents up to that one, but for those of ``first``.
        """
        return self._faces.unlooked(version, limit=limit, after=after, first=first)

    def without_faces_among(self, version: str, photo_ids: Sequence[int]) -> list[int]:
        """Those of these photos that a version of the models has not looked at, in their order."""
        return self._faces.unlooked_among(version, photo_ids)

    def faces_version(self, content_id: int) -> str | None:
        """Which version of the models looked for faces in a content; ``None`` where none did."""
        return self._faces.looked(content_id)

    def face_counts(self, version: str) -> tuple[int, int]:
        """How many contents a version has looked at, of how many it could."""
        return self._faces.counts(version)

    # -- curate --------------------------------------------------------------------------------------------------

    def folders_to_group(self) -> list[str]:
        """Folders that changed since their series were found, in order of path."""
        return self._groups.folders_to_group()

    def records_in_folder(self, folder: str) -> list[PhotoRecord]:
        """The photos of one folder that could be read and are there, or on a drive that is not, in order of path."""
        return self._groups.records_in_folder(folder)

    def holding(self, folder: str) -> dict[int, Held]:
        """Content → where the person put it, of the contents of one folder. Ask it after ``records_in_folder``."""
        return self._by_hand.holding(folder)

    def replace_series(self, folder: str, series: Sequence[Series], among: Collection[int] | None = None) -> None:
        """Store a folder's series in place of those it had, or in place of those of the photos ``among`` alone."""
        self._groups.replace(folder, series, among)

    # -- read ----------------------------------------------------------------------------------------------------

    def ids(self, query: PhotoQuery) -> array[int]:
        """The photos of an album in its order."""
        return queries.ids(self._store, query)

    def album(self, query: PhotoQuery) -> AlbumPhotos:
        """The photos of an album in its order, and how many there are of which it shows these."""
        return queries.album(self._store, query)

    def series(self, query: PhotoQuery) -> list[int]:
        """The series of which an album shows a frame, in its order."""
        return queries.series(self._store, query)

    def count(self, wanted: PhotoFilter) -> int:
        """How many photos a filter lets through, every frame of a series counted."""
        return queries.count(self._store, wanted)

    def undecided(self) -> array[int]:
        """Photos without stars and flag, in no order."""
        return queries.undecided(self._store)

    def score_histogram(self, wanted: PhotoFilter, among: Iterable[int] | None = None) -> Histogram:
        """How the photos that a filter lets through, of some or of all, spread over the scores, every frame counted."""
        return charts.score_histogram(self._store, wanted, among)

    def timeline(self, wanted: PhotoFilter, among: Iterable[int] | None = None, *, most: int = 120) -> Timeline:
        """How they spread over their capture times, in as fine bins as ``most`` of them can be."""
        return charts.timeline(self._store, wanted, among, most=most)

    def cells(self, ids: Sequence[int]) -> list[GridCell]:
        """What a grid needs of these photos, in this order."""
        return self._reading.cells(ids)

    def photo(self, photo_id: int) -> PhotoRecord:
        """All that is known of one photo. Raises ``LibraryError`` where there is none of this id."""
        return self._reading.photo(photo_id)

    def photos(self, ids: Sequence[int]) -> list[PhotoRecord]:
        """All that is known of these photos, in this order."""
        return self._reading.photos(ids)

    def files(self, ids: Sequence[int]) -> list[PhotoFiles]:
        """Where the files of these photos lie, in this order."""
        return self._reading.files(ids)

    def hashes(self, content_ids: Sequence[int]) -> dict[int, bytes]:
        """Content → the hash that identifies it, as judgements name it."""
        return {content: content_hash for content_hash, content in self._reading.hashes(content_ids).items()}

    def folder_counts(self) -> list[tuple[str, int]]:
        """Every folder that holds listed photos and how many, in order of path."""
        return self._reading.folder_counts()

    def cameras(self) -> list[tuple[str, int]]:
        """Every camera and how many photos it took, in order of name."""
        return self._reading.cameras()

    def lenses(self) -> list[tuple[str, int]]:
        """Every lens and how many photos were taken through it, in order of name."""
        return self._reading.lenses()

    def days(self) -> tuple[datetime, datetime] | None:
        """The first and the last moment that a photo was taken at; ``None`` where none has a time."""
        return self._reading.days()

    def twins(self, photo_id: int) -> list[int]:
        """Other photos with the same content, in order of path."""
        return self._reading.twins(photo_id)

    def shoot_standing(self, photo_id: int) -> tuple[int, int]:
        """How many photos of its shoot (one folder, one day) are scored, and how many of those score lower."""
        return self._reading.shoot_standing(photo_id)

    def decided(self) -> list[int]:
        """Every photo that the person decided about, listed or not, in order of path."""
        return self._reading.decided()

    def series_frames(self, series_id: int) -> list[PhotoRecord]:
        """The frames of a series in order of rank."""
        return self._reading.series_frames(series_id)

    def problems(self) -> list[UnreadableFile]:
        """Files that no photo could be made of, in order of path."""
        return self._reading.problems()

    def totals(self) -> LibraryTotals:
        """How many photos there are, by state."""
        return self._reading.totals()

    # -- decide --------------------------------------------------------------------------------------------------

    def decide(self, photo_ids: Sequence[int], change: VerdictChange, title: str) -> Decision:
        """Change the verdicts of photos as one step that can be undone."""
        return self._decisions.decide(photo_ids, change, title)

    def decide_each(
        self,
        changes: Mapping[VerdictChange, Sequence[int]],
        title: str,
        choices: Mapping[int, int] | None = None,
    ) -> Decision:
        """Change the verdicts of photos in several ways, each photo in one, as one step that can be undone.

        ``choices`` (series → photo) lets frames stand for their series in the same step, as ``choose_best`` does.
        """
        return self._decisions.decide_each(changes, title, choices)

    def group_by_hand(self, statement: Statement, title: str) -> Decision:
        """Say which contents belong together, as one step that can be undone.

        The series of its photos are to be found again, after undo and redo too; until then the decision's ``folders``
        count among ``folders_to_group``.
        """
        return self._decisions.group(statement, title)

    def choose_best(self, series_id: int, photo_id: int, title: str | None = None) -> Decision:
        """Let one frame stand for its series, whatever is found best, as one step that can be undone.

        In a burst it counts as preferred to each other frame. Raises ``LibraryError`` where it is none of its frames.
        """
        return self._decisions.choose_best(series_id, photo_id, title)

    def clear_choice(self, series_id: int, title: str | None = None) -> Decision:
        """Let the program say again which frame stands for a series, as one step that can be undone."""
        return self._decisions.clear_choice(series_id, title)

    def prefer(self, better_photo: int, worse_photo: int, source: str, title: str | None = None) -> Decision:
        """Say that one photo is better than another, as one step that can be undone; ``source`` tells who asked.

        Raises ``LibraryError`` for identical files and photos that could not be read.
        """
        return self._decisions.prefer(better_photo, worse_photo, source, title)

    def judgements(self) -> Judgements:
        """Everything that the person judged, for the trainer."""
        return judged.judgements(self._store)

    def undo(self) -> Decision | None:
        """Take the last step back; ``None`` where there is none."""
        return self._decisions.undo()

    def redo(self) -> Decision | None:
        """Do the step again that was taken back last; ``None`` where there is none."""
        return self._decisions.redo()

    def undo_title(self) -> str | None:
        """What would be undone."""
        return self._decisions.undo_title()

    def redo_title(self) -> str | None:
        """What would be redone."""
        return self._decisions.redo_title()

    # -- health --------------------------------------------------------------------------------------------------

    def health(self) -> list[str]:
        """What is wrong with the library, in words with advice; empty where all is well."""
        from aesthetic_studio.library import health  # noqa: PLC0415 - rarely asked for

        return health.problems(self.path)

    def rebuild_previews(self) -> None:
        """Drop all previews: the next scan decodes every photo again. Nothing else is lost."""
        self._contents.drop_previews()
