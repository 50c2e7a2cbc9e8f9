"""DiffToken: order, positions, sizes, seeds, and the quirks that parity has and the default has not."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.fgaesq import DiffToken, DiffTokenConfig, Tokens, pair_seed
from aesthetic_studio.models.fgaesq.config import CLIP_MEAN, CLIP_STD
from aesthetic_studio.models.fgaesq.difftoken import position_weights
from aesthetic_studio.models.fgaesq.pairing import importance, importance_in_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Make = Callable[..., NDArray[np.uint8]]

PUBLISHED = DiffTokenConfig()
TINY = DiffTokenConfig(patch=4, block=8, length=32, grid=5, hidden_size=16, min_side=24, max_pixels=96 * 96)
MIDDLE = DiffTokenConfig(patch=4, block=8, length=200, grid=5, hidden_size=56, min_side=96, max_pixels=1 << 30)
"""Seven fine blocks in sequences of 200 tokens: the published proportions at a fraction of the time."""
ROOMY = dataclasses.replace(PUBLISHED, max_pixels=1 << 30)


def coordinates(rows: int, columns: int, patch: int) -> NDArray[np.uint8]:
    """A photo whose every patch is painted with its own row and column."""
    cells = np.zeros((rows, columns, 3), np.uint8)
    cells[..., 0], cells[..., 1] = np.arange(rows)[:, None] * 2, np.arange(columns)[None] * 2
    return cells.repeat(patch, axis=0).repeat(patch, axis=1)


def seen(tokens: Tokens) -> NDArray[np.float64]:
    """(N, 2): what rows and columns the tokens' own pixels say, in patches; a coarse one says the mean of its four."""
    patches = tokens.patches[1 : tokens.count].double()
    means = patches.mean(dim=(2, 3)) * torch.tensor(CLIP_STD) + torch.tensor(CLIP_MEAN)
    return (means[:, :2] * 255 / 2).numpy()


def said(tokens: Tokens, size: tuple[int, int], config: DiffTokenConfig) -> NDArray[np.int64]:
    """(N, 3): scale, row and column that each token's position embedding says it has, in its scale's grid."""
    found = []
    for slot in range(1, tokens.count):
        scale = int(tokens.scales[slot])
        ratio = config.ratio if scale else 1
        place = [scale]
        for weights, cells in ((tokens.rows[slot], size[0] * ratio), (tokens.columns[slot], size[1] * ratio)):
            place.append(int((position_weights(cells, config) - weights).abs().sum(dim=1).argmin()))
        found.append(place)
    return np.asarray(found)


def truth(cells: NDArray[np.int64], ratio: int = 2) -> NDArray[np.float64]:
    """Where in patches the middles of tokens (scale, row, column) lie."""
    return np.where(cells[:, :1] == 1, cells[:, 1:], cells[:, 1:] * ratio + (ratio - 1) / 2)


@given(rows=st.integers(1, 20), columns=st.integers(1, 20), seed=st.integers(0, 2**31), paired=st.booleans())
@settings(max_examples=25, deadline=None)
def test_every_token_has_the_position_of_its_own_pixels(rows: int, columns: int, seed: int, paired: bool) -> None:
    photo = coordinates(2 * rows, 2 * columns, TINY.patch)
    config = dataclasses.replace(TINY, max_pixels=1 << 30, min_side=1, spare=0.0)
    cutter = DiffToken(config)
    tokens = cutter.pair(photo, photo, seed)[0] if paired else cutter.single(photo, seed)
    plain = not paired and 4 * rows * columns <= config.length
    if plain:
        cells = said(tokens, (2 * rows, 2 * columns), config)
        np.testing.assert_allclose(seen(tokens), cells[:, 1:], atol=1e-3)
    elif not paired or 4 * rows * columns > config.length:
        np.testing.assert_allclose(seen(tokens), truth(said(tokens, (rows, columns), config)), atol=0.2)


@given(
    height=st.one_of(st.integers(1, 40), st.just(300)),
    width=st.one_of(st.integers(1, 40), st.just(300)),
    seed=st.integers(0, 2**31),
    parity=st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_a_sequence_is_never_longer_and_is_filled_up_with_padding(
    height: int, width: int, seed: int, parity: bool
) -> None:
    photo = np.full((height, width, 3), 200, np.uint8)
    cutter = DiffToken(TINY, parity=parity)
    for tokens in (cutter.single(photo, seed), *cutter.pair(photo, photo[: height // 2 + 1], seed)):
        assert tokens.patches.shape == (TINY.length, 3, TINY.patch, TINY.patch)
        assert 2 <= tokens.count <= TINY.length
        scales = tokens.scales.tolist()
        assert scales[0] == 0
        assert sorted(scales[1 : tokens.count]) == scales[1 : tokens.count], "coarse tokens come first"
        assert set(scales[tokens.count :]) <= {9}
        padding = slice(tokens.count, None)
        for part in (tokens.patches, tokens.rows, tokens.columns):
            assert not part[0].any(), "slot 0 is the place of CLS"
            assert not part[padding].any()
        cells = tokens.cells[1 : tokens.count]
        assert len({(int(s), *c) for s, c in zip(scales[1:], cells.tolist(), strict=False)}) == tokens.count - 1


@pytest.mark.parametrize(
    ("height", "width", "count"),
    [(1, 1, 2), (16, 16, 2), (17, 16, 3), (352, 352, 485), (256, 512, 512), (16, 16 * 511, 512), (16, 16 * 512, 512)],
)
def test_a_small_photo_is_seen_whole_and_plain(height: int, width: int, count: int) -> None:
    tokens = DiffToken(ROOMY).single(np.zeros((height, width, 3), np.uint8))
    assert tokens.count == count
    assert not tokens.scales[:count].any()


def test_of_513_tokens_one_goes_and_never_cls() -> None:
    photo = coordinates(16, 32, 16)
    gone = []
    for seed in range(8):
        tokens = DiffToken().single(photo, seed)
        assert tokens.count == 512
        assert not tokens.patches[0].any()
        cells = {(int(row), int(column)) for row, column in tokens.cells[1:]}
        gone += [cell for cell in np.ndindex(16, 32) if cell not in cells]
    assert len(gone) == 8
    assert len(set(gone)) > 1


def test_a_large_photo_has_56_fine_tokens_and_one_for_every_other_block() -> None:
    tokens = DiffToken(ROOMY).single(coordinates(24, 36, 16), seed=3)
    assert tokens.count == 1 + (12 * 18 - 14) + 56
    assert int((tokens.scales == 1).sum()) == 56
    fine = tokens.cells[tokens.scales == 1]
    blocks = {(int(row) // 2, int(column) // 2) for row, column in fine}
    coarse = {(int(row), int(column)) for row, column in tokens.cells[1:][tokens.scales[1:] == 0]}
    assert len(blocks) == 14
    assert blocks | coarse == set(np.ndindex(12, 18))
    assert not blocks & coarse


def test_fine_tokens_are_the_photos_own_pixels_and_coarse_ones_a_bicubic_half(textured: Make) -> None:
    photo = textured(448, 480)
    tokens = DiffToken(ROOMY).single(photo, seed=1)
    pixels = (torch.from_numpy(photo).float() / 255 - torch.tensor(CLIP_MEAN)) / torch.tensor(CLIP_STD)
    pixels = pixels.permute(2, 0, 1)
    for slot in (1, tokens.count - 1):
        row, column = tokens.cells[slot].tolist()
        if tokens.scales[slot] == 1:
            expected = pixels[:, row * 16 : row * 16 + 16, column * 16 : column * 16 + 16]
        else:
            block = pixels[None, :, row * 32 : row * 32 + 32, column * 32 : column * 32 + 32]
            expected = torch.nn.functional.interpolate(block, size=(16, 16), mode="bicubic", align_corners=False)[0]
        torch.testing.assert_close(tokens.patches[slot], expected)


@pytest.mark.parametrize(
    ("height", "width", "blocks"),
    [
        (640, 640, (20, 20)),
        (641, 641, (20, 20)),  # padding of 31 × 31 is larger than a rest of 1 × 1: cropped
        (671, 671, (21, 21)),  # 1 × 1 against 31 × 31: padded
        (656, 656, (21, 21)),  # 16 × 16 against 16 × 16: padded
        (640, 650, (20, 20)),  # only the width has a rest, of 10, and lacks 22: cropped
        (640, 660, (20, 21)),  # a rest of 20 lacks 12: padded
        (17, 5000, (1, 157)),  # cropping would leave nothing
        (5000, 17, (157, 1)),
    ],
)
def test_the_rest_of_a_photo_is_cropped_or_padded_by_the_smaller_area(
    height: int, width: int, blocks: tuple[int, int]
) -> None:
    photo = np.full((height, width, 3), 255, np.uint8)
    tokens = DiffToken(ROOMY).single(photo, seed=0)
    coarse = tokens.cells[1 : tokens.count][tokens.scales[1 : tokens.count] == 0]
    fine = tokens.cells[1 : tokens.count][tokens.scales[1 : tokens.count] == 1] // 2
    reached = torch.cat([coarse, fine]).max(dim=0).values + 1
    assert tuple(reached.tolist()) == blocks


def test_what_is_padded_is_the_average_colour_after_normalising() -> None:
    tokens = DiffToken().single(np.full((20, 20, 3), 255, np.uint8))
    corner = tokens.patches[4]
    assert bool((corner[:, :4, :4] > 1).all())
    assert not corner[:, 4:].any()


@given(cells=st.integers(1, 60), other=st.integers(1, 60))
@settings(max_examples=30, deadline=None)
def test_positions_are_the_bicubic_interpolation_of_the_whole_grid(cells: int, other: int) -> None:
    table = torch.randn(14, 14, 6, generator=torch.Generator().manual_seed(0))
    whole = torch.nn.functional.interpolate(
        table.permute(2, 0, 1)[None],
        scale_factor=((cells + 0.1) / 14, (other + 0.1) / 14),
        mode="bicubic",
        align_corners=False,
        recompute_scale_factor=False,
    )[0].permute(1, 2, 0)
    ours = torch.einsum("ri,cj,ijd->rcd", position_weights(cells, PUBLISHED), position_weights(other, PUBLISHED), table)
    torch.testing.assert_close(ours, whole, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("size", [(30, 50), (150, 200)])
def test_the_same_seed_gives_the_same_tokens_and_another_gives_others(size: tuple[int, int], textured: Make) -> None:
    photo, other = textured(*size), textured(*size, seed=1)
    cutter = DiffToken(MIDDLE)
    once, again = cutter.single(photo, 5), cutter.single(photo, 5)
    assert torch.equal(once.patches, again.patches)
    assert torch.equal(cutter.single(photo).patches, cutter.single(photo, 0).patches), "without a seed it is 0"
    pair, repeated, moved = (cutter.pair(photo, other, seed) for seed in (5, 5, 6))
    assert all(torch.equal(a.patches, b.patches) for a, b in zip(pair, repeated, strict=True))
    assert not torch.equal(pair[0].cells, moved[0].cells)


def test_drawing_touches_nobody_elses_random_numbers(textured: Make) -> None:
    torch.manual_seed(1)
    np.random.seed(1)
    expected = torch.rand(3), np.random.random(3)
    torch.manual_seed(1)
    np.random.seed(1)
    DiffToken(TINY).pair(textured(60, 60), textured(60, 60, seed=1), seed=4)
    assert torch.equal(torch.rand(3), expected[0])
    np.testing.assert_array_equal(np.random.random(3), expected[1])


def test_a_pair_is_fine_where_its_photos_differ(textured: Make) -> None:
    photo = textured(96, 128)
    changed = photo.copy()
    changed[32:56, 64:88] = np.random.default_rng(5).integers(0, 255, (24, 24, 3), np.uint8)
    # Nine of 192 blocks are changed, and so few are candidates.
    config = dataclasses.replace(MIDDLE, importance=9.5 / 192, hidden_size=600)
    for seed in range(4):
        first, second = DiffToken(config).pair(photo, changed, seed)
        fine = first.cells[first.scales == 1] // 2
        assert len(fine) == 4 * 7
        assert {(int(row), int(column)) for row, column in fine} <= set(np.ndindex(7, 11)) - set(
            np.ndindex(4, 11)
        ) - set(np.ndindex(7, 8))
        assert torch.equal(first.cells, second.cells)


def test_half_of_the_blocks_are_candidates_and_those_that_differ_are_among_them(textured: Make) -> None:
    photo = textured(96, 128)
    changed = photo.copy()
    changed[:48] = textured(48, 128, seed=9)[::-1]
    for seed in range(5):
        tokens = DiffToken(MIDDLE).pair(photo, changed, seed)[0]
        assert bool((tokens.cells[tokens.scales == 1] < 2 * 6)[:, 0].all()), "the lower half is the same in both"


def test_the_fine_blocks_of_identical_photos_are_drawn_from_the_whole_photo(textured: Make) -> None:
    photo = textured(96, 128)
    pairs = [DiffToken(MIDDLE).pair(photo, photo, seed)[0] for seed in range(8)]
    rows = torch.cat([tokens.cells[tokens.scales == 1][:, 0] for tokens in pairs])
    assert int(rows.min()) < 6
    assert int(rows.max()) >= 18


def test_photos_of_a_pair_with_one_size_keep_the_same_tokens(textured: Make) -> None:
    first, second = DiffToken(MIDDLE).pair(textured(120, 160), textured(120, 160, seed=3), seed=11)
    assert first.count == second.count == 200
    assert torch.equal(first.cells, second.cells)
    assert torch.equal(first.scales, second.scales)


def test_fine_tokens_are_spared_when_a_pair_is_too_long(textured: Make) -> None:
    pair = textured(160, 160), textured(160, 160, seed=1)
    for seed in range(4):
        assert int((DiffToken(MIDDLE).pair(*pair, seed)[0].scales == 1).sum()) == 28
    spared = [int((DiffToken(MIDDLE, parity=True).pair(*pair, seed)[0].scales == 1).sum()) for seed in range(4)]
    assert max(spared) < 28, "quirk b: places in the sequence are spared by blocks' numbers"


def test_where_not_even_the_fine_tokens_fit_some_of_them_go(textured: Make) -> None:
    config = dataclasses.replace(MIDDLE, length=30, hidden_size=56)
    tokens = DiffToken(config).pair(textured(96, 96), textured(96, 96, seed=1), 0)[0]
    assert tokens.count == 30
    assert int((tokens.scales == 1).sum()) == 28


def test_parity_spares_the_places_that_bear_a_fine_blocks_number(textured: Make) -> None:
    """Quirk b, beside the same sequence at full length."""
    pair = textured(160, 160), textured(160, 160, seed=1)
    whole = DiffToken(dataclasses.replace(MIDDLE, length=600), parity=True).pair(*pair, seed=2)[0]
    short = DiffToken(dataclasses.replace(MIDDLE, length=40), parity=True)
    numbers = sorted({int(row) * 20 + int(column) for row, column in whole.cells[whole.scales == 1] // 2})
    layout = short._layout(20, 20, np.asarray(numbers))
    kept = short._dropped(layout, np.asarray(numbers), torch.Generator().manual_seed(0))
    present = {(int(s), *map(int, cell)) for s, cell in zip(kept.scales, kept.cells, strict=True)}
    for number in numbers:  # place 0 is CLS
        assert number == 0 or (int(layout.scales[number - 1]), *map(int, layout.cells[number - 1])) in present


def test_a_photo_of_a_pair_that_is_too_small_is_enlarged_to_fill_a_sequence(textured: Make) -> None:
    first, second = DiffToken().pair(textured(100, 150), textured(100, 150, seed=1), seed=0)
    # 70 patches: enlarged by max(√(512 · 1.2 / 70), 384 / 100) = 3.84 to 384 × 576 pixels, 12 × 18 blocks.
    for tokens in (first, second):
        assert tokens.count == 1 + 12 * 18 - 14 + 56
        assert tuple((tokens.cells[tokens.scales == 0].max(dim=0).values + 1).tolist()) <= (12, 18)


def test_a_pair_of_two_sizes_takes_the_scale_of_the_larger(textured: Make) -> None:
    large = textured(120, 160)
    small = np.ascontiguousarray(large[::2, ::2])
    for seed in range(3):
        first, second = DiffToken(dataclasses.replace(MIDDLE, length=400)).pair(small, large, seed)
        assert first.count == second.count == 1 + 15 * 20 - 7 + 28
        assert torch.equal(first.cells, second.cells)


@pytest.mark.parametrize("cut", [np.s_[:72], np.s_[:, :72]])
def test_blocks_that_only_one_photo_has_are_ranked_by_lot(textured: Make, cut: tuple[slice, ...]) -> None:
    whole = textured(96, 96)
    part = np.ascontiguousarray(whole[cut])
    cutter = DiffToken(MIDDLE)
    photos = (whole, part)
    ranks = cutter._importances(photos, [cutter._grid(photo.shape[:2]) for photo in photos], torch.Generator())
    grid = ranks[0].reshape(12, 12)
    common = grid[:9] if part.shape[0] == 72 else grid[:, :9]
    assert not common.any()
    assert not ranks[1].any()
    assert int((grid > 0).sum()) == 36


@pytest.mark.parametrize("parity", [False, True])
@pytest.mark.parametrize("sizes", [((1, 1), (1, 1)), ((1, 1), (90, 60)), ((3, 200), (200, 3)), ((17, 500), (17, 480))])
def test_odd_sizes_make_sequences(sizes: tuple[tuple[int, int], tuple[int, int]], parity: bool, textured: Make) -> None:
    photos = [textured(*size, seed=number) for number, size in enumerate(sizes)]
    tokens = DiffToken(TINY, parity=parity).pair(*photos, seed=1)
    assert all(2 <= part.count <= 32 for part in tokens)
    assert all(bool(part.patches.isfinite().all()) for part in tokens)


def test_a_photo_beyond_the_limit_is_shrunk_but_not_in_parity(textured: Make) -> None:
    photo = textured(400, 600)
    limited = DiffToken(dataclasses.replace(TINY, max_pixels=60 * 90)).single(photo, 0)
    everything = DiffToken(TINY, parity=True).single(photo, 0)
    assert int(limited.cells[limited.scales != 9].max()) < 2 * -(-90 // 8)
    assert int(everything.cells.max()) >= 600 // 8 - 10


def test_sizes_that_no_memory_could_hold_are_refused_in_parity_and_limited_else(textured: Make) -> None:
    line, large = textured(1, 900), textured(3000, 4)
    config = dataclasses.replace(MIDDLE, max_pixels=96 * 96)
    for seed in range(3):
        assert DiffToken(config).pair(line, large, seed)[0].count <= 200
    with pytest.raises(KnownError, match="900×1 and 4×3000"):
        for seed in range(6):  # which side is aligned is a lot
            DiffToken(config, parity=True).pair(line, large, seed)


@pytest.mark.parametrize(
    "photo",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8), np.ones((4, 4, 3))],
)
def test_what_is_no_photo_is_refused(photo: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="not empty"):
        DiffToken().single(photo)
    with pytest.raises(ValueError, match="not empty"):
        DiffToken().pair(photo, photo, 0)


# --- parity


def test_parity_puts_fine_positions_in_raster_order_and_nothing_else_differs() -> None:
    """Quirk a, and the law that the default keeps: positions of two fine blocks in one row of blocks are mixed up."""
    photo = coordinates(24, 36, 16)
    right, quirky = DiffToken(ROOMY).single(photo, 7), DiffToken(ROOMY, parity=True).single(photo, 7)
    for part in ("patches", "scales", "cells"):
        assert torch.equal(getattr(right, part), getattr(quirky, part))
    fine = right.scales == 1
    assert torch.equal(right.rows[~fine], quirky.rows[~fine])
    places = said(quirky, (12, 18), ROOMY)
    fine_places = places[places[:, 0] == 1][:, 1:]
    np.testing.assert_array_equal(fine_places, fine_places[np.lexsort((fine_places[:, 1], fine_places[:, 0]))])
    fine_cells = right.cells[fine].numpy()
    assert not np.array_equal(fine_places, fine_cells)
    np.testing.assert_array_equal(said(right, (12, 18), ROOMY)[places[:, 0] == 1][:, 1:], fine_cells)


def test_parity_mixes_four_of_twelve_tokens_where_two_of_three_blocks_share_a_row() -> None:
    """The example that the description counts."""
    config = dataclasses.replace(TINY, length=200, hidden_size=24, max_pixels=1 << 30)
    layout = DiffToken(config, parity=True)._layout(3, 4, np.array([1, 3, 8]))
    fine = layout.scales == 1
    assert int((layout.cells[fine] != layout.places[fine]).any(axis=1).sum()) == 4
    honest = DiffToken(config)._layout(3, 4, np.array([1, 3, 8]))
    np.testing.assert_array_equal(honest.cells, honest.places)


def test_parity_draws_a_single_photo_anew_each_time_unless_seeded(textured: Make) -> None:
    """Quirk c."""
    photo = textured(150, 200)
    cutter = DiffToken(MIDDLE, parity=True)
    assert not torch.equal(cutter.single(photo).cells, cutter.single(photo).cells)
    assert torch.equal(cutter.single(photo, 3).cells, cutter.single(photo, 3).cells)


def test_parity_compares_blocks_in_the_order_in_which_they_come(textured: Make) -> None:
    """Quirk h: photos of one height and two widths, the same where both see the scene."""
    wide = textured(64, 160).astype(np.float32) / 255
    narrow = np.ascontiguousarray(wide[:, :128])
    assert not importance(np.ascontiguousarray(wide[:, :128]), narrow, PUBLISHED).any()
    in_order = importance_in_order(wide, narrow, PUBLISHED)
    assert len(in_order) == 8
    assert not in_order[:4].any()
    assert bool((in_order[4:] > 0.05).all()), "the second row of blocks is off by one"


def test_both_ways_to_compare_blocks_agree_where_widths_do(textured: Make) -> None:
    first, second = (textured(96, 128, seed=seed).astype(np.float32) / 255 for seed in (0, 1))
    second[:32] = first[:32]
    found = importance(first, second, PUBLISHED)
    np.testing.assert_allclose(found.ravel(), importance_in_order(first, second, PUBLISHED), atol=2e-5)
    assert not found[0].any()
    block = np.s_[32:64, 96:128]
    each = [structural_similarity(first[block][..., c], second[block][..., c], data_range=1.0) for c in range(3)]
    assert found[1, 3] == pytest.approx(1 - np.mean(each), abs=2e-5)


def test_where_no_quirk_acts_parity_and_default_agree(textured: Make) -> None:
    small = textured(200, 300)
    default, quirky = DiffToken().single(small, 0), DiffToken(parity=True).single(small, 0)
    for part in dataclasses.fields(Tokens):
        assert torch.equal(getattr(default, part.name), getattr(quirky, part.name))
    pair = textured(90, 120), textured(90, 120, seed=1)
    for one, two in zip(DiffToken(MIDDLE).pair(*pair, 1), DiffToken(MIDDLE, parity=True).pair(*pair, 1), strict=True):
        assert torch.equal(one.patches, two.patches)
        assert torch.equal(one.scales, two.scales)
        assert torch.equal(one.rows[one.scales == 0], two.rows[two.scales == 0])


@given(name=st.text(max_size=8), first=st.integers(0, 50), second=st.integers(0, 50))
@settings(max_examples=15)
def test_a_pairs_seed_is_the_md5_of_its_name(name: str, first: int, second: int) -> None:
    expected = int(hashlib.md5(f"{name}_{first}_{second}".encode(), usedforsecurity=False).hexdigest(), 16) % 10000
    assert pair_seed(name, first, second) == expected


@pytest.mark.parametrize(
    ("change", "complaint"),
    [({"block": 24}, "multiple"), ({"block": 4, "patch": 2}, "7"), ({"length": 57}, "57 tokens")],
)
def test_impossible_settings_are_refused(change: dict[str, int], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        dataclasses.replace(PUBLISHED, **change)
