"""Every version of a personal model that was ever learned, kept with what it learned from; installing and reverting.

    data folder/personal/NAME/versions/0003/{card.json, model.safetensors, record.json, judgements.json}
    data folder/models/NAME/{card.json, model-0003.safetensors}          the installed one

The installed card is replaced in one step, after its weights have been written under a name of their own: whatever
interrupts it, the card that is there has its weights.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import shutil
from typing import TYPE_CHECKING, Any

from aesthetic_studio import paths
from aesthetic_studio.errors import KnownError, ModelUnavailable
from aesthetic_studio.models import registry
from aesthetic_studio.models.card import CARD_FILE, HeldOut, Interval, ModelCard, read_json
from aesthetic_studio.models.personal import KIND, save_personal_model
from trainer.personal.records import VersionRecord

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from aesthetic_studio.judgements import Judgements
    from trainer.personal.learning import PersonalResult

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")

RECORD_FILE, JUDGEMENTS_FILE = "record.json", "judgements.json"
BASE = 0
"""The number to revert to for no personal model at all."""


class Versions:
    """The versions of one personal model.

    Attributes:
        name: Of the model.
        folder: Where they lie.
    """

    def __init__(self, name: str, data_folder: Path | None = None) -> None:
        """Raises ``KnownError`` for a name that no model may have or that another kind of model has."""
        if not _NAME.fullmatch(name):
            raise KnownError(
                f"{name!r} is no name for a model.", "Use lower-case letters, digits, dots and dashes, up to 64."
            )
        taken = next((card for card in registry.installed_models() if card.name == name), None)
        if taken is not None and taken.kind != KIND:
            raise KnownError(f"{name} is an installed model of kind {taken.kind}.", "Choose another --name.")
        self.name = name
        data = data_folder or paths.data_folder()
        self.folder = data / "personal" / name / "versions"
        self._installed = data / "models" / name

    def list(self) -> list[VersionRecord]:
        """Every version, the oldest first; one whose record is damaged is passed over."""
        found = []
        for path in sorted(self.folder.glob(f"*/{RECORD_FILE}")):
            with contextlib.suppress(KnownError):
                found.append(_record(path))
        return sorted(found, key=lambda record: record.number)

    def installed(self) -> int | None:
        """The number that is installed; ``None`` where none is."""
        try:
            version = ModelCard.load(self._installed / CARD_FILE).version
        except ModelUnavailable:
            return None
        return next((record.number for record in self.list() if record.version == version), None)

    def save(self, result: PersonalResult, base: ModelCard, judgements: Judgements, made: datetime) -> VersionRecord:
        """Keep a version, whether it passed or not; one that is the newest over again is not kept twice.

        Raises ``KnownError`` where it cannot be written.
        """
        taken = [int(path.name) for path in self.folder.glob("[0-9]*") if path.name.isdigit()]
        number = max(taken, default=0) + 1
        folder = self.folder / f"{number:04d}"
        verdict = result.verdict
        try:
            folder.mkdir(parents=True)
            card = save_personal_model(
                folder,
                result.head,
                base,
                name=self.name,
                number=number,
                title="Your own",
                held_out=_held_out(result, base),
                limits=("It learned from one person's judgements and says nothing of what others like.",),
                recipe={
                    "made": made.isoformat(timespec="seconds"),
                    "judgements": dataclasses.asdict(result.evidence.counts),
                },
            )
            newest = next(iter(self.list()[::-1]), None)
            if newest is not None and newest.version.partition("-")[2] == card.version.partition("-")[2]:
                shutil.rmtree(folder)
                return newest
            record = VersionRecord(
                number=number,
                made=made.isoformat(timespec="seconds"),
                base=f"{base.name} {base.version}",
                passed=verdict.passed,
                words=verdict.words,
                base_accuracy=verdict.base,
                personal_accuracy=verdict.personal,
                chance=round(verdict.chance, 5),
                pairs=verdict.pairs,
                judgements=dataclasses.asdict(result.evidence.counts),
                version=card.version,
            )
            _write(folder / JUDGEMENTS_FILE, _judgements(judgements))
            _write(folder / RECORD_FILE, dataclasses.asdict(record))
        except (OSError, KnownError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, KnownError):
                raise
            raise KnownError(
                f"{folder}: the version cannot be kept ({error.strerror}).",
                "Make room on the disk, or check the folder.",
            ) from error
        return record

    def install(self, number: int) -> ModelCard:
        """Let a version score from now on. Raises ``KnownError`` for one that is not there or did not pass."""
        record = next((record for record in self.list() if record.number == number), None)
        if record is None:
            known = ", ".join(str(one.number) for one in self.list()) or "none"
            raise KnownError(f"There is no version {number} of {self.name}.", f"Versions: {known}; {BASE} is the base.")
        if not record.passed:
            raise KnownError(
                f"Version {number} of {self.name} was not better than its base.",
                "Only versions that passed are installed.",
            )
        card = ModelCard.load(self.folder / f"{number:04d}" / CARD_FILE)
        weights = f"model-{number:04d}.safetensors"
        try:
            self._installed.mkdir(parents=True, exist_ok=True)
            _copy(card.weights, self._installed / weights)
            beside = self.folder.parent / f"{os.getpid()}.part"
            placed = dataclasses.replace(card, file=weights).save(beside)
            placed.replace(self._installed / CARD_FILE)
            beside.rmdir()
            for path in self._installed.glob("*.safetensors"):
                if path.name != weights:
                    path.unlink()
        except OSError as error:
            raise KnownError(
                f"{self._installed}: the model cannot be installed ({error.strerror}).",
                "Make room, or check the folder.",
            ) from error
        return ModelCard.load(self._installed / CARD_FILE)

    def revert(self, number: int | None = None) -> int:
        """Go back to a version, by default the one that passed before the installed one; says which it is now.

        ``BASE`` takes the personal model away. Raises ``KnownError`` where there is nothing to go back to.
        """
        now = self.installed()
        if number is None:
            if now is None:
                raise KnownError(f"No version of {self.name} is installed.", "Name the one to install: --revert N.")
            number = max((one.number for one in self.list() if one.passed and one.number < now), default=BASE)
        if number != BASE:
            self.install(number)
            return number
        try:
            (self._installed / CARD_FILE).unlink(missing_ok=True)  # first, so that no card is left without weights
            shutil.rmtree(self._installed, ignore_errors=True)
        except OSError as error:
            raise KnownError(
                f"{self._installed}: it cannot be removed ({error.strerror}).", "Check the folder."
            ) from error
        return BASE


def _held_out(result: PersonalResult, base: ModelCard) -> tuple[HeldOut, ...]:
    verdict = result.verdict
    protocol = "judgements held out by photo and series, cross-fitted"
    return tuple(
        HeldOut("your judgements", protocol, verdict.photos, {"pair_accuracy": figure}, subject)
        for figure, subject in ((verdict.personal, "this model"), (verdict.base, f"{base.name} {base.version}"))
    )


def _judgements(judgements: Judgements) -> dict[str, Any]:
    """What was used, by content, so that a version can be understood later."""
    return {
        "ratings": [[row.photo.content_hash.hex(), row.stars] for row in judgements.ratings],
        "flags": [[row.photo.content_hash.hex(), int(row.flag)] for row in judgements.flags],
        "preferences": [
            [row.better.content_hash.hex(), row.worse.content_hash.hex(), row.source] for row in judgements.preferences
        ],
    }


def _record(path: Path) -> VersionRecord:
    """Read a record. Raises ``KnownError`` where it is damaged."""
    found = read_json(path)
    try:
        base, personal = (Interval(**found.pop(key)) for key in ("base_accuracy", "personal_accuracy"))
        return VersionRecord(base_accuracy=base, personal_accuracy=personal, **found)
    except (KeyError, TypeError) as error:
        raise KnownError(f"{path}: this record is damaged ({error}).", "Remove its folder.") from error


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _copy(source: Path, target: Path) -> None:
    """Copy whole or not at all."""
    part = target.with_name(f"{target.name}.part")
    shutil.copyfile(source, part)
    part.replace(target)
