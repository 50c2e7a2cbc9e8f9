"""Rankings and series as JSON objects and as text."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from aesthetic_studio.cli.output import print_lines, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.records import PhotoRecord, Score


def ranking_objects(
    photos: Sequence[PhotoRecord], *, collapse: bool, top: int | None, frames: bool = False
) -> list[dict[str, Any]]:
    """Photos best first, as the JSON of ``rank``; with ``collapse`` a series takes one place, its best frame's.

    With ``frames`` the other frames of each series follow behind all places, each with the place of its series: so the
    list tells every photo, and its first N are the N best. ``top`` leaves them out.
    """
    from aesthetic_studio.curation.ranking import rank

    by_id = {photo.id: photo for photo in photos}
    ranked = rank(photos, collapse=collapse)[:top]
    objects = [_photo_object(by_id[each.photo_id], each.rank, each.reasons) for each in ranked]
    if frames and collapse and top is None:
        members = _series_members(photos)
        for each in ranked:
            series = members.get(by_id[each.photo_id].series_id or 0, ())
            objects += [_photo_object(frame, each.rank, frame.reasons) for frame in series if frame.id != each.photo_id]
    return objects


def _series_members(photos: Sequence[PhotoRecord]) -> dict[int, list[PhotoRecord]]:
    """Frames by their series, each in the series' own order; series in the order of their first file's path."""
    members: dict[int, list[PhotoRecord]] = {}
    for photo in sorted(photos, key=lambda each: str(each.path)):
        if photo.series_id is not None:
            members.setdefault(photo.series_id, []).append(photo)
    return {series: sorted(frames, key=lambda each: each.series_rank or 0) for series, frames in members.items()}


def _photo_object(photo: PhotoRecord, place: int, reasons: Sequence[str]) -> dict[str, Any]:
    distribution = photo.score.distribution if photo.score is not None else None
    return {
        "path": str(photo.path),
        "score": None if distribution is None else round(distribution.mean, 4),
        "percentile": None if photo.score is None else _standing(photo.score),
        "spread": None if distribution is None else round(distribution.spread, 4),
        "distribution": None if distribution is None else [round(share, 6) for share in distribution.probabilities],
        "rank": place,
        "burst": photo.series_id,
        "best_of_burst": photo.best_of_series,
        "technical": _technical(photo),
        "reasons": list(reasons),
        "kind": photo.series_kind.value if photo.series_kind is not None else None,
        "frames": photo.series_size,
        "width": photo.width,
        "height": photo.height,
        "taken": photo.metadata.taken.local.isoformat() if photo.metadata.taken is not None else None,
        "camera": photo.metadata.camera,
        "rating": photo.verdict.rating,
        "model": f"{photo.score.model} {photo.score.version}" if photo.score is not None else None,
    }


def _standing(score: Score) -> float | None:
    """Per cent of the model's reference photos that score lower."""
    from aesthetic_studio.models import registry

    found = registry.standing(score.model, score.version, score.distribution.mean)
    return None if found is None else round(found, 1)


def _technical(photo: PhotoRecord) -> dict[str, float]:
    if photo.measurements is None:
        return {}
    values = dataclasses.asdict(photo.measurements)
    del values["focus_map"]
    return {name: round(value, 6) for name, value in values.items()}


def series_objects(photos: Sequence[PhotoRecord]) -> list[dict[str, Any]]:
    """Series in the order of their first file's path, as the JSON of ``bursts``; frames in their own order."""
    return [
        {
            "id": series_id,
            "kind": frames[0].series_kind.value if frames[0].series_kind is not None else None,
            "photos": [_frame_object(frame) for frame in frames],
        }
        for series_id, frames in _series_members(photos).items()
    ]


def _frame_object(photo: PhotoRecord) -> dict[str, Any]:
    return {
        "path": str(photo.path),
        "score": round(photo.score.distribution.mean, 4) if photo.score is not None else None,
        "rank": photo.series_rank,
        "best": photo.best_of_series,
        "chosen": photo.chosen,
        "reasons": list(photo.reasons),
    }


def print_ranking(objects: Sequence[dict[str, Any]]) -> None:
    """Print the ranking in columns, reasons after each path."""
    if not objects:
        print_lines(["No photos here."])
        return
    rows = [
        (
            str(each["rank"]),
            _number(each["score"]),
            _number(each["spread"]),
            f"{each['frames']} × {each['kind']}" if each["kind"] else "",
            each["path"],
            "; ".join(each["reasons"]),
        )
        for each in objects
    ]
    print_table(("rank", "score", "±", "series", "photo", "why"), rows, right=frozenset({0, 1, 2}))


def print_series(objects: Sequence[dict[str, Any]]) -> None:
    """Each series with its frames, the best one marked."""
    if not objects:
        print_lines(["No bursts, brackets, panoramas or focus stacks here."])
        return
    for each in objects:
        print_lines([f"{each['kind']} {each['id']}: {len(each['photos'])} photos"])
        rows = [
            (
                "  *" if frame["best"] else "",
                str(frame["rank"] or ""),
                _number(frame["score"]),
                frame["path"],
                "; ".join(frame["reasons"]),
            )
            for frame in each["photos"]
        ]
        print_table(("   ", "rank", "score", "photo", "why"), rows, right=frozenset({1, 2}))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
