"""What the program finds in the sample shoot, held against the plan that it was rendered by."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aesthetic_studio.sample_album import FEWEST_PHOTOS
from aesthetic_studio.sample_album.shoot_plan import shoot_plan

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.xdist_group("sample-album")

AGREEMENT = 0.9


def test_bursts_brackets_and_panoramas_are_found_as_they_were_shot(
    sample_shoot: Path, tmp_path: Path, studio_at: Callable[[Path], Any]
) -> None:
    ran = studio_at(tmp_path)("bursts", sample_shoot, "--json")
    assert ran.code == 0, ran.err
    planned: dict[str, set[str]] = defaultdict(set)
    kinds: dict[str, str] = {}
    for frame in shoot_plan(FEWEST_PHOTOS, 1):
        if frame.shot.series is not None and frame.shot.kind is not None:
            planned[frame.shot.series].add(frame.shot.name)
            kinds[frame.shot.series] = frame.shot.kind.value
    wanted = {(kinds[name], frozenset(names)) for name, names in planned.items()}
    found = {
        (each["kind"], frozenset(Path(photo["path"]).relative_to(sample_shoot).as_posix() for photo in each["photos"]))
        for each in ran.json()
    }
    alike = wanted & found
    assert len(alike) >= AGREEMENT * max(len(wanted), len(found)), (wanted - found, found - wanted)


def test_a_shoot_of_a_wrong_size_is_refused_in_words(tmp_path: Path, studio_at: Callable[[Path], Any]) -> None:
    studio = studio_at(tmp_path)
    ran = studio("sample", tmp_path / "shoot", "--shoot", "--photos", "20")
    assert ran.code != 0
    assert "50 to 5000" in ran.err
    assert "Traceback" not in ran.err
    alone = studio("sample", tmp_path / "shoot", "--photos", "200")
    assert alone.code == 2
    assert "--shoot" in alone.err
