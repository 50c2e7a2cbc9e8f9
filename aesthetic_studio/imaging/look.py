"""The look of a photo in 1216 bytes, to compare neighbours in a series."""

from __future__ import annotations

from PIL import Image

from aesthetic_studio.records import LOOK_COLOUR_SIDE, LOOK_SIDE, Look


def fingerprint(preview: Image.Image) -> Look:
    """Take the look of an upright sRGB preview: framing in ``luma``, light and subject in ``colour``."""
    # One filter over the preview; the smaller picture is made from the larger, of which it is a whole part.
    small = preview.resize((LOOK_SIDE, LOOK_SIDE), Image.Resampling.BOX)
    colour = small.reduce(LOOK_SIDE // LOOK_COLOUR_SIDE)
    return Look(luma=small.convert("L").tobytes(), colour=colour.tobytes())
