"""Runs the commands that the documents show a researcher, in their order, and says how long each took.

    python packaging/run_examples.py [--data ../shared/data] [--keep FOLDER] [DOCUMENT …]

They run in a new folder that looks like the clone, with a data folder of their own, so that nothing of the user's is
touched: neither runs, nor installed models. A command that fails ends it, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("README.md", "docs/training.md")
COMMAND = re.compile(r"^ {4}((?:aesthetic-studio|python packaging/|torchrun ).*)$", re.MULTILINE)
RESEARCHERS = re.compile(r"^## For researchers$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
"""Of a document that speaks to others, too."""
SHOWN = 12
"""Last lines of a command's output that are printed where it fails."""


def commands_of(document: Path) -> list[list[str]]:
    """The commands that a document shows a researcher, in order, split as a shell would."""
    text = document.read_text(encoding="utf-8")
    found = RESEARCHERS.search(text)
    return [shlex.split(line, comments=True) for line in COMMAND.findall(found.group(1) if found else text)]


def main() -> int:
    """Run them all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("documents", nargs="*", default=list(DOCUMENTS), metavar="DOCUMENT")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="where the data sets lie")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="work here, and leave what was made")
    parsed = parser.parse_args()
    if not parsed.data.is_dir():
        print(f"{parsed.data}: the data sets are not here; name their folder with --data.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="aesthetic-studio-examples-") as made:
        work = parsed.keep or Path(made)
        commands = list(dict.fromkeys(tuple(one) for name in parsed.documents for one in commands_of(ROOT / name)))
        return 1 if any(_failed(command, _clone(work, parsed.data)) for command in commands) else 0


def _clone(work: Path, data: Path) -> Path:
    """A folder with the clone's own things in it and the data sets where the commands look for them."""
    clone = work / "clone"
    clone.mkdir(parents=True, exist_ok=True)
    (work / "shared").mkdir(exist_ok=True)
    links = {work / "shared" / "data": data.resolve()}
    links |= {clone / name: ROOT / name for name in ("docs", "packaging", "trainer", "aesthetic_studio", "resources")}
    for link, target in links.items():
        if not link.exists():
            link.symlink_to(target)
    return clone


def _failed(command: tuple[str, ...], clone: Path) -> bool:
    print("$", shlex.join(command), flush=True)
    program = Path(sys.executable).parent / command[0]
    environment = {
        **os.environ,
        "AESTHETIC_STUDIO_DATA": str(clone.parent / "user"),
        "PATH": f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    start = time.perf_counter()
    ran = subprocess.run(
        [str(program), *command[1:]], cwd=clone, env=environment, text=True, capture_output=True, check=False
    )
    print(f"  {time.perf_counter() - start:.0f} s, exit code {ran.returncode}", flush=True)
    if ran.returncode:
        print("\n".join((ran.stdout + ran.stderr).splitlines()[-SHOWN:]), flush=True)
    return ran.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
