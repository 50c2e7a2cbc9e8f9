"""The app's own catalogue as a data set: the person's stars as votes, their picks, rejects and choices as pairs.

Names are the contents' hashes, so that features and judgements stay together when photos move.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.errors import KnownError
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.paths import shown
from aesthetic_studio.records import Flag
from trainer.data.pairs import SeriesCollector
from trainer.data.records import Exclusion, PhotoSet, SeriesSet
from trainer.data.tables import STARS_RULE, stars_to_votes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from aesthetic_studio.judgements import JudgedPhoto, Judgements, Preference

SUFFIX = ".sqlite"
LIBRARY = "library.sqlite"
REJECTS_A_PICK = 8
"""A pick is compared with so many rejects of its folder at most, or a large shoot would have millions of pairs."""

GONE = "its file is not there"
ADVICE = "Give photos stars, pick and reject some, or choose the best frame of a series; then run this again."


def read_catalogue(path: Path) -> PhotoSet:
    """The photos with stars, each star counted as one person's vote by ``stars_to_votes``.

    ``columns["flag"]`` is 1 for a pick, −1 for a reject; captions and keywords are the comments.
    Raises ``LibraryError`` and its kind where this is no catalogue, ``KnownError`` where nothing has stars.
    """
    with Catalogue.open(path, create=False) as catalogue:
        judged = catalogue.judgements()
        words = catalogue.words([rated.photo.content_id for rated in judged.ratings])
    flags = {flagged.photo.content_id: int(flagged.flag) for flagged in judged.flags}
    rated = [one for one in judged.ratings if one.photo.present]
    if not rated:
        raise KnownError(f"{path}: no photo here that is there has stars.", ADVICE)
    said = [words.get(one.photo.content_id, "") for one in rated]
    return PhotoSet(
        name=path.stem,
        files=tuple(one.photo.content_hash.hex() for one in rated),
        paths=tuple(one.photo.path for one in rated),
        votes=stars_to_votes(np.eye(5)[[one.stars - 1 for one in rated]]),
        sources=np.asarray(["catalogue"] * len(rated)),
        splits=np.asarray([""] * len(rated)),
        comments=tuple((text,) if text else () for text in said),
        columns={
            "stars": np.asarray([one.stars for one in rated], dtype=np.float64),
            "flag": np.asarray([flags.get(one.photo.content_id, 0) for one in rated], dtype=np.float64),
        },
        excluded=_gone(one.photo for one in judged.ratings),
        kind="a catalogue's stars",
        notes=("A photo's stars are one vote.", STARS_RULE),
    )


def read_catalogue_pairs(path: Path) -> SeriesSet:
    """What the person preferred: chosen frames and answered pairs, then picks over rejects of the same folder.

    Photos that preferences connect make one series. Raises as ``read_catalogue``.
    """
    with Catalogue.open(path, create=False) as catalogue:
        judged = catalogue.judgements()
    photos = {photo.content_hash.hex(): photo for photo in _photos(judged)}

    def find(name: str) -> Path:
        if not photos[name].present:
            raise ValueError(GONE)
        return photos[name].path

    collector = SeriesCollector(find)
    for number, series in enumerate(_connected(judged.preferences), start=1):
        for preference in series:
            _prefer(collector, f"choices {number}", "choices", preference.better, preference.worse)
    for folder in dict.fromkeys(flagged.photo.path.parent for flagged in judged.flags):
        here = [flagged for flagged in judged.flags if flagged.photo.path.parent == folder and flagged.photo.present]
        picks = [flagged.photo for flagged in here if flagged.flag is Flag.PICK]
        rejects = [flagged.photo for flagged in here if flagged.flag is Flag.REJECT]
        for number, pick in enumerate(picks):
            for reject in islice(rejects[number % max(1, len(rejects)) :] + rejects, min(REJECTS_A_PICK, len(rejects))):
                _prefer(collector, f"flags {shown(folder)}", "flags", pick, reject)
    if not judged.preferences and not judged.flags:
        raise KnownError(f"{path}: no photos here were compared.", ADVICE)
    return collector.make(
        path.stem, kind="a catalogue's choices", notes=("Every choice is certain: its probability is 1.",)
    )


def _prefer(collector: SeriesCollector, series: str, category: str, better: JudgedPhoto, worse: JudgedPhoto) -> None:
    first, second = better.content_hash.hex(), worse.content_hash.hex()
    collector.add(series, first, second, 1.0, where=f"{shown(better.path)} over {shown(worse.path)}", category=category)


def _connected(preferences: Iterable[Preference]) -> list[list[Preference]]:
    """Preferences in groups that share no photo, in order of their first appearance."""
    group: dict[bytes, list[Preference]] = {}
    for preference in preferences:
        better, worse = preference.better.content_hash, preference.worse.content_hash
        one, other = group.setdefault(better, []), group.get(worse, [])
        if one is not other:
            one.extend(other)
        one.append(preference)
        for member in (preference, *(other if other is not one else ())):
            group[member.better.content_hash] = group[member.worse.content_hash] = one
    return list({id(members): members for members in group.values()}.values())


def _photos(judged: Judgements) -> Iterable[JudgedPhoto]:
    for preference in judged.preferences:
        yield from (preference.better, preference.worse)
    yield from (flagged.photo for flagged in judged.flags)


def _gone(photos: Iterable[JudgedPhoto]) -> tuple[Exclusion, ...]:
    return tuple(Exclusion(shown(photo.path), GONE) for photo in photos if not photo.present)
