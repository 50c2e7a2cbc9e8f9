"""Makes a miniature AVA in AVA's exact files, with series in FGAesthetics' files and small untrained networks.

    python packaging/miniature_ava.py --lists ../shared/data/ava_lists --photos-from ../shared/data/sophoappeal \\
        --output build/miniature-ava

AVA, FGAesthetics and the weights of CLIP and BERT cannot be shipped. This makes files of the same names and the same
form, so that every command of the trainer can be tried in minutes. What they hold is made, and ``MADE.txt`` says so:

    AVA.txt  images/  generic_*.jpgl  AVA_Comments_Full.txt    ids of AVA's lists; other photos, votes and words
    series/                                                    photos made worse in known steps, and why, in words
    bert/  clip.safetensors                                    networks of random numbers

Some photos are missing and some are damaged, as in every copy of AVA. The words follow the votes in part: about half
of the sentences say what people thought of the photo, the others say nothing of it.
"""

from __future__ import annotations

import argparse
import csv
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from aesthetic_studio.errors import KnownError
from trainer.data.ava import AVA_FILE
from trainer.data.degrade import Fault, series_of
from trainer.data.files import MADE_FILE, read_table
from trainer.miniature import (
    COMMENTS_FILE,
    MadePhoto,
    counts_of_stars,
    made_counts,
    split_lists,
    stripes,
    tiny_clip_config,
    write_ava,
    write_bert,
    write_clip,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trainer.data.degrade import DegradedSeries

SIDE = 96
TEST_SHARE = 0.2
FAULTY = 2
"""Photos that are missing, and as many whose file holds no picture."""

TONES = (
    ("This one is dull and flat", "Too dark, too soft", "I do not like the framing", "Nothing here holds my eye"),
    ("A decent picture", "Fine, but I have seen it before", "It is all right", "Good idea, average light"),
    ("What a wonderful picture", "Superb light", "I love this one", "A strong composition, my favourite"),
)
"""Said of the worst, the middle and the best third."""
NEUTRAL = ("Taken at the sea, I think", "Which lens was this", "Entry #3 of the challenge", "I was there last year")
SILENT, EMPTY, MOST_SAID = 0.15, 0.03, 4

BETTER = {
    Fault.BLUR: "it is in focus and the other photo is not",
    Fault.MOTION: "it is steady and the other photo is smeared",
    Fault.EXPOSURE: "its light is right and the other photo is too bright or too dark",
    Fault.NOISE: "it is clean and the other photo has grain",
    Fault.TILT: "its horizon is level and the other photo leans",
    Fault.CROP: "it shows the whole scene and the other photo cuts it off",
    Fault.COMPRESSION: "its tones are smooth and the other photo has blocks",
}
PROBABILITIES = (0.7, 0.85, 0.95)
"""How many would prefer the better frame, one, two and three steps apart: made."""

Photo = tuple[Image.Image, tuple[int, ...]]


def main(arguments: Sequence[str] | None = None) -> int:
    parsed = parser().parse_args(arguments)
    try:
        make(parsed)
    except (KnownError, OSError) as error:
        print(f"miniature_ava: {error}", file=sys.stderr)
        return 1
    print(f"{parsed.output}: {parsed.photos} photos, {parsed.series} series, a small BERT and a small CLIP; all made")
    return 0


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(description="Make a miniature AVA in AVA's exact files.")
    whole.add_argument("--lists", type=Path, metavar="FOLDER", help="AVA's official lists; ids are made without them")
    whole.add_argument("--photos-from", type=Path, metavar="FOLDER", help="real tiles with their votes (ratings.csv)")
    whole.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="made anew if it is a miniature")
    whole.add_argument("--photos", type=int, default=300, metavar="N", help="300 if not given")
    whole.add_argument("--series", type=int, default=40, metavar="N", help="40 if not given")
    whole.add_argument("--seed", type=int, default=0)
    return whole


def make(parsed: argparse.Namespace) -> None:
    """Write everything. Raises ``KnownError``, ``OSError``."""
    output, generator = parsed.output, np.random.default_rng(parsed.seed)
    if parsed.photos < 20 or parsed.series < 10:
        raise KnownError("A miniature has 20 photos and 10 series at least.", "")
    tests = round(TEST_SHARE * parsed.photos)
    test, train = ids(parsed.lists, tests, parsed.photos - tests)
    photos = list(
        rendered(parsed.photos, generator)
        if parsed.photos_from is None
        else tiles(parsed.photos_from, parsed.photos, generator)
    )
    _begin(output)
    names = [*test, *train]
    order = generator.permutation(len(names))
    write_ava(
        output,
        ((names[row], photo) for row, photo in zip(order, said(photos, generator), strict=True)),
        split_lists(test, train),
        missing=(test[0], train[0]),
        broken=(test[1], train[1]),
        quality=95,
    )
    truncated = output / "images" / f"{train[2]}.jpg"
    truncated.write_bytes(truncated.read_bytes()[: truncated.stat().st_size // 2])
    with (output / COMMENTS_FILE).open("a", encoding="utf-8") as stream:
        stream.write("9999#no id#Lines like this one are in the real file too\n")
    write_made_series(output / "series", photos[: parsed.series], parsed.seed)
    write_bert(output / "bert", vocabulary())
    write_clip(output / "clip.safetensors", tiny_clip_config())
    (output / MADE_FILE).write_text(made(parsed, len(test), len(train)), encoding="utf-8")
    for name in ("series", "bert"):
        (output / name / MADE_FILE).write_text(
            "Made by packaging/miniature_ava.py; see ../MADE.txt.\n", encoding="utf-8"
        )


def ids(lists: Path | None, tests: int, trains: int) -> tuple[list[str], list[str]]:
    """Ids of the official lists, or made ones."""
    if lists is None:
        made_ids = [str(900_000 + 7 * number) for number in range(tests + trains)]
        return made_ids[:tests], made_ids[tests:]
    found = []
    for name, count in (("generic_test.jpgl", tests), ("generic_ls_train.jpgl", trains)):
        listed = (lists / name).read_text(encoding="utf-8").split()
        if len(listed) < count:
            raise KnownError(f"{lists / name}: there are {len(listed)} ids here and {count} are needed.", "")
        found.append(listed[:count])
    return found[0], found[1]


def rendered(count: int, generator: np.random.Generator) -> Iterator[Photo]:
    """Stripes, liked the better the busier they are."""
    for _ in range(count):
        liking = float(generator.uniform())
        yield stripes(liking, SIDE, generator), made_counts(liking, generator)


def tiles(folder: Path, count: int, generator: np.random.Generator) -> Iterator[Photo]:
    """Real photos with their real votes, drawn from a table of stars."""
    rows = read_table(folder / "ratings.csv", "A table of stars1…stars5 is needed.")
    if len(rows) < count:
        raise KnownError(f"{folder}: there are {len(rows)} photos here and {count} are wanted.", "")
    for number in generator.permutation(len(rows))[:count]:
        row = rows[number]
        path = next(place for place in (folder / row["file"], folder / "images" / row["file"]) if place.is_file())
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
        yield picture, counts_of_stars(np.asarray([float(row[f"stars{k}"]) for k in range(1, 6)]))


def said(photos: Sequence[Photo], generator: np.random.Generator) -> Iterator[MadePhoto]:
    """Photos with sentences of which some follow their votes."""
    means = np.asarray([np.average(np.arange(1, 11), weights=counts) for _, counts in photos])
    thirds = (means.argsort().argsort() * len(TONES)) // len(photos)
    for (picture, counts), third in zip(photos, thirds, strict=True):
        comments: tuple[str, ...] | None = None
        if generator.uniform() >= SILENT:
            number = 0 if generator.uniform() < EMPTY else int(generator.integers(1, MOST_SAID + 1))
            pools = [TONES[third] if generator.uniform() < 0.5 else NEUTRAL for _ in range(number)]
            comments = tuple(str(generator.choice(pool)) for pool in pools)
        yield MadePhoto(picture, counts, comments)


def vocabulary() -> list[str]:
    sentences = [*NEUTRAL, *(sentence for tone in TONES for sentence in tone)]
    return [word for sentence in sentences for word in re.findall(r"\w+|[^\w\s]", sentence.lower())]


def write_made_series(folder: Path, photos: Sequence[Photo], seed: int) -> None:
    """One fault a photo, in turn, as FGAesthetics' label files; 8 : 1 : 1 of the series to each split."""
    faults = tuple(Fault)
    labels: dict[str, list[str]] = {}
    reasons: list[tuple[str, str, str]] = []
    for number, (picture, _) in enumerate(photos):
        fault = faults[number % len(faults)]
        one = next(series_of([(str(number), picture)], (fault,), seed=seed + number))
        category = "cropping" if fault is Fault.CROP else "natural"
        split = {8: "val", 9: "test"}.get(number % 10, "train")
        rows, why = _write_one(folder / "images" / category / str(number), one, number, seed)
        labels.setdefault(f"{category}_{split}", []).extend(rows)
        reasons += why
    (folder / "label").mkdir()
    for name, rows in sorted(labels.items()):
        (folder / "label" / f"{name}.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    with (folder / "comparisons.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerows([("better", "reference", "text"), *reasons])


def _write_one(
    place: Path, one: DegradedSeries, number: int, seed: int
) -> tuple[list[str], list[tuple[str, str, str]]]:
    """A series' frames under shuffled numbers; its label rows, and why the better frame of each pair is better."""
    generator = np.random.default_rng([seed, number])
    index = generator.permutation(len(one))
    place.mkdir(parents=True)
    for step, frame in enumerate(one.frames):
        frame.save(place / f"{index[step]}.png")
    rows, why = [], []
    name = f"{place.parent.name}/{place.name}"
    for better in range(len(one)):
        for worse in range(better + 1, len(one)):
            chance = PROBABILITIES[worse - better - 1]
            a, b = (better, worse) if generator.uniform() < 0.5 else (worse, better)
            rows.append(f"{number} {index[a]} {index[b]} {chance if a == better else 1 - chance:.2f} {-a} {-b}")
            why.append((f"{name}/{index[better]}", f"{name}/{index[worse]}", BETTER[one.fault]))
    return rows, why


def made(parsed: argparse.Namespace, tests: int, trains: int) -> str:
    whose = (
        "stripes with made votes"
        if parsed.photos_from is None
        else f"tiles of {parsed.photos_from.name} with their own votes, each star counted as two votes"
    )
    return (
        f"Made by packaging/miniature_ava.py (seed {parsed.seed}). This is not AVA, and no figure reached on it says "
        f"anything of AVA.\n\n"
        f"ids: {'of the official lists' if parsed.lists else 'made'}, {tests} test and {trains} others\n"
        f"photos: {whose}; {FAULTY} are missing, {FAULTY} hold no picture and one is cut off half-way\n"
        "comments: made sentences, about half of which follow the votes\n"
        "series: the photos made worse in known steps, in FGAesthetics' label files; their probabilities are made\n"
        "bert, clip.safetensors: untrained networks of random numbers\n"
    )


def _begin(output: Path) -> None:
    """An empty folder; what is there already is removed only where it is a miniature."""
    if output.exists() and any(output.iterdir()):
        if not (output / MADE_FILE).is_file() or not (output / AVA_FILE).is_file():
            raise KnownError(f"{output}: this folder holds something else.", "Name another --output.")
        shutil.rmtree(output)
    output.mkdir(parents=True, exist_ok=True)


if __name__ == "__main__":
    sys.exit(main())
