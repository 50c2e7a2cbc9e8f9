"""The report of a training run, section by section."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from trainer.data.records import TEST, VALIDATION
from trainer.evaluation.records import listed
from trainer.evaluation.table import interval_cell
from trainer.report import PLOTS_FOLDER, REPORT_FILE, attention, figures, page
from trainer.report.reading import MODEL_FOLDER, RunRecord, read_run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.figure import Figure

    from aesthetic_studio.models.card import HeldOut, Interval
    from trainer.report.reading import Predictions

THIS_MODEL = "this model"
SHOWN_EXCLUSIONS = 50


class Plots:
    """Plots of one report, each kept as a PNG too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / PLOTS_FOLDER

    def add(self, section: page.Section, name: str, figure: Figure | None, alt: str, caption: str) -> None:
        """Add a figure to a section; nothing where there was nothing to draw."""
        if figure is None:
            return
        page.write(self.folder / f"{name}.png", figures.as_png(figure))
        section.plots.append(page.Plot(name, figures.as_svg(figure), alt, caption))


def write_run_report(folder: Path) -> Path:
    """Read the run, draw, and write the page."""
    run = read_run(folder)
    plots = Plots(folder)
    whole = page.Page(
        title=str(run.recipe.get("title") or run.recipe.get("name") or folder.resolve().name),
        subtitle=_subtitle(run),
        warning="" if run.finished else _unfinished(run),
        facts=_facts(run),
        sections=[
            _results(run, plots),
            _training(run, plots),
            _predictions(run, plots),
            _sweeps(run, plots),
            _attention(run),
            _model(run),
            _data(run),
            _recipe(run),
        ],
        problems=run.problems,
    )
    return page.write(folder / REPORT_FILE, page.render(whole).encode("utf-8", "replace"))


def prediction_plots(plots: Plots, section: page.Section, found: Predictions, name: str = "", title: str = "") -> None:
    """The three plots of one judge's distributions: against people's, calibration, votes on the whole."""
    end = f"-{name}" if name else ""
    before = f"{title}: " if title else ""
    plots.add(
        section,
        f"predicted-against-actual{end}",
        figures.predicted_against_actual(
            found, f"{before}predicted against actual" if title else "Predicted against actual"
        ),
        f"{before}Predicted mean votes over people's mean votes of {len(found)} photos.",
        f"{before}Each point is a photo (darker is denser); on the dashed line the model agrees with people. "
        "A cloud that is flatter than the line keeps to the middle.",
    )
    plots.add(
        section,
        f"votes{end}",
        figures.votes_on_the_whole(found),
        f"{before}Shares of votes 1 to 10 over all photos, people's beside predicted.",
        f"{before}All photos' votes together. Bars that differ show a scale that is used otherwise than people use it.",
    )
    plots.add(
        section,
        f"calibration{end}",
        figures.calibration(found),
        f"{before}Calibration of mean votes, of spreads and of shares of votes.",
        f"{before}Photos in bins of equal size by what was predicted, with what people gave on average (95 % "
        "intervals). Left: mean votes. Middle: spreads, that is how much people disagree. Right: where 30 % of votes, "
        "say, were predicted at or above some level, people should give 30 %.",
    )


def _subtitle(run: RunRecord) -> str:
    parts = [f"Run {run.folder.resolve().name}"]
    if run.manifest.get("set"):
        parts.append(f"on {run.manifest['set']}")
    if run.recipe.get("method"):
        parts.append(f"method {run.recipe['method']}")
    return " · ".join(parts)


def _unfinished(run: RunRecord) -> str:
    if run.sweeps:
        done, planned = len(run.sweeps[0].values), len(listed(run.recipe, "values"))
        return f"This sweep has not finished: {done} of {planned} values are done. Start it again to go on."
    epochs = max((int(curve.epochs[-1]) for curve in run.curves if curve.epochs), default=0)
    planned = _planned_epochs(run.recipe)
    where = (
        f"after epoch {epochs}" + (f" of {planned}" if planned else "") if epochs else "before its first epoch ended"
    )
    kept = _checkpoints(run)
    rescue = " Its last good checkpoint is kept: the same command with --resume goes on from there." if kept else ""
    return f"This run has not finished: it stands {where}. What follows is what it has written so far.{rescue}"


def _planned_epochs(recipe: Mapping[str, Any]) -> int:
    for key in ("training", "loop"):
        section = recipe.get(key)
        if isinstance(section, dict) and isinstance(section.get("epochs"), int):
            return int(section["epochs"])
    return 0


def _checkpoints(run: RunRecord) -> list[Path]:
    return sorted((run.folder / "checkpoints").glob("*.safetensors"))


def _facts(run: RunRecord) -> tuple[tuple[str, str, str], ...]:
    """The first held-out figures, large."""
    facts = []
    headline = next((row for row in run.held_out if row.subject == THIS_MODEL), next(iter(run.held_out), None))
    if headline is not None:
        for name, label in (
            ("srcc", "SRCC"),
            ("plcc", "PLCC"),
            ("pair_accuracy", "Pair accuracy"),
            ("series_srcc", "Series SRCC"),
        ):
            if name in headline.metrics:
                facts.append((f"{label}, {headline.protocol}", *_figure(headline.metrics[name])))
    best = _best(run)
    if best is not None:
        name, value, epoch = best
        facts.append((f"Best validation {name.upper().replace('_', ' ')}", f"{value:.3f}", f"epoch {epoch}"))
    if run.card is not None:
        facts.append(
            ("Parameters", f"{run.card.parameters / 1e6:.2f} M", f"{run.card.size_bytes / 1e6:.1f} MB on disk")
        )
    return tuple(facts)


def _figure(found: Interval) -> tuple[str, str]:
    return f"{found.value:.3f}", f"95 % interval {found.low:.3f} to {found.high:.3f}"


def _best(run: RunRecord) -> tuple[str, float, int] | None:
    """The watched metric's best epoch where one fit was validated; SRCC unless the recipe watches another."""
    watch = _watched(run.recipe)
    name = str(watch.get("watch") or "srcc")
    curves = [curve for curve in run.curves if np.isfinite(curve.validation.get(name, [])).any()]
    if len(curves) != 1:
        return None
    values = np.asarray(curves[0].validation[name])
    place = int(np.nanargmax(values) if watch.get("higher_is_better", True) else np.nanargmin(values))
    return name, float(values[place]), int(curves[0].epochs[place])


def _watched(recipe: Mapping[str, Any]) -> Mapping[str, Any]:
    return next((part for part in recipe.values() if isinstance(part, dict) and "watch" in part), {})


def _results(run: RunRecord, plots: Plots) -> page.Section:
    section = page.Section("Results")
    rows = run.held_out
    counted = "series" if run.results.get("kind") == "series" else "photos"
    for protocol in dict.fromkeys(held_as(row)[0] for row in rows):
        chosen = [
            (row.subject, held_as(row)[1], row.photos, row.metrics) for row in rows if held_as(row)[0] == protocol
        ]
        table = page.results_table(chosen, counted, f"Held out: {protocol}" if protocol else "")
        if table is not None:
            section.tables.append(table)
    if section.tables:
        names = [name for row in rows for name in row.metrics]
        section.text = (
            "Each figure with its 95 % bootstrap interval. " + page.meanings(names),
            *(str(line) for key in ("warnings", "notes") for line in listed(run.results, key)),
        )
    differences = page.differences_table(run.differences)
    if differences is not None:
        against = run.differences[0].against
        section.folded.append((f"Differences from {against}, on the same {counted}", differences))
    add_standing(plots, section, rows)
    return section


def held_as(row: HeldOut) -> tuple[str, str]:
    """A row's protocol and part, which a card keeps as one: ``leave one source out, pooled``."""
    protocol, _, part = row.protocol.rpartition(", ")
    return protocol, part


def add_standing(plots: Plots, section: page.Section, rows: tuple[HeldOut, ...]) -> None:
    """Plots of judges beside each other, for what matters most."""
    if rows:
        first = held_as(rows[0])[0]
        rows = tuple(dataclasses.replace(r, protocol=held_as(r)[1]) for r in rows if held_as(r)[0] == first)
    for metric in ("srcc", "plcc", "pair_accuracy", "series_srcc"):
        plots.add(
            section,
            f"results-{metric}",
            figures.standing(rows, metric),
            f"{metric} of every judge with 95 % intervals.",
            "Each judge on each part. Where intervals overlap, the paired differences say more.",
        )


def _training(run: RunRecord, plots: Plots) -> page.Section:
    section = page.Section("Training")
    plots.add(
        section,
        "loss",
        figures.loss_curves(run.curves),
        "Loss by epoch.",
        "Mean training loss of each epoch."
        + (" Faint: the loss of single steps." if any(curve.steps[0] for curve in run.curves) else ""),
    )
    best = _best(run)
    plots.add(
        section,
        "validation",
        figures.validation_curves(run.curves, best[2] if best else None),
        "Validation metrics by epoch.",
        "On photos that training never sees; the best epoch's weights are kept.",
    )
    lines = [_fitted(run), *(_said(event) for event in run.events)]
    section.text = tuple(line for line in lines if line)
    return section


def _fitted(run: RunRecord) -> str:
    """How long the fit was and which epoch was kept, as ``results.json`` says."""
    facts = run.results.get("training")
    if not isinstance(facts, dict):
        return ""
    parts = [f"{facts[key]} {key}" for key in ("epochs", "steps") if isinstance(facts.get(key), int)]
    if isinstance(facts.get("seconds"), (int, float)):
        parts.append(f"{facts['seconds']:.1f} s")
    if facts.get("stopped_early") is True:
        parts.append("ended early, since validation no longer improved")
    kept = f" The weights that were kept are those of epoch {facts['best_epoch']}." if facts.get("best_epoch") else ""
    return f"{', '.join(parts)}.{kept}" if parts else ""


def _said(event: Mapping[str, Any]) -> str:
    """An event of the log that a reader wants to know of, in words."""
    kind = event.get("event")
    if kind == "chosen":
        settings = ", ".join(f"{k} = {v}" for k, v in event.items() if k not in {"event", "inner_srcc"})
        figure = event.get("inner_srcc")
        said = (
            f" (inner SRCC {figure:.3f})" if isinstance(figure, float) and math.isfinite(figure) and figure > -1 else ""
        )
        return f"Chosen on inner folds: {settings or 'the recipe as it stands'}{said}."
    if kind in {"stopped", "early_stop", "resumed"}:
        return ", ".join(f"{key} {value}" for key, value in event.items() if key != "event").join((f"{kind}: ", "."))
    return ""


def _predictions(run: RunRecord, plots: Plots) -> page.Section:
    section = page.Section("Predictions")
    if run.predictions is None:
        return section
    chosen, name = run.predictions, "all"
    for split in (TEST, VALIDATION):
        if (run.predictions.splits == split).any():
            chosen, name = run.predictions.of(split), split
            break
    section.text = (f"{len(chosen)} photos of the split {name}." if name != "all" else f"All {len(chosen)} photos.",)
    prediction_plots(plots, section, chosen)
    return section


def _sweeps(run: RunRecord, plots: Plots) -> page.Section:
    section = page.Section("Sweeps")
    for number, found in enumerate(run.sweeps, start=1):
        plots.add(
            section,
            f"sweep-{number}",
            figures.sweep(found),
            f"Metrics for each value of {found.key}.",
            f"One model for each value of {found.key}, judged on the same photos, with 95 % intervals.",
        )
        rows = tuple(
            (value, *(interval_cell(found.metrics[name][place]) for name in found.metrics))
            for place, value in enumerate(found.values)
        )
        section.tables.append(
            page.Table((found.key, *(name.upper().replace("_", " ") for name in found.metrics)), rows)
        )
    return section


def _attention(run: RunRecord) -> page.Section:
    section = page.Section("Where the queries look")
    if not run.looked:
        return section
    made, missing = attention.examples(run.looked, run.folder)
    section.examples = made
    if made:
        section.text = (
            "Each photo beside its heat map: the lightest is where the learnable queries look most. A map shows "
            "what the score was read from, not why.",
        )
    if missing:
        run.problems.append(f"{missing} of the photos for attention examples could not be read.")
    return section


def _model(run: RunRecord) -> page.Section:
    section = page.Section("Model")
    lines = []
    checkpoints = _checkpoints(run)
    best = _best(run)
    if checkpoints:
        names = ", ".join(path.name for path in checkpoints)
        kept = f" The model is epoch {best[2]}, the best by validation {best[0].upper()}." if best else ""
        lines.append(f"Checkpoints: {names}.{kept}")
    if run.card is not None:
        card = run.card
        lines = [card.summary, *lines, f"{card.name} {card.version}, kind {card.kind}, licence {card.licence}."]
        lines.append("Install it beside the others, then choose it by name:")
        place = run.folder / MODEL_FOLDER
        section.code = f'aesthetic-studio models add "{place}"\naesthetic-studio models use {card.name}'
        if card.limits:
            section.folded.append(("Limits", page.Table(("limit",), tuple((limit,) for limit in card.limits))))
    section.text = tuple(line for line in lines if line)
    return section


def _data(run: RunRecord) -> page.Section:
    section = page.Section("Data")
    about = run.manifest
    if run.card is not None and not about:
        learned = tuple((s.name, str(s.photos), s.used_for, s.licence) for s in run.card.training_data)
        if learned:
            section.tables.append(page.Table(("set", "photos", "used for", "licence"), learned))
        return section
    counts = [f"{about[key]} {key}" for key in ("photos", "series", "pairs") if isinstance(about.get(key), int)]
    if about:
        section.text = (
            f"{about.get('set', 'A set')} ({about.get('kind') or 'kind not stated'}): {', '.join(counts)}.",
            *(str(note) for note in listed(about, "notes")),
        )
    splits = about.get("splits")
    if isinstance(splits, dict) and splits:
        rows = tuple(
            (str(name), str(part.get("photos", part.get("series", ""))), str(part.get("sha256_of_ids", ""))[:16])
            for name, part in splits.items()
            if isinstance(part, dict)
        )
        section.tables.append(page.Table(("split", "photos or series", "sha256 of the ids"), rows))
    excluded = [row for row in listed(about, "excluded") if isinstance(row, dict)]
    if excluded:
        shown = tuple((str(row.get("file", "")), str(row.get("reason", ""))) for row in excluded[:SHOWN_EXCLUSIONS])
        more = len(excluded) - len(shown)
        title = f"{len(excluded)} left out" + (f"; the first {len(shown)}" if more else "")
        section.folded.append((title, page.Table(("file", "why"), shown, words=2)))
    return section


def _recipe(run: RunRecord) -> page.Section:
    section = page.Section("Recipe")
    rows = page.settings_rows(run.recipe)
    if rows:
        section.text = ("Every setting as the run took it, defaults included; recipe.json holds the same.",)
        section.folded.append((f"{len(rows)} settings", page.Table(("setting", "value"), tuple(rows), words=2)))
    return section
