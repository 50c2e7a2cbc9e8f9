"""A photo's identity is its content: its verdict follows it."""

from __future__ import annotations

import os
import shutil

import pytest

from aesthetic_studio.records import Flag, PhotoState, VerdictChange


def rate(album, name: str, stars: int) -> int:
    photo = album.id_of(name)
    album.catalogue.decide([photo], VerdictChange(rating=stars), "Rate")
    return photo


def stars(album, name: str) -> int:
    return album.catalogue.photo(album.id_of(name)).verdict.rating


def test_rating_survives_a_rename(album):
    album.write("a.jpg", "one")
    album.index()
    photo = rate(album, "a.jpg", 5)
    (album.folder / "a.jpg").rename(album.folder / "b.jpg")
    assert album.index() == []
    assert album.id_of("b.jpg") == photo
    assert stars(album, "b.jpg") == 5
    assert album.catalogue.totals().photos == 1


def test_rating_survives_a_move_of_the_whole_folder(album):
    for name in ("x/1.jpg", "x/2.jpg", "x/deep/3.jpg"):
        album.write(name, name)
    album.index()
    rate(album, "x/deep/3.jpg", 4)
    (album.folder / "x").rename(album.folder / "y")
    assert album.index() == []
    assert stars(album, "y/deep/3.jpg") == 4
    assert album.catalogue.totals().missing == 0


@pytest.mark.parametrize("first", ["from", "to"])
def test_rating_survives_a_move_between_roots_scanned_in_either_order(album, first):
    album.write("from/a.jpg", "one")
    album.write("to/other.jpg", "two")
    roots = [album.folder / "from", album.folder / "to"]
    album.index(*roots)
    photo = rate(album, "from/a.jpg", 3)
    (album.folder / "from/a.jpg").rename(album.folder / "to/a.jpg")
    roots.sort(key=lambda root: root.name != first)
    for root in roots:
        album.index(root)
    assert album.id_of("to/a.jpg") == photo
    assert stars(album, "to/a.jpg") == 3
    assert album.catalogue.totals().photos == 2


def test_rating_survives_a_rename_of_the_root_itself(album):
    album.write("pictures/a.jpg", "one")
    album.index(album.folder / "pictures")
    rate(album, "pictures/a.jpg", 2)
    (album.folder / "pictures").rename(album.folder / "photos")
    album.index(album.folder / "photos")
    assert stars(album, "photos/a.jpg") == 2


def test_swapped_names_keep_their_ratings(album):
    album.write("a.jpg", "one")
    album.write("b.jpg", "second")
    album.index()
    one, two = rate(album, "a.jpg", 1), rate(album, "b.jpg", 2)
    (album.folder / "a.jpg").rename(album.folder / "c")
    (album.folder / "b.jpg").rename(album.folder / "a.jpg")
    (album.folder / "c").rename(album.folder / "b.jpg")
    assert album.index() == []
    assert (album.id_of("a.jpg"), album.id_of("b.jpg")) == (two, one)
    assert (stars(album, "a.jpg"), stars(album, "b.jpg")) == (2, 1)
    assert album.catalogue.totals().photos == 2


def test_three_names_in_a_circle_keep_their_ratings(album):
    for number, name in enumerate(("a", "b", "c"), start=1):
        album.write(f"{name}.jpg", "x" * number)
    album.index()
    for number, name in enumerate(("a", "b", "c"), start=1):
        rate(album, f"{name}.jpg", number)
    for old, new in (("a", "t"), ("c", "a"), ("b", "c"), ("t", "b")):
        source = album.folder / (old if old == "t" else f"{old}.jpg")
        source.rename(album.folder / (new if new == "t" else f"{new}.jpg"))
    album.index()
    assert [stars(album, f"{name}.jpg") for name in "abc"] == [3, 1, 2]


def test_edit_in_place_keeps_the_verdict(album):
    album.write("a.jpg", "one")
    album.index()
    photo = rate(album, "a.jpg", 4)
    album.write("a.jpg", "one, edited")
    assert album.index() == ["a.jpg"]
    assert album.id_of("a.jpg") == photo
    assert stars(album, "a.jpg") == 4


def test_an_edited_photo_is_without_the_score_of_its_old_content(album, distribution_of):
    album.write("a.jpg", "one")
    album.index()
    [(content, _)] = album.catalogue.unscored("m", "1", limit=9)
    album.catalogue.store_scores("m", "1", [(content, distribution_of(6.5))])
    album.write("a.jpg", "one, edited")
    album.index()
    assert album.catalogue.photo(album.id_of("a.jpg")).score is None
    assert len(album.catalogue.unscored("m", "1", limit=9)) == 1


@pytest.mark.parametrize("moved_to", ["0.jpg", "z.jpg"])
def test_a_new_file_under_the_old_name_does_not_take_the_moved_photos_verdict(album, moved_to):
    album.write("a.jpg", "one")
    album.index()
    photo = rate(album, "a.jpg", 5)
    (album.folder / "a.jpg").rename(album.folder / moved_to)
    album.write("a.jpg", "another photo")
    album.index()
    assert album.id_of(moved_to) == photo
    assert (stars(album, moved_to), stars(album, "a.jpg")) == (5, 0)


def test_a_copy_is_a_second_photo_and_both_know_of_each_other(album):
    album.write("a.jpg", "one")
    album.index()
    original = rate(album, "a.jpg", 5)
    shutil.copy2(album.folder / "a.jpg", album.folder / "b.jpg")
    assert album.index() == []
    copy = album.id_of("b.jpg")
    assert copy != original
    assert album.catalogue.twins(original) == [copy]
    assert album.catalogue.twins(copy) == [original]
    assert (stars(album, "a.jpg"), stars(album, "b.jpg")) == (5, 0)


def test_copy_then_delete_before_the_next_scan_is_a_move(album):
    album.write("a.jpg", "one")
    album.index()
    photo = rate(album, "a.jpg", 5)
    shutil.copy(album.folder / "a.jpg", album.folder / "b.jpg")
    (album.folder / "a.jpg").unlink()
    album.index()
    assert album.id_of("b.jpg") == photo
    assert album.catalogue.totals().photos == 1


def test_a_slow_move_with_a_scan_in_between_hands_the_verdict_on(album):
    album.write("a.jpg", "one")
    album.index()
    rate(album, "a.jpg", 5)
    shutil.copy2(album.folder / "a.jpg", album.folder / "b.jpg")
    album.index()
    (album.folder / "a.jpg").unlink()
    album.index()
    assert stars(album, "b.jpg") == 5


def test_deleting_a_rejected_copy_does_not_reject_the_other(album):
    album.write("a.jpg", "one")
    album.write("b.jpg", "one")
    album.index()
    album.catalogue.decide([album.id_of("a.jpg")], VerdictChange(flag=Flag.REJECT), "Reject")
    (album.folder / "a.jpg").unlink()
    album.index()
    assert album.catalogue.photo(album.id_of("b.jpg")).verdict.flag is Flag.NONE


def test_a_missing_photo_is_kept_and_comes_back_with_its_verdict(album):
    album.write("a.jpg", "one")
    album.write("b.jpg", "two")
    album.index()
    photo = rate(album, "a.jpg", 5)
    kept = album.folder.parent / "kept"
    (album.folder / "a.jpg").rename(kept)
    album.index()
    missing = album.catalogue.photo(photo)
    assert (missing.state, missing.verdict.rating) == (PhotoState.MISSING, 5)
    kept.rename(album.folder / "a.jpg")
    assert album.index() == []
    assert album.catalogue.photo(photo).state is PhotoState.PRESENT


def test_a_deleted_folder_that_comes_back_is_whole_again(album):
    album.write("x/a.jpg", "one")
    album.index()
    photo = rate(album, "x/a.jpg", 5)
    away = album.folder.parent / "away"
    (album.folder / "x").rename(away)
    album.index()
    assert album.catalogue.photo(photo).state is PhotoState.MISSING
    away.rename(album.folder / "x")
    album.index()
    assert album.catalogue.photo(photo).state is PhotoState.PRESENT


def test_an_unplugged_drive_is_offline_and_comes_back_without_a_decode(album):
    album.write("drive/a.jpg", "one")
    drive = album.folder / "drive"
    album.index(drive)
    photo = rate(album, "drive/a.jpg", 5)
    drive.rename(album.folder / "unplugged")
    album.index(drive)
    assert album.catalogue.photo(photo).state is PhotoState.OFFLINE
    (album.folder / "unplugged").rename(drive)
    assert album.index(drive) == []
    assert album.catalogue.photo(photo).state is PhotoState.PRESENT


def test_an_interrupted_scan_greys_nothing(album):
    album.write("x/a.jpg", "one")
    album.index()
    photo = album.id_of("x/a.jpg")
    shutil.rmtree(album.folder / "x")
    album.catalogue.finish_scan([str(album.folder)], [], True)
    assert album.catalogue.photo(photo).state is PhotoState.PRESENT


def test_a_photo_that_is_overwritten_by_another_goes_missing_with_its_rating(album):
    album.write("a.jpg", "one")
    album.write("b.jpg", "second")
    album.index()
    lost, kept = rate(album, "a.jpg", 1), rate(album, "b.jpg", 2)
    (album.folder / "b.jpg").replace(album.folder / "a.jpg")
    album.index()
    assert album.id_of("a.jpg") == kept
    assert album.catalogue.photo(lost).state is PhotoState.MISSING
    assert album.catalogue.photo(lost).verdict.rating == 1


def test_a_damaged_file_keeps_what_was_known_and_is_mended_when_the_file_is(album):
    album.write("a.jpg", "one")
    album.index()
    photo = rate(album, "a.jpg", 3)
    album.write("a.jpg", "broken file")
    album.index()
    damaged = album.catalogue.photo(photo)
    assert (damaged.state, damaged.verdict.rating, damaged.width) == (PhotoState.UNREADABLE, 3, 6000)
    assert [problem.path for problem in album.catalogue.problems()] == [str(album.folder / "a.jpg")]
    album.write("a.jpg", "one")
    album.index()
    assert album.catalogue.photo(photo).state is PhotoState.PRESENT
    assert album.catalogue.problems() == []


def test_a_photo_whose_old_place_holds_garbage_is_found_where_it_went(album):
    album.write("a.jpg", "one")
    album.index()
    photo = rate(album, "a.jpg", 3)
    (album.folder / "a.jpg").rename(album.folder / "b.jpg")
    album.write("a.jpg", "broken file")
    album.index()
    assert album.id_of("b.jpg") == photo
    assert stars(album, "b.jpg") == 3
    assert [problem.path for problem in album.catalogue.problems()] == [str(album.folder / "a.jpg")]


def test_a_touched_original_keeps_its_verdict_beside_a_fresh_copy(album):
    path = album.write("b.jpg", "one")
    album.index()
    photo = rate(album, "b.jpg", 5)
    shutil.copy(path, album.folder / "a.jpg")
    os.utime(path, ns=(1, 1))
    album.index()
    assert album.id_of("b.jpg") == photo
    assert (stars(album, "b.jpg"), stars(album, "a.jpg")) == (5, 0)


def test_many_identical_files_that_move_together_keep_each_its_own_verdict(album):
    for number in range(6):
        album.write(f"x/{number}.jpg", "the same")
    album.index()
    for number in range(6):
        rate(album, f"x/{number}.jpg", number)
    (album.folder / "x").rename(album.folder / "y")
    album.index()
    assert [stars(album, f"y/{number}.jpg") for number in range(6)] == list(range(6))


@pytest.mark.parametrize(
    "name",
    [b"\xff\xfe.jpg", "émoji 📷.jpg".encode(), b"new\nline.jpg", b"n" * 251 + b".jpg", b"100%_'\".jpg"],
    ids=["not UTF-8", "emoji", "newline", "255 bytes", "SQL"],
)
def test_odd_names_round_trip(album, name):
    path = os.fsencode(album.write(os.fsdecode(name), "one"))
    album.index()
    [photo] = album.catalogue.photos([1])
    assert os.fsencode(str(photo.path)) == path
    assert [cell.name for cell in album.catalogue.cells([1])] == [os.fsdecode(name)]
    assert album.index() == []
    assert album.catalogue.folder_counts() == [(str(album.folder), 1)]


def test_a_removed_root_is_not_listed_and_comes_back_with_its_verdicts(album):
    album.write("a.jpg", "one")
    album.catalogue.add_root(str(album.folder))
    album.index()
    photo = rate(album, "a.jpg", 5)
    album.catalogue.remove_root(str(album.folder))
    assert album.catalogue.roots() == []
    assert album.catalogue.totals().photos == 0
    album.catalogue.add_root(str(album.folder))
    assert album.catalogue.totals().photos == 1
    assert album.catalogue.photo(photo).verdict.rating == 5
