"""The commands that work on photos: index, score, faces, rank, bursts, contact-sheet, sample."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from typing import TYPE_CHECKING, Any

from aesthetic_studio import paths
from aesthetic_studio.cli.folders import existing_folders
from aesthetic_studio.cli.model_choice import usable_model
from aesthetic_studio.cli.output import ProgressBar, print_json, print_lines, report_unreadable
from aesthetic_studio.cli.stop import Stop
from aesthetic_studio.errors import WrongUsage

if TYPE_CHECKING:
    import argparse
    import os
    from collections.abc import Callable, Iterator, Sequence

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.pipeline.indexing import IndexReport
    from aesthetic_studio.records import PhotoRecord


def index(arguments: argparse.Namespace) -> int:
    """``index FOLDER…``."""
    folders = existing_folders(arguments.folders)
    library = arguments.library or paths.default_library()
    from aesthetic_studio.pipeline.indexing import index as index_folders
    from aesthetic_studio.pipeline.workers import DecodePool

    pool = DecodePool()
    if not library.exists():
        # Everything will have to be decoded: let the workers get ready while the library is made.
        pool.start()
    try:
        with _working(library) as (catalogue, bar, stop):
            report = index_folders(catalogue, folders, progress=bar, should_stop=stop, pool=pool)
    finally:
        pool.stop()
    _report_index(report)
    if report.interrupted:
        raise KeyboardInterrupt
    if arguments.json:
        print_json(_index_object(report))
    else:
        print_lines([_index_summary(report)])
    return 1 if report.unreadable else 0


def score(arguments: argparse.Namespace) -> int:
    """``score [FOLDER…]``."""
    folders = existing_folders(arguments.folders)
    from aesthetic_studio.pipeline.studio import score_folders

    with _working(arguments.library or paths.default_library(), create=False) as (catalogue, bar, stop):
        scored, failed = score_folders(
            catalogue,
            folders,
            model=usable_model(arguments.model),
            device=arguments.device,
            progress=bar,
            should_stop=stop,
        )
        name, version = catalogue.active_model() or ("", "")
        known, total = catalogue.score_counts(name, version)
        stop.check()
    if arguments.json:
        print_json(
            {"model": name, "version": version, "scored": scored, "failed": failed, "known": known, "total": total}
        )
    else:
        print_lines([f"{_photos(scored)} scored by {name} {version}; {known} of {total} in the library have a score."])
    if failed:
        sys.stderr.write(f"{_photos(failed)} could not be scored: index their folders again.\n")
    return 0


def faces(arguments: argparse.Namespace) -> int:
    """``faces [FOLDER…]``."""
    from aesthetic_studio.albums import PhotoFilter, PhotoQuery
    from aesthetic_studio.cli.faces import face_objects, print_faces
    from aesthetic_studio.errors import ModelUnavailable
    from aesthetic_studio.models.faces import parts
    from aesthetic_studio.pipeline.grouping import group_folders
    from aesthetic_studio.pipeline.studio import find_faces_in

    if not parts.is_installed():
        raise ModelUnavailable("The face models are not installed.", f"Get them, 0.7 MB: {parts.HOW_TO_GET}")
    folders = existing_folders(arguments.folders)
    with _working(arguments.library or paths.default_library(), create=False) as (catalogue, bar, stop):
        report = find_faces_in(catalogue, folders, progress=bar, should_stop=stop)
        group_folders(catalogue, progress=bar, should_stop=stop)
        stop.check()
        photos = records(catalogue, folders)
        closed = catalogue.ids(PhotoQuery(PhotoFilter(folders=tuple(folders), eyes_closed=True), collapse_series=False))
    if arguments.json:
        print_json(face_objects(photos, closed))
    else:
        print_faces(photos, closed, len(photos))
    if report is not None and report.failed:
        sys.stderr.write(f"{_photos(report.failed)} could not be looked at: index their folders again.\n")
    return 0


def rank(arguments: argparse.Namespace) -> int:
    """``rank [FOLDER…] [--album NAME]``."""
    from aesthetic_studio.cli.albums import album_called, photos_of
    from aesthetic_studio.cli.ranking import print_ranking, ranking_objects

    if arguments.album is not None:
        # Before photos are read and scored for minutes.
        with _working(arguments.library or paths.default_library(), create=False) as (catalogue, _, _):
            album_called(catalogue, arguments.album)
    with prepared(arguments) as (catalogue, folders, report):
        photos = records(catalogue, folders)
        if arguments.album is not None:
            holds = photos_of(catalogue, arguments.album)
            photos = [photo for photo in photos if photo.id in holds]
        objects = ranking_objects(
            photos,
            collapse=not arguments.all_frames,
            top=arguments.top,
            frames=arguments.json,
        )
    if arguments.json:
        print_json(objects)
    else:
        print_ranking(objects)
    return 1 if report.unreadable else 0


def bursts(arguments: argparse.Namespace) -> int:
    """``bursts [FOLDER…] [--take-best [--apply]]``."""
    from aesthetic_studio.cli.ranking import print_series, series_objects
    from aesthetic_studio.cli.taking import check_usage, take

    check_usage(arguments)
    if arguments.take_best:
        with prepared(arguments) as (catalogue, folders, report):
            take(catalogue, folders, arguments)
        return 1 if report.unreadable else 0

    with prepared(arguments) as (catalogue, folders, report):
        objects = series_objects(records(catalogue, folders))
    if arguments.json:
        print_json(objects)
    else:
        print_series(objects)
    return 1 if report.unreadable else 0


def albums(arguments: argparse.Namespace) -> int:
    """``albums``."""
    from aesthetic_studio.cli.albums import album_objects, print_albums

    with _working(arguments.library or paths.default_library(), create=False) as (catalogue, _, _):
        objects = album_objects(catalogue)
    if arguments.json:
        print_json(objects)
    else:
        print_albums(objects)
    return 0


def contact_sheet(arguments: argparse.Namespace) -> int:
    """``contact-sheet [FOLDER…] --output FILE``."""
    from aesthetic_studio.contact_sheet import sheet_entries, write_contact_sheet
    from aesthetic_studio.curation.ranking import rank as rank_photos

    with prepared(arguments) as (catalogue, folders, report):
        photos = records(catalogue, folders)
        places = rank_photos(photos)[: arguments.top]
        by_id = {photo.id: photo for photo in photos}
        name, _ = catalogue.active_model() or ("", "")
        title = folders[0] if len(folders) == 1 else "Contact sheet"
        subtitle = f"{_photos(len(photos))}, best first by {name}" if name else _photos(len(photos))
        entries = sheet_entries(places, by_id, catalogue.preview)
        written = write_contact_sheet(arguments.output, entries, title=title, subtitle=subtitle)
    print_lines([str(written)])
    return 1 if report.unreadable else 0


def sample(arguments: argparse.Namespace) -> int:
    """``sample FOLDER``."""
    from aesthetic_studio.records import Progress
    from aesthetic_studio.sample_album import SHOOT_PHOTOS, make_album, make_shoot

    if arguments.photos and not arguments.shoot:
        raise WrongUsage("--photos is for a shoot; the album has its number.", "Add --shoot.")
    bar = ProgressBar()

    def show(done: int, total: int) -> None:
        bar(Progress("sample", done, total))

    try:
        if arguments.shoot:
            files = make_shoot(arguments.folder, arguments.photos or SHOOT_PHOTOS, progress=show)
        else:
            files = make_album(arguments.folder, progress=show)
    finally:
        bar.close()
    if arguments.json:
        print_json([str(file) for file in files])
    else:
        print_lines([f"{_photos(len(files))} in {arguments.folder}"])
    return 0


@contextlib.contextmanager
def _working(library: os.PathLike[str], *, create: bool = True) -> Iterator[tuple[Catalogue, ProgressBar, Stop]]:
    """Give an open library, a progress bar and Ctrl-C as a request, all put back in order afterwards."""
    from pathlib import Path

    from aesthetic_studio.library.catalogue import Catalogue

    bar = ProgressBar()
    with Stop().listening() as stop, Catalogue.open(Path(library), create=create) as catalogue:
        try:
            yield catalogue, bar, stop
        finally:
            bar.close()


@contextlib.contextmanager
def prepared(arguments: argparse.Namespace) -> Iterator[tuple[Catalogue, list[str], IndexReport]]:
    """Give an open library whose photos of the named folders, or all, are indexed, scored and grouped."""
    from aesthetic_studio.pipeline.studio import prepare

    folders = existing_folders(arguments.folders)
    library = arguments.library or paths.default_library()
    if not folders and not library.exists():
        raise WrongUsage("The library is empty.", "Name a folder of photos.")
    with _working(library) as (catalogue, bar, stop):
        roots = folders or catalogue.roots()
        if not roots:
            raise WrongUsage("The library is empty.", "Name a folder of photos.")
        done = prepare(
            catalogue,
            roots,
            model=usable_model(arguments.model),
            device=arguments.device,
            progress=bar,
            should_stop=stop,
        )
        bar.close()
        _report_index(done.indexed)
        if done.interrupted:
            raise KeyboardInterrupt
        if done.failed:
            sys.stderr.write(f"{_photos(done.failed)} could not be scored: index their folders again.\n")
        yield catalogue, roots, done.indexed


def records(catalogue: Catalogue, folders: Sequence[str]) -> list[PhotoRecord]:
    """All that is known of the photos of these folders whose files are there, by name."""
    from aesthetic_studio.pipeline.studio import present_photos

    return catalogue.photos(present_photos(catalogue, folders))


def _report_index(report: IndexReport) -> None:
    """Unreadable files go to standard error, our own faults to the log."""
    report_unreadable(report.unreadable)
    if report.faults:
        from aesthetic_studio.cli.log import write_log

        write_log("\n".join(report.faults))


def _index_object(report: IndexReport) -> dict[str, Any]:
    value = {
        field.name: getattr(report, field.name)
        for field in dataclasses.fields(report)
        if field.name not in {"unreadable", "skipped", "faults"}
    }
    value["unreadable"] = [dataclasses.asdict(file) for file in report.unreadable]
    value["skipped"] = dataclasses.asdict(report.skipped) if report.skipped is not None else {}
    return value


def _index_summary(report: IndexReport) -> str:
    parts = [
        f"{count} {word}"
        for count, word in (
            (report.added, "new"),
            (report.updated, "changed"),
            (report.moved, "moved"),
            (report.unchanged, "unchanged"),
            (report.missing, "missing"),
            (len(report.unreadable), "unreadable"),
        )
        if count
    ]
    return f"{_photos(report.photos)}: {', '.join(parts)}" if parts else "No photos here."


def _photos(count: int) -> str:
    return "1 photo" if count == 1 else f"{count} photos"


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "index": index,
    "score": score,
    "faces": faces,
    "rank": rank,
    "bursts": bursts,
    "albums": albums,
    "contact-sheet": contact_sheet,
    "sample": sample,
}
