"""How ``faces`` shows what was found: photos with faces, and whose eyes are closed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from aesthetic_studio.cli.output import print_lines, print_table
from aesthetic_studio.curation.eyes import is_open
from aesthetic_studio.curation.reasons import closed_words
from aesthetic_studio.paths import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.records import PhotoRecord


def face_objects(photos: Sequence[PhotoRecord], closed: Sequence[int]) -> list[dict[str, Any]]:
    """Photos that show a face, by path, each with its faces; ``closed`` are ids of those with closed eyes."""
    return [
        {
            "path": shown(photo.path),
            "eyes_closed": photo.id in closed,
            "faces": [{"number": number, **dataclasses.asdict(face)} for number, face in enumerate(photo.faces, 1)],
        }
        for photo in photos
        if photo.faces
    ]


def print_faces(photos: Sequence[PhotoRecord], closed: Sequence[int], looked: int) -> None:
    """A line for each photo that shows a face."""
    rows = [
        (str(len(photo.faces)), _eyes(photo, blinks=photo.id in closed), shown(photo.path))
        for photo in photos
        if photo.faces
    ]
    if rows:
        print_table(("faces", "eyes", "photo"), rows, right=frozenset({0}))
    print_lines([f"Faces in {len(rows)} of {looked} photos."])


def _eyes(photo: PhotoRecord, *, blinks: bool) -> str:
    if blinks:
        words = next((reason for reason in photo.reasons if reason.startswith("eyes closed")), None)
        return words or closed_words(sum(face.surely_closed for face in photo.faces), len(photo.faces))
    seen = sum(is_open(face) for face in photo.faces)
    return f"open: {seen} of {len(photo.faces)}" if seen else ""
