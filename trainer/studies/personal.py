"""How much a personal model gains, from how many judgements; and whether its gate lets chance in.

For every two sources that are left out, a base model is trained on the votes of the others, so that neither it nor its
choice of settings within this study saw the photos that a simulated person judges. A person judges some photos of the
two sources; base and personal model are compared on the pairs of the rest, by what the person likes without noise.
"""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from aesthetic_studio.errors import KnownError
from trainer import metrics
from trainer.personal.active import most_informative_pairs
from trainer.personal.evidence import gather
from trainer.personal.learning import learn, one_thread
from trainer.personal.preference import Design, fit
from trainer.recipes.recipe import PersonalRecipe, read_as
from trainer.studies import people
from trainer.studies.output import begin, cell, finish, markdown, say
from trainer.studies.worlds import World, left_out_worlds, read_people

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from aesthetic_studio.judgements import Judgements
    from aesthetic_studio.models.card import Interval
    from trainer.personal.records import GateVerdict
    from trainer.studies.people import Person, RandomPerson

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Make = Callable[[Person | RandomPerson, Rows, int, np.random.Generator], Judgements]

COUNTS = (10, 25, 50, 100, 200)
GATE_COUNTS = (50, 100, 200)
ASKED_COUNTS = (25, 50, 100)
TIMED = 200
ASKED_AT_ONCE = 5
"""Answers after which the ensemble is drawn anew when pairs are chosen to tell most."""


@dataclass(frozen=True, slots=True)
class PersonalStudySettings:
    """How much is simulated."""

    seeds: int = 4
    """People of each kind for each base."""
    gate_runs: int = 100
    """Random people whom the gate meets, for each number and kind of judgements."""
    power_runs: int = 12
    """Real people whom the gate meets, for each number."""
    base_members: int = 3
    """Members of each base model."""


def study(data: Path, output: Path, settings: PersonalStudySettings | None = None) -> None:
    """Simulate, print the tables and write them with a plot."""
    settings = settings or PersonalStudySettings()
    recipe = read_as(PersonalRecipe, "personal")
    photos, everyone = read_people(data)
    run = begin(output)
    with one_thread():
        worlds = left_out_worlds(photos, settings.base_members)
        results: dict[str, Any] = {}
        tables = []
        for title, make in (
            ("Stars: one judgement is one photo", _by_stars),
            ("Pairs: one judgement is two photos", _by_pairs),
        ):
            say(title)
            curves = _curves(worlds, everyone, make, recipe, settings)
            results[title] = curves
            tables.append(f"## {title}\n\n{_curve_table(curves)}")
            if make is _by_stars:
                _draw(curves, output)
        for title, ask in (
            ("Without the named attributes", _without_attributes),
            ("Whose taste it is: each column judges, the model learned from the row", _crossed),
            ("Pairs chosen to tell most, against pairs drawn by chance", _asked),
            ("Random judgements: how often the gate refuses", _random_gate),
            ("Real judgements: how often the gate installs", _power),
            ("Time of a fine-tune on 200 judgements, gate and all", _time),
        ):
            say(title)
            results[title], table = ask(worlds, everyone, recipe, settings)
            tables.append(f"## {title}\n\n{table}")
    finish(run, {"settings": settings, "recipe": recipe.as_json(), **results}, "\n\n".join(tables))


# -- pair accuracy against the number of judgements ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Curve:
    """One person's.

    Attributes:
        person: Their name.
        known: Whether their taste is among the model's named attributes.
        counts: Judgements.
        base: Pair accuracy on held-out photos, one figure for each run.
        personal: (runs, counts).
    """

    person: str
    known: bool
    counts: tuple[int, ...]
    base: Floats
    personal: Floats


def _by_stars(person: Person | RandomPerson, rows: Rows, count: int, generator: np.random.Generator) -> Judgements:
    return people.judge_by_stars(person, rows[:count], generator)


def _by_flags(person: Person | RandomPerson, rows: Rows, count: int, generator: np.random.Generator) -> Judgements:
    return people.judge_by_flags(person, rows[:count], generator)


def _by_pairs(person: Person | RandomPerson, rows: Rows, count: int, generator: np.random.Generator) -> Judgements:
    """Pairs of photos that are used up before any comes a second time."""
    drawn = [generator.permutation(rows) for _ in range(-(-2 * count // len(rows)))]
    even = np.concatenate([part[: len(part) // 2 * 2] for part in drawn])
    return people.judge_pairs(person, even.reshape(-1, 2)[:count], generator)


def _curves(
    worlds: list[World], everyone: list[Person], make: Make, recipe: PersonalRecipe, settings: PersonalStudySettings
) -> list[Curve]:
    found = []
    for person in everyone:
        base, personal = [], []
        for world, seed in itertools.product(worlds, range(settings.seeds)):
            rows, held = _split(world, person, seed)
            base.append(pair_accuracy(world.design.base[held], person.truth[held]))
            line = []
            for count in COUNTS:
                generator = np.random.default_rng([seed, count])
                liking = _liking(world.design, make(person, rows, count, generator), recipe)
                line.append(pair_accuracy(liking[held], person.truth[held]))
            personal.append(line)
        found.append(Curve(person.name, person.known, COUNTS, np.asarray(base), np.asarray(personal)))
        say(f"  {person.name}: base {np.mean(base):.3f}, " + ", ".join(f"{v:.3f}" for v in np.mean(personal, axis=0)))
    return found


def _split(world: World, person: Person, seed: int) -> tuple[Rows, Rows]:
    """The photos that a person may judge, in the order they come to them, and those that they never see."""
    rows = world.rows[np.isfinite(person.truth[world.rows])]
    order = np.random.default_rng([seed, len(world.name)]).permutation(rows)
    most = min(max(COUNTS), 2 * len(order) // 3)
    return order[:most], order[most:]


def _liking(design: Design, judgements: Judgements, recipe: PersonalRecipe) -> Floats:
    """What a model says of all photos after these judgements, whatever the gate would say."""
    evidence = gather(judgements, [people.content(row) for row in range(len(design))], recipe.learning.rating_weight)
    wins = np.zeros((len(design), len(design)))
    rows = [int.from_bytes(one, "big") for one in evidence.hashes]
    wins[np.ix_(rows, rows)] = evidence.wins
    return fit(design, wins, recipe.learning).liking(design) if wins.any() else design.base


def pair_accuracy(scores: Floats, truth: Floats) -> float:
    """Share of pairs with one photo liked more that the scores put in that order; equal scores are half right."""
    liked = truth[:, None] > truth[None, :]
    difference = scores[:, None] - scores[None, :]
    return float((difference[liked] > 0).mean() + 0.5 * (difference[liked] == 0).mean())


def _interval(values: Floats) -> Interval:
    """A mean over runs with its bootstrap interval over runs, which share photos: it is about people and draws."""
    return metrics.bootstrap(len(values), lambda rows: float(values[rows].mean()), resamples=1000, seed=0)


def _curve_table(curves: list[Curve]) -> str:
    rows = []
    for curve in curves:
        cells = [cell(_interval(curve.personal[:, place])) for place in range(len(curve.counts))]
        name = curve.person + (" *" if curve.known else "")
        rows.append([name, cell(_interval(curve.base)), *cells])
    note = "\n\n\\* a taste for something that is among the model's named attributes"
    return markdown(["person", "base", *[str(count) for count in COUNTS]], rows) + note


def _draw(curves: list[Curve], output: Path) -> None:
    """One small panel a person: base and personal model with bands, against the number of judgements."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    from trainer.report.figures import BLUE, ORANGE  # noqa: PLC0415

    wide = 3
    figure = Figure(figsize=(3.4 * wide, 2.6 * -(-len(curves) // wide)), layout="constrained")
    axes = None
    for place, curve in enumerate(curves):
        # One scale for all, so that a gain of half a percent looks like one.
        axes = figure.add_subplot(-(-len(curves) // wide), wide, place + 1, sharey=axes)
        bands = [_interval(curve.personal[:, column]) for column in range(len(curve.counts))]
        axes.axhline(float(curve.base.mean()), color=ORANGE, linestyle="--", label="base")
        axes.plot(curve.counts, [band.value for band in bands], color=BLUE, marker="o", label="personal")
        axes.fill_between(curve.counts, [b.low for b in bands], [b.high for b in bands], color=BLUE, alpha=0.2)
        axes.set_xscale("log")
        axes.set_xticks(curve.counts, [str(count) for count in curve.counts])
        axes.minorticks_off()
        axes.set_title(curve.person + (" *" if curve.known else ""), loc="left", fontsize=10)
        if place == 0:
            axes.legend(frameon=False)
    figure.supxlabel("photos that were given stars")
    figure.supylabel("held-out pairs in the person's order")
    try:
        figure.savefig(output / "personal.png", dpi=110)
    except OSError as error:
        raise KnownError(f"{output}: the plot cannot be written ({error.strerror}).", "Make room.") from error


# -- what the gain is made of ----------------------------------------------------------------------------------------


def _without_attributes(
    worlds: list[World], everyone: list[Person], recipe: PersonalRecipe, settings: PersonalStudySettings
) -> tuple[Any, str]:
    """The same on the networks' vectors alone."""
    blind = [
        dataclasses.replace(
            world,
            design=Design(
                world.design.base, {**world.design.parts, "attribute": 0.0 * world.design.parts["attribute"]}
            ),
        )
        for world in worlds
    ]
    curves = _curves(blind, [one for one in everyone if one.votes is None], _by_stars, recipe, settings)
    return curves, _curve_table(curves)


def _crossed(
    worlds: list[World], everyone: list[Person], recipe: PersonalRecipe, settings: PersonalStudySettings
) -> tuple[Any, str]:
    """Whether a panel's model suits that panel better than the others do, or only knows the new photos better."""
    real = [one for one in everyone if one.votes is not None]
    gains: dict[tuple[str, str], list[float]] = defaultdict(list)
    for learner, (world, seed) in itertools.product(real, list(itertools.product(worlds, range(settings.seeds)))):
        rows, held = _split(world, learner, seed)
        judged = _by_stars(learner, rows, len(rows), np.random.default_rng([seed, len(rows)]))
        liking = _liking(world.design, judged, recipe)
        for judge in real:
            seen = held[np.isfinite(judge.truth[held])]
            before, after = (pair_accuracy(s[seen], judge.truth[seen]) for s in (world.design.base, liking))
            gains[learner.name, judge.name].append(after - before)
    table = markdown(
        ["learned from 200 stars of", *[judge.name for judge in real]],
        [[one.name, *[_gain(gains[one.name, two.name]) for two in real]] for one in real],
    )
    return {" / ".join(key): values for key, values in gains.items()}, table


def _gain(values: list[float]) -> str:
    found = _interval(np.asarray(values))
    return f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


def _asked(
    worlds: list[World], everyone: list[Person], recipe: PersonalRecipe, settings: PersonalStudySettings
) -> tuple[Any, str]:
    """Answers to the most telling pairs against answers to random ones."""
    counts = ASKED_COUNTS
    results: dict[str, Any] = {}
    rows_out = []
    for person in [one for one in everyone if one.votes is None]:
        by_chance: list[list[float]] = []
        chosen: list[list[float]] = []
        for world, seed in itertools.product(worlds, range(max(1, settings.seeds // 2))):
            rows, held = _split(world, person, seed)
            for line, ask in ((by_chance, _ask_by_chance), (chosen, _ask_telling)):
                generator = np.random.default_rng([seed, 7])
                judged = ask(world, rows, person, max(counts), recipe, generator)
                line.append(
                    [
                        pair_accuracy(_liking(world.design, _first(judged, count), recipe)[held], person.truth[held])
                        for count in counts
                    ]
                )
        results[person.name] = {"by chance": by_chance, "chosen": chosen}
        one, two = np.asarray(by_chance), np.asarray(chosen)
        rows_out.append([person.name, *[_versus(one[:, place], two[:, place]) for place in range(len(counts))]])
        say(f"  {person.name}: {one.mean(axis=0).round(3)} by chance, {two.mean(axis=0).round(3)} chosen")
    return results, markdown(["taste", *[f"{count} pairs: chance → chosen" for count in counts]], rows_out)


def _versus(one: Floats, two: Floats) -> str:
    return f"{one.mean():.3f} → {two.mean():.3f} ({_gain(list(two - one))})"


def _first(judgements: Judgements, count: int) -> Judgements:
    return dataclasses.replace(judgements, preferences=judgements.preferences[:count])


def _ask_by_chance(
    world: World, rows: Rows, person: Person, count: int, recipe: PersonalRecipe, generator: np.random.Generator
) -> Judgements:
    del world, recipe
    return _by_pairs(person, rows, count, generator)


def _ask_telling(
    world: World, rows: Rows, person: Person, count: int, recipe: PersonalRecipe, generator: np.random.Generator
) -> Judgements:
    """As the Teach panel asks: a few at a time, each time with what was answered by then."""
    design = world.design.take(rows)
    inputs = np.concatenate([design.base[:, None], *design.parts.values()], axis=1)
    place = {int(row): number for number, row in enumerate(rows)}
    judged = people.judge_pairs(person, np.zeros((0, 2), dtype=np.int64), generator)
    while len(judged.preferences) < count:
        evidence = gather(judged, [people.content(row) for row in range(len(world.design))])
        wins = np.zeros((len(rows), len(rows)))
        at = [place[int.from_bytes(one, "big")] for one in evidence.hashes]
        wins[np.ix_(at, at)] = evidence.wins
        taste = fit(design, wins, recipe.learning)
        members = {"base": design.base, "liking": taste.liking(design)}
        drawn = taste.draws(design, recipe.learning.draws, generator)
        members |= {f"draw {number}": draw for number, draw in enumerate(drawn)}
        known = [(place[pair.better.photo_id], place[pair.worse.photo_id]) for pair in judged.preferences]
        found = most_informative_pairs(ASKED_AT_ONCE, members, np.arange(len(rows)), inputs=inputs, asked=known)
        pairs = rows[np.asarray([[one.first, one.second] for one in found])]
        answers = people.judge_pairs(person, pairs, generator)
        judged = dataclasses.replace(judged, preferences=(*judged.preferences, *answers.preferences))
    return judged


# -- the gate --------------------------------------------------------------------------------------------------------


def _verdict(world: World, judgements: Judgements, recipe: PersonalRecipe, seed: int) -> tuple[GateVerdict, float]:
    """The gate's verdict as the command ``ratings`` would reach it, and the seconds it took with the learning."""
    mine = world.features.take(world.rows)
    evidence = gather(judgements, mine.hashes, recipe.learning.rating_weight)
    result = learn(
        evidence, mine, np.arange(len(evidence.hashes)), learning=recipe.learning, gate=recipe.gate, seed=seed
    )
    return result.verdict, result.seconds


def _random_gate(
    worlds: list[World], everyone: list[Person], recipe: PersonalRecipe, settings: PersonalStudySettings
) -> tuple[Any, str]:
    del everyone
    rows_out, results = [], {}
    for name, make in (("stars", _by_stars), ("picks and rejects", _by_flags), ("pairs", _by_pairs)):
        line = []
        for count in GATE_COUNTS:
            passed = 0
            for run in range(settings.gate_runs):
                world = worlds[run % len(worlds)]
                generator = np.random.default_rng([run, count, 11])
                judged = make(people.RandomPerson(), generator.permutation(world.rows), count, generator)
                passed += _verdict(world, judged, recipe, run)[0].passed
            line.append(settings.gate_runs - passed)
            say(f"  {count} {name}: {line[-1]} of {settings.gate_runs} refused")
        results[name] = line
        rows_out.append([name, *[f"{refused} of {settings.gate_runs}" for refused in line]])
    return results, markdown(["random", *[f"{count} judgements" for count in GATE_COUNTS]], rows_out)


def _power(
    worlds: list[World], everyone: list[Person], recipe: PersonalRecipe, settings: PersonalStudySettings
) -> tuple[Any, str]:
    rows_out, results = [], {}
    for person in everyone:
        line = []
        for count in GATE_COUNTS:
            runs = [
                _verdict(
                    worlds[run % len(worlds)],
                    _by_stars(
                        person,
                        _seen(worlds[run % len(worlds)], person, run),
                        count,
                        np.random.default_rng([run, count]),
                    ),
                    recipe,
                    run,
                )[0]
                for run in range(settings.power_runs)
            ]
            line.append(
                {"installed": sum(v.passed for v in runs), "gain": float(np.mean([v.gain.value for v in runs]))}
            )
        results[person.name] = line
        rows_out.append(
            [person.name, *[f"{one['installed']} of {settings.power_runs} ({one['gain']:+.3f})" for one in line]]
        )
        say(f"  {person.name}: {rows_out[-1][1:]}")
    heading = ["person", *[f"{count} stars: installed (mean held-out gain)" for count in GATE_COUNTS]]
    return results, markdown(heading, rows_out)


def _seen(world: World, person: Person, seed: int) -> Rows:
    rows = world.rows[np.isfinite(person.truth[world.rows])]
    return np.random.default_rng([seed, 3]).permutation(rows)


def _time(
    worlds: list[World], everyone: list[Person], recipe: PersonalRecipe, settings: PersonalStudySettings
) -> tuple[Any, str]:
    del settings
    taken: dict[str, list[float]] = defaultdict(list)
    person = everyone[-1]
    kinds: tuple[tuple[str, Make], ...] = ((f"{TIMED} stars", _by_stars), (f"{TIMED} pairs", _by_pairs))
    for (name, make), run in itertools.product(kinds, range(3)):
        judged = make(person, _seen(worlds[run], person, run), TIMED, np.random.default_rng(run))
        begun = time.perf_counter()
        _verdict(worlds[run], judged, recipe, run)
        taken[name].append(time.perf_counter() - begun)
    rows_out = [[name, f"{np.median(values):.1f} s"] for name, values in taken.items()]
    return taken, markdown(["judgements", "median of 3"], rows_out)
