"""``models``: list what is installed, see what can be fetched, and fetch, add, use or remove a model."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

from aesthetic_studio.cli.output import print_json, print_lines, print_table
from aesthetic_studio.cli.stop import Stop
from aesthetic_studio.errors import WrongUsage

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from aesthetic_studio.models.card import Interval, ModelCard
    from aesthetic_studio.models.offers import Offer


def models(arguments: argparse.Namespace) -> int:
    """``models [list | available | show NAME | fetch NAME | add PATH | use NAME | remove NAME]``."""
    action: str = arguments.action
    needs_what = action in {"show", "fetch", "add", "use", "remove"}
    if needs_what and not arguments.what:
        raise WrongUsage(f"models {action}: what?", _EXAMPLES[action])
    if not needs_what and arguments.what:
        raise WrongUsage(f"models {action} takes no {arguments.what!r}.", "")
    return _ACTIONS[action](arguments)


def _list(arguments: argparse.Namespace) -> int:
    from aesthetic_studio.models import registry

    cards = registry.installed_models()
    default = registry.default_model()
    if arguments.json:
        print_json([_card_object(card, default) for card in cards])
    elif cards:
        header = ("", "name", "version", "licence", "size", "SRCC", "PLCC", "measured on", "what it is")
        print_table(header, [_card_row(card, default) for card in cards])
        missing = {part: card.name for card in cards for part in registry.missing_parts(card)}
        print_lines([f"{name} needs {part}: aesthetic-studio models fetch {part}" for part, name in missing.items()])
    else:
        print_lines(["No model is installed. Install the program again: it ships with one."])
    return 0


def _show(arguments: argparse.Namespace) -> int:
    """A model's whole card: in words for a photographer, with the figures for a researcher."""
    from aesthetic_studio.models import registry

    card = registry.find_card(arguments.what)
    if arguments.json:
        print_json({**_card_object(card, registry.default_model()), **_card_details(card)})
        return 0
    facts = [f"{card.parameters / 1e6:.1f} million parameters", f"{card.size_bytes / 1e6:.1f} MB", card.licence]
    print_lines([f"{card.title} ({card.name} {card.version}): {', '.join(facts)}", "", card.summary, ""])
    if card.speed:
        print_lines([f"Speed: {card.speed}", ""])
    print_lines(["What it must not be used for, and what it cannot do:", *(f"- {limit}" for limit in card.limits), ""])
    print_lines(["What it learned from:"])
    # A teacher showed no photos of its own.
    learned = [(str(part.photos or "–"), part.name, part.used_for, part.licence) for part in card.training_data]
    print_table(("photos", "data", "used for", "licence"), learned, right=frozenset({0}))
    print_lines(["", "How well it judged photos that it had not learned from, with 95 % intervals:"])
    measures = list(dict.fromkeys(name for each in card.held_out for name in each.metrics))
    rows = [
        (each.subject, each.protocol, str(each.photos), *(_interval(each.metrics.get(name)) for name in measures))
        for each in card.held_out
    ]
    print_table(("judge", "held out", "photos", *measures), rows, right=frozenset({2}))
    return 0


def _interval(found: Interval | None) -> str:
    return "–" if found is None else f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _available(arguments: argparse.Namespace) -> int:
    from aesthetic_studio.models import installing
    from aesthetic_studio.models.offers import offers

    found = [(offer, installing.is_installed(offer)) for offer in offers()]
    if arguments.json:
        print_json(
            [
                {
                    "name": offer.name,
                    "title": offer.title,
                    "kind": offer.kind.value,
                    "licence": offer.licence or None,
                    "source": offer.source,
                    "needs": list(offer.needs),
                    "installed": there,
                }
                for offer, there in found
            ]
        )
        return 0
    rows = [
        (offer.name, offer.kind.value, offer.licence or "none stated", "yes" if there else "", offer.title)
        for offer, there in found
    ]
    print_table(("name", "kind", "licence", "installed", "what it is"), rows)
    print_lines(["Any other open_clip image tower can be fetched as NAME:PRETRAINED. Nothing is fetched unasked."])
    return 0


def _fetch(arguments: argparse.Namespace) -> int:
    from aesthetic_studio.models import installing

    bar = _Bytes()
    with Stop().listening() as stop:
        try:
            installed = installing.fetch(arguments.what, agree=_asker(yes=arguments.yes), report=bar, should_stop=stop)
        finally:
            bar.close()
    if not installed:
        print_lines([f"{arguments.what} is installed already."])
    print_lines([f"{each.name}: {each.what} installed." for each in installed])
    return 0


def _add(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from aesthetic_studio.models import installing, registry

    installed = installing.add(Path(arguments.what), name=arguments.name, tower=arguments.tower)
    print_lines([f"{installed.name}: {installed.what} installed."])
    if installed.what == "model":
        missing = registry.missing_parts(registry.find_card(installed.name))
        fetch = "aesthetic-studio models fetch"
        print_lines([f"It needs {part}: {fetch} {part}, or models add with its folder" for part in missing])
    return 0


def _use(arguments: argparse.Namespace) -> int:
    from aesthetic_studio.models import registry

    registry.set_default_model(arguments.what)
    print_lines([f"{arguments.what} scores from now on where no other is named."])
    return 0


def _remove(arguments: argparse.Namespace) -> int:
    from aesthetic_studio.models import installing

    folder = installing.remove(arguments.what)
    print_lines([f"{arguments.what} is in the trash. It lay in {folder}"])
    return 0


def _asker(*, yes: bool) -> Callable[[Offer], bool]:
    """Say what is about to be fetched; ask where its authors state no licence."""

    def agree(offer: Offer) -> bool:
        sys.stderr.write(f"{offer.name}: {offer.title}\n  from {offer.source}\n")
        if offer.licence:
            sys.stderr.write(f"  licence: {offer.licence}\n")
            return True
        sys.stderr.write("  licence: none stated, so all rights stay with its authors.\n")
        if yes:
            return True
        if not sys.stdin.isatty():
            raise WrongUsage(f"{offer.name} states no licence.", "If you may use it, say so with --yes.")
        sys.stderr.write("  Fetch it for your own use? [y/N] ")
        sys.stderr.flush()
        return sys.stdin.readline().strip().lower() in {"y", "yes"}

    return agree


class _Bytes:
    """A bar for each file on a terminal, nothing elsewhere."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._name = ""

    def __call__(self, name: str, done: int, total: int | None) -> None:
        if not sys.stderr.isatty():
            return
        if name != self._name:
            from tqdm import tqdm

            self.close()
            self._name = name
            self._bar = tqdm(desc=name, unit="B", unit_scale=True, file=sys.stderr, dynamic_ncols=True)
        self._bar.total = total
        self._bar.n = done
        self._bar.refresh()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _card_object(card: ModelCard, default: str) -> dict[str, Any]:
    from aesthetic_studio.models import registry

    headline = card.headline
    return {
        "name": card.name,
        "version": card.version,
        "title": card.title,
        "kind": card.kind,
        "default": card.name == default,
        "licence": card.licence,
        "size_bytes": card.size_bytes,
        "parameters": card.parameters,
        "input_size": card.input_size,
        "score_range": list(card.score_range),
        "held_out": None
        if headline is None
        else {
            "set": headline.set,
            "protocol": headline.protocol,
            **{name: interval.value for name, interval in headline.metrics.items()},
        },
        "needs": registry.missing_parts(card),
        "limits": list(card.limits),
        "folder": str(card.folder),
    }


def _card_details(card: ModelCard) -> dict[str, Any]:
    return {
        "summary": card.summary,
        "speed": card.speed,
        "training_data": [dataclasses.asdict(part) for part in card.training_data],
        "judged": [dataclasses.asdict(part) for part in card.held_out],
        "reference": list(card.reference),
        "reference_photos": card.reference_photos,
    }


def _card_row(card: ModelCard, default: str) -> tuple[str, ...]:
    headline = card.headline
    metrics = {} if headline is None else {name: each.value for name, each in headline.metrics.items()}
    measured = "" if headline is None else f"{headline.set}, {headline.protocol}"
    return (
        "*" if card.name == default else "",
        card.name,
        card.version,
        card.licence,
        f"{card.size_bytes / 1e6:.1f} MB",
        f"{metrics['srcc']:.3f}" if "srcc" in metrics else "–",
        f"{metrics['plcc']:.3f}" if "plcc" in metrics else "–",
        measured,
        card.title,
    )


_ACTIONS: dict[str, Callable[[argparse.Namespace], int]] = {
    "list": _list,
    "available": _available,
    "show": _show,
    "fetch": _fetch,
    "add": _add,
    "use": _use,
    "remove": _remove,
}
_EXAMPLES = {
    "show": "Name an installed model: aesthetic-studio models show embedded",
    "fetch": "For example: aesthetic-studio models fetch laion. `models available` lists what there is.",
    "add": "Name a model's folder or file: aesthetic-studio models add RUN/model",
    "use": "Name an installed model: aesthetic-studio models use embedded",
    "remove": "Name an installed model: aesthetic-studio models remove laion",
}
