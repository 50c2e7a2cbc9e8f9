"""Real photographs of many makers; each promise here has a sibling on drawn pictures in the other files."""

from __future__ import annotations

import io
import warnings
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.imaging.decode import load_upright, read_facts

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.filterwarnings(r"ignore::UserWarning:PIL\..*")


def facts_or_problem(path: Path):
    try:
        return read_facts(str(path))
    except UnreadablePhoto as problem:
        assert problem.reason
        assert problem.advice
        return None


@pytest.mark.parametrize("folder", ["jpeg", "heic", "heif_tests", "modern", "other"])
def test_every_photo_gives_facts_or_a_clear_error(real_data, folder, capfd):
    files = [path for path in sorted((real_data / "photos" / folder).iterdir()) if path.name != "200MP.heic"]
    found = {path.name: facts_or_problem(path) for path in files}
    for facts in filter(None, found.values()):
        preview = Image.open(io.BytesIO(facts.preview))
        assert max(preview.size) == min(512, max(facts.width, facts.height))
    if folder != "other":
        assert [name for name, facts in found.items() if facts is None] in ([], ["empty.heic"])
    assert capfd.readouterr().err == ""


def test_two_hundred_megapixels_of_heic_are_read_or_refused(real_data):
    facts = facts_or_problem(real_data / "photos" / "heif_tests" / "200MP.heic")
    assert facts is None or (facts.width, facts.height) == (12240, 16320)


def test_damaged_files_give_facts_or_a_clear_error(real_data):
    files = sorted((real_data / "broken" / "fuzzed").iterdir())
    results = [facts_or_problem(path) for path in files]
    assert len(results) == len(files) > 600


@pytest.mark.parametrize("flaw", ["blurred"])
def test_graded_blur_is_ordered(real_data, flaw):
    # In this set a higher number is more blurred: the files shrink as their detail goes.
    sharpness = [graded(real_data, flaw, grade).sharpness for grade in (1, 2, 3, 4)]
    assert sharpness == sorted(sharpness, reverse=True)
    assert sharpness[0] > 2 * sharpness[3]


def test_graded_exposure_is_ordered(real_data):
    over = [graded(real_data, "overexposed", grade) for grade in (1, 2, 3, 4)]
    under = [graded(real_data, "underexposed", grade) for grade in (1, 2, 3, 4)]
    assert [one.exposure_ev for one in over] == sorted(one.exposure_ev for one in over)
    assert [one.clipped_highlights for one in over] == sorted(one.clipped_highlights for one in over)
    assert [one.exposure_ev for one in under] == sorted(one.exposure_ev for one in under)
    assert max(one.exposure_ev for one in under) < -1.5 < 0.9 < min(one.exposure_ev for one in over)


def graded(real_data, flaw, grade):
    return read_facts(str(real_data / "graded" / f"test_{flaw}_{grade}.jpg")).measurements


def test_exposure_does_not_pass_for_sharpness(real_data):
    values = [graded(real_data, "underexposed", grade).sharpness for grade in (1, 2, 3, 4)]
    assert max(values) - min(values) < 0.1


def test_focus_moves_through_a_focus_series(real_data):
    maps = [
        np.array(read_facts(str(path)).measurements.focus_map)
        for path in sorted((real_data / "focus_series").iterdir())
    ]
    neighbours = [np.corrcoef(one, other)[0, 1] for one, other in pairwise(maps)]
    distant = [np.corrcoef(one, other)[0, 1] for one, other in zip(maps[:4], maps[5:9], strict=False)]
    assert np.mean(neighbours) > np.mean(distant) + 0.1


def test_known_files_say_what_they_are_known_to_say(real_data):
    canon = read_facts(str(real_data / "photos" / "jpeg" / "Canon EOS 350D.jpg")).metadata
    assert canon.taken.local == datetime(2006, 10, 6, 15, 13, 54)
    assert (canon.camera, canon.aperture, canon.shutter_s, canon.iso) == ("Canon EOS 350D DIGITAL", 20, 0.005, 200)
    phone = read_facts(str(real_data / "photos" / "jpeg" / "Apple iPhone 6.jpg")).metadata
    assert phone.taken.local == datetime(2014, 9, 16, 14, 5, 12, 133_000)
    assert phone.taken.resolution == pytest.approx(0.001)
    assert phone.lens == "iPhone 6 back camera 4.15mm f/2.2"
    assert (phone.latitude, phone.longitude) == pytest.approx((51 + 45 / 60 + 44.67 / 3600, -(19 / 60 + 4.41 / 3600)))
    live = read_facts(str(real_data / "photos" / "heic" / "IMG_2927.HEIC")).metadata
    assert live.taken.utc_offset_minutes == -240
    assert live.live_id == "1745E022-9712-43C7-B024-F308EC6413CB"


def test_a_phone_held_upright_is_shown_upright(real_data):
    path = str(real_data / "photos" / "jpeg" / "Apple iPhone 4S.jpg")
    facts = read_facts(path)
    assert (facts.width, facts.height, facts.metadata.orientation) == (2448, 3264, 6)
    assert load_upright(path, max_long_side=800).size == (600, 800)


def test_reading_real_photos_warns_nobody(real_data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", module=r"PIL(\.|$)")
        for path in sorted((real_data / "photos" / "jpeg").iterdir())[:6]:
            read_facts(str(path))
