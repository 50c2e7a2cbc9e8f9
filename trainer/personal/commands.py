"""What the command ``ratings`` does, and how it says what came of it."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from aesthetic_studio import paths
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.models import registry
from trainer.personal.records import more_would_help, said
from trainer.personal.session import Teaching
from trainer.personal.versions import BASE, Versions
from trainer.say import progress_bar, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aesthetic_studio.models.card import Interval
    from trainer.personal.records import TeachReport, VersionRecord
    from trainer.recipes.recipe import PersonalRecipe


def teach(library: Path | None, recipe: PersonalRecipe, name: str, *, dry_run: bool, as_json: bool) -> None:
    """Learn from a library, say what came of it, and install it where it won."""
    with Catalogue.open(library or paths.default_library(), create=False) as catalogue:
        teaching = Teaching(catalogue, recipe, name)
        say(f"Judgements: {said(teaching.evidence().counts)}")
        with progress_bar("looking", "photo") as looked, progress_bar("learning", "fit") as learned:
            bars: dict[str, Callable[[int, int], None]] = {"look": looked, "learn": learned}
            report = teaching.teach(dry_run=dry_run, progress=lambda stage, done, total: bars[stage](done, total))
    if as_json:
        print(json.dumps(_plain(report), indent=2, ensure_ascii=False))  # noqa: T201
    else:
        print("\n".join(_lines(report, recipe, dry_run=dry_run)))  # noqa: T201


def list_versions(name: str, *, as_json: bool) -> None:
    """Print every version."""
    versions = Versions(name)
    records, installed = versions.list(), versions.installed()
    if as_json:
        rows = [{**dataclasses.asdict(one), "installed": one.number == installed} for one in records]
        print(json.dumps(rows, indent=2))  # noqa: T201
        return
    if not records:
        say(f"There is no version of {name} yet. Make one with: aesthetic-studio-train ratings")
        return
    lines = [
        "| version | made | base | judgements | held-out pairs | base model | this version | chance | |",
        "|---" * 9 + "|",
    ]
    lines += [_row(one, installed=one.number == installed) for one in records]
    print("\n".join(lines))  # noqa: T201


def revert(name: str, number: int | None) -> None:
    """Go back to a version, or to the base."""
    now = Versions(name).revert(number)
    if now == BASE:
        print(f"{name} is no longer installed; {registry.default_model()} scores. Its versions are kept.")  # noqa: T201
    else:
        print(f"Version {now} of {name} is installed.")  # noqa: T201


def _lines(report: TeachReport, recipe: PersonalRecipe, *, dry_run: bool) -> list[str]:
    verdict = report.verdict
    lines = [
        f"Held out: {verdict.pairs} comparisons of {verdict.photos} photos, judged by models that saw neither photo",
        "",
        "| | pairs in your order |",
        "|---|---|",
        f"| {report.base} | {_share(verdict.base)} |",
        f"| {report.name} | {_share(verdict.personal)} |",
        f"| gain | {_share(verdict.gain)}, p = {verdict.chance:.3g} |",
        "",
        verdict.words,
    ]
    if report.version is not None:
        lines.append(
            f"Installed as {report.name}, version {report.version.number}. "
            f"Score with it: aesthetic-studio models use {report.name}"
            if report.installed
            else f"Kept as version {report.version.number}, not installed."
        )
    elif dry_run:
        lines.append("Nothing was kept or installed: this was a dry run.")
    lines.append(more_would_help(report.counts, recipe.gate.least))
    if report.moved:
        lines += ["", f"Photos that {'moved' if report.installed else 'would move'} most, of {report.looked_at}:", ""]
        lines += ["| photo | place before | after | score before | after | why |", "|---|---|---|---|---|---|"]
        lines += [
            f"| {report.names[one.content_hash]} | {one.before} | {one.after} | {one.score_before:.2f} | "
            f"{one.score_after:.2f} | {'; '.join(one.reasons) or '–'} |"
            for one in report.moved
        ]
    return [*lines, "", f"Learned in {report.seconds:.1f} s."]


def _row(one: VersionRecord, *, installed: bool) -> str:
    state = "installed" if installed else "" if one.passed else "not better"
    return (
        f"| {one.number} | {one.made[:16].replace('T', ' ')} | {one.base} | {one.judgements.get('usable', 0)} "
        f"| {one.pairs} | {_share(one.base_accuracy)} | {_share(one.personal_accuracy)} | {one.chance:.3g} | {state} |"
    )


def _share(figure: Interval) -> str:
    return f"{figure.value:.1%} [{figure.low:.1%}, {figure.high:.1%}]"


def _plain(report: TeachReport) -> dict[str, object]:
    content = dataclasses.asdict(report)
    content["moved"] = [
        {**dataclasses.asdict(one), "content_hash": one.content_hash.hex(), "file": report.names[one.content_hash]}
        for one in report.moved
    ]
    del content["photo_ids"], content["names"]
    return content
