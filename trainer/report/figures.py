"""A run's plots: one function a plot, each answering with a figure; colours that colour-blind eyes tell apart.

Figures are made without pyplot, so that nothing is kept between them and no window system is asked for.
"""

from __future__ import annotations

import functools
import io
import math
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from trainer.evaluation.table import PHOTO_COLUMNS, SERIES_COLUMNS
from trainer.metrics import mean_scores, pearson, ranks, spreads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from aesthetic_studio.models.card import HeldOut
    from trainer.metrics import Array
    from trainer.report.reading import Curve, Predictions, Sweep

P = ParamSpec("P")
R = TypeVar("R")

BLUE, ORANGE, GREEN, PINK, AMBER, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
COLOURS = (BLUE, ORANGE, GREEN, PINK, AMBER, SKY)
"""Okabe and Ito's, which the common kinds of colour blindness keep apart."""
MARKS = ("o", "s", "^", "D", "v", "P")
INK, QUIET, GRID = "#1d2329", "#6b747d", "#e4e7ea"

STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 10.0,
    "axes.titlesize": 11.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10.0,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    "lines.linewidth": 1.8,
    "svg.fonttype": "path",
    "svg.hashsalt": "aesthetic-studio",
    "figure.facecolor": "white",
}

MANY_POINTS = 1500
"""From so many photos on, density is drawn in place of points."""
FEW_FITS = 5
"""Up to so many fits have a colour and a name each; of more, their mean is drawn over all of them in grey."""
CALIBRATION_BINS = 10
LEAST_IN_BIN = 5


def _styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Let a plot be drawn in this house's style, whatever the user's own matplotlib is set to."""

    @functools.wraps(draw)
    def styled(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(STYLE)  # type: ignore[arg-type]
            return draw(*args, **kwargs)

    return styled


def as_svg(figure: Figure) -> bytes:
    """A figure as SVG with its letters drawn, the same bytes for the same data."""
    return _saved(figure, "svg")


def as_png(figure: Figure) -> bytes:
    """A figure as PNG, sharp on dense screens."""
    return _saved(figure, "png")


@_styled
def _saved(figure: Figure, kind: str) -> bytes:
    stream = io.BytesIO()
    metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    figure.savefig(stream, format=kind, dpi=160, metadata=metadata)
    return stream.getvalue()


@_styled
def loss_curves(curves: Sequence[Curve]) -> Figure | None:
    """Training loss by epoch, and the validation's where it was logged."""
    drawn = [curve for curve in curves if curve.epochs or curve.steps[0]]
    if not drawn:
        return None
    figure, (axes,) = _figure(5.8, 3.6)
    few = len(drawn) <= FEW_FITS
    for number, curve in enumerate(drawn):
        colour = COLOURS[number % len(COLOURS)] if few else GRID
        x, y = _steps_in_epochs(curve)
        if x and few:
            axes.plot(x, y, color=colour, alpha=0.3, linewidth=0.9)
        name = curve.label or "training"
        _line(axes, curve.epochs, curve.loss, colour=colour, label=name if few else None, mark="o")
        for metric, values in curve.validation.items():
            if "loss" in metric:
                other = ORANGE if len(drawn) == 1 else colour
                _line(
                    axes,
                    curve.epochs,
                    values,
                    colour=other,
                    label=f"{name}, validation" if curve.label else "validation",
                    mark="s",
                    dashed=True,
                )
    if not few:
        _mean_line(axes, [(curve.epochs, curve.loss) for curve in drawn], f"mean of {len(drawn)} fits")
    if any(curve.epochs for curve in drawn):
        axes.set_xlabel("epoch")
        _whole_numbers(axes)
    else:
        axes.set_xlabel("step")
    axes.set_ylabel("loss")
    axes.set_title("Loss")
    if axes.get_legend_handles_labels()[0]:
        axes.legend()
    return figure


@_styled
def validation_curves(curves: Sequence[Curve], best_epoch: int | None = None) -> Figure | None:
    """SRCC and PLCC (or, of series, their accuracies) on the validation photos by epoch."""
    names = [
        name
        for name in ("srcc", "plcc", "accuracy_at_5", *SERIES_COLUMNS)
        if any(name in curve.validation for curve in curves)
    ]
    drawn = [curve for curve in curves if any(name in curve.validation for name in names)]
    if not drawn:
        return None
    labels = {**PHOTO_COLUMNS, **SERIES_COLUMNS}
    figure, (axes,) = _figure(5.8, 3.6)
    for number, curve in enumerate(drawn[: len(MARKS)]):
        for which, name in enumerate(names):
            values = curve.validation.get(name, [])
            label = f"{labels[name]}, {curve.label}" if curve.label else labels[name]
            _line(axes, curve.epochs, values, colour=COLOURS[which % 6], label=label, mark=MARKS[number])
    if best_epoch is not None and len(drawn) == 1:
        axes.axvline(best_epoch, color=QUIET, linewidth=1.0, linestyle=":")
        axes.annotate(
            "kept",
            (best_epoch, 0.0),
            xycoords=("data", "axes fraction"),
            xytext=(4, 3),
            textcoords="offset points",
            va="bottom",
            color=QUIET,
            fontsize=9,
        )
    axes.set_xlabel("epoch")
    _whole_numbers(axes)
    axes.set_title("Agreement with people on the validation photos")
    axes.legend(ncols=2 if len(drawn) * len(names) > 4 else 1)
    return figure


@_styled
def predicted_against_actual(found: Predictions, title: str = "Predicted against actual") -> Figure | None:
    """Mean scores of every photo; density where points would hide each other."""
    if len(found) < 2:
        return None
    predicted, actual = mean_scores(found.predicted), mean_scores(found.actual)
    figure, (axes,) = _figure(5.4, 5.0)
    low = math.floor(min(predicted.min(), actual.min()) * 2) / 2 - 0.25
    high = math.ceil(max(predicted.max(), actual.max()) * 2) / 2 + 0.25
    axes.plot([low, high], [low, high], color=QUIET, linewidth=1.0, linestyle="--", zorder=1)
    if len(found) > MANY_POINTS:
        dense = axes.hexbin(
            actual,
            predicted,
            gridsize=45,
            mincnt=1,
            cmap="cividis_r",
            linewidths=0.1,
            bins="log",
            extent=(low, high, low, high),
        )
        figure.colorbar(dense, ax=axes, label="photos", shrink=0.8)
    else:
        axes.scatter(actual, predicted, s=16, color=BLUE, alpha=0.45, linewidths=0, zorder=2)
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    axes.set_xlabel("people's mean vote")
    axes.set_ylabel("predicted mean vote")
    axes.set_title(title)
    srcc, plcc = pearson(ranks(predicted), ranks(actual)), pearson(predicted, actual)
    axes.text(
        0.03, 0.97, f"SRCC {srcc:.3f}\nPLCC {plcc:.3f}\n{len(found)} photos",
        transform=axes.transAxes, va="top", fontsize=9.5, linespacing=1.4,
    )  # fmt: skip
    return figure


@_styled
def calibration(found: Predictions) -> Figure | None:
    """Whether predictions mean what they say: means, spreads, and shares of votes, each in bins."""
    if len(found) < 4 * LEAST_IN_BIN:
        return None
    figure, (means, spread, shares) = _figure(10.8, 3.9, columns=3)
    _binned(
        means,
        mean_scores(found.predicted),
        mean_scores(found.actual),
        "mean vote",
        "predicted mean vote",
        "people's mean vote",
    )
    _binned(
        spread,
        spreads(found.predicted),
        spreads(found.actual),
        "spread of votes",
        "predicted spread",
        "people's spread",
    )
    levels_predicted = np.cumsum(found.predicted[:, ::-1], axis=1)[:, :-1].ravel()
    levels_actual = np.cumsum(found.actual[:, ::-1], axis=1)[:, :-1].ravel()
    _reliability(shares, levels_predicted, levels_actual)
    return figure


@_styled
def votes_on_the_whole(found: Predictions) -> Figure | None:
    """All photos' votes together: people's and predicted."""
    if not len(found):
        return None
    figure, (axes,) = _figure(5.4, 5.0)
    bins = np.arange(1, 11)
    axes.bar(bins - 0.2, found.actual.mean(axis=0), width=0.38, color=BLUE, label="people")
    axes.bar(
        bins + 0.2,
        found.predicted.mean(axis=0),
        width=0.38,
        color=AMBER,
        hatch="///",
        edgecolor="white",
        linewidth=0,
        label="predicted",
    )
    axes.set_xticks(bins)
    axes.grid(visible=False, axis="x")
    axes.set_xlabel("vote")
    axes.set_ylabel("share")
    axes.set_title("Votes of all photos together")
    axes.legend()
    return figure


@_styled
def standing(held_out: Sequence[HeldOut], metric: str) -> Figure | None:
    """One metric of every judge and part, each a dot with its 95 % interval."""
    rows = [row for row in held_out if metric in row.metrics]
    if len(rows) < 2:
        return None
    judges = list(dict.fromkeys(row.subject for row in rows))
    parts = list(dict.fromkeys(row.protocol for row in rows))
    figure, (axes,) = _figure(5.8, 1.3 + 0.3 * len(parts) + 0.17 * len(rows))
    for number, judge in enumerate(judges):
        chosen = [row for row in rows if row.subject == judge]
        place = np.asarray([parts.index(row.protocol) for row in chosen], dtype=np.float64)
        place += 0.66 * ((number + 0.5) / len(judges) - 0.5)
        found = [row.metrics[metric] for row in chosen]
        value = np.asarray([one.value for one in found])
        reach = np.abs(np.asarray([[one.low, one.high] for one in found]).T - value)
        axes.errorbar(
            value,
            place,
            xerr=reach,
            fmt=MARKS[number % 6],
            color=COLOURS[number % 6],
            markersize=5,
            elinewidth=1.4,
            label=judge,
        )
    axes.set_yticks(range(len(parts)), [_wrapped(part) for part in parts])
    axes.set_ylim(len(parts) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    for line in range(1, len(parts)):
        axes.axhline(line - 0.5, color=GRID, linewidth=0.8)
    axes.set_title(f"{({**PHOTO_COLUMNS, **SERIES_COLUMNS}).get(metric, metric)} with 95 % intervals")
    if len(judges) > 1:
        figure.legend(loc="outside lower center", ncols=2)
    return figure


@_styled
def sweep(found: Sweep) -> Figure | None:
    """SRCC and PLCC (or what there is) for each value of one setting, with intervals."""
    names = [name for name in ("srcc", "plcc") if name in found.metrics] or list(found.metrics)[:2]
    if not names or not found.values:
        return None
    labels: Mapping[str, str] = {**PHOTO_COLUMNS, **SERIES_COLUMNS}
    figure, (axes,) = _figure(5.8, 3.6)
    for number, name in enumerate(names):
        known = [(place, one) for place, one in enumerate(found.metrics[name]) if one is not None]
        x = np.asarray([place for place, _ in known]) + 0.08 * (number - (len(names) - 1) / 2)
        y = np.asarray([one.value for _, one in known])
        reach = np.abs(np.asarray([[one.low, one.high] for _, one in known]).T - y)
        axes.errorbar(
            x,
            y,
            yerr=reach,
            color=COLOURS[number],
            marker=MARKS[number],
            capsize=3,
            elinewidth=1.2,
            label=labels.get(name, name),
        )
    axes.set_xticks(range(len(found.values)), found.values)
    axes.grid(visible=False, axis="x")
    axes.set_xlabel(found.key)
    axes.set_title(f"What {found.key} changes")
    axes.legend()
    return figure


def _figure(width: float, height: float, columns: int = 1) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, [figure.add_subplot(1, columns, number + 1) for number in range(columns)]


def _line(
    axes: Axes,
    x: Sequence[float],
    y: Sequence[float],
    *,
    colour: str,
    label: str | None,
    mark: str,
    dashed: bool = False,
) -> None:
    """A curve; marks where so few epochs are drawn that each counts."""
    marked = mark if len(y) <= 40 else None
    axes.plot(x[: len(y)], y, color=colour, marker=marked, markersize=4, linestyle="--" if dashed else "-", label=label)


def _mean_line(axes: Axes, curves: Sequence[tuple[Sequence[float], Sequence[float]]], label: str) -> None:
    values: dict[float, list[float]] = {}
    for epochs, losses in curves:
        for epoch, loss in zip(epochs, losses, strict=False):
            if math.isfinite(loss):
                values.setdefault(epoch, []).append(loss)
    epochs = sorted(values)
    _line(axes, epochs, [float(np.mean(values[epoch])) for epoch in epochs], colour=BLUE, label=label, mark="o")


def _steps_in_epochs(curve: Curve) -> tuple[list[float], list[float]]:
    places, values = curve.steps
    if not curve.epochs:
        return places, values
    if not curve.steps_of_epoch:
        return [], []
    return [place / curve.steps_of_epoch for place in places], values


def _binned(axes: Axes, predicted: Array, actual: Array, title: str, x_label: str, y_label: str) -> None:
    """Actual values in bins of equally many photos by what was predicted, with 95 % intervals of their means."""
    count = max(2, min(CALIBRATION_BINS, len(predicted) // LEAST_IN_BIN))
    parts = np.array_split(np.argsort(predicted, kind="stable"), count)
    x = np.asarray([predicted[part].mean() for part in parts])
    y = np.asarray([actual[part].mean() for part in parts])
    reach = np.asarray([1.96 * actual[part].std(ddof=1) / math.sqrt(len(part)) for part in parts])
    _diagonal(axes, np.concatenate([x, y - reach, y + reach]))
    axes.errorbar(x, y, yerr=reach, fmt="o", color=BLUE, markersize=5, elinewidth=1.4)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.set_title(f"Calibration of the {title}")


def _reliability(axes: Axes, predicted: Array, actual: Array) -> None:
    """Shares of votes at or above each level: those predicted as 30 % should be 30 %."""
    edges = np.linspace(0.0, 1.0, CALIBRATION_BINS + 1)
    place = np.clip(np.digitize(predicted, edges) - 1, 0, CALIBRATION_BINS - 1)
    kept = [k for k in range(CALIBRATION_BINS) if np.count_nonzero(place == k) >= LEAST_IN_BIN]
    x = np.asarray([predicted[place == k].mean() for k in kept])
    y = np.asarray([actual[place == k].mean() for k in kept])
    _diagonal(axes, np.asarray([0.0, 1.0]))
    axes.plot(x, y, marker="o", color=GREEN, markersize=5)
    axes.set_xlabel("predicted share of votes ≥ k")
    axes.set_ylabel("people's share")
    axes.set_title("Reliability of shares")


def _diagonal(axes: Axes, values: NDArray[np.float64]) -> None:
    low, high = float(values.min()), float(values.max())
    edge = 0.06 * max(high - low, 1e-3)
    span = (low - edge, high + edge)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5))
    axes.plot(span, span, color=QUIET, linewidth=1.0, linestyle="--", zorder=1)
    axes.set(xlim=span, ylim=span, aspect="equal")


def _whole_numbers(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _wrapped(text: str, width: int = 26) -> str:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
