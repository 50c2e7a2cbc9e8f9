"""Text towers of open_clip, small and with random weights: words beside the image embeddings of their own tower."""

from __future__ import annotations

import dataclasses
import json
import socket
from typing import TYPE_CHECKING, Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from aesthetic_studio.errors import ModelUnavailable, WordsUnavailable
from aesthetic_studio.models import installing, looks, registry
from aesthetic_studio.models.card import EncoderCard, EncoderReference, file_sha256
from aesthetic_studio.models.embedded import QueryHead, save_query_model
from aesthetic_studio.models.encoders import find_encoder
from aesthetic_studio.models.encoders.open_clip_tower import OpenClipTower, install_tower
from aesthetic_studio.models.encoders.open_clip_words import WordsConfig, WordsTower, load_words
from aesthetic_studio.models.mmlq import MMLQConfig
from aesthetic_studio.models.offers import find_offer
from aesthetic_studio.models.places import encoder_folder

from .conftest import TINY_VIT, open_clip_model, save_clip

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aesthetic_studio.models.card import ModelCard

TEXT = TINY_VIT["text_cfg"]
BIDIRECTIONAL = TEXT | {"no_causal_mask": True}
COCA_LIKE = TEXT | {"embed_cls": True, "output_tokens": True}
PROJECTED = TEXT | {"proj_bias": True, "pool_type": "last"}
SAID = ("a boat at sunset", "a red bicycle", "", "Ünïcode ☃ & <html>", "word " * 400)


def tiny(**text: Any) -> dict[str, Any]:
    return TINY_VIT | {"text_cfg": TEXT | text}


def expected(model: Any, text: str) -> torch.Tensor:
    """What open_clip itself says of a text."""
    import open_clip

    tokens = open_clip.SimpleTokenizer(context_length=TEXT["context_length"])([text])
    with torch.no_grad():
        return torch.nn.functional.normalize(model.encode_text(tokens), dim=-1)[0]


def installed(architecture: dict[str, Any], model: Any, folder: Path) -> EncoderCard:
    folder.mkdir(exist_ok=True)
    return install_tower(
        "Tiny", "made", save_clip(model, folder / "download.safetensors"), folder, architecture=architecture
    )


@pytest.mark.parametrize("text", SAID)
def test_an_installed_text_tower_says_what_open_clips_own_model_says(
    installed_tower: torch.nn.Module, text: str
) -> None:
    words = load_words(encoder_folder("Tiny:made"))
    torch.testing.assert_close(words.embed(text), expected(installed_tower, text))
    assert float(words.embed(text).norm()) == pytest.approx(1.0)


def test_a_photo_and_words_fit_as_well_as_open_clip_says(installed_tower: Any) -> None:
    photos = torch.randint(0, 256, (3, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(4))
    encoder = find_encoder("Tiny:made")
    assert isinstance(encoder, OpenClipTower)
    found = encoder.look(encoder(photos)) @ load_words(encoder_folder("Tiny:made")).embed("a boat")
    normalised = (photos / 255.0 - encoder.mean) / encoder.std
    with torch.no_grad():
        theirs = installed_tower.encode_image(normalised, normalize=True) @ expected(installed_tower, "a boat")
    torch.testing.assert_close(found, theirs)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("CLIP", TEXT),
        ("CustomTextCLIP", TEXT),
        ("CustomTextCLIP", BIDIRECTIONAL),
        ("CustomTextCLIP", PROJECTED),
        ("CLIP", PROJECTED),
    ],
    ids=["CLIP", "CustomTextCLIP", "bidirectional", "custom, projected", "CLIP, projected"],
)
def test_both_layouts_of_open_clip_are_read(tmp_path: Path, kind: str, text: dict[str, Any]) -> None:
    architecture = TINY_VIT | {"text_cfg": text}
    model = open_clip_model(architecture, kind)
    card = installed(architecture, model, tmp_path / "to")
    assert card.words is not None
    assert card.without_words == ""
    torch.testing.assert_close(
        load_words(tmp_path / "to").embed("a boat at sunset"), expected(model, "a boat at sunset")
    )


def test_the_text_tower_of_a_coca_is_read_without_its_decoder(tmp_path: Path) -> None:
    import open_clip

    torch.manual_seed(3)
    multimodal = {"context_length": 12, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1}
    model = open_clip.CoCa(12, multimodal, COCA_LIKE, TINY_VIT["vision_cfg"] | {"output_tokens": True}).eval()
    architecture = {"embed_dim": 12, "vision_cfg": TINY_VIT["vision_cfg"], "text_cfg": COCA_LIKE}
    installed(architecture, model, tmp_path / "to")
    assert not any("decoder" in name for name in load_file(tmp_path / "to" / "words.safetensors"))
    torch.testing.assert_close(load_words(tmp_path / "to").embed("a boat"), expected(model, "a boat"))


def test_half_precision_on_disk_stays_half_there_and_is_read(tiny_clip: tuple[Any, Path], tmp_path: Path) -> None:
    path = tmp_path / "half.safetensors"
    save_file({name: tensor.half() for name, tensor in tiny_clip[0].state_dict().items()}, path)
    install_tower("Tiny", "half", path, tmp_path / "to", architecture=TINY_VIT)
    assert {tensor.dtype for tensor in load_file(tmp_path / "to" / "words.safetensors").values()} == {torch.float16}
    found = load_words(tmp_path / "to").embed("a boat")
    torch.testing.assert_close(found, expected(tiny_clip[0], "a boat"), atol=0.01, rtol=0.01)


def test_its_card_names_the_words_file_and_its_hash(installed_tower: Any) -> None:
    folder = encoder_folder("Tiny:made")
    words = EncoderCard.load(folder / "encoder.json").words
    assert words is not None
    assert words.sha256 == file_sha256(folder / words.file)
    assert words.config["text_cfg"] == TEXT


@pytest.fixture(scope="module")
def untrained() -> WordsTower:
    torch.manual_seed(2)
    return WordsTower(WordsConfig(12, TEXT)).eval()


@settings(deadline=None)
@given(text=st.text(max_size=200))
def test_every_text_has_an_embedding_of_length_one(untrained: WordsTower, text: str) -> None:
    assert float(untrained.embed(text).norm()) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"hf_tokenizer_name": "owner/vocabulary"}, "the vocabulary owner/vocabulary of the hub"),
        ({"hf_model_name": "roberta-base"}, "roberta-base of the hub"),
        ({"vocab_size": 100}, "knows 100 tokens"),
        ({"norm_kwargs": {"eps": 1e-6}}, "norm_kwargs"),
        ({"layers": 10**9}, "layers is 1000000000"),
        ({"width": 1 << 14, "layers": 256}, "larger than any there is"),
        ({"heads": 3}, "cannot build"),
        ({"mlp_ratio": float("nan")}, "mlp_ratio is nan"),
    ],
)
def test_what_cannot_be_read_leaves_the_image_tower_and_the_card_says_why(
    tiny_clip: tuple[Any, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, Any],
    complaint: str,
) -> None:
    monkeypatch.setattr(socket, "socket", None)
    card = install_tower("Tiny", "made", tiny_clip[1], tmp_path, architecture=tiny(**change))
    assert card.words is None
    assert complaint in card.without_words
    assert {path.name for path in tmp_path.iterdir()} == {"encoder.json", "encoder.safetensors"}
    assert EncoderCard.load(tmp_path / "encoder.json").without_words == card.without_words


@pytest.mark.parametrize(
    ("change", "complaint"),
    [({"text_cfg": "none"}, "not a table"), ({"embed_dim": 0}, "embed_dim is 0"), ({"more": 1}, "more")],
)
def test_a_card_whose_words_were_tampered_with_is_refused_by_its_name(
    installed_tower: Any, change: dict[str, Any], complaint: str
) -> None:
    path = encoder_folder("Tiny:made") / "encoder.json"
    card = json.loads(path.read_text())
    card["words"]["config"] |= change
    path.write_text(json.dumps(card))
    with pytest.raises(ModelUnavailable, match=rf"encoder\.json: .*{complaint}"):
        load_words(path.parent)


def test_a_words_file_outside_the_folder_is_refused(installed_tower: Any) -> None:
    path = encoder_folder("Tiny:made") / "encoder.json"
    card = json.loads(path.read_text())
    card["words"]["file"] = "../words.safetensors"
    path.write_text(json.dumps(card))
    with pytest.raises(ModelUnavailable, match="is not a"):
        load_words(path.parent)


def test_damaged_words_are_told(installed_tower: Any) -> None:
    folder = encoder_folder("Tiny:made")
    (folder / "words.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelUnavailable, match=r"words\.safetensors: the weights are damaged"):
        load_words(folder)


def test_a_tower_that_was_installed_without_its_words_gets_them_when_it_is_fetched_again(installed_tower: Any) -> None:
    folder = encoder_folder("Tiny:made")
    offer = dataclasses.replace(find_offer("ViT-B-16:openai"), name="Tiny:made")
    assert installing.is_installed(offer)
    card = EncoderCard.load(folder / "encoder.json")
    dataclasses.replace(card, words=None).save(folder)
    assert not installing.is_installed(offer)
    dataclasses.replace(card, words=None, without_words="it has none").save(folder)
    assert installing.is_installed(offer), "a tower that has no words is not fetched for ever"


def test_a_file_of_the_image_tower_alone_is_installed_as_before(tiny_clip: tuple[Any, Path], tmp_path: Path) -> None:
    path = tmp_path / "visual.safetensors"
    save_file({name: t for name, t in tiny_clip[0].state_dict().items() if name.startswith("visual.")}, path)
    card = install_tower("Tiny", "made", path, tmp_path / "to", architecture=TINY_VIT)
    assert card.words is None
    assert "holds no text tower" in card.without_words


# -- which words fit which looks -------------------------------------------------------------------------------------


@pytest.fixture
def clip_model(installed_tower: Any, own_data_folder: Path) -> Callable[..., ModelCard]:
    """Install a model of queries on the small CLIP, by name or with the tower in its folder."""

    def install(name: str = "mine", *, bundle: bool = False) -> ModelCard:
        torch.manual_seed(0)
        head = QueryHead(MMLQConfig(visual_width=32, global_width=32, width=8, heads=2))
        return save_query_model(
            registry.user_folder() / name,
            head,
            find_encoder("Tiny:made"),
            name=name,
            version="1",
            title="Mine",
            licence="none",
            summary="For tests.",
            bundle=bundle,
        )

    return install


@pytest.mark.parametrize("bundle", [False, True], ids=["by name", "carried along"])
def test_a_model_on_a_clip_is_searched_by_the_words_of_its_own_tower(
    clip_model: Callable[..., ModelCard], installed_tower: Any, made_photos: torch.Tensor, *, bundle: bool
) -> None:
    card = clip_model(bundle=bundle)
    found = looks.words_for(card.name, card.version)
    assert found.folder == encoder_folder("Tiny:made")
    model = registry.load_model("mine", "cpu")
    photos = torch.nn.functional.interpolate(made_photos.float(), 32).to(torch.uint8)
    look = model.score(model.encode(photos)).look
    assert look is not None
    encoder = find_encoder("Tiny:made")
    assert isinstance(encoder, OpenClipTower)
    torch.testing.assert_close(look, encoder.image_embedding(photos))


def test_the_words_of_another_tower_are_never_compared(clip_model: Callable[..., ModelCard], tmp_path: Path) -> None:
    clip_model(bundle=True)
    torch.manual_seed(99)
    other = open_clip_model(TINY_VIT)
    torch.nn.init.ones_(other.visual.proj)  # type: ignore[arg-type]
    installed(TINY_VIT, other, encoder_folder("Tiny:made"))
    with pytest.raises(WordsUnavailable, match="Tiny:made is not installed"):
        looks.words_for("mine", "1")


def test_a_tower_without_words_names_the_command_that_adds_them(clip_model: Callable[..., ModelCard]) -> None:
    clip_model()
    folder = encoder_folder("Tiny:made")
    card = dataclasses.replace(EncoderCard.load(folder / "encoder.json"), words=None)
    card.save(folder)
    with pytest.raises(WordsUnavailable) as missing:
        looks.words_for("mine", "1")
    assert missing.value.advice == "Get it with: aesthetic-studio models fetch Tiny:made"
    dataclasses.replace(card, without_words="its vocabulary is elsewhere").save(folder)
    with pytest.raises(WordsUnavailable, match="its vocabulary is elsewhere"):
        looks.words_for("mine", "1")


@pytest.mark.parametrize(("name", "version"), [("embedded", None), ("gone", "1"), ("mine", "2")])
def test_where_no_words_fit_the_way_out_is_named(
    clip_model: Callable[..., ModelCard], name: str, version: str | None
) -> None:
    clip_model()
    with pytest.raises(WordsUnavailable) as missing:
        looks.words_for(name, version or registry.find_card(name).version)
    assert name in missing.value.message
    assert "aesthetic-studio models fetch laion" in missing.value.advice


def test_a_personal_model_is_searched_as_its_base_is(clip_model: Callable[..., ModelCard]) -> None:
    base = clip_model("base")
    config = {"base": {"name": "base", "version": "1", "sha256": base.sha256}}
    personal = dataclasses.replace(base, name="personal", kind="personal", config=config)
    folder = registry.user_folder() / "personal"
    personal.save(folder)
    assert looks.words_for("personal", "1").folder == encoder_folder("Tiny:made")


def test_photos_scored_by_the_bundled_model_are_told_apart_by_what_was_measured(
    install_model: Callable[..., ModelCard], clip_model: Callable[..., ModelCard]
) -> None:
    bundled = registry.find_card("embedded")
    measured = looks.nearly_the_same("embedded", bundled.version)
    assert measured is not None
    assert 0.5 < measured < 1.0
    assert looks.nearly_the_same("embedded", "of another time") is None
    clip_model()
    assert looks.nearly_the_same("mine", "1") is None, "nobody measured it"
    install_model("small", encoder=EncoderReference("made", "1"))
    assert looks.nearly_the_same("small", "1") is None


def test_a_model_on_the_bundled_encoder_is_measured_as_the_bundled_one_is(own_data_folder: Path) -> None:
    bundled = registry.find_card("embedded")
    on_it = dataclasses.replace(
        bundled, name="other", version="7", config=bundled.config | {"encoder_spec": "embedded"}
    )
    on_it.save(registry.user_folder() / "other")
    assert looks.nearly_the_same("other", "7") == looks.nearly_the_same("embedded", bundled.version)
