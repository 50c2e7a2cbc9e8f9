"""Real series: a focus stack, and one scene graded by a person. The grades are checked here and fitted nowhere.

Their siblings on made photos are in ``test_series`` and ``test_best_shot``.
"""

from __future__ import annotations

import pytest

from aesthetic_studio.curation.best_shot import order_frames
from aesthetic_studio.curation.differences import clear_differences
from aesthetic_studio.curation.series import find_series
from aesthetic_studio.records import SeriesKind


def read_all(folder, pattern, read):
    return [read(path, number) for number, path in enumerate(sorted(folder.glob(pattern)), start=1)]


def test_a_real_focus_series_is_one_focus_stack(real_data, look_up_facts):
    photos = read_all(real_data / "focus_series", "*.JPG", look_up_facts)
    series = find_series(photos)
    assert [(each.kind, [frame.photo_id for frame in each.frames]) for each in series] == [
        (SeriesKind.FOCUS, [photo.id for photo in photos])
    ]


@pytest.mark.parametrize(
    ("flaw", "best_first"),
    [("blurred", [1, 2, 3, 4]), ("overexposed", [1, 2, 3, 4]), ("underexposed", [4, 3, 2, 1])],
)
def test_frames_with_a_growing_flaw_are_ordered_as_a_person_grades_them(real_data, look_up_facts, flaw, best_first):
    photos = read_all(real_data / "graded", f"test_{flaw}_*.jpg", look_up_facts)
    assert [frame.photo_id for frame in order_frames(photos)] == best_first


def test_copies_of_one_photo_with_one_set_of_settings_are_a_burst_and_no_bracket(real_data, look_up_facts):
    photos = read_all(real_data / "graded", "*.jpg", look_up_facts)
    series = find_series(photos)
    assert [(each.kind, len(each.frames)) for each in series] == [(SeriesKind.BURST, 16)]
    # What is untouched but for compression comes before all that is blurred, burnt out or dark.
    names = {photo.id: photo.name for photo in photos}
    assert all("compressed" in names[frame.photo_id] for frame in series[0].frames[:3])


def test_photos_of_many_cameras_are_not_grouped(real_data, look_up_facts):
    photos = read_all(real_data / "photos" / "jpeg", "*.jpg", look_up_facts)
    assert len(photos) > 10
    assert find_series(photos) == []


def test_real_photos_are_told_apart_as_a_person_graded_them(real_data, look_up_facts):
    def graded(flaw, grade):
        return look_up_facts(real_data / "graded" / f"test_{flaw}_{grade}.jpg", grade)

    sharp, blurred = graded("blurred", 1), graded("blurred", 4)
    assert "much sharper" in clear_differences(sharp, blurred)
    assert "much softer" in clear_differences(blurred, sharp)
    good, burnt = graded("overexposed", 1), graded("overexposed", 4)
    assert any(words.endswith("EV brighter") for words in clear_differences(burnt, good))
    assert any(words.endswith("EV darker") for words in clear_differences(good, burnt))
