"""AVA is read by the protocol that papers use, and whatever is wrong with it is excluded by name."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import spearmanr

from aesthetic_studio.errors import KnownError
from trainer.cli import main
from trainer.data import open_photos, open_set
from trainer.data.ava import AvaProtocol, id_list_hash, read_ava
from trainer.data.comments import attach_comments, read_comments
from trainer.data.manifest import manifest, without_unreadable
from trainer.data.records import TEST, TRAIN, VALIDATION
from trainer.metrics import mean_scores

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.trainer.conftest import MadeAva
    from trainer.data.records import PhotoSet


def _why(photos: PhotoSet, file: str) -> str:
    return "; ".join(row.reason for row in photos.excluded if row.file == file)


def _ids(photos: PhotoSet, split: str) -> set[str]:
    return {photos.files[row] for row in photos.rows(split)}


def test_the_test_photos_are_the_official_ones_that_can_be_read_and_the_rest_is_learned_from(made_ava: MadeAva) -> None:
    photos = without_unreadable(open_photos(made_ava.folder))
    assert photos.kind == "AVA"
    assert _ids(photos, TEST) == set(made_ava.test) - {made_ava.missing, made_ava.broken}
    assert _ids(photos, TRAIN) | _ids(photos, VALIDATION) == set(made_ava.train)
    assert "missing" in _why(photos, made_ava.missing)
    assert "damaged" in _why(photos, made_ava.broken)


def test_the_official_lists_with_their_real_ids_are_read(real_ids_ava: MadeAva, real_data: Path) -> None:
    photos = without_unreadable(open_photos(real_ids_ava.folder, lists=real_data / "ava_lists"))
    assert _ids(photos, TEST) == set(real_ids_ava.test) - {real_ids_ava.missing, real_ids_ava.broken}
    assert not _ids(photos, TRAIN) & set(real_ids_ava.test)
    absent = [row for row in photos.excluded if row.reason == "it is in generic_test.jpgl and not in AVA.txt"]
    assert len(absent) == 20_000 - len(real_ids_ava.test)


def test_votes_tags_and_challenge_are_what_the_line_says(made_ava: MadeAva) -> None:
    photos = read_ava(made_ava.folder)
    row = photos.files.index(made_ava.train[3])
    line = next(
        text.split() for text in (made_ava.folder / "AVA.txt").read_text().splitlines() if made_ava.train[3] in text
    )
    np.testing.assert_allclose(photos.votes[row] * photos.columns["votes"][row], [int(n) for n in line[2:12]])
    assert [photos.columns[name][row] for name in ("tag1", "tag2", "challenge")] == [int(n) for n in line[12:]]
    liking = np.asarray([made_ava.liking[name] for name in photos.files])
    assert spearmanr(mean_scores(photos.votes), liking).statistic > 0.95


def test_bad_lines_are_excluded_by_line_and_the_rest_is_read(made_ava: MadeAva) -> None:
    table = made_ava.folder / "AVA.txt"
    lines = table.read_text().splitlines()
    zeros = lines[20].split()
    zeros[2:12] = ["0"] * 10
    lines[20] = " ".join(zeros)
    lines += ["a few words", "1 2 3", f"99 {made_ava.train[10]} 1 1 1 1 1 1 1 1 1 1 0 0 0", "9" * 400 + " 1" * 14]
    table.write_text("\n".join(lines) + "\n")
    photos = read_ava(made_ava.folder)
    assert "no votes" in _why(photos, zeros[1])
    assert zeros[1] not in photos.files
    assert "listed twice" in _why(photos, made_ava.train[10])
    assert "whole numbers" in _why(photos, "AVA.txt line 65")
    assert "3 numbers and not 15" in _why(photos, "AVA.txt line 66")
    assert "cannot be right" in _why(photos, "AVA.txt line 68")
    assert len(photos) == 64 - 2  # less the row of zeros and the missing photo


def test_an_id_in_both_lists_judges_and_is_recorded(made_ava: MadeAva) -> None:
    both = made_ava.test[5]
    with (made_ava.folder / "generic_ls_train.jpgl").open("a") as stream:
        stream.write(f"{both}\nnonsense\n")
    for train in ("rest", "large"):
        photos = read_ava(made_ava.folder, protocol=AvaProtocol(train=train))
        assert both in _ids(photos, TEST)
        assert "it stays a test photo" in _why(photos, both)
        assert any("'nonsense' is no image id" in row.reason for row in photos.excluded)


def test_the_official_training_list_can_be_all_that_is_learned_from(made_ava: MadeAva) -> None:
    photos = read_ava(made_ava.folder, protocol=AvaProtocol(train="large", validation=0.0))
    assert _ids(photos, TRAIN) == set(made_ava.train[:24])
    assert _ids(photos, "") == set(made_ava.train[24:])
    with pytest.raises(KnownError, match="no generic_ss_train"):
        read_ava(made_ava.folder, protocol=AvaProtocol(train="small"))


def test_a_missing_photo_moves_no_other_between_training_and_validation(made_ava: MadeAva) -> None:
    protocol = AvaProtocol(validation=0.3)
    before = read_ava(made_ava.folder, protocol=protocol)
    assert 0 < len(before.rows(VALIDATION)) < len(before.rows(TRAIN))
    assert _ids(read_ava(made_ava.folder, protocol=protocol), VALIDATION) == _ids(before, VALIDATION)
    assert _ids(read_ava(made_ava.folder, protocol=AvaProtocol(validation=0.3, seed=1)), VALIDATION) != _ids(
        before, VALIDATION
    )
    gone = made_ava.train[0]
    (made_ava.folder / "images" / f"{gone}.jpg").unlink()
    assert _ids(read_ava(made_ava.folder, protocol=protocol), VALIDATION) == _ids(before, VALIDATION) - {gone}


def test_without_the_lists_nobody_is_told_a_split(made_ava: MadeAva) -> None:
    (made_ava.folder / "generic_test.jpgl").unlink()
    photos = read_ava(made_ava.folder)
    assert set(photos.splits) == {""}
    assert "generic_test.jpgl" in photos.notes[0]
    with pytest.raises(KnownError, match=r"no generic_test\.jpgl"):
        read_ava(made_ava.folder, lists=made_ava.folder / "images")


def test_ava_without_its_photos_says_which_option_names_them(made_ava: MadeAva) -> None:
    with pytest.raises(KnownError, match="--images"):
        read_ava(made_ava.folder, images=made_ava.folder / "elsewhere")


def test_the_manifest_publishes_the_ids_with_a_hash_that_no_order_changes(made_ava: MadeAva, tmp_path: Path) -> None:
    path = tmp_path / "out" / "manifest.json"
    assert main(["data", str(made_ava.folder), "--manifest", str(path)]) == 0
    content = json.loads(path.read_text())
    used = set(made_ava.test) - {made_ava.missing, made_ava.broken}
    assert set(content["splits"]["test"]["ids"]) == used
    listed = "".join(f"{name}\n" for name in sorted(used, key=int))
    assert content["splits"]["test"]["sha256_of_ids"] == hashlib.sha256(listed.encode()).hexdigest()
    assert {made_ava.missing, made_ava.broken} <= {row["file"] for row in content["excluded"]}
    assert id_list_hash(list(made_ava.train)) == id_list_hash(list(reversed(made_ava.train)))
    table = tmp_path / "manifest.csv"
    assert main(["data", str(made_ava.folder), "--manifest", str(table), "--quick"]) == 0
    assert f"{made_ava.missing},,the photo is missing" in table.read_text().splitlines()


def test_a_set_that_says_something_else_has_another_fingerprint(made_ava: MadeAva) -> None:
    photos = read_ava(made_ava.folder)
    said = attach_comments(photos, read_comments(made_ava.comments))
    votes = photos.votes.copy()
    votes[0] = votes[0][::-1]
    other = (said, photos.take(np.arange(5)), dataclasses.replace(photos, votes=votes))
    prints = [manifest(some)["fingerprint"] for some in (photos, *other)]
    assert len(set(prints)) == len(prints)
    assert manifest(read_ava(made_ava.folder))["fingerprint"] == prints[0]


def test_comments_are_split_at_every_hash_and_bad_lines_counted(made_ava: MadeAva) -> None:
    name, other = made_ava.train[0], made_ava.train[1]
    made_ava.comments.write_bytes(
        f"1#{name}#I give it #1 place#  #second\r\n".encode()
        + f"2#{other}\n3#no id#lost\nnothing at all\n\n".encode()
        + f"4#{name}#caf".encode()
        + b"\xe9\n"
        + b"5#123456#of a photo elsewhere\n"
    )
    comments = read_comments(made_ava.comments)
    assert comments.by_photo[name] == ("I give it", "1 place", "second", "caf\ufffd")
    assert other not in comments.by_photo
    assert (comments.skipped, comments.repaired) == (2, 1)
    photos = open_set(made_ava.folder, comments=made_ava.comments)
    assert photos.comments[photos.files.index(name)][0] == "I give it"
    assert photos.notes[-1].startswith("4 comments on 1 of 63 photos")
    assert "1 photos of that file are not in this set" in photos.notes[-1]
    assert "2 lines name no photo" in photos.notes[-1]
    assert "1 lines hold bytes that are no UTF-8" in photos.notes[-1]


def test_a_table_of_comments_goes_with_any_set(planted: Path, tmp_path: Path) -> None:
    table = tmp_path / "said.csv"
    table.write_text('file,comment\n000.png,"crisp, and #1"\n000.png,second\n001.png,\n,lost\n', encoding="utf-8")
    photos = open_set(planted, comments=table)
    assert photos.comments[:2] == (("crisp, and #1", "second"), ())
    (tmp_path / "none.csv").write_text("file,comment\n")
    with pytest.raises(KnownError, match="empty"):
        open_set(planted, comments=tmp_path / "none.csv")


def test_the_command_says_what_it_found(made_ava: MadeAva, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", str(made_ava.folder), "--comments", str(made_ava.comments)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("AVA: AVA\n")
    assert "splits: train" in printed
    assert "test 14" in printed
    assert "left out: 1 × the photo is missing" in printed


def test_the_command_keeps_as_many_photos_for_choosing_as_it_is_told(
    made_ava: MadeAva, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", str(made_ava.folder), "--quick", "--ava-validation", "0"]) == 0
    assert "validation" not in capsys.readouterr().out
    assert main(["data", str(made_ava.folder), "--quick", "--ava-validation", "0.3"]) == 0
    assert "30.0% of the training photos are for choosing" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["data", str(made_ava.folder), "--ava-validation", "1"])
    assert "share" in capsys.readouterr().err
