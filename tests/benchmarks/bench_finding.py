"""Photos like one among 100,000, asked as the window asks; what the first question takes; and duplicates."""

# ruff: noqa: T201 - what it prints is read by its own other half

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from measure import Result, quiet_environment, scratch, timed

NAME = "photos like one, of 100,000"
BAR_MS = 50.0
MODELS = {256: ("embedded", "2"), 768: ("wide", "1")}
"""By the numbers in a look: the bundled model's, and as many as CLIP ViT-L/14's have."""
SCENES = 500
"""Photos of one made scene have looks that are somewhat alike, as real ones do."""
BATCH = 5000


def measure(*, quick: bool = False) -> list[Result]:
    """Make a library through the catalogue's own methods, then ask it in processes of their own, for their memory."""
    count = 20_000 if quick else 100_000
    with scratch() as temporary:
        library = Path(temporary) / "library.sqlite"
        _make(library, count)
        found = {width: _ask(library, width, Path(temporary) / "data", rounds=9 if quick else 25) for width in MODELS}
    said = "; ".join(_said(width, figures) for width, figures in found.items())
    twins = "".join(
        f"; duplicates among {asked:,} in {seconds:.0f} s"
        for each in found.values()
        for asked, seconds in each["twins"]
    )
    value = 1000 * statistics.median(found[min(MODELS)]["each"])
    return [Result(NAME, value, BAR_MS, unit="ms", detail=f"{count:,} photos; {said}{twins}")]


def _said(width: int, figures: dict[str, Any]) -> str:
    ms = sorted(1000 * seconds for seconds in figures["each"])
    return (
        f"looks of {width}: {statistics.median(ms):.0f} ms (rounds {ms[0]:.0f}–{ms[-1]:.0f}, "
        f"{1000 * figures['cpu']:.0f} ms of a core), after a decision "
        f"{1000 * statistics.median(figures['decided']):.0f} ms, first question {figures['first']:.1f} s, "
        f"{figures['held']:.0f} MB held then, {figures['peak']:.0f} MB at the most"
    )


def _ask(library: Path, width: int, data: Path, rounds: int) -> dict[str, Any]:
    command = [sys.executable, __file__, str(library), str(width), str(rounds)]
    ran = subprocess.run(command, env=quiet_environment(data), capture_output=True, check=False)
    if ran.returncode:
        raise SystemExit(f"asking failed: {ran.stderr.decode(errors='replace')[-2000:]}")
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def _make(library: Path, count: int) -> None:
    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.records import Look, Measurements, Metadata, PhotoFacts, PhotoFile, ScoreDistribution

    measured = Measurements(0.5, 0.1, 0.01, 0.0, 0.0, 0.0, 0.2, 0.3, 0.0)
    even = ScoreDistribution((0.1,) * 10)
    draw = np.random.default_rng(1)
    scenes = {width: draw.standard_normal((SCENES, width), dtype=np.float32) for width in MODELS}
    with Catalogue.open(library) as catalogue:
        for first in range(0, count, BATCH):
            with catalogue.transaction():
                photos = []
                for number in range(first, first + BATCH):
                    file = PhotoFile(f"/made/{number // 250:05d}", f"DSC_{number:06d}.JPG", 1000, number)
                    facts = PhotoFacts(
                        number.to_bytes(16, "big"),
                        "JPEG",
                        6000,
                        4000,
                        Metadata(),
                        measured,
                        Look(bytes(1024), bytes(192)),
                        b"preview",
                    )
                    photos.append(catalogue.store_facts(file, facts))
                contents = [record.content_id for record in catalogue.photos(photos)]
                catalogue.store_scores(*MODELS[256], [(content, even) for content in contents])
                for width, model in MODELS.items():
                    own = draw.standard_normal((BATCH, width), dtype=np.float32)
                    looks = scenes[width][draw.integers(0, SCENES, BATCH)] + own
                    rows = zip(contents, looks.astype("<f2"), strict=True)
                    catalogue.store_looks(*model, [(content, look.tobytes()) for content, look in rows])


def _answer(library: Path, width: int, rounds: int) -> dict[str, Any]:
    """Ask a library; in a process of its own."""
    from aesthetic_studio.albums import PhotoQuery
    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.models import looks
    from aesthetic_studio.pipeline.finding import Finder
    from aesthetic_studio.records import VerdictChange

    assert looks.nearly_the_same(*MODELS[256]), "the bundled model's version has changed"
    with Catalogue.open(library) as writer:
        writer.set_active_model(*MODELS[width])
        with writer.reader() as reader:
            ids = reader.ids(PhotoQuery(collapse_series=False))
            finder, before = Finder(reader), _memory("VmRSS")
            first = timed(lambda: finder.similar(ids[0], ids))
            held, peak = _memory("VmRSS") - before, _memory("VmHWM") - before
            spent = time.process_time()
            each = [timed(lambda at=at: finder.similar(ids[at * 997 % len(ids)], ids)) for at in range(rounds)]
            spent = (time.process_time() - spent) / rounds
            decided = []
            for at in range(max(3, rounds // 3)):
                writer.decide([ids[at]], VerdictChange(rating=1 + at % 5), "Rate")
                decided.append(timed(lambda: finder.similar(ids[0], ids)))
            few = ids[:20_000]
            asked = [few, ids] if width == min(MODELS) and len(ids) > len(few) else []
            twins = [(len(some), timed(lambda some=some: finder.duplicates(some))) for some in asked]
    return {"first": first, "held": held, "peak": peak, "each": each, "cpu": spent, "decided": decided, "twins": twins}


def _memory(kind: str) -> float:
    """Megabytes of this process, by Linux's own name for them; not a number elsewhere."""
    status = Path("/proc/self/status")
    for line in status.read_text().splitlines() if status.is_file() else []:
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) / 1024
    return float("nan")


if __name__ == "__main__":
    print(json.dumps(_answer(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
