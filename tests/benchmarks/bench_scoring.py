"""Scoring an indexed library against the bare model on tensors that are ready; and what the embedded model weighs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from measure import Result, interleaved, sample_album, scratch

if TYPE_CHECKING:
    from aesthetic_studio.models.protocol import AestheticModel
    from aesthetic_studio.pipeline.scorer import Scorer
    from aesthetic_studio.records import PhotoFacts

SHARE, RATE, WEIGHT = "scoring / bare model", "embedded model, from previews", "embedded model, file size"
START = "embedded model, first score once torch is there"
START_SCRIPT = """
import time
import torch
begun = time.perf_counter()
from aesthetic_studio.models import registry
model = registry.load_model(registry.default_model(), "cpu")
side = model.card.input_size
model.score(model.encode(torch.zeros(1, 3, side, side, dtype=torch.uint8)))
print(time.perf_counter() - begun)
"""


def measure(*, quick: bool = False) -> list[Result]:
    """Score a fresh copy of the same library each round, in this process, between two runs of the bare model."""
    from aesthetic_studio.models import registry
    from aesthetic_studio.pipeline.scorer import Scorer

    card = registry.find_card(registry.default_model())
    cores = _keep_two_cores()
    scorer = Scorer(card.name, "cpu")
    photos = 192 if quick else 384
    with scratch() as temporary:
        library = _library(Path(temporary), photos)
        rounds = iter(range(1000))

        def whole() -> float:
            return _score(library, Path(temporary) / f"copy-{next(rounds)}", scorer, photos)

        def bare() -> float:
            return _bare(library, scorer, photos)

        bare(), whole()
        a, b = interleaved(whole, bare, 2 if quick else 5)
    shares = sorted(bare_s / whole_s for whole_s, bare_s in zip(a, b, strict=True))
    share = shares[len(shares) // 2]
    rate = photos / sorted(a)[len(a) // 2]
    detail = (
        f"{rate:.0f} against {photos / sorted(b)[len(b) // 2]:.0f} photos/s, rounds {shares[0]:.2f}–{shares[-1]:.2f}"
    )
    return [
        Result(SHARE, share, 0.85, at_most=False, detail=f"{photos} photos on {cores} cores; {detail}"),
        Result(RATE, rate, 50, at_most=False, unit="photos/s", detail=f"{card.name} {card.version} on {cores} cores"),
        Result(WEIGHT, card.size_bytes / 1e6, 10, unit="MB", detail=card.file),
        Result(START, _start(2 if quick else 5), 1, unit="s", detail="in a fresh process, the median of several"),
    ]


def _start(rounds: int) -> float:
    """Seconds from an imported torch to the first score."""
    found = [
        float(subprocess.run([sys.executable, "-c", START_SCRIPT], check=True, capture_output=True, text=True).stdout)
        for _ in range(rounds)
    ]
    return sorted(found)[len(found) // 2]


def _keep_two_cores() -> int:
    """The programme's numbers are for two cores: more are not used, even where there are more."""
    import torch

    cores = min(2, os.cpu_count() or 1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    torch.set_num_threads(cores)
    return cores


def _library(folder: Path, photos: int) -> Path:
    """A library of ``photos`` photos: real previews of the sample album, each stored under several contents."""
    from aesthetic_studio.imaging.decode import read_facts
    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.records import PhotoFile

    album = sample_album()
    facts: list[PhotoFacts] = [read_facts(str(path)) for path in sorted(album.rglob("*.jpg"))]
    library = folder / "library.sqlite"
    with Catalogue.open(library) as catalogue, catalogue.transaction():
        for number in range(photos):
            file = PhotoFile(str(folder / "photos"), f"{number:06d}.jpg", 1000, number)
            catalogue.store_facts(file, replace(facts[number % len(facts)], content_hash=number.to_bytes(16, "big")))
    return library


def _score(library: Path, copy: Path, scorer: Scorer, photos: int) -> float:
    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.pipeline.scoring import score_library

    copy.mkdir()
    for path in library.parent.glob("library*.sqlite*"):
        shutil.copyfile(path, copy / path.name)
    with Catalogue.open(copy / library.name) as catalogue:
        started = time.perf_counter()
        report = score_library(catalogue, scorer)
        seconds = time.perf_counter() - started
    shutil.rmtree(copy)
    if report.scored != photos:
        raise SystemExit(f"only {report.scored} of {photos} photos were scored")
    return seconds


def _bare(library: Path, scorer: Scorer, photos: int) -> float:
    """The model alone, on as many photos, in batches of the same size."""
    import numpy as np
    import torch

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.models.inputs import load_input

    model = _model(scorer.model_name)
    with Catalogue.open(library) as catalogue:
        previews = list(catalogue.previews(range(1, scorer.batch_size + 1)).values())
    ready = torch.from_numpy(np.stack([load_input(preview, model.card) for preview in previews]))
    started = time.perf_counter()
    with torch.inference_mode():
        for first in range(0, photos, len(ready)):
            model.score(model.encode(ready[: min(len(ready), photos - first)]))
    return time.perf_counter() - started


@cache
def _model(name: str) -> AestheticModel:
    """The bare model, loaded once."""
    from aesthetic_studio.models import registry

    return registry.load_model(name, "cpu")
