"""``bursts --take-best``: the plan of taking the best of each burst, as text or JSON, and doing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aesthetic_studio.albums import PhotoFilter, PhotoQuery, SortKey
from aesthetic_studio.cli.output import print_json, print_lines, print_table
from aesthetic_studio.errors import WrongUsage

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from aesthetic_studio.curation.take_best import BurstFrames, BurstPlan, Candidate, PlannedFrame
    from aesthetic_studio.library.catalogue import Catalogue


def check_usage(arguments: argparse.Namespace) -> None:
    """Refuse options that mean nothing alone. Raises ``WrongUsage``."""
    if not arguments.take_best and (arguments.apply or arguments.second or arguments.no_pick):
        raise WrongUsage("--apply, --second and --no-pick say how to take the best.", "Add --take-best.")


def take(catalogue: Catalogue, folders: Sequence[str], arguments: argparse.Namespace) -> None:
    """Print the plan for every burst in these folders, and do it where that is asked for."""
    from aesthetic_studio.curation.take_best import TakeOptions, plan_burst
    from aesthetic_studio.pipeline.taking import read_bursts, take_best

    inside = PhotoQuery(PhotoFilter(folders=tuple(folders)), sort=SortKey.NAME, descending=False)
    bursts = read_bursts(catalogue, catalogue.series(inside))
    options = TakeOptions(second=arguments.second, pick=not arguments.no_pick)
    plans = [plan_burst(burst, options) for burst in bursts]
    applied = bool(arguments.apply and take_best(catalogue, bursts, plans).id)
    if arguments.json:
        print_json({"applied": applied, "bursts": plan_objects(bursts, plans)})
    else:
        print_plans(bursts, plans, asked=arguments.apply)


def plan_objects(bursts: Sequence[BurstFrames], plans: Sequence[BurstPlan]) -> list[dict[str, Any]]:
    """The plans as the JSON of ``bursts --take-best``; frames in order of rank."""
    return [
        {
            "id": burst.series_id,
            "kind": burst.kind.value,
            "left_alone": plan.untouched or None,
            "photos": [
                {
                    "path": _path(burst, frame),
                    "outcome": planned.fate.value,
                    "flag": None if planned.flag is None else planned.flag.name.lower(),
                    "why": [reason for reason in (planned.why, *frame.reasons) if reason],
                }
                for frame, planned in zip(burst.frames, plan.frames, strict=True)
            ],
        }
        for burst, plan in zip(bursts, plans, strict=True)
    ]


def print_plans(bursts: Sequence[BurstFrames], plans: Sequence[BurstPlan], *, asked: bool) -> None:
    """Each series with what becomes of its frames, then the sum of it."""
    if not bursts:
        print_lines(["No bursts here."])
        return
    for burst, plan in zip(bursts, plans, strict=True):
        count = f"{burst.kind.value} {burst.series_id}: {len(burst.frames)} photos"
        if plan.untouched:
            print_lines([f"{count}, left alone: {plan.untouched}"])
            continue
        print_lines([count])
        rows = [
            (
                _outcome(planned),
                _path(burst, frame),
                "; ".join(reason for reason in (planned.why, *frame.reasons) if reason),
            )
            for frame, planned in zip(burst.frames, plan.frames, strict=True)
        ]
        print_table(("      ", "photo", "why"), rows)
    print_lines(["", summary(plans, asked=asked)])


def summary(plans: Sequence[BurstPlan], *, asked: bool) -> str:
    """What was done, or would be and how to do it."""
    from aesthetic_studio.records import Flag

    flags = [frame.flag for plan in plans for frame in plan.frames]
    picked, rejected = flags.count(Flag.PICK), flags.count(Flag.REJECT)
    if not picked and not rejected:
        return "Nothing is left to do here."
    if asked:
        return f"Picked {picked}, rejected {rejected}. Undo in the window, opened anew, takes all of it back at once."
    return f"This would pick {picked} and reject {rejected}. Nothing was changed; --apply does it."


def _outcome(planned: PlannedFrame) -> str:
    if planned.flag is not None:
        return {"PICK": "pick", "REJECT": "reject", "NONE": "unflag"}[planned.flag.name]
    return {"best": "best", "kept": "keep", "left": "as is", "rejected": "reject"}[planned.fate.value]


def _path(burst: BurstFrames, frame: Candidate) -> str:
    import os

    return os.path.join(burst.folder, frame.name)  # noqa: PTH118 - the same form as the catalogue's
