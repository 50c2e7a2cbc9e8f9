"""Features are encoded once and are the same however the work was interrupted; damage and change are noticed."""

from __future__ import annotations

import dataclasses
import errno
import multiprocessing
import pickle
import shutil
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from aesthetic_studio.errors import DiskFull, KnownError
from aesthetic_studio.models.card import EncoderCard
from aesthetic_studio.models.encoders import Encoder
from aesthetic_studio.models.protocol import TextTokens, VisualTokens
from trainer.cli import main
from trainer.data import open_photos, open_series, open_set
from trainer.data.images import load_image
from trainer.data.records import PhotoSet
from trainer.embedded.views import encode_views
from trainer.features import FeatureCache, build, durable
from trainer.recipes.recipe import AugmentationSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

SIDE = 16
VIEWS = AugmentationSettings(views=3)


class Mean4(Encoder):
    """Colours of 4 × 4 cells as tokens; counts the photos that it was shown."""

    def __init__(self, version: str = "1", scale: float = 1.0) -> None:
        super().__init__()
        self.shown = 0
        self.scale = scale
        self.card = EncoderCard(
            "mean4", version, "Mean", "mean", SIDE, (4, 4), 3, 6, 0, "none.safetensors", f"{version}0", "CC0"
        )

    def forward(self, images: Tensor) -> VisualTokens:
        self.shown += len(images)
        cells = torch.nn.functional.avg_pool2d(images.float() / 255.0, SIDE // 4).flatten(2).transpose(1, 2)
        grid = self.scale * cells
        return VisualTokens(grid, torch.cat([grid.mean(dim=1), grid.amax(dim=1)], dim=1), 4, 4)


class Letters:
    """One token a word: its length and first letter; counts the texts that it read."""

    def __init__(self) -> None:
        self.card = SimpleNamespace(name="letters", version="1", width=2, max_tokens=8)
        self.spec = None
        self.read = 0

    def to(self, _device: object) -> Letters:
        return self

    def encode(self, words: Sequence[str]) -> TextTokens:
        self.read += len(words)
        said = [[(len(word), ord(word[0])) for word in text.split()[:8]] for text in words]
        longest = max([1, *map(len, said)])
        tokens = torch.zeros(len(words), longest, 2)
        padding = torch.ones(len(words), longest, dtype=torch.bool)
        for row, some in enumerate(said):
            if some:
                tokens[row, : len(some)] = torch.tensor(some, dtype=torch.float32)
                padding[row, : len(some)] = False
        return TextTokens(tokens, padding)


@pytest.fixture
def some(planted: Path, tmp_path: Path) -> Path:
    """A folder of twelve voted photos, the fifth of them broken, some with words."""
    folder = tmp_path / "some"
    folder.mkdir()
    rows = ["file,mean,split,comment"]
    for number in range(12):
        shutil.copy(planted / f"{number:03d}.png", folder / f"{number}.png")
        rows.append(f"{number}.png,{4 + number / 4},{'test' if number % 3 else 'train'},{'so fine ' * (number % 4)}")
    (folder / "5.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    (folder / "ratings.csv").write_text("\n".join(rows) + "\n")
    return folder


def _photos(folder: Path) -> PhotoSet:
    return open_photos(folder)


def _make(folder: Path, cache: Path, encoder: Encoder | None = None, **options: Any) -> FeatureCache:
    return build(_photos(folder), encoder or Mean4(), cache, shard_items=3, **options)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


class Killed(BaseException):
    """What stands for a kill: nothing in the product catches it."""


def _kill_at(monkeypatch: pytest.MonkeyPatch, write: int) -> None:
    """End the program instead of the ``write``-th file from now on."""
    real: Callable[[Path, bytes], None] = durable.write_whole
    left = iter(range(write))

    def killing(path: Path, content: bytes) -> None:
        if next(left, None) is None:
            raise Killed
        real(path, content)

    monkeypatch.setattr("trainer.features.shards.write_whole", killing)
    monkeypatch.setattr("trainer.features.labels.write_whole", killing)
    monkeypatch.setattr("trainer.features.durable.write_whole", killing)


def test_cached_features_are_the_live_ones_to_half_precision(some: Path, tmp_path: Path) -> None:
    cache = _make(some, tmp_path / "cache")
    assert isinstance(cache.set, PhotoSet)
    rows = [7, 0, 10, 0, 3]
    tokens = cache.tokens(rows)
    images = np.stack([load_image(cache.set.paths[row], SIDE) for row in rows])
    live = Mean4()(torch.from_numpy(images))
    torch.testing.assert_close(tokens.grid, live.grid, atol=5e-4, rtol=1e-3)
    torch.testing.assert_close(tokens.pooled, live.pooled, atol=5e-4, rtol=1e-3)
    assert (tokens.height, tokens.width, tokens.grid.dtype) == (4, 4, torch.float32)
    torch.testing.assert_close(cache.pooled()[rows], tokens.pooled)
    with pytest.raises(IndexError):
        cache.tokens([11])


def test_the_bundled_encoder_agrees_with_its_cache_on_real_photos(real_data: Path, tmp_path: Path) -> None:
    from aesthetic_studio.models.encoders import find_encoder

    photos = open_photos(real_data / "sophoappeal").take(np.arange(0, 734, 92))
    encoder = find_encoder("embedded")
    cache = build(photos, encoder, tmp_path / "cache", shard_items=5)
    assert cache.encoder_spec == "embedded"
    live = encoder(torch.from_numpy(np.stack([load_image(path, encoder.card.input_size) for path in photos.paths])))
    found = cache.tokens(range(len(cache)))
    torch.testing.assert_close(found.grid, live.grid, atol=5e-3, rtol=2e-3)
    torch.testing.assert_close(found.pooled, live.pooled, atol=5e-3, rtol=2e-3)


def test_the_set_comes_along_less_what_cannot_be_read(some: Path, tmp_path: Path) -> None:
    cache = _make(some, tmp_path / "cache")
    photos = _photos(some)
    found = FeatureCache.open(tmp_path / "cache").set
    assert isinstance(found, PhotoSet)
    kept = [row for row, name in enumerate(photos.files) if name != "5.png"]
    assert found.files == tuple(photos.files[row] for row in kept)
    np.testing.assert_array_equal(found.votes, photos.votes[kept])
    np.testing.assert_array_equal(found.splits, photos.splits[kept])
    assert [row.file for row in found.excluded] == ["5.png"]
    assert "damaged" in found.excluded[0].reason
    assert (cache.encoder.name, cache.encoder.grid, cache.views) == ("mean4", (4, 4), 1)
    cache.check_set(photos)


def test_series_are_encoded_too(planted: Path, tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / "set" / "a").mkdir(parents=True, exist_ok=True)
        shutil.copy(planted / f"{number:03d}.png", tmp_path / "set" / "a" / f"{number}.png")
    (tmp_path / "set" / "a" / "order.txt").write_text("2.png\n0.png\n1.png\n3.png\n")
    (tmp_path / "set" / "a" / "3.png").write_bytes(b"nothing")
    series = open_series(tmp_path / "set")
    build(series, Mean4(), tmp_path / "cache")
    found = FeatureCache.open(tmp_path / "cache").set
    assert found == dataclasses.replace(series.take(np.arange(3)), excluded=found.excluded)


WRITES = 2 * (1 + 2 * 3) + 2
"""Two stores with an index and two shards of three files each, and the set's two files."""


@pytest.mark.parametrize("write", range(WRITES))
def test_a_kill_at_any_file_changes_nothing_in_the_end(
    some: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: int
) -> None:
    monkeypatch.setattr(durable.os, "fsync", lambda _handle: None)  # a kill is no power cut, and this is quicker
    photos = _photos(some).take(np.arange(1, 7))

    def make(folder: Path) -> None:
        build(photos, Mean4(), folder, text_encoder=Letters(), views=VIEWS, shard_items=3)

    make(tmp_path / "whole")
    with monkeypatch.context() as patch:
        _kill_at(patch, write)
        with pytest.raises(Killed):
            make(tmp_path / "cache")
    with pytest.raises(KnownError, match="no finished features"):
        FeatureCache.open(tmp_path / "cache")
    make(tmp_path / "cache")
    assert _bytes(tmp_path / "cache") == _bytes(tmp_path / "whole")


def test_what_is_there_is_not_encoded_again(some: Path, tmp_path: Path) -> None:
    _make(some, tmp_path / "cache")
    encoder = Mean4()
    _make(some, tmp_path / "cache", encoder)
    assert encoder.shown == 0
    table = some / "ratings.csv"
    table.write_text(table.read_text().replace("4.0", "9.0"))
    cache = _make(some, tmp_path / "cache", encoder)
    assert encoder.shown == 0
    np.testing.assert_array_equal(cache.set.votes, np.delete(_photos(some).votes, 5, axis=0))


def test_only_new_and_changed_photos_are_encoded(some: Path, tmp_path: Path, planted: Path) -> None:
    before = _make(some, tmp_path / "cache").tokens([0, 1])
    shutil.copy(planted / "050.png", some / "1.png")
    shutil.copy(planted / "051.png", some / "new.png")
    shutil.copy(planted / "005.png", some / "5.png")  # repaired
    table = (some / "ratings.csv").read_text().splitlines()
    (some / "ratings.csv").write_text("\n".join([*table[:-1], "new.png,5,test,"]) + "\n")  # and the last one left out
    encoder = Mean4()
    cache = _make(some, tmp_path / "cache", encoder)
    assert encoder.shown == 3
    assert cache.set.files == (*(f"{k}.png" for k in range(11)), "new.png")
    live = Mean4()(torch.from_numpy(np.stack([load_image(path, SIDE) for path in cache.set.paths])))
    torch.testing.assert_close(cache.tokens(range(12)).grid, live.grid, atol=5e-4, rtol=1e-3)
    torch.testing.assert_close(cache.tokens([0]).grid[0], before.grid[0])
    assert not torch.equal(cache.tokens([1]).grid[0], before.grid[1])


def test_a_touched_file_of_the_same_content_is_not_encoded_again(some: Path, tmp_path: Path) -> None:
    _make(some, tmp_path / "cache")
    (some / "3.png").touch()
    shutil.copytree(some, tmp_path / "moved")
    encoder = Mean4()
    build(open_set(tmp_path / "moved"), encoder, tmp_path / "cache", shard_items=3)
    assert encoder.shown == 0


def test_features_of_another_encoder_are_not_mixed_in(some: Path, tmp_path: Path) -> None:
    _make(some, tmp_path / "cache")
    before = _bytes(tmp_path / "cache")
    with pytest.raises(KnownError, match=r"made with encoder name mean4, version 1.*not name mean4, version 2"):
        _make(some, tmp_path / "cache", Mean4("2"))
    with pytest.raises(KnownError, match=r"made with views views 1, not views 3"):
        _make(some, tmp_path / "cache", views=VIEWS)
    assert _bytes(tmp_path / "cache") == before


def test_a_changed_set_is_noticed_before_training_on_it(some: Path, tmp_path: Path) -> None:
    cache = _make(some, tmp_path / "cache")
    table = some / "ratings.csv"
    table.write_text(table.read_text().replace("4.0", "9.0"))
    with pytest.raises(KnownError, match="something else now"):
        cache.check_set(_photos(some))


@pytest.mark.parametrize("name", ["00001.safetensors", "00001.json"])
@pytest.mark.parametrize("how", ["changed", "cut", "gone"])
def test_damage_is_named_and_mended(some: Path, tmp_path: Path, name: str, how: str) -> None:
    whole = _make(some, tmp_path / "cache").tokens(range(11))
    path = tmp_path / "cache" / "visual" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(content if how == "changed" else content[:-9])
    with pytest.raises(KnownError, match=rf"{name}: this part of the cache is damaged or missing"):
        FeatureCache.open(tmp_path / "cache")
    said: list[str] = []
    encoder = Mean4()
    _make(some, tmp_path / "cache", encoder, say=said.append)
    assert name in said[0]
    assert 0 < encoder.shown <= 3
    torch.testing.assert_close(FeatureCache.open(tmp_path / "cache").tokens(range(11)).grid, whole.grid)


@pytest.mark.parametrize("name", ["set.json", "set.safetensors", "visual/index.json"])
def test_damage_to_the_lists_is_named(some: Path, tmp_path: Path, name: str) -> None:
    _make(some, tmp_path / "cache")
    (tmp_path / "cache" / name).write_bytes(b'{"format": 1}')
    with pytest.raises(KnownError, match=rf"{name}.* damaged"):
        FeatureCache.open(tmp_path / "cache")


def test_a_full_disk_is_said_and_spoils_nothing(
    some: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, planted: Path
) -> None:
    cache = tmp_path / "cache"
    _make(some, cache)
    before, tokens = _bytes(cache), FeatureCache.open(cache).tokens(range(11))
    shutil.copy(planted / "050.png", some / "new.png")
    with (some / "ratings.csv").open("a") as table:
        table.write("new.png,5,test,\n")
    real = durable.os.fsync

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(durable.os, "fsync", full)
    with pytest.raises(DiskFull, match=r"no room left.*run the same command again"):
        _make(some, cache)
    assert _bytes(cache) == before
    torch.testing.assert_close(FeatureCache.open(cache).tokens(range(11)).grid, tokens.grid)
    monkeypatch.setattr(durable.os, "fsync", real)
    assert len(_make(some, cache)) == 12


def test_too_little_room_is_said_before_any_work(some: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable.shutil, "disk_usage", lambda _path: SimpleNamespace(free=100))
    encoder = Mean4()
    with pytest.raises(DiskFull, match="the features need about"):
        _make(some, tmp_path / "cache", encoder)
    assert encoder.shown == 0


def test_views_are_those_of_training_and_do_not_depend_on_the_other_photos(some: Path, tmp_path: Path) -> None:
    cache = _make(some, tmp_path / "cache", views=VIEWS)
    photos = _photos(some)
    alone = build(photos.take(np.asarray([8])), Mean4(), tmp_path / "alone", views=VIEWS)
    row = cache.set.files.index("8.png")
    for number in range(3):
        torch.testing.assert_close(cache.tokens([row], number).grid, alone.tokens([0], number).grid)
    image = load_image(photos.paths[8], SIDE)[None]
    live = encode_views(Mean4(), image, dataclasses.replace(VIEWS, views=2), seed=0)
    mixed = cache.tokens([row, row], torch.tensor([0, 1]))
    torch.testing.assert_close(mixed.grid, live.grid[0].float(), atol=5e-4, rtol=1e-3)
    assert not torch.equal(cache.tokens([row], 2).grid, cache.tokens([row], 0).grid)
    other = _make(some, tmp_path / "other", views=VIEWS, seed=1)
    assert not torch.equal(other.tokens([row], 2).grid, cache.tokens([row], 2).grid)
    with pytest.raises(IndexError):
        cache.tokens([row], 3)


def test_words_are_kept_without_padding_and_padded_when_read(some: Path, tmp_path: Path) -> None:
    cache = _make(some, tmp_path / "cache", text_encoder=Letters())
    number = [int(name.removesuffix(".png")) for name in cache.set.files]
    assert list(cache.has_words) == [k % 4 > 0 for k in number]
    rows = [number.index(k) for k in (7, 4, 2)]  # with six, no and four words
    found = cache.text(rows)
    assert found is not None
    assert found.padding.tolist() == [[False] * 6, [True] * 6, [False] * 4 + [True] * 2]
    live = Letters().encode(["so fine so fine so fine.", "", "so fine so fine."])
    torch.testing.assert_close(found.tokens, live.tokens)
    none = cache.text([number.index(8)])
    assert none is not None
    assert none.padding.tolist() == [[True]]
    stored = sum(2 * (k % 4) for k in number) * 2 * 2
    lying = sum(path.stat().st_size for path in (tmp_path / "cache" / "text").glob("*.safetensors"))
    assert stored < lying < stored + 4 * 400
    assert cache.text_encoder is not None
    assert cache.text_encoder.width == 2


def test_words_can_be_added_to_features_and_only_changed_ones_are_read_again(some: Path, tmp_path: Path) -> None:
    assert _make(some, tmp_path / "cache").text([0]) is None
    encoder, reader = Mean4(), Letters()
    _make(some, tmp_path / "cache", encoder, text_encoder=reader)
    assert (encoder.shown, reader.read) == (0, 9)
    table = some / "ratings.csv"
    table.write_text(table.read_text().replace("1.png,4.25,test,so fine", "1.png,4.25,test,oh no"))
    cache = _make(some, tmp_path / "cache", encoder, text_encoder=reader)
    assert (encoder.shown, reader.read) == (0, 10)
    found = cache.text([1])
    assert found is not None
    assert [chr(int(letter)) for letter in found.tokens[0, :, 1]] == ["o", "n"]


def test_numbers_beyond_half_precision_are_held_and_those_that_are_none_excluded(some: Path, tmp_path: Path) -> None:
    cache = _make(some, tmp_path / "large", Mean4(scale=1e6))
    assert float(cache.tokens([0]).grid.max()) == 65504.0
    with pytest.raises(KnownError, match="numbers that are none"):
        _make(some, tmp_path / "none", Mean4(scale=float("nan")))


def _read_elsewhere(cache: FeatureCache, row: int, answers: Any) -> None:
    answers.put(cache.tokens([row]).grid.sum().item())


def test_several_processes_read_one_cache(some: Path, tmp_path: Path) -> None:
    cache = _make(some, tmp_path / "cache")
    assert torch.equal(pickle.loads(pickle.dumps(cache)).tokens([3]).grid, cache.tokens([3]).grid)  # noqa: S301
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    readers = [context.Process(target=_read_elsewhere, args=(cache, row, answers)) for row in (2, 2, 2)]
    for reader in readers:
        reader.start()
    found = [answers.get() for _ in readers]
    for reader in readers:
        reader.join(timeout=60)
    assert found == [cache.tokens([2]).grid.sum().item()] * 3


def test_the_command_encodes_goes_on_and_says_what_it_left_out(
    some: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], repository: Path
) -> None:
    arguments = ["features", "--data", str(some), "--output", str(tmp_path / "cache"), "--device", "cpu"]
    assert main(arguments) == 0
    said = capsys.readouterr().err
    assert "left out: 1 × the PNG data is damaged" in said
    assert "holds the features of 11 photos" in said
    assert main([*arguments, "--views", "2"]) == 1
    assert "Name another folder with --output" in capsys.readouterr().err
    assert main([*arguments, "--encoder", "nowhere"]) == 1
    assert "nowhere" in capsys.readouterr().err
    assert main(["features", "--data", str(tmp_path / "gone"), "--output", str(tmp_path / "x")]) == 1


def test_the_miniature_ava_becomes_features_with_words(made_ava: Any, tmp_path: Path) -> None:
    photos = open_photos(made_ava.folder, comments=made_ava.comments)
    cache = build(photos, Mean4(), tmp_path / "cache", text_encoder=Letters())
    assert isinstance(cache.set, PhotoSet)
    assert set(cache.set.files) == set(made_ava.test + made_ava.train) - {made_ava.missing, made_ava.broken}
    assert {row.file for row in cache.set.excluded} == {made_ava.missing, made_ava.broken}
    assert 0.7 < cache.has_words.mean() < 0.9
    assert len(cache.set.rows("test")) == 14


def test_a_picture_that_cannot_be_opened_is_left_out_once_and_not_tried_again(some: Path, tmp_path: Path) -> None:
    cache = _make(some, tmp_path / "cache")
    index = (tmp_path / "cache" / "visual" / "index.json").read_text()
    assert _make(some, tmp_path / "cache").set.excluded == cache.set.excluded
    assert (tmp_path / "cache" / "visual" / "index.json").read_text() == index
    Image.new("RGB", (9, 9)).save(some / "5.png")
    assert len(_make(some, tmp_path / "cache")) == 12
