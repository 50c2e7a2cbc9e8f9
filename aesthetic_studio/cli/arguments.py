"""What can be typed: the commands with their options, and their help."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from aesthetic_studio import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PROGRAM = "aesthetic-studio"

EXIT_CODES = (
    "exit codes: 0 done · 1 done, some files could not be read · 2 wrong usage or something in the way · "
    "3 a fault of the program · 130 interrupted"
)

DESCRIPTIONS = {
    "index": "Read new and changed photos of these folders into the library.",
    "score": "Score what is indexed and not scored yet.",
    "faces": "Look for faces in what is indexed, and list photos with faces and closed eyes.",
    "rank": "Index and score what is missing, then list the photos, best first. One burst takes one place.",
    "bursts": "List bursts, brackets, panoramas and focus stacks, the best frame of each first.",
    "albums": "List the smart albums that were saved in the window, with how many photos each holds.",
    "cull": "Say which photos to keep when only so many may stay, and why: best first, one a burst, no scene "
    "floods. Nothing is changed without --apply.",
    "decide": "Give photos of the library stars, a flag or a label, as one step that can be undone.",
    "burst": "Group photos as one burst, split or take apart a burst, take frames out of it, or choose its best frame.",
    "compare": "Say how photos of the library differ from the first of them: score and measurements.",
    "undo": "Take the last step back that was decided about photos, in the window or here.",
    "redo": "Do the step again that was taken back last.",
    "verdicts": "List every decision in the library: stars, flag, label and choice of each photo, with its path, size "
    "and content hash (BLAKE2b, 128 bits). As JSON or CSV other programs read it.",
    "find": "List the photos of the library that words describe, the best match first; needs a model made on CLIP.",
    "similar": "List the photos of the library that look most like one of them.",
    "duplicates": "List photos of the library that are nearly the same, group by group.",
    "contact-sheet": "Write an HTML page of the photos, best first, that any browser shows.",
    "sample": "Make an album of rendered photos to try everything on, or a whole shoot to cull.",
    "models": "List the installed models; show one's card; see what can be fetched; fetch, add, use or remove one.",
    "doctor": "Show versions, devices and the library's health, and what is missing and how to get it.",
}

BURST_ACTIONS = ("group", "split", "take-out", "apart", "best")
MODEL_ACTIONS = ("list", "available", "show", "fetch", "add", "use", "remove")

_TAKES_VALUE = {
    "--library",
    "--album",
    "--model",
    "--device",
    "--top",
    "--output",
    "--name",
    "--tower",
    "--keep",
    "--strictness",
    "--folder",
    "--photos",
    "--stars",
    "--flag",
    "--label",
}


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Understand the command line; help and wrong usage end the program here, as ``argparse`` does.

    The first word that is no option decides: a command's name, or else the first folder to open a window on. A folder
    that is called like a command is written ``./index``.
    """
    position = _first_word(argv)
    command = argv[position] if position is not None and argv[position] in DESCRIPTIONS else None
    if command is None or position is None:
        arguments = _window_parser().parse_args(argv)
        arguments.command = None
    else:
        arguments = _command_parser(command).parse_args([*argv[:position], *argv[position + 1 :]])
        arguments.command = command
    return arguments


def _first_word(argv: Sequence[str]) -> int | None:
    takes_value = False
    for position, word in enumerate(argv):
        if takes_value:
            takes_value = False
        elif word == "--":
            return None
        elif word.startswith("-") and word != "-":
            takes_value = word in _TAKES_VALUE
        else:
            return position
    return None


def _window_parser() -> argparse.ArgumentParser:
    listed = "\n".join(f"  {name:<14} {text}" for name, text in DESCRIPTIONS.items())
    parser = _parser(
        PROGRAM,
        "Open the window, on these folders or on the library as it is.",
        f"commands, without a window:\n{listed}\n\n`{PROGRAM} COMMAND --help` tells more.\n{EXIT_CODES}",
    )
    parser.usage = f"{PROGRAM} [options] [FOLDER ...]\n       {PROGRAM} COMMAND [options]"
    parser.add_argument("--version", action="version", version=f"Aesthetic Studio {__version__}")
    _add_folders(parser)
    _add_model(parser)
    return parser


def _command_parser(command: str) -> argparse.ArgumentParser:
    parser = _parser(f"{PROGRAM} {command}", DESCRIPTIONS[command], EXIT_CODES)
    _OPTIONS[command](parser)
    return parser


def _parser(name: str, description: str, epilog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=name,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--library", type=Path, metavar="FILE", help="the library to use (default: your own)")
    parser.add_argument("--temp-library", action="store_true", help="use an empty library and forget it afterwards")
    return parser


def _add_folders(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    parser.add_argument(
        "folders",
        nargs="+" if required else "*",
        metavar="FOLDER",
        help="folders of photos, with all that is below them" + ("" if required else " (default: all of the library)"),
    )


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="NAME", help="the model that scores; `models` lists them")
    parser.add_argument(
        "--device", default="auto", metavar="DEVICE", help="auto, cpu, cuda, cuda:N or mps (default: auto)"
    )


def _add_json(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def _index_options(parser: argparse.ArgumentParser) -> None:
    _add_folders(parser, required=True)
    _add_json(parser)


def _score_options(parser: argparse.ArgumentParser) -> None:
    _add_folders(parser)
    _add_model(parser)
    _add_json(parser)


def _faces_options(parser: argparse.ArgumentParser) -> None:
    _add_folders(parser)
    _add_json(parser)


def _rank_options(parser: argparse.ArgumentParser) -> None:
    _score_options(parser)
    parser.add_argument("--album", metavar="NAME", help="only the photos of this smart album; `albums` lists them")
    parser.add_argument("--top", type=_count, metavar="N", help="only the N best")
    parser.add_argument(
        "--all-frames", action="store_true", help="give every frame of a burst a place of its own, by score alone"
    )


def _cull_options(parser: argparse.ArgumentParser) -> None:
    from aesthetic_studio.cli.culling import target

    _score_options(parser)
    parser.add_argument(
        "--keep", type=target, required=True, metavar="N|SHARE%", help="how many to keep: 50, or 10%% of them"
    )
    parser.add_argument(
        "--strictness",
        choices=("lenient", "balanced", "strict"),
        default="balanced",
        help="lenient: by score alone; balanced: a scene's next photo has to be clearly better; strict: one a scene "
        "until every scene has one (default: balanced)",
    )
    parser.add_argument("--only-pick", action="store_true", help="with --apply: pick what stays, reject nothing")
    parser.add_argument("--apply", action="store_true", help="pick what stays and reject what goes, as one step")


def _verdicts_options(parser: argparse.ArgumentParser) -> None:
    form = parser.add_mutually_exclusive_group()
    _add_json(form)
    form.add_argument("--csv", action="store_true", help="print CSV, a line a photo under a line of names")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="write to FILE, which ends in .json or .csv and appears whole or not at all",
    )


def _find_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="+", metavar="WORDS", help="what the photos show, in English")
    parser.add_argument(
        "--folder", action="append", metavar="FOLDER", help="only photos of this folder (may be given again)"
    )
    _add_top(parser)


def _similar_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photo", metavar="PHOTO", help="a photo of the library")
    _add_top(parser)


def _duplicates_options(parser: argparse.ArgumentParser) -> None:
    _add_folders(parser)
    _add_json(parser)


def _add_top(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--top", type=_count, metavar="N", help="only the N best (default: 500)")
    _add_json(parser)


def _bursts_options(parser: argparse.ArgumentParser) -> None:
    _score_options(parser)
    taking = parser.add_argument_group("take the best, reject the rest")
    taking.add_argument(
        "--take-best", action="store_true", help="say which frame of each burst would be picked and which rejected"
    )
    taking.add_argument("--apply", action="store_true", help="do it, as one step that undo in the window takes back")
    taking.add_argument("--second", action="store_true", help="keep also a second frame that is nearly as good")
    taking.add_argument("--no-pick", action="store_true", help="only reject the rest; the best gets no flag")


def _sheet_options(parser: argparse.ArgumentParser) -> None:
    _add_folders(parser)
    _add_model(parser)
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="the HTML file to write")
    parser.add_argument("--top", type=_count, metavar="N", help="only the N best")


def _sample_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where to put it; it may exist")
    parser.add_argument(
        "--shoot", action="store_true", help="a day's work of 1,000 photos to cull, instead of the album"
    )
    parser.add_argument("--photos", type=_count, metavar="N", help="with --shoot: this many photos, 50 to 5,000")
    _add_json(parser)


def _add_photos(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help="photos of the library")
    _add_json(parser)


def _decide_options(parser: argparse.ArgumentParser) -> None:
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--stars", type=int, choices=range(6), metavar="N", help="0 to 5; 0 is unrated")
    chosen.add_argument("--flag", choices=("pick", "reject", "none"))
    chosen.add_argument("--label", choices=("red", "yellow", "green", "blue", "purple", "none"))
    _add_photos(parser)


def _burst_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=BURST_ACTIONS,
        help="group: these photos are one burst; split: this frame and those shot after it are a burst of their own; "
        "take-out: these frames stand alone; apart: all frames of their bursts do; best: this stands for its burst",
    )
    _add_photos(parser)


def _models_options(parser: argparse.ArgumentParser) -> None:
    parser.usage = (
        f"{PROGRAM} models [list | available] [--json]\n"
        f"       {PROGRAM} models show NAME [--json]\n"
        f"       {PROGRAM} models fetch NAME [--yes]\n"
        f"       {PROGRAM} models add PATH [--name NAME] [--tower NAME:PRETRAINED]\n"
        f"       {PROGRAM} models use NAME | remove NAME"
    )
    parser.add_argument("action", nargs="?", default="list", choices=MODEL_ACTIONS, help="what to do (default: list)")
    parser.add_argument("what", nargs="?", metavar="NAME or PATH", help="a model's name; for add, its folder or file")
    parser.add_argument("--yes", action="store_true", help="fetch even what states no licence, without asking")
    parser.add_argument("--name", metavar="NAME", help="what to call an added model")
    parser.add_argument("--tower", metavar="NAME:PRETRAINED", help="the added file holds this open_clip image tower")
    _add_json(parser)


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of photos")
    return count


_OPTIONS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "index": _index_options,
    "score": _score_options,
    "faces": _faces_options,
    "rank": _rank_options,
    "bursts": _bursts_options,
    "albums": _add_json,
    "cull": _cull_options,
    "decide": _decide_options,
    "burst": _burst_options,
    "compare": _add_photos,
    "undo": _add_json,
    "redo": _add_json,
    "verdicts": _verdicts_options,
    "find": _find_options,
    "similar": _similar_options,
    "duplicates": _duplicates_options,
    "contact-sheet": _sheet_options,
    "sample": _sample_options,
    "models": _models_options,
    "doctor": _add_json,
}
