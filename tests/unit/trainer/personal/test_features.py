"""Features are computed once for each content, and a damaged file of them is no loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models import registry
from trainer.personal import features as features_module
from trainer.personal.features import FeatureStore

from .conftest import jpeg, picture

if TYPE_CHECKING:
    from pathlib import Path

    from aesthetic_studio.models.card import ModelCard

HASHES = [bytes([number]) * 16 for number in range(1, 5)]


@pytest.fixture
def previews() -> dict[bytes, bytes]:
    return {content: jpeg(picture(number)) for number, content in enumerate(HASHES)}


def test_features_are_kept_and_read_back(base: ModelCard, previews: dict[bytes, bytes], tmp_path: Path) -> None:
    store = FeatureStore(base, tmp_path)
    store.add(registry.load_model("small", "cpu"), previews)
    again = FeatureStore(base, tmp_path)
    assert again.missing(HASHES) == []
    assert np.array_equal(again.get(HASHES[::-1]).scores, store.get(HASHES).scores[::-1])
    assert np.allclose(again.get(HASHES).probabilities.sum(axis=1), 1.0, atol=1e-5)


def test_nothing_is_computed_twice(
    base: ModelCard, previews: dict[bytes, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = registry.load_model("small", "cpu")
    store = FeatureStore(base, tmp_path)
    store.add(model, {content: previews[content] for content in HASHES[:3]})
    seen: list[int] = []
    real = features_module.features_of
    monkeypatch.setattr(features_module, "features_of", lambda m, i, w=(): seen.append(len(i)) or real(m, i, w))
    store.add(model, previews)
    assert seen == [1]


def test_cached_and_live_features_agree(base: ModelCard, previews: dict[bytes, bytes], tmp_path: Path) -> None:
    model = registry.load_model("small", "cpu")
    store = FeatureStore(base, tmp_path)
    store.add(model, previews)
    images = np.stack([features_module.load_input(previews[content], base) for content in HASHES])
    live = features_module.features_of(model, images)
    assert np.allclose(store.get(HASHES).query, live["query"], atol=1e-5)
    assert np.allclose(store.get(HASHES).attributes, live["attributes"], atol=1e-6)


def test_a_preview_that_is_no_picture_is_passed_over(
    base: ModelCard, previews: dict[bytes, bytes], tmp_path: Path
) -> None:
    store = FeatureStore(base, tmp_path)
    store.add(registry.load_model("small", "cpu"), previews | {HASHES[0]: b"no picture"})
    assert store.get(HASHES).hashes == tuple(HASHES[1:])


def test_a_damaged_file_is_made_anew(base: ModelCard, previews: dict[bytes, bytes], tmp_path: Path) -> None:
    store = FeatureStore(base, tmp_path)
    store.add(registry.load_model("small", "cpu"), previews)
    store.path.write_bytes(store.path.read_bytes()[:100])
    assert len(FeatureStore(base, tmp_path)) == 0


def test_words_make_a_photo_another_one(base: ModelCard, previews: dict[bytes, bytes], tmp_path: Path) -> None:
    store = FeatureStore(base, tmp_path)
    store.add(registry.load_model("small", "cpu"), previews, {HASHES[0]: "a harbour"})
    assert store.missing(HASHES, {HASHES[0]: "a harbour"}) == []
    assert store.missing(HASHES, {HASHES[0]: "a harbour at night"}) == [HASHES[0]]


def test_a_folder_that_cannot_be_written_is_told(base: ModelCard, previews: dict[bytes, bytes], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(KnownError, match="cannot be kept"):
        FeatureStore(base, tmp_path / "file" / "below").add(registry.load_model("small", "cpu"), previews)
