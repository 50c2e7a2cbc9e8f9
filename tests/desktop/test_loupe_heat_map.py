"""Where the model looks, laid over the photo."""

from __future__ import annotations

import pytest

from aesthetic_studio.desktop.loupe.heat_map import RAMP, attention_rows, heat_map_image


def brightness(image, x: float, y: float) -> int:
    colour = image.pixelColor(int(x * (image.width() - 1)), int(y * (image.height() - 1)))
    return colour.red() * colour.alpha()


def test_the_strongest_place_is_the_lightest(qapp: object) -> None:
    attention = [[0.0] * 8 for _ in range(6)]
    attention[1][6] = 1.0
    image = heat_map_image(attention)
    assert image.width() / image.height() == pytest.approx(8 / 6, rel=0.02)
    strongest = brightness(image, 6.5 / 8, 1.5 / 6)
    assert strongest > 5 * brightness(image, 0.1, 0.9) + 1000
    assert strongest >= max(brightness(image, x / 20, y / 20) for x in range(20) for y in range(20))


def test_attention_that_is_equal_everywhere_leaves_the_photo_clear(qapp: object) -> None:
    image = heat_map_image([[0.25, 0.25], [0.25, 0.25]])
    assert image.pixelColor(3, 3).alpha() == 0


def test_the_map_does_not_depend_on_the_scale_of_the_weights(qapp: object) -> None:
    weights = [[0.1, 0.2, 0.9], [0.4, 0.3, 0.0]]
    tiny = [[weight * 2**-12 for weight in row] for row in weights]
    assert heat_map_image(weights) == heat_map_image(tiny)


def test_the_ramp_rises_in_lightness_alone() -> None:
    lightness = [0.2126 * red + 0.7152 * green + 0.0722 * blue for _, red, green, blue, _ in RAMP]
    assert lightness == sorted(lightness)
    assert all(red >= green >= blue for _, red, green, blue, _ in RAMP)


@pytest.mark.parametrize("attention", [[], [[]], [1.0, 2.0], [[float("nan"), 1.0]]])
def test_what_is_no_map_is_refused(attention: object) -> None:
    with pytest.raises(ValueError, match="map"):
        heat_map_image(attention)


def test_weights_row_by_row_become_a_map() -> None:
    assert attention_rows(2, 3, (1, 2, 3, 4, 5, 6)) == [[1, 2, 3], [4, 5, 6]]
    with pytest.raises(ValueError, match="no map of 2"):
        attention_rows(2, 3, (1, 2))
