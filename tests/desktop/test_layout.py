"""Nothing is cut, covered or out of reach: at 100 to 300 %, right to left, in long translations, on small screens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

WALK = Path(__file__).with_name("layout_walk.py")


def walk(folder: Path, scale: str, *arguments: str) -> dict[str, Any]:
    """Walk all pages in a process of its own and return what it found."""
    size = arguments[arguments.index("--size") + 1] if "--size" in arguments else "1280x800"
    width, height = (round(int(side) * float(scale)) for side in size.split("x"))
    screen = {"name": "made", "x": 0, "y": 0, "width": width, "height": height, "logicalDpi": 96, "dpr": 1}
    (folder / "screens.json").write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": f"offscreen:configfile={folder / 'screens.json'}",
        "QT_SCALE_FACTOR": scale,
        "AESTHETIC_STUDIO_DATA": str(folder / "data"),
        "PYTHONPATH": os.pathsep.join([str(WALK.parents[2]), os.environ.get("PYTHONPATH", "")]),
    }
    done = subprocess.run(
        [sys.executable, str(WALK), str(folder), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(answer, dict)
    return answer


@pytest.mark.parametrize(
    ("scale", "arguments"),
    [
        ("1", ["--long"]),
        ("1", ["--size", "810x480"]),
        ("1.5", ["--long", "--size", "1024x700", "--theme", "light"]),
        ("2", ["--reverse"]),
        ("3", ["--reverse", "--long"]),
        ("1", ["--language", "de", "--size", "1024x700"]),
        ("3", ["--language", "de", "--theme", "light"]),
    ],
    ids=["long", "small", "long-150", "right-to-left-200", "right-to-left-long-300", "german", "german-300"],
)
def test_every_word_is_seen_whole_and_every_control_within_reach(
    tmp_path: Path, scale: str, arguments: list[str]
) -> None:
    answer = walk(tmp_path, scale, *arguments)

    assert answer["found"] == []
    assert answer["ratio"] == float(scale)
    assert answer["widgets"] > 50


def test_the_walk_finds_what_is_cut(tmp_path: Path) -> None:
    answer = walk(tmp_path, "1", "--long", "--size", "620x400", "--squeeze")

    assert any("chooseFolder" in line for line in answer["found"])
