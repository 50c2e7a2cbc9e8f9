"""The library's previews become pictures, from any thread at any time."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from aesthetic_studio.desktop.toolkit.previews import read_preview
from aesthetic_studio.imaging.preview import encode

FIRST_PREVIEWS_OF_A_PROCESS = """
import threading
from PIL import Image
from aesthetic_studio.desktop.toolkit.previews import read_preview
from aesthetic_studio.imaging.preview import encode

preview = encode(Image.new("RGB", (512, 340), (200, 30, 30)))
together = threading.Barrier(6)

def read(side):
    together.wait()
    for _ in range(20):
        assert read_preview(preview, side).width() == (side or 512)

threads = [threading.Thread(target=read, args=(side,)) for side in (None, 160) * 3]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


@pytest.mark.parametrize("_time", range(3))
def test_the_first_previews_of_a_run_are_read_by_many_threads_without_standing_still(_time: int) -> None:
    subprocess.run([sys.executable, "-c", FIRST_PREVIEWS_OF_A_PROCESS], check=True, timeout=120)


@given(st.integers(1, 600), st.integers(1, 600), st.integers(1, 600))
def test_a_preview_keeps_its_shape_at_any_size_asked_for(width: int, height: int, side: int) -> None:
    picture = read_preview(encode(Image.new("RGB", (width, height), (10, 200, 30))), side)
    longest = max(width, height)
    share = min(1.0, side / longest)
    # libjpeg rounds a side up where it scales, and the rest of the way rounds once more.
    assert max(picture.width(), picture.height()) == min(side, longest)
    assert abs(picture.width() - max(1, width * share)) < 2
    assert abs(picture.height() - max(1, height * share)) < 2
    colour = picture.pixelColor(picture.width() // 2, picture.height() // 2)
    assert (abs(colour.red() - 10) < 12, abs(colour.green() - 200) < 12, colour.alpha()) == (True, True, 255)


@pytest.mark.parametrize("broken", [None, b"", b"\xff\xd8", b"not a picture", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_preview_is_a_null_picture(broken: bytes | None) -> None:
    assert read_preview(broken).isNull()
    assert read_preview(broken, 100).isNull()


def test_half_a_preview_is_a_null_picture() -> None:
    whole = encode(Image.effect_noise((512, 340), 60).convert("RGB"))
    assert read_preview(whole[: len(whole) // 2]).isNull()
