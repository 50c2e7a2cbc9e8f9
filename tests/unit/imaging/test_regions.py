"""Parts of a photo are its own pixels at real resolution, upright, wherever the photo lies on its side."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.imaging.decode import load_upright
from aesthetic_studio.imaging.regions import cut_regions


@pytest.fixture
def turned_photo(tmp_path):
    """A photo without losses, stored on its side as an Exif orientation says."""

    def write(orientation: int):
        pixels = np.random.default_rng(orientation).integers(0, 255, (90, 150, 3), dtype=np.uint8)
        path = tmp_path / f"{orientation}.png"
        exif = Image.Exif()
        exif[0x0112] = orientation
        Image.fromarray(pixels).save(path, exif=exif)
        return str(path)

    return write


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_part_is_cut_from_the_upright_photo_however_it_is_stored(turned_photo, orientation):
    path = turned_photo(orientation)
    whole = np.asarray(load_upright(path))
    high, wide = whole.shape[:2]
    boxes = [(0.3, 0.2, 0.6, 0.5), (0.0, 0.0, 1.0, 1.0), (-0.5, 0.8, 0.2, 1.7)]
    for (left, top, right, bottom), region in zip(boxes, cut_regions(path, boxes), strict=True):
        assert (region.width, region.height) == (wide, high)
        cut = np.asarray(region.picture)
        np.testing.assert_array_equal(
            cut, whole[region.top : region.top + cut.shape[0], region.left : region.left + cut.shape[1]]
        )
        assert region.left <= max(0, left) * wide
        assert region.top <= max(0, top) * high
        assert region.left + cut.shape[1] >= min(1, right) * wide
        assert region.top + cut.shape[0] >= min(1, bottom) * high
        assert cut.shape[1] <= (min(1, right) - max(0, left)) * wide + 17


def test_a_part_of_no_size_is_a_pixel_at_least(turned_photo):
    [region] = cut_regions(turned_photo(1), [(0.999, 0.999, 0.999, 0.999)])
    assert min(region.picture.size) >= 1


def test_a_file_that_is_no_photo_is_told_so(tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8 and nothing else")
    with pytest.raises(UnreadablePhoto):
        cut_regions(str(tmp_path / "broken.jpg"), [(0, 0, 1, 1)])
