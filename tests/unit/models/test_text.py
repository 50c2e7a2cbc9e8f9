"""Words to tokens: cut where the paper cuts, empty where nothing is said, and never from the network."""

from __future__ import annotations

import json
import pickle
import shutil
import socket
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.text import TextEncoder, find_installed, find_text_encoder, join_comments

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def encoder(tiny_bert: Path) -> TextEncoder:
    return find_text_encoder(str(tiny_bert))


@pytest.fixture
def copied(tiny_bert: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_bert, tmp_path / "copy")


def test_words_become_tokens_and_the_shorter_text_is_padded(encoder: TextEncoder) -> None:
    found = encoder.encode(["a sharp photo", "sharply the sea, lovely!"])
    assert found.tokens.shape == (2, 9, 16)
    assert (~found.padding).sum(dim=1).tolist() == [5, 9]  # [CLS] and [SEP] stay
    assert found.tokens.dtype == torch.float32
    assert bool((found.tokens[0, 5:] == 0).all())


@pytest.mark.parametrize("nothing", ["", "  \n\t", "\u200b\u200b"])
def test_a_photo_without_words_is_all_padding(encoder: TextEncoder, nothing: str) -> None:
    found = encoder.encode(["a photo", nothing])
    assert found.padding.all(dim=1).tolist() == [False, True]
    alone = encoder.encode([nothing])
    assert bool(alone.padding.all())
    assert alone.tokens.shape[1] >= 1


def test_no_photos_are_no_rows(encoder: TextEncoder) -> None:
    assert encoder.encode([]).tokens.shape[0] == 0


def test_words_are_read_alike_alone_and_in_company(encoder: TextEncoder) -> None:
    words = ["a dull photo", "", *["light and sharp tree ! " * (1 + row % 4) for row in range(20)]]
    together = encoder.encode(words)
    for row in (0, 5, 21):
        alone = encoder.encode([words[row]])
        torch.testing.assert_close(together.tokens[row, : alone.tokens.shape[1]], alone.tokens[0])
        assert int((~together.padding[row]).sum()) == alone.tokens.shape[1]


def test_the_order_of_words_and_what_they_say_matter(encoder: TextEncoder) -> None:
    one, other, third = (encoder.encode([words]).tokens for words in ("sharp photo", "photo sharp", "dull photo"))
    assert not torch.allclose(one, other)
    assert not torch.allclose(one, third)


def test_long_texts_are_cut_where_the_encoder_ends(encoder: TextEncoder) -> None:
    found = encoder.encode(["tree " * 200])
    assert found.tokens.shape[1] == encoder.card.max_tokens == 24
    assert torch.equal(found.tokens, encoder.encode(["tree " * 300]).tokens)


def test_no_more_than_512_tokens_are_read_however_many_there_could_be(copied: Path) -> None:
    config = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 600}))
    settings = json.loads((copied / "tokenizer_config.json").read_text())
    (copied / "tokenizer_config.json").write_text(json.dumps(settings | {"model_max_length": 600}))
    tensors = load_file(copied / "model.safetensors")
    name = "embeddings.position_embeddings.weight"
    save_file(tensors | {name: tensors[name].repeat(25, 1)}, copied / "model.safetensors", {"format": "pt"})
    encoder = find_text_encoder(str(copied))
    assert encoder.card.max_tokens == 512
    assert encoder.encode(["tree " * 700]).tokens.shape[1] == 512


def test_the_encoder_is_frozen(encoder: TextEncoder) -> None:
    assert not any(parameter.requires_grad for parameter in encoder.parameters())
    assert not encoder.encode(["a photo"]).tokens.requires_grad
    assert not encoder.network.training


def test_an_installed_encoder_is_found_by_its_name(installed_bert: Path) -> None:
    found = find_text_encoder("tiny-bert")
    assert (found.card.name, found.spec, found.card.width) == ("tiny-bert", "tiny-bert", 16)
    assert found.card.folder == installed_bert
    assert len(found.card.version) == 12


def test_a_missing_encoder_names_the_command_that_fetches_it_and_asks_no_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda *_: None)
    with pytest.raises(ModelUnavailable, match="aesthetic-studio models fetch bert-base-uncased"):
        find_text_encoder("bert-base-uncased")


@pytest.mark.parametrize("spec", ["../tiny-bert", "/etc", "", "a/b/c", ".hidden"])
def test_a_name_from_a_card_never_leads_to_a_path(spec: str) -> None:
    with pytest.raises(ModelUnavailable, match="There is no text encoder"):
        find_installed(spec)


def test_an_encoder_in_the_hubs_cache_is_found(tiny_bert: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cached(repository: str, file: str) -> str | None:
        path = tiny_bert / file
        return str(path) if repository == "google-bert/small" and path.is_file() else None

    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", cached)
    assert find_text_encoder("small").card.name == "small"


def test_a_folder_without_an_encoder_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"Looked for config\.json and model\.safetensors"):
        find_text_encoder(str(tmp_path))


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", b"{"),
        ("config.json", b'{"model_type": "crystal-ball"}'),
        ("config.json", b'{"model_type": "x", "auto_map": {"AutoModel": "code.Model", "AutoConfig": "code.C"}}'),
        ("model.safetensors", b"nothing"),
    ],
)
def test_a_damaged_encoder_names_its_folder(copied: Path, file: str, content: bytes) -> None:
    (copied / file).write_bytes(content)
    (copied / "code.py").write_text("raise SystemExit('code of a model was run')")
    with pytest.raises(ModelUnavailable, match="copy: the text encoder cannot be loaded"):
        find_text_encoder(str(copied))


def test_weights_that_lack_a_layer_are_not_filled_with_chance(copied: Path) -> None:
    tensors = load_file(copied / "model.safetensors")
    tensors.pop("encoder.layer.0.output.dense.weight")
    save_file(tensors, copied / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelUnavailable, match=r"another architecture \(encoder\.layer\.0\.output\.dense\.weight"):
        find_text_encoder(str(copied))


def test_a_pickle_in_place_of_weights_is_not_run(copied: Path, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return (tmp_path.joinpath("went-off").touch, ())

    (copied / "model.safetensors").unlink()
    (copied / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb(), protocol=2))
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        find_text_encoder(str(copied))
    assert not (tmp_path / "went-off").exists()


def test_comments_are_joined_as_sentences_in_their_order() -> None:
    assert join_comments(["Lovely light", "too dark!", "  the\n sea  "]) == "Lovely light. too dark! the sea."
    assert join_comments([]) == join_comments(["", " \n", "...", "\x00"]) == ""
    assert join_comments(["so good", "meh", "so good"]) == "so good. meh."


@given(st.lists(st.text(max_size=20), max_size=6))
def test_joined_comments_are_one_printable_line_and_lose_no_word(comments: list[str]) -> None:
    joined = join_comments(comments)
    assert "\n" not in joined
    assert joined == joined.strip()
    for comment in comments:
        if comment.isalnum():
            assert comment in joined
