"""Looking again at a large tree in which nothing changed, whole process, against ``find -printf`` over it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from measure import Result, interleaved, program, ratio, scratch, spread, timed

NAME = "rescan of unchanged files / find"
BAR = 5.0
PER_FOLDER = 250


def measure(*, quick: bool = False) -> list[Result]:
    """Make a tree, make the library know it through the catalogue's own methods, then look again."""
    find = shutil.which("find")
    if not find or os.name == "nt":
        return [Result(NAME, None, BAR, detail="not measured: install findutils")]
    files = 10_000 if quick else 100_000
    with scratch() as temporary:
        folder = Path(temporary)
        tree, library, data = folder / "tree", folder / "library.sqlite", folder / "data"
        _make_tree(tree, files)
        _know(tree, library, files)

        def rescan() -> float:
            return timed(lambda: _check(program("index", tree, "--library", library, data=data)))

        def walk() -> float:
            command = [find, str(tree), "-printf", "%p %s %T@\\n"]
            return timed(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True))

        rescan(), walk()
        a, b = interleaved(rescan, walk, 3 if quick else 7)
        _check_nothing_read(library, files)
    return [Result(NAME, ratio(a, b), BAR, detail=f"{files:,} files in {files // PER_FOLDER} folders; {spread(a, b)}")]


def _make_tree(tree: Path, files: int) -> None:
    """Files of one byte: a rescan of what is known opens none of them."""
    for number in range(files // PER_FOLDER):
        folder = tree / f"{number // 20:03d}" / f"{number:05d}"
        folder.mkdir(parents=True)
        for name in range(PER_FOLDER):
            (folder / f"DSC_{number:05d}_{name:04d}.JPG").write_bytes(b"x")


def _know(tree: Path, library: Path, files: int) -> None:
    """Walk the tree as indexing does, and store made facts for every file in place of decoding it."""
    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.library.scan import walk
    from aesthetic_studio.pipeline.indexing import format_sets
    from aesthetic_studio.records import Look, Measurements, Metadata, PhotoFacts

    measured = Measurements(0.5, 0.1, 0.01, 0.0, 0.0, 0.0, 0.2, 0.3, 0.0)
    known = 0
    with Catalogue.open(library) as catalogue:
        catalogue.add_root(str(tree))
        seen: set[str] = set()
        with catalogue.transaction():
            for scan in walk([str(tree)], format_sets(), known=catalogue.folder_signature, should_stop=lambda: False):
                seen.add(scan.path)
                for file in catalogue.apply_scan(scan):
                    known += 1
                    facts = PhotoFacts(
                        known.to_bytes(16, "big"),
                        "JPEG",
                        6000,
                        4000,
                        Metadata(),
                        measured,
                        Look(bytes(1024), bytes(192)),
                        b"preview",
                    )
                    catalogue.store_facts(file, facts)
            catalogue.finish_scan([str(tree)], seen)
    if known != files:
        raise SystemExit(f"the walk found {known} of {files} files")


def _check(finished: subprocess.CompletedProcess[bytes]) -> None:
    if finished.returncode != 0:
        raise SystemExit(f"rescan failed ({finished.returncode}): {finished.stderr.decode(errors='replace')[-2000:]}")


def _check_nothing_read(library: Path, files: int) -> None:
    """A rescan that reads files, or loses them, is not what is measured here."""
    from aesthetic_studio.library.catalogue import Catalogue

    with Catalogue.open(library) as catalogue:
        totals = catalogue.totals()
    if totals.present != files or totals.unreadable:
        raise SystemExit(f"the rescans changed the library: {totals}")
