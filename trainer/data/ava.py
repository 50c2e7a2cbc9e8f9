"""AVA: votes of DPChallenge's members over 1..10, with the official lists of ids and the protocol that papers use.

``AVA.txt`` has 15 numbers a line: index, image id, ten counts of votes, two semantic tags, challenge. Photos are
``<image id>.jpg``. Lists (``generic_test.jpgl``) hold one id a line.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.errors import KnownError
from trainer.data.files import IMAGE_FOLDERS, read_lines, set_name
from trainer.data.records import BINS, TEST, TRAIN, VALIDATION, Exclusion, PhotoSet

if TYPE_CHECKING:
    from collections.abc import KeysView
    from pathlib import Path

    from numpy.typing import NDArray

AVA_FILE = "AVA.txt"
COLUMNS = 15
LARGEST = 10**12
"""No id and no count comes near."""
TEST_LIST = "generic_test.jpgl"
TRAIN_LISTS = {"rest": "", "large": "generic_ls_train.jpgl", "small": "generic_ss_train.jpgl"}
LIST_FOLDERS = (".", "aesthetics_image_lists", "ava_lists", "lists")
ADVICE = "AVA.txt has 15 numbers a line: index, image id, ten counts of votes, two tags, challenge."


@dataclass(frozen=True, slots=True)
class AvaProtocol:
    """Which photos of AVA are learned from and which judge.

    Attributes:
        train: the ``rest`` that is not in the test list, as nearly all papers do; or only the ids of the
            official ``large`` or ``small`` training list (the other photos then belong to no split).
        validation: Share of the training photos that is kept for choosing; this project's choice, papers do not say.
        seed: Of that choice. An id is drawn by itself, so a photo that is missing moves no other photo.
    """

    train: str = "rest"
    validation: float = 0.02
    seed: int = 0


def read_ava(
    folder: Path,
    *,
    images: Path | None = None,
    lists: Path | None = None,
    protocol: AvaProtocol = AvaProtocol(),
) -> PhotoSet:
    """Read AVA: test photos are the official ``generic_test`` list's, less what is missing.

    Args:
        folder: Where ``AVA.txt`` lies, or the path of that file.
        images: Where the photos lie; ``images`` or ``image`` beside it, else the folder itself.
        lists: Where ``generic_test.jpgl`` lies; beside it or in ``aesthetics_image_lists`` otherwise. Without it no
            photo belongs to a split, and the notes say so.
        protocol: What is learned from.

    Tags and challenge become the columns ``tag1``, ``tag2``, ``challenge``; ``votes`` is how many there were. Lines and
    photos that cannot be used are excluded by name. Raises ``KnownError`` where nothing usable is there.
    """
    path = folder if folder.is_file() else folder / AVA_FILE
    rows, excluded = _read_rows(path)
    place = images or _image_folder(path.parent)
    present = {name.name for name in place.iterdir()} if place.is_dir() else set()
    if not present:
        raise KnownError(f"{place}: there are no photos here.", "Name the folder of <image id>.jpg with --images.")
    kept = []
    for image_id, numbers in rows.items():
        if f"{image_id}.jpg" in present:
            kept.append((image_id, numbers))
        else:
            excluded.append(Exclusion(image_id, "the photo is missing"))
    if not kept:
        raise KnownError(f"{place}: not one photo of {path.name} is here.", "Name their folder with --images.")
    ids = [image_id for image_id, _ in kept]
    splits, notes, left_out = _splits(ids, rows.keys(), path.parent, lists, protocol)
    table = np.asarray([numbers for _, numbers in kept], dtype=np.float64)
    counts = table[:, :BINS]
    return PhotoSet(
        name=set_name("AVA", path.parent),
        files=tuple(ids),
        paths=tuple(place / f"{image_id}.jpg" for image_id in ids),
        votes=counts / counts.sum(axis=1, keepdims=True),
        sources=np.asarray(["dpchallenge"] * len(ids)),
        splits=splits,
        columns={
            "votes": counts.sum(axis=1),
            **{name: table[:, BINS + k] for k, name in enumerate(("tag1", "tag2", "challenge"))},
        },
        excluded=(*excluded, *left_out),
        kind="AVA",
        notes=notes,
    )


def id_list_hash(ids: list[str]) -> str:
    """SHA-256 of the ids in numeric order, one a line: two runs used the same photos where these are the same."""
    ordered = sorted(ids, key=lambda name: (len(name), name))
    return hashlib.sha256("".join(f"{name}\n" for name in ordered).encode()).hexdigest()


def _read_rows(path: Path) -> tuple[dict[str, list[int]], list[Exclusion]]:
    """Id → ten counts, two tags and the challenge, in the file's order."""
    rows: dict[str, list[int]] = {}
    excluded = []
    for line, text in enumerate(read_lines(path, ADVICE), start=1):
        if not text.strip():
            continue
        where = f"{path.name} line {line}"
        try:
            numbers = [int(word) for word in text.split()]
        except ValueError:
            excluded.append(Exclusion(where, "it holds something else than whole numbers"))
            continue
        if len(numbers) != COLUMNS:
            excluded.append(Exclusion(where, f"it has {len(numbers)} numbers and not {COLUMNS}"))
            continue
        if numbers[1] < 0 or max(numbers) > LARGEST:
            excluded.append(Exclusion(where, "a number in it cannot be right"))
            continue
        image_id, counts = str(numbers[1]), numbers[2 : 2 + BINS]
        if min(counts) < 0 or sum(counts) == 0:
            excluded.append(Exclusion(image_id, "it has no votes, or negative ones"))
        elif image_id in rows:
            excluded.append(Exclusion(image_id, f"it is listed twice ({where}); the first row counts"))
        else:
            rows[image_id] = numbers[2:]
    if not rows:
        raise KnownError(f"{path}: there is no row of votes here.", ADVICE)
    return rows, excluded


def _image_folder(folder: Path) -> Path:
    return next((folder / name for name in IMAGE_FOLDERS if (folder / name).is_dir()), folder)


@dataclass(slots=True)
class _Lists:
    """The official lists as read: ids, where they came from, and what was wrong with them."""

    test: set[str]
    train: set[str] | None
    excluded: list[Exclusion] = field(default_factory=list)


def _splits(
    ids: list[str], known: KeysView[str], folder: Path, lists: Path | None, protocol: AvaProtocol
) -> tuple[NDArray[np.str_], tuple[str, ...], list[Exclusion]]:
    if protocol.train not in TRAIN_LISTS:
        raise KnownError(f"AVA has no training list {protocol.train!r}.", f"Allowed: {', '.join(TRAIN_LISTS)}.")
    place = _list_folder(folder, lists)
    if place is None:
        note = f"No {TEST_LIST} was found, so no photo belongs to a split; name the folder of the lists with --lists."
        return np.asarray([""] * len(ids)), (note,), []
    read = _read_lists(place, protocol)
    absent = sorted(read.test - known, key=int)
    read.excluded.extend(Exclusion(name, f"it is in {TEST_LIST} and not in {AVA_FILE}") for name in absent)
    splits = np.asarray([_split(name, read, protocol) for name in ids])
    notes = (
        f"Test photos are those of the official {TEST_LIST} that are here; training photos are "
        + (f"the official {TRAIN_LISTS[protocol.train]}." if read.train is not None else "all others."),
        f"{protocol.validation:.1%} of the training photos are for choosing, drawn by id with seed {protocol.seed}.",
    )
    return splits, notes, read.excluded


def _split(name: str, lists: _Lists, protocol: AvaProtocol) -> str:
    if name in lists.test:
        return TEST
    if lists.train is not None and name not in lists.train:
        return ""
    drawn = int.from_bytes(hashlib.sha256(f"{protocol.seed}:{name}".encode()).digest()[:8], "big") / 2**64
    return VALIDATION if drawn < protocol.validation else TRAIN


def _list_folder(folder: Path, lists: Path | None) -> Path | None:
    if lists is not None:
        if not (lists / TEST_LIST).is_file():
            raise KnownError(f"{lists}: there is no {TEST_LIST} here.", "Name the folder of AVA's official lists.")
        return lists
    return next((folder / name for name in LIST_FOLDERS if (folder / name / TEST_LIST).is_file()), None)


def _read_lists(folder: Path, protocol: AvaProtocol) -> _Lists:
    excluded: list[Exclusion] = []
    test = _read_list(folder / TEST_LIST, excluded)
    lists = _Lists(set(test), None, excluded)
    for title, name in TRAIN_LISTS.items():
        if not name or not (folder / name).is_file():
            if name and title == protocol.train:
                raise KnownError(f"{folder}: there is no {name} here.", "Name the folder of AVA's official lists.")
            continue
        train = _read_list(folder / name, excluded)
        both = [image_id for image_id in train if image_id in lists.test]
        excluded.extend(
            Exclusion(image_id, f"it is in {name} and {TEST_LIST}; it stays a test photo") for image_id in both
        )
        if title == protocol.train:
            lists.train = set(train)
    return lists


def _read_list(path: Path, excluded: list[Exclusion]) -> dict[str, None]:
    """The ids of a list, once each."""
    found: dict[str, None] = {}
    for line, text in enumerate(read_lines(path, "A list has one image id a line."), start=1):
        name = text.strip()
        if not name:
            continue
        if not (name.isascii() and name.isdigit()):
            excluded.append(Exclusion(f"{path.name} line {line}", f"{name!r} is no image id"))
        elif name in found:
            excluded.append(Exclusion(f"{path.name} line {line}", f"{name} is listed twice"))
        else:
            found[name] = None
    if not found:
        raise KnownError(f"{path}: there is no image id here.", "A list has one image id a line.")
    return found
