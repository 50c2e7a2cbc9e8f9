"""``cull``: keep the best N or a share; a dry run unless told to apply."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from aesthetic_studio.cli.output import print_json, print_lines, print_table
from aesthetic_studio.curation.cull.records import CullTarget, Fate, Strictness

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from aesthetic_studio.curation.cull.records import CullChoice, CullPlan
    from aesthetic_studio.pipeline.culling import CullDone
    from aesthetic_studio.records import PhotoRecord

_KEYS = {Fate.KEPT: "kept", Fate.GONE: "gone", Fate.LEFT: "left_alone"}
_WORDS = {Fate.KEPT: "keep", Fate.GONE: "go", Fate.LEFT: "left alone"}


def cull(arguments: argparse.Namespace) -> int:
    """``cull [FOLDER…] --keep N|SHARE%``."""
    from aesthetic_studio.cli.commands import prepared, records
    from aesthetic_studio.curation.cull.plan import cull as plan_cull
    from aesthetic_studio.pipeline.culling import apply_cull

    done = None
    with prepared(arguments) as (catalogue, folders, report):
        photos = records(catalogue, folders)
        plan = plan_cull(photos, arguments.keep, Strictness(arguments.strictness))
        if arguments.apply:
            fates = {choice.photo_id: choice.fate for choice in plan.choices}
            planned = {choice.photo_id: choice.verdict for choice in plan.choices}
            done = apply_cull(catalogue, fates, planned, reject_others=not arguments.only_pick)
    if arguments.json:
        print_json(_object(plan, photos, done))
    else:
        _print_plan(plan, photos, rejecting=not arguments.only_pick)
        sys.stdout.flush()
        if done is None:
            sys.stderr.write("Nothing was changed. --apply decides so; undo takes it back in one step.\n")
        else:
            sys.stderr.write(f"{done.words} Undo in the window, opened anew, takes it back in one step.\n")
    return 1 if report.unreadable else 0


def target(text: str) -> CullTarget:
    """Read what ``--keep`` says, for the parser."""
    import argparse

    try:
        return CullTarget.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _object(plan: CullPlan, photos: Sequence[PhotoRecord], done: CullDone | None) -> dict[str, Any]:
    by_id = {photo.id: photo for photo in photos}
    found: dict[str, Any] = {"photos": len(photos), "asked": plan.asked, "places": plan.places}
    for fate, key in _KEYS.items():
        chosen = [choice for choice in plan.choices if choice.fate is fate]
        found[key] = [_photo_object(choice, by_id[choice.photo_id]) for choice in chosen]
    found["applied"] = done is not None
    found["changed"] = 0 if done is None else len(done.decision.photo_ids)
    return found


def _photo_object(choice: CullChoice, photo: PhotoRecord) -> dict[str, Any]:
    return {
        "path": str(photo.path),
        "score": None if photo.score is None else round(photo.score.distribution.mean, 4),
        "rating": photo.verdict.rating,
        "burst": photo.series_id,
        "kind": photo.series_kind.value if photo.series_kind is not None else None,
        "reason": choice.reason,
    }


def _print_plan(plan: CullPlan, photos: Sequence[PhotoRecord], *, rejecting: bool) -> None:
    if not photos:
        print_lines(["No photos here."])
        return
    by_id = {photo.id: photo for photo in photos}
    rows = []
    for choice in plan.choices:
        photo = by_id[choice.photo_id]
        score = "–" if photo.score is None else f"{photo.score.distribution.mean:.2f}"
        rows.append((_WORDS[choice.fate], score, str(photo.path), choice.reason))
    print_table(("", "score", "photo", "why"), rows, right=frozenset({1}))
    counts = plan.counts()
    summary = f"{counts[Fate.KEPT]} to keep, {counts[Fate.GONE]} to {'reject' if rejecting else 'let go'}"
    if counts[Fate.LEFT]:
        summary += f", {counts[Fate.LEFT]} left alone"
    if plan.places != counts[Fate.KEPT]:
        summary += f"; what is kept takes {plan.places} places, since a set that is kept whole counts once"
    print_lines([f"Of {len(photos)} photos: {summary}."])
