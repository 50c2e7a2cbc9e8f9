"""Reads a run's folder as it is, whole or half: what is missing or damaged is noted, and nothing stops.

recipe.json, metrics.jsonl, predictions.csv, results.json, sweep.json, manifest.json, attention.npz, model/card.json;
every one of them may be missing from a run that died, or end in the middle of a line. ``results.json`` is an
``Evaluation.as_json``, ``manifest.json`` a data set's manifest, and lines of ``metrics.jsonl`` are those of the loop:
``{"event": "epoch" or "step", "epoch", "step", "loss"}`` with ``stage`` or ``seed`` where a run fits several times, and
validation metrics by name (``srcc``, ``validation_loss``) in the epoch's line or under ``"validation"``. Other files
are ``run_files``'.
"""

from __future__ import annotations

import csv
import json
import math
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aesthetic_studio.errors import KnownError, ModelUnavailable
from aesthetic_studio.models.card import CARD_FILE, HeldOut, Interval, ModelCard
from trainer.evaluation.records import Compared, interval, listed, results_to_held_out
from trainer.metrics import Difference
from trainer.report.run_files import ATTENTION_FILE, PREDICTIONS_FILE, SWEEP_FILE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainer.metrics import Array

LARGEST = 512 << 20
"""Bytes of one file of a run that are read."""
LARGEST_MAPS = 64 << 20
MODEL_FOLDER = "model"
_NOT_VALIDATION = frozenset({"event", "stage", "seed", "epoch", "step", "loss", "learning_rate", "seconds", "time"})


@dataclass(slots=True)
class Curve:
    """What one fit logged, epoch by epoch.

    Attributes:
        label: Its stage and seed, empty where the run has one fit only.
        epochs: (E,) numbers of epochs.
        loss: (E,) mean training loss of each.
        steps: Training loss between epochs: numbers of steps, and values.
        steps_of_epoch: How many steps an epoch has; 0 where no line says.
        validation: By metric, (E,) values, NaN where an epoch was not validated.
    """

    label: str
    epochs: list[float] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    steps: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))
    steps_of_epoch: float = 0.0
    validation: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predicted and actual distributions (N, 10) of photos, and each one's split."""

    splits: NDArray[np.str_]
    predicted: Array
    actual: Array

    def __len__(self) -> int:
        return len(self.splits)

    def of(self, split: str) -> Predictions:
        """Those of one split."""
        rows = self.splits == split
        return Predictions(self.splits[rows], self.predicted[rows], self.actual[rows])


@dataclass(frozen=True, slots=True)
class Looked:
    """Where the queries looked in one photo: its file and path, the map (H, W), predicted and people's mean score."""

    file: str
    path: Path
    map: NDArray[np.float32]
    predicted: float
    actual: float


@dataclass(frozen=True, slots=True)
class Sweep:
    """Figures for several values of one setting: its key, the values, and by metric one interval a value."""

    key: str
    values: tuple[str, ...]
    metrics: dict[str, tuple[Interval | None, ...]]


@dataclass(slots=True)
class RunRecord:
    """What a run's folder holds.

    Attributes:
        problems: What was missing, cut off or damaged, one sentence each.
        finished: Whether the run came to its end.
    """

    folder: Path
    recipe: dict[str, Any] = field(default_factory=dict)
    curves: list[Curve] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    predictions: Predictions | None = None
    held_out: tuple[HeldOut, ...] = ()
    differences: tuple[Compared, ...] = ()
    results: dict[str, Any] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)
    sweeps: tuple[Sweep, ...] = ()
    looked: tuple[Looked, ...] = ()
    card: ModelCard | None = None
    problems: list[str] = field(default_factory=list)
    finished: bool = False


def read_run(folder: Path) -> RunRecord:
    """Read all that a run left. Raises ``KnownError`` only where there is no run at all."""
    if not folder.is_dir():
        raise KnownError(f"{folder}: there is no such folder.", "Name the --output folder of a run.")
    known = ("metrics.jsonl", "recipe.json", "results.json", SWEEP_FILE, PREDICTIONS_FILE)
    if not any((folder / name).is_file() for name in known) and not (folder / MODEL_FOLDER / CARD_FILE).is_file():
        raise KnownError(f"{folder}: this is not a run's folder.", f"A run leaves {', '.join(known)} or a model there.")
    run = RunRecord(folder)
    run.recipe = _json(run, "recipe.json")
    run.manifest = _json(run, "manifest.json")
    run.results = _json(run, "results.json")
    run.held_out = results_to_held_out(run.results)
    run.differences = _differences(run.results)
    _read_lines(run)
    _attempt(run, PREDICTIONS_FILE, _read_predictions)
    _attempt(run, ATTENTION_FILE, _read_attention)
    run.sweeps = _sweeps(_json(run, SWEEP_FILE))
    _read_card(run)
    planned = len(listed(run.recipe, "values"))
    run.finished = bool(run.card or run.results or any(len(one.values) >= planned for one in run.sweeps))
    return run


def _attempt(run: RunRecord, name: str, read: Callable[[RunRecord, Path], None]) -> None:
    path = run.folder / name
    if not path.is_file():
        return
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError("it is too large")
        read(run, path)
    except (OSError, ValueError, KeyError, TypeError, csv.Error, zipfile.BadZipFile, EOFError, MemoryError) as error:
        run.problems.append(f"{name} cannot be read ({error}).")


def _json(run: RunRecord, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def read(_: RunRecord, path: Path) -> None:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise TypeError("it is not a JSON object")
        found.update(content)

    _attempt(run, name, read)
    return found


def _read_lines(run: RunRecord) -> None:
    damaged = 0
    curves: dict[str, Curve] = {}
    path = run.folder / "metrics.jsonl"
    if not path.is_file():
        return
    try:
        with path.open("rb") as stream:
            for raw in stream:
                if not raw.strip():
                    continue
                try:
                    line = json.loads(raw)
                    if not isinstance(line, dict):
                        raise TypeError("no object")
                    _take_line(run, curves, line)
                except (ValueError, TypeError, RecursionError):
                    damaged += 1
    except OSError as error:
        run.problems.append(f"metrics.jsonl cannot be read ({error.strerror}).")
    run.curves = [curve for curve in curves.values() if curve.epochs or curve.steps[0]]
    if len(run.curves) == 1:
        run.curves[0].label = ""
    if damaged:
        lines = "1 line was" if damaged == 1 else f"{damaged} lines were"
        run.problems.append(f"metrics.jsonl: {lines} damaged and passed over.")
    if any(not math.isfinite(value) for curve in run.curves for value in curve.loss):
        run.problems.append("The training loss was no number in some epochs.")


def _take_line(run: RunRecord, curves: dict[str, Curve], line: dict[str, Any]) -> None:
    event = str(line.get("event", "epoch"))
    if event not in {"epoch", "step", "validation"}:
        run.events.append(line)
        return
    seed = f"seed {line['seed']}" if "seed" in line else ""
    label = ", ".join(part for part in (str(line.get("stage") or ""), seed) if part)
    curve = curves.setdefault(label, Curve(label))
    epoch = float(line["epoch"])
    if event == "step":
        curve.steps[0].append(float(line["step"]))
        curve.steps[1].append(float(line["loss"]))
        return
    values = line["validation"] if isinstance(line.get("validation"), Mapping) else line
    if not curve.epochs or curve.epochs[-1] != epoch:
        curve.epochs.append(epoch)
        curve.loss.append(math.nan)
    if "loss" in line:
        curve.loss[-1] = float(line["loss"])
    if "step" in line and epoch > 0:
        curve.steps_of_epoch = float(line["step"]) / epoch
    if values is not line and "loss" in values:
        values = {**values, "validation_loss": values["loss"]}
    for name, value in values.items():
        if name not in _NOT_VALIDATION and isinstance(value, (int, float)) and not isinstance(value, bool):
            column = curve.validation.setdefault(str(name), [])
            column += [math.nan] * (len(curve.epochs) - len(column))
            column[-1] = float(value)


def _read_predictions(run: RunRecord, path: Path) -> None:
    splits, rows, damaged = [], [], 0
    with path.open(encoding="utf-8", errors="replace", newline="") as stream:
        table = csv.DictReader(stream)
        names = [f"{side}{k}" for side in "pa" for k in range(1, 11)]
        missing = [name for name in names if name not in (table.fieldnames or ())]
        if missing:
            raise ValueError(f"there is no column {missing[0]}")
        for row in table:
            try:
                values = [float(row[name]) for name in names]
            except (TypeError, ValueError):
                damaged += 1
                continue
            shares = np.asarray(values).reshape(2, 10)
            if not np.isfinite(shares).all() or shares.min() < 0 or not (shares.sum(axis=1) > 0).all():
                damaged += 1
                continue
            splits.append(row.get("split") or "")
            rows.append(shares / shares.sum(axis=1, keepdims=True))
    if damaged:
        run.problems.append(f"predictions.csv: {damaged} damaged lines were passed over.")
    if rows:
        both = np.stack(rows)
        run.predictions = Predictions(np.asarray(splits), both[:, 0], both[:, 1])


def _read_attention(run: RunRecord, path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        if sum(item.file_size for item in archive.infolist()) > LARGEST_MAPS:
            raise ValueError("it is too large")
    with np.load(path, allow_pickle=False) as found:
        files = [str(name) for name in found["files"]]
        maps = np.asarray(found["maps"], dtype=np.float32)
        paths = [str(name) for name in found["paths"]] if "paths" in found else files
        scores = [
            np.asarray(found[name], dtype=np.float64) if name in found else np.full(len(files), np.nan)
            for name in ("predicted", "actual")
        ]
    if maps.ndim != 3 or not len(maps) == len(files) == len(paths) == len(scores[0]) == len(scores[1]):
        raise ValueError("its arrays do not fit each other")
    run.looked = tuple(
        Looked(file, Path(place), one, float(p), float(a))
        for file, place, one, p, a in zip(files, paths, maps, *scores, strict=True)
        if np.isfinite(one).all() and one.size
    )


def _read_card(run: RunRecord) -> None:
    path = run.folder / MODEL_FOLDER / CARD_FILE
    if not path.is_file():
        return
    try:
        run.card = ModelCard.load(path)
    except ModelUnavailable as error:
        run.problems.append(error.message)
        return
    if not run.held_out:
        run.held_out = run.card.held_out


def _differences(results: Mapping[str, Any]) -> tuple[Compared, ...]:
    found = []
    for row in listed(results, "differences"):
        try:
            metrics = {
                str(name): Difference(*(float(value[key]) for key in ("value", "low", "high", "p")))
                for name, value in row["metrics"].items()
            }
            found.append(Compared(str(row["judge"]), str(row["against"]), str(row["part"]), metrics))
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
    return tuple(found)


def _sweeps(content: Mapping[str, Any]) -> tuple[Sweep, ...]:
    """``{"key", "points": [{"value", "metrics": {name: interval}}]}``, or several under ``"sweeps"``."""
    found = []
    for one in listed(content, "sweeps") or ([content] if content else []):
        try:
            points = [point for point in one["points"] if isinstance(point.get("metrics"), Mapping)]
            names = list(dict.fromkeys(str(name) for point in points for name in point["metrics"]))
            found.append(
                Sweep(
                    str(one["key"]),
                    tuple(str(point["value"]) for point in points),
                    {
                        name: tuple(
                            interval(point["metrics"][name]) if name in point["metrics"] else None for point in points
                        )
                        for name in names
                    },
                )
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
    return tuple(found)
