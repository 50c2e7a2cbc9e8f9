"""The walk: what is a photo, what is passed by, and what has changed."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aesthetic_studio.library.scan import FolderScan, SkipCounts, pair, walk


@pytest.fixture
def scan(tmp_path, formats):
    def scans(*roots: Path) -> list[FolderScan]:
        chosen = [str(root) for root in roots] or [str(tmp_path)]
        return list(walk(chosen, formats, known=lambda _: None, should_stop=lambda: False))

    return scans


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode("utf-8", "surrogateescape"))


def photos(scans: list[FolderScan]) -> list[str]:
    return [file.name for scan in scans for file in scan.files]


def skipped(scans: list[FolderScan]) -> SkipCounts:
    return sum((scan.skipped for scan in scans), SkipCounts())


def test_folders_are_walked_in_order_and_other_files_left_alone(scan, tmp_path):
    put(tmp_path, "b/2.jpg", "b/1.JPG", "a/3.png", "notes.txt", "no_suffix", "jpg")
    assert photos(scan()) == ["3.png", "1.JPG", "2.jpg"]


def test_hidden_and_trashed_places_are_skipped_and_counted(scan, tmp_path):
    put(tmp_path, "a.jpg", ".hidden.jpg", "._a.jpg", ".dark/b.jpg", ".Trash-1000/c.jpg", "$RECYCLE.BIN/d.jpg")
    put(tmp_path, "@eaDir/e.jpg", "Mac.photoslibrary/f.jpg")
    found = scan()
    assert photos(found) == ["a.jpg"]
    assert skipped(found) == SkipCounts(hidden=5, trashed=2)


def test_a_hidden_folder_that_is_named_is_walked(scan, tmp_path):
    put(tmp_path, ".private/a.jpg")
    assert photos(scan(tmp_path / ".private")) == ["a.jpg"]


def test_symlink_loops_end_and_each_photo_is_found_once_at_its_real_place(scan, tmp_path):
    put(tmp_path, "z/a.jpg")
    (tmp_path / "a_link").symlink_to(tmp_path / "z")
    (tmp_path / "z" / "loop").symlink_to(tmp_path)
    found = scan()
    assert [(one.path, len(one.files)) for one in found if one.files] == [(str(tmp_path / "z"), 1)]
    assert skipped(found).links == 2


def _circle_of_one(folder: Path) -> int:
    (folder / "self").symlink_to("self")
    return 1


def _photo_circle_of_one(folder: Path) -> int:
    (folder / "b.jpg").symlink_to("b.jpg")
    return 1


def _circle_of_two(folder: Path) -> int:
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    return 2


def _way_back(folder: Path) -> int:
    (folder / "up").symlink_to("..")
    return 2  # up again, and from there down here again


def _broken(folder: Path) -> int:
    (folder / "gone").symlink_to("nothing")
    return 1


@pytest.mark.parametrize("make", [_circle_of_one, _photo_circle_of_one, _circle_of_two, _way_back, _broken])
def test_a_link_that_leads_nowhere_hides_no_photo_of_its_folder(scan, tmp_path, make):
    put(tmp_path, "root/a.jpg", "root/z.jpg", "root/below/c.jpg")
    links = make(tmp_path / "root")
    found = scan(tmp_path / "root")
    assert photos(found) == ["a.jpg", "z.jpg", "c.jpg"]
    assert all(one.reachable for one in found)
    assert skipped(found).unreadable == ()
    assert skipped(found).links == (1 if make is _way_back else links)


def test_a_link_in_a_circle_is_told_in_the_log(scan, tmp_path, caplog):
    put(tmp_path, "a.jpg")
    _circle_of_one(tmp_path)
    scan()
    assert [str(tmp_path / "self") in message for message in caplog.messages] == [True]


def test_a_link_to_a_folder_elsewhere_is_followed(scan, tmp_path):
    put(tmp_path, "elsewhere/a.jpg", "root/b.jpg")
    (tmp_path / "root" / "link").symlink_to(tmp_path / "elsewhere")
    assert photos(scan(tmp_path / "root")) == ["b.jpg", "a.jpg"]


def test_a_link_to_a_file_is_a_photo_and_a_dead_link_is_counted(scan, tmp_path):
    put(tmp_path, "elsewhere/a.jpg", "root/b.jpg")
    (tmp_path / "root" / "c.jpg").symlink_to(tmp_path / "elsewhere" / "a.jpg")
    (tmp_path / "root" / "dead.jpg").symlink_to(tmp_path / "nothing")
    found = scan(tmp_path / "root")
    assert photos(found) == ["b.jpg", "c.jpg"]
    assert skipped(found).links == 1


def test_pipes_and_sockets_with_a_photos_name_do_not_hang_the_walk(scan, tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.jpg"))
        found = scan()
    assert photos(found) == []
    assert skipped(found).special == 2


def test_overlapping_roots_are_walked_once(scan, tmp_path):
    put(tmp_path, "a/1.jpg", "a/b/2.jpg")
    assert photos(scan(tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a")) == ["1.jpg", "2.jpg"]


def test_a_folder_that_cannot_be_listed_is_named_and_the_rest_goes_on(scan, tmp_path, monkeypatch):
    put(tmp_path, "a/1.jpg", "b/2.jpg")
    listed = os.scandir

    def refuse(path):
        if str(path).endswith("/a"):
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = scan()
    assert photos(found) == ["2.jpg"]
    assert skipped(found).unreadable == (str(tmp_path / "a"),)


def test_a_folder_that_cannot_be_listed_any_more_is_offline_and_not_missing(album, monkeypatch):
    album.write("a/1.jpg", "one")
    album.write("a/deep/2.jpg", "two")
    album.index()
    listed = os.scandir

    def refuse(path):
        if "/a" in str(path)[len(str(album.folder)) :]:
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", refuse)
    album.index()
    assert (album.catalogue.totals().offline, album.catalogue.totals().missing) == (2, 0)
    monkeypatch.undo()
    assert album.index() == []
    assert album.catalogue.totals().present == 2


def test_a_root_may_be_one_file_with_its_companions(scan, tmp_path):
    put(tmp_path, "a.jpg", "a.cr2", "b.jpg")
    [found] = scan(tmp_path / "a.jpg")
    assert [(file.name, file.companions) for file in found.files] == [("a.jpg", ("a.cr2",))]
    assert found.partial


def test_indexing_one_file_greys_nothing_else_of_its_folder(album):
    album.write("a.jpg", "one")
    album.write("b.jpg", "two")
    album.index()
    album.write("c.jpg", "three")
    assert album.index(album.folder / "c.jpg") == ["c.jpg"]
    assert album.catalogue.totals().present == 3
    (album.folder / "c.jpg").unlink()
    album.index(album.folder / "c.jpg")
    assert (album.catalogue.totals().present, album.catalogue.totals().missing) == (2, 1)


def test_a_root_that_is_not_there_yields_nothing(scan, tmp_path):
    assert scan(tmp_path / "nowhere") == []


def test_no_roots_are_no_photos(formats):
    assert list(walk([], formats, known=lambda _: None, should_stop=lambda: False)) == []


def test_the_walk_stops_when_asked(formats, tmp_path):
    put(tmp_path, "a/1.jpg", "b/2.jpg")
    assert list(walk([str(tmp_path)], formats, known=lambda _: None, should_stop=lambda: True)) == []


def paired(formats, *names: str) -> dict[str, tuple[str, ...]]:
    photos = [(name, 1, 1) for name in names if Path(name).suffix.lower() in formats.photo]
    others = [name for name in names if Path(name).suffix.lower() not in formats.photo]
    return {file.name: file.companions for file in pair("/p", photos, others, formats)}


def test_raw_and_jpeg_are_one_photo_with_the_jpeg_in_front(formats):
    assert paired(formats, "IMG_1.CR2", "img_1.JPG") == {"img_1.JPG": ("IMG_1.CR2",)}


def test_a_live_photo_and_its_movie_are_one_photo(formats):
    assert paired(formats, "IMG_1.HEIC", "IMG_1.MOV", "IMG_2.mov") == {"IMG_1.HEIC": ("IMG_1.MOV",)}


def test_what_is_ambiguous_stays_apart(formats):
    assert paired(formats, "a.jpg", "a.png") == {"a.jpg": (), "a.png": ()}
    assert paired(formats, "a.jpg", "A.JPG", "a.cr2") == {"a.jpg": (), "A.JPG": (), "a.cr2": ()}
    assert paired(formats, "a.cr2", "a.png") == {"a.cr2": (), "a.png": ()}
    assert paired(formats, "a.cr2", "a.dng") == {"a.cr2": (), "a.dng": ()}


def test_sidecars_belong_to_their_photo_in_both_forms_of_name(formats):
    assert paired(formats, "a.jpg", "a.xmp") == {"a.jpg": ("a.xmp",)}
    assert paired(formats, "a.cr2", "a.CR2.xmp") == {"a.cr2": ("a.CR2.xmp",)}
    assert paired(formats, "a.jpg", "a.cr2", "a.xmp", "a.cr2.xmp") == {"a.jpg": ("a.cr2", "a.cr2.xmp", "a.xmp")}
    assert paired(formats, "a.cr2", "a.png", "a.xmp") == {"a.cr2": ("a.xmp",), "a.png": ()}


suffixes = [".jpg", ".JPG", ".heic", ".png", ".cr2", ".NEF", ".mov", ".xmp", ".cr2.xmp"]
file_names = st.lists(
    st.builds(str.__add__, st.sampled_from(["a", "A", "b", "\udcff"]), st.sampled_from(suffixes)), unique=True
)


@given(names=file_names)
def test_pairing_loses_no_photo_and_gives_none_to_two(formats_once, names):
    result = paired(formats_once, *names)
    members = [*result, *(companion for companions in result.values() for companion in companions)]
    assert len(members) == len(set(members))
    is_photo = {name for name in names if Path(name).suffix.lower() in formats_once.photo}
    assert is_photo <= set(members) <= set(names)


@given(names=file_names, seed=st.randoms())
def test_pairing_does_not_depend_on_the_order_of_the_listing(formats_once, names, seed):
    mixed = list(names)
    seed.shuffle(mixed)
    assert paired(formats_once, *mixed) == paired(formats_once, *names)


def test_an_unchanged_folder_is_rescanned_by_stat_alone(album, monkeypatch):
    album.write("a.jpg", "one")
    album.write("x/b.jpg", "two")
    album.index()
    monkeypatch.setattr("builtins.open", None)
    assert all(scan.unchanged for scan in album.scans())
    assert album.index() == []


@pytest.mark.parametrize("change", ["content", "new", "gone", "companion", "permissions"])
def test_a_changed_folder_is_noticed(album, change):
    path = album.write("a.jpg", "one")
    album.index()
    {
        "content": lambda: path.write_bytes(b"two!"),
        "new": lambda: album.write("b.jpg", "b"),
        "gone": path.unlink,
        "companion": lambda: album.write("a.xmp", "<x/>"),
        "permissions": lambda: path.chmod(0o600 if path.stat().st_mode & 0o077 else 0o644),
    }[change]()
    assert [scan.unchanged for scan in album.scans()] == [False]


def test_a_new_companion_needs_no_decode(album):
    album.write("a.jpg", "one")
    album.index()
    album.write("a.cr2", "raw")
    assert album.index() == []
    assert album.catalogue.photo(album.id_of("a.jpg")).companions == ("a.cr2",)


def test_an_unreadable_file_is_tried_again_once_something_of_it_changed(album):
    path = album.write("a.jpg", "broken")
    album.index()
    assert [scan.unchanged for scan in album.scans()] == [True]
    path.chmod(0o600)
    [scan] = album.scans()
    assert [file.name for file in album.catalogue.apply_scan(scan)] == ["a.jpg"]


def test_a_folder_counts_as_known_only_when_all_its_files_are_stored(album):
    album.write("a.jpg", "one")
    album.write("b.jpg", "two")
    [scan] = album.scans()
    first, second = album.catalogue.apply_scan(scan)
    album.store(first)
    assert album.catalogue.folder_signature(scan.path) is None
    album.store(second)
    assert album.catalogue.folder_signature(scan.path) == scan.signature


def test_a_batch_that_failed_is_read_again(album):
    album.write("a.jpg", "one")
    [scan] = album.scans()
    [file] = album.catalogue.apply_scan(scan)
    with pytest.raises(ZeroDivisionError), album.catalogue.transaction():
        album.store(file)
        raise ZeroDivisionError
    assert album.catalogue.folder_signature(scan.path) is None
    assert album.index() == ["a.jpg"]
    assert album.catalogue.preview(album.id_of("a.jpg")) is not None
