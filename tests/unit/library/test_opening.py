"""Opening a library: whatever the file is, it is told in words and nothing is lost."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from aesthetic_studio.albums import PhotoFilter, PhotoQuery, SortKey
from aesthetic_studio.errors import DiskFull, LibraryError, LibraryLocked, LibraryTooNew, NotALibrary
from aesthetic_studio.faces import Face
from aesthetic_studio.library import connection, health, migrations
from aesthetic_studio.records import PhotoFile, VerdictChange

PAST_VERSIONS = sorted(Path(__file__).parent.glob("past_versions/*.sql"))


@pytest.fixture
def impatient(monkeypatch):
    """Do not wait ten seconds for a lock that a test holds."""
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_S", 0.05)


def test_a_library_is_made_with_its_folder(tmp_path, open_library):
    path = tmp_path / "new" / "deep" / "l.sqlite"
    with open_library(path) as catalogue:
        assert catalogue.totals().photos == 0
    assert path.exists()


def test_without_leave_to_create_a_missing_library_is_an_error(tmp_path, open_library):
    with pytest.raises(LibraryError, match=r"l\.sqlite: there is no library here"):
        open_library(tmp_path / "l.sqlite", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0 a photo", b"SQLite format 3\x00 but not really" * 40])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path, open_library, content):
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(NotALibrary, match=r"photo\.jpg"):
        open_library(path)
    assert path.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir()] == ["photo.jpg"]


def test_the_database_of_another_program_is_refused_and_left_as_it_is(tmp_path, open_library):
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(NotALibrary):
        open_library(path)
    assert path.read_bytes() == before


def test_a_folder_is_not_a_library(tmp_path, open_library):
    with pytest.raises(NotALibrary):
        open_library(tmp_path)


def test_an_empty_file_becomes_a_library(tmp_path, open_library):
    path = tmp_path / "l.sqlite"
    path.touch()
    with open_library(path) as catalogue:
        assert catalogue.totals().photos == 0


def test_a_library_of_a_newer_version_is_refused_and_left_as_it_is(catalogue, open_library):
    newer = migrations.newest_version() + 1
    catalogue._store.run(f"PRAGMA user_version = {newer}")
    catalogue.close()
    before = catalogue.path.read_bytes()
    with pytest.raises(LibraryTooNew, match="newer version"):
        open_library(catalogue.path)
    assert catalogue.path.read_bytes() == before


def test_a_library_that_another_program_holds_is_said_to_be_locked(catalogue, open_library, impatient):
    catalogue.close()
    holder = sqlite3.connect(catalogue.path, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LibraryLocked, match=r"library\.sqlite: the library is held by another program"):
        open_library(catalogue.path)
    holder.close()
    open_library(catalogue.path).close()


def test_a_writer_waits_for_another_process_and_then_says_so(catalogue, open_library, impatient):
    with open_library(catalogue.path) as other:
        with catalogue.transaction(), pytest.raises(LibraryLocked):
            other.add_root("/p")
        other.add_root("/p")
        assert catalogue.roots() == ["/p"]


def test_a_path_that_cannot_be_written_is_named(tmp_path, open_library):
    (tmp_path / "file").touch()
    with pytest.raises(LibraryError, match=r"file/l\.sqlite"):
        open_library(tmp_path / "file" / "l.sqlite")


@contextlib.contextmanager
def without_privileges(folder: Path):
    """Root may write everywhere, so become somebody else for a moment."""
    if os.geteuid() != 0:
        yield
        return
    for parent in (folder, *folder.parents):
        if parent.name.startswith(("pytest", "test_")):
            parent.chmod(0o755)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.name != "posix", reason="permissions of other systems")
@pytest.mark.parametrize("mode", [0o555, 0o000], ids=["read-only", "closed"])
def test_a_library_without_permission_is_told(catalogue, open_library, mode):
    catalogue.close()
    folder = catalogue.path.parent
    for path in folder.iterdir():
        path.chmod(mode & 0o444)
    folder.chmod(mode)
    try:
        with without_privileges(folder.parent), pytest.raises(LibraryError, match=r"library\.sqlite.*permissions"):
            open_library(catalogue.path)
        with without_privileges(folder.parent), pytest.raises(LibraryError, match=r"new\.sqlite.*permissions"):
            open_library(folder / "new.sqlite")
    finally:
        folder.chmod(0o755)


def test_a_full_disk_is_told_and_what_was_known_stays(catalogue, facts_of):
    photo = catalogue.store_facts(PhotoFile("/p", "a.jpg", 1, 1), facts_of(b"a"))
    catalogue.decide([photo], VerdictChange(rating=5), "Rate")
    pages = catalogue._store.value("PRAGMA page_count")
    catalogue._store.run(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull, match=r"library\.sqlite: the disk is full"), catalogue.transaction():
        for number in range(2000):
            catalogue.store_facts(PhotoFile("/p", f"{number}.jpg", 1, 1), facts_of(str(number).encode()))
    catalogue._store.run("PRAGMA max_page_count = 1000000")
    assert catalogue.totals().photos == 1
    assert catalogue.photo(photo).verdict.rating == 5
    catalogue.store_facts(PhotoFile("/p", "b.jpg", 1, 1), facts_of(b"b"))
    assert catalogue.totals().photos == 2
    assert catalogue.health() == []


def test_a_damaged_library_is_told(catalogue, open_library, facts_of):
    with catalogue.transaction():
        for number in range(200):
            catalogue.store_facts(PhotoFile("/p", f"{number}.jpg", 1, 1), facts_of(str(number).encode()))
    catalogue._store.all("PRAGMA wal_checkpoint(TRUNCATE)")
    catalogue.close()
    data = bytearray(catalogue.path.read_bytes())
    data[4096 * 8 : 4096 * 60] = b"\x55" * (4096 * 52)
    catalogue.path.write_bytes(data)
    with pytest.raises(LibraryError, match=r"library\.sqlite: the library file is damaged"):
        open_library(catalogue.path).photos(range(1, 200))
    assert "damaged" in "".join(health.problems(catalogue.path))


RACE = """
import sys
from pathlib import Path
from aesthetic_studio.library.catalogue import Catalogue
sys.stdin.readline()
with Catalogue.open(Path(sys.argv[1])) as catalogue:
    catalogue.add_root(f"/{sys.argv[2]}")
"""


def test_programs_that_make_a_library_at_once_take_turns(tmp_path, open_library):
    path = tmp_path / "l.sqlite"
    racers = [
        subprocess.Popen([sys.executable, "-c", RACE, str(path), str(n)], stdin=subprocess.PIPE, text=True)
        for n in range(4)
    ]
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    for racer in racers:
        racer.communicate(timeout=60)
    assert [racer.returncode for racer in racers] == [0] * 4
    with open_library(path) as catalogue:
        assert catalogue.roots() == ["/0", "/1", "/2", "/3"]


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from conftest import Album
from aesthetic_studio.library.catalogue import Catalogue
album = Album(Path(sys.argv[2]), Catalogue.open(Path(sys.argv[1])))
[scan] = album.scans()
files = album.catalogue.apply_scan(scan)
for file in files[:3]:
    album.store(file)
with album.catalogue.transaction():
    album.store(files[3])
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_indexing_resumes_where_a_kill_stopped_it(album_at, open_library, library_path, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.jpg").write_text(str(number))
    arguments = [str(library_path), str(folder), str(Path(__file__).parent)]
    run = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, timeout=60)
    assert run.returncode == -9
    with open_library(library_path) as catalogue:
        album = album_at(folder, catalogue)
        assert album.index() == ["3.jpg", "4.jpg", "5.jpg"]
        assert all(catalogue.preview(photo) for photo in catalogue.ids(PhotoQuery()))
        assert catalogue.health() == []


def test_a_reader_sees_what_is_committed_and_never_waits_for_the_writer(catalogue):
    with catalogue.reader() as reader, catalogue.transaction():
        catalogue.add_root("/p")
        assert reader.roots() == []
    with catalogue.reader() as reader:
        assert reader.roots() == ["/p"]


def test_a_reader_cannot_write(catalogue):
    with catalogue.reader() as reader, pytest.raises(LibraryError):
        reader.add_root("/p")


def test_threads_take_turns(catalogue, facts_of):
    def store(start: int) -> None:
        for number in range(start, start + 20):
            with catalogue.transaction():
                catalogue.store_facts(PhotoFile("/p", f"{number}.jpg", 1, 1), facts_of(str(number).encode()))

    threads = [threading.Thread(target=store, args=(start,)) for start in range(0, 80, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert catalogue.totals().photos == 80


def test_an_inner_step_that_fails_is_undone_alone(catalogue):
    with catalogue.transaction():
        catalogue.add_root("/kept")
        with pytest.raises(ZeroDivisionError), catalogue.transaction():
            catalogue.add_root("/undone")
            raise ZeroDivisionError
    assert catalogue.roots() == ["/kept"]


def test_lost_previews_are_made_again_and_nothing_else_is_lost(album, open_library, album_at):
    album.write("a.jpg", "one")
    album.index()
    album.catalogue.decide([1], VerdictChange(rating=5), "Rate")
    album.catalogue.close()
    (album.catalogue.path.parent / "library-previews.sqlite").unlink()
    with open_library(album.catalogue.path) as catalogue:
        again = album_at(album.folder, catalogue)
        assert catalogue.unread_count() == 1
        assert catalogue.preview(1) is None
        assert again.index() == ["a.jpg"]
        assert catalogue.preview(1) is not None
        assert catalogue.photo(1).verdict.rating == 5
        assert (catalogue.unread_count(), catalogue.totals().photos) == (0, 1)


@pytest.mark.parametrize("damage", [b"not a database at all" * 1000, b""])
def test_damaged_previews_are_made_again(album, open_library, album_at, damage):
    album.write("a.jpg", "one")
    album.index()
    album.catalogue.close()
    (album.catalogue.path.parent / "library-previews.sqlite").write_bytes(damage)
    with open_library(album.catalogue.path) as catalogue:
        assert album_at(album.folder, catalogue).index() == ["a.jpg"]


def test_health_names_what_is_missing(catalogue, facts_of):
    catalogue.store_facts(PhotoFile("/p", "a.jpg", 1, 1), facts_of(b"a"))
    assert catalogue.health() == []
    catalogue._previews._connection.execute("DELETE FROM preview")
    catalogue._store.run("DROP INDEX photo_by_score")
    catalogue._store.run("UPDATE photo SET taken = 7")
    problems = "\n".join(catalogue.health())
    assert "photo_by_score" in problems
    assert "1 previews are missing" in problems
    assert "1 photos sort by another time" in problems


def test_optimising_keeps_everything(catalogue, facts_of):
    catalogue.store_facts(PhotoFile("/p", "a.jpg", 1, 1), facts_of(b"a"))
    health.optimise(catalogue.path)
    assert {table.name: table.rows for table in health.statistics(catalogue.path)}["photo"] == 1
    assert catalogue.totals().photos == 1


@pytest.mark.parametrize("stored", PAST_VERSIONS, ids=lambda path: path.stem)
def test_libraries_of_every_past_version_open_with_all_they_knew(stored, tmp_path, open_library):
    path = tmp_path / "old.sqlite"
    old = sqlite3.connect(path)
    old.executescript(stored.read_text(encoding="utf-8"))
    old.close()
    with open_library(path) as catalogue:
        [photo] = [each for each in catalogue.photos(range(1, 9)) if each.name == "rated.jpg"]
        assert (photo.verdict.rating, photo.metadata.model) == (4, "Pixel 8")
        assert photo.score is not None
        assert round(photo.score.distribution.mean, 3) == 6.5
        assert catalogue.undo_title() == "Rate 4"
        assert catalogue.health() == []
        if stored.stem > "version-1":
            [other] = [each for each in catalogue.photos(range(1, 9)) if each.name == "other.jpg"]
            assert (photo.metadata.caption, other.metadata.keywords) == ("A boat at dawn", ("mist",))
            assert (other.chosen, other.reasons[0], photo.series_rank) == (True, "your choice", 2)
            [preference] = catalogue.judgements().preferences
            assert preference.better.photo_id == other.id
            assert len(catalogue.pair_scores("pairs", "1", [photo.content_id, other.content_id])) == 2
        sharper_half = PhotoQuery(PhotoFilter(sharpness_at_least=50), collapse_series=False)
        [sharper] = catalogue.photos(catalogue.ids(sharper_half))
        assert sharper.measurements is not None
        assert sharper.measurements.sharpness == max(
            each.measurements.sharpness for each in catalogue.photos(range(1, 9)) if each.measurements is not None
        )
        if stored.stem > "version-2":
            [smart] = catalogue.albums.all()
            assert smart.query == PhotoQuery(PhotoFilter(rating=4), SortKey.TIME, descending=False)
            assert photo.faces == (Face(0.25, 0.125, 0.5, 0.25, 0.875, 0.0625, 0.75, None),)
            assert (other.faces, catalogue.faces_version(other.content_id)) == ((), None)
            held = catalogue.holding("/photos")
            assert held[photo.content_id] == held[other.content_id]


def test_there_is_a_stored_library_of_every_version():
    assert [path.stem for path in PAST_VERSIONS] == [f"version-{n}" for n in range(1, migrations.newest_version() + 1)]


def test_a_migration_backs_the_library_up_and_keeps_all(catalogue, open_library, facts_of, monkeypatch):
    catalogue.store_facts(PhotoFile("/p", "a.jpg", 1, 1), facts_of(b"a"))
    catalogue.close()
    version = migrations.newest_version()
    monkeypatch.setattr(
        migrations, "MIGRATIONS", (*migrations.MIGRATIONS, "ALTER TABLE photo ADD COLUMN later TEXT;\n")
    )
    with open_library(catalogue.path) as migrated:
        assert migrated.totals().photos == 1
        assert migrated._store.value("PRAGMA user_version") == version + 1
    monkeypatch.undo()
    with open_library(connection.backup_path(catalogue.path, version)) as backup:
        assert backup.totals().photos == 1


def test_a_migration_that_fails_leaves_the_library_as_it_was(catalogue, open_library, monkeypatch):
    catalogue.add_root("/p")
    catalogue.close()
    broken = "ALTER TABLE photo ADD COLUMN later TEXT;\nALTER TABLE nothing ADD COLUMN x TEXT;\n"
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, broken))
    with pytest.raises(sqlite3.OperationalError):
        open_library(catalogue.path)
    monkeypatch.undo()
    with open_library(catalogue.path) as again:
        assert again.roots() == ["/p"]


def test_opening_a_library_imports_nothing_slow():
    code = (
        "import sys, aesthetic_studio.library.catalogue;"
        "print({'numpy', 'torch', 'PySide6', 'PIL', 'exif', 'sqlite_utils'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "set()"
