"""Trained models of every make: with words, with shared towers, and what happens where parts are gone."""

from __future__ import annotations

import dataclasses
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import torch

from aesthetic_studio.errors import KnownError, ModelUnavailable
from aesthetic_studio.models.card import HeldOut, Interval, ModelCard
from aesthetic_studio.models.embedded import QueryHead, QueryModel, head_config, head_of, save_query_model
from aesthetic_studio.models.encoders import find_encoder
from aesthetic_studio.models.merit import MeritConfig
from aesthetic_studio.models.mmlq import MMLQConfig
from aesthetic_studio.models.registry import find_card, load_from_card, load_model
from aesthetic_studio.models.text import find_text_encoder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aesthetic_studio.models.encoders import Encoder
    from aesthetic_studio.models.text import TextEncoder

FACTS: dict[str, Any] = {"version": "1", "title": "Mine", "licence": "none", "summary": "For tests."}
MERIT = MeritConfig(texture_width=60, middle_width=12, components=5, width=4, members=2)
"""For the small compact encoder of these tests."""
WORDS = ["a lovely photo of the sea", "", "dull and blurred"]


def head_for(
    encoder: Encoder, text: TextEncoder | None = None, merit: MeritConfig | None = None, **changes: Any
) -> QueryHead:
    torch.manual_seed(3)
    config = MMLQConfig(
        visual_width=encoder.card.width,
        global_width=encoder.card.pooled_width,
        text_width=text.card.width if text else None,
        width=8,
        heads=2,
        query_std=1.0,
    )
    return QueryHead(dataclasses.replace(config, **changes), 2, merit)


@pytest.fixture
def installed(own_data_folder: Path, installed_tower: torch.nn.Module, installed_bert: Path) -> ModelCard:
    """A model of the small tower and the small BERT, as the trainer writes it."""
    encoder, text = find_encoder("Tiny:made"), find_text_encoder("tiny-bert")
    folder = own_data_folder / "models" / "mine"
    return save_query_model(folder, head_for(encoder, text), encoder, name="mine", text=text, **FACTS)


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randint(0, 256, (3, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(2))


def test_a_saved_model_is_installed_and_scores_with_words(installed: ModelCard, images: torch.Tensor) -> None:
    model = load_model("mine", "cpu")
    text = model.encode_words(WORDS)
    assert text is not None
    with_words, without = model.score(model.encode(images), text), model.score(model.encode(images))
    torch.testing.assert_close(with_words.probabilities.sum(dim=1), torch.ones(3))
    assert not torch.allclose(with_words.probabilities[0], without.probabilities[0])
    torch.testing.assert_close(with_words.probabilities[1], without.probabilities[1])
    assert find_card("mine") == installed
    assert installed.kind == "mmlq"


def test_which_words_were_looked_at_is_told(installed: ModelCard, images: torch.Tensor) -> None:
    model = load_from_card(installed, "cpu")
    text = model.encode_words(WORDS)
    assert text is not None
    looked = model.score(model.encode(images), text).text_attention
    assert looked is not None
    assert looked.shape == text.padding.shape
    torch.testing.assert_close(looked.sum(dim=1), torch.tensor([1.0, 0.0, 1.0]))
    assert bool((looked[text.padding] == 0).all())
    assert model.score(model.encode(images)).text_attention is None


def test_words_that_say_nothing_leave_the_text_encoder_alone(installed: ModelCard, own_data_folder: Path) -> None:
    shutil.rmtree(own_data_folder / "encoders" / "tiny-bert")
    model = load_from_card(installed, "cpu")
    assert isinstance(model, QueryModel)
    assert model.encode_words(["", "  "]) is None
    assert model.words_problem is None


def test_without_its_text_encoder_a_model_scores_without_words_and_says_why(
    installed: ModelCard, own_data_folder: Path, images: torch.Tensor
) -> None:
    expected = load_from_card(installed, "cpu")
    shutil.rmtree(own_data_folder / "encoders" / "tiny-bert")
    model = load_from_card(installed, "cpu")
    assert isinstance(model, QueryModel)
    assert model.encode_words(WORDS) is None
    assert "aesthetic-studio models fetch tiny-bert" in str(model.words_problem)
    tokens = model.encode(images)
    assert torch.equal(model.score(tokens).probabilities, expected.score(tokens).probabilities)


def test_another_text_encoder_of_the_same_name_is_not_used(installed: ModelCard) -> None:
    changed = dataclasses.replace(installed, config=installed.config | {"text_version": "0" * 12})
    model = load_from_card(changed, "cpu")
    assert isinstance(model, QueryModel)
    assert model.encode_words(WORDS) is None
    assert "is not the text encoder that mine learned with" in str(model.words_problem)


def test_a_tower_that_can_be_fetched_is_named_and_not_carried(installed: ModelCard, own_data_folder: Path) -> None:
    assert installed.config["encoder_spec"] == "Tiny:made"
    assert installed.config["text_spec"] == "tiny-bert"
    assert installed.folder is not None
    assert {path.name for path in installed.folder.iterdir()} == {"card.json", "model.safetensors"}
    shutil.rmtree(own_data_folder / "encoders" / "Tiny--made")
    with pytest.raises(ModelUnavailable, match="Tiny"):
        load_from_card(installed, "cpu")


def test_a_tower_can_be_carried_all_the_same(
    own_data_folder: Path, installed_tower: torch.nn.Module, images: torch.Tensor
) -> None:
    encoder = find_encoder("Tiny:made@48")
    head = head_for(encoder).eval()
    folder = own_data_folder / "models" / "whole"
    card = save_query_model(folder, head, encoder, name="whole", bundle=True, **FACTS)
    shutil.rmtree(own_data_folder / "encoders")
    model = load_from_card(card, "cpu")
    tokens = model.encode(images)
    assert (tokens.height, tokens.width) == (6, 6)
    with torch.inference_mode():
        torch.testing.assert_close(model.score(tokens).probabilities, head(tokens).probabilities)
    assert card.size_bytes > 1000
    assert "encoder_spec" not in card.config


def test_the_bundled_encoder_is_carried_along(own_data_folder: Path) -> None:
    encoder = find_encoder("embedded")
    folder = own_data_folder / "models" / "own"
    held_out = (HeldOut("made", "in words", 3, {"srcc": Interval(0.1, 0.0, 0.2)}),)
    card = save_query_model(folder, head_for(encoder), encoder, name="own", held_out=held_out, **FACTS)
    assert (folder / "encoder" / "encoder.json").is_file()
    assert ModelCard.load(folder / "card.json") == card
    assert card.headline == held_out[0]
    assert load_model("own", "cpu").card.encoder.name == "compact"


def test_queries_for_other_tokens_are_refused(own_data_folder: Path, installed_tower: torch.nn.Module) -> None:
    encoder = find_encoder("Tiny:made")
    folder = own_data_folder / "models" / "wrong"
    card = save_query_model(folder, head_for(encoder, visual_width=9), encoder, name="wrong", **FACTS)
    with pytest.raises(ModelUnavailable, match=r"it reads tokens of width 9, and Tiny gives 32"):
        load_from_card(card, "cpu")


@pytest.fixture
def judging_frames(own_data_folder: Path, tmp_path: Path, compact_encoder: Callable[..., Encoder]) -> ModelCard:
    """An installed model whose encoder tells how strongly its layers answer, and that reads merit from it."""
    encoder = compact_encoder(tmp_path)
    head = head_for(encoder, merit=MERIT)
    return save_query_model(own_data_folder / "models" / "frames", head, encoder, name="frames", **FACTS)


def test_a_model_says_which_frame_is_better(judging_frames: ModelCard, images: torch.Tensor) -> None:
    model = load_model("frames", "cpu")
    assert isinstance(model, QueryModel)
    assert model.head.merit is not None
    tokens = model.encode(images)
    assert tokens.texture is not None
    found = model.score(tokens).merit
    assert found is not None
    assert found.shape == (3,)
    expected = model.head.merit(tokens)
    assert expected is not None
    torch.testing.assert_close(found, expected)
    assert len(set(found.tolist())) == 3
    assert judging_frames.config["merit"] == dataclasses.asdict(MERIT)


def test_merit_changes_no_score(judging_frames: ModelCard, images: torch.Tensor) -> None:
    model = load_from_card(judging_frames, "cpu")
    tokens = model.encode(images)
    for missing in ("texture", "middle"):
        without = model.score(dataclasses.replace(tokens, **{missing: None}))
        assert without.merit is None
        assert torch.equal(model.score(tokens).probabilities, without.probabilities)


def test_a_model_that_did_not_learn_it_says_no_merit(
    own_data_folder: Path, tmp_path: Path, compact_encoder: Callable[..., Encoder], images: torch.Tensor
) -> None:
    encoder = compact_encoder(tmp_path)
    folder = own_data_folder / "models" / "plain"
    card = save_query_model(folder, head_for(encoder), encoder, name="plain", **FACTS)
    model = load_from_card(card, "cpu")
    tokens = model.encode(images)
    assert tokens.texture is not None
    assert model.score(tokens).merit is None
    assert "merit" not in card.config, "a card that an older version reads"


def test_queries_are_described_by_their_card_and_built_from_it(tmp_path: Path) -> None:
    for merit in (None, MERIT, dataclasses.replace(MERIT, middle_width=0)):
        head = QueryHead(MMLQConfig(visual_width=8, global_width=10, width=8, heads=2), 3, merit)
        config = json.loads(json.dumps(head_config(head)))
        again = head_of(config, tmp_path)
        assert head_config(again) == head_config(head)
        assert {name: tensor.shape for name, tensor in again.state_dict().items()} == {
            name: tensor.shape for name, tensor in head.state_dict().items()
        }
        assert again.merit is None if merit is None else again.merit is not None and again.merit.config == merit


@pytest.mark.parametrize("change", [{"texture_width": 59}, {"texture_width": 61}, {"middle_width": 9}])
def test_a_model_for_other_layers_than_its_encoders_is_refused(
    own_data_folder: Path, tmp_path: Path, compact_encoder: Callable[..., Encoder], change: dict[str, int]
) -> None:
    encoder = compact_encoder(tmp_path)
    assert (encoder.card.texture_width, encoder.card.middle_width) == (MERIT.texture_width, MERIT.middle_width)
    head = head_for(encoder, merit=dataclasses.replace(MERIT, **change))
    card = save_query_model(own_data_folder / "models" / "wrong", head, encoder, name="wrong", **FACTS)
    with pytest.raises(ModelUnavailable, match=r"^wrong: "):
        load_from_card(card, "cpu")


def test_a_model_that_reads_strengths_is_refused_where_its_encoder_tells_none(
    own_data_folder: Path, installed_tower: torch.nn.Module
) -> None:
    encoder = find_encoder("Tiny:made")
    head = head_for(encoder, merit=MERIT)
    card = save_query_model(own_data_folder / "models" / "wrong", head, encoder, name="wrong", **FACTS)
    with pytest.raises(ModelUnavailable, match=r"^wrong: "):
        load_from_card(card, "cpu")


@pytest.mark.parametrize("width", [-1, 1 << 17, "wide", None])
@pytest.mark.parametrize("key", ["texture_width", "middle_width", "components", "width", "members"])
def test_a_card_that_asks_for_an_impossible_merit_is_named(judging_frames: ModelCard, key: str, width: object) -> None:
    config = judging_frames.config | {"merit": judging_frames.config["merit"] | {key: width}}
    with pytest.raises(ModelUnavailable, match=r"card\.json: this program cannot build such a model"):
        load_from_card(dataclasses.replace(judging_frames, config=config), "cpu")


def test_a_checkpoint_of_another_architecture_is_refused(installed: ModelCard) -> None:
    for change, complaint in (
        ({"text_width": None}, r"text\S* is not part of it"),
        ({"self_attention": "cross"}, "is missing"),
        ({"queries": 9}, r"queries\.\w+ is \(4, 8\), not \(9, 8\)"),
        ({"head_layers": 2}, r"hidden\.0\.weight is missing"),
    ):
        config = installed.config | {"mmlq": installed.config["mmlq"] | change}
        with pytest.raises(ModelUnavailable, match=complaint):
            load_from_card(dataclasses.replace(installed, config=config), "cpu")


@pytest.mark.parametrize("spec", ["../../secret", "/etc/x.tflite", 3, ["Tiny:made"]])
def test_a_card_cannot_name_an_encoder_by_a_path(installed: ModelCard, spec: object) -> None:
    changed = dataclasses.replace(installed, config=installed.config | {"encoder_spec": spec})
    with pytest.raises(ModelUnavailable, match=r"names no image tower|which is no name"):
        load_from_card(changed, "cpu")


def test_another_version_of_the_named_tower_is_refused(installed: ModelCard, own_data_folder: Path) -> None:
    path = own_data_folder / "encoders" / "Tiny--made" / "encoder.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": "other"}))
    with pytest.raises(ModelUnavailable, match="this is encoder Tiny other, and mine needs Tiny made"):
        load_from_card(installed, "cpu")


@pytest.mark.parametrize("members", [0, -1, 10**9])
def test_an_impossible_number_of_members_is_refused(installed: ModelCard, members: int) -> None:
    with pytest.raises(ModelUnavailable, match="members is"):
        load_from_card(dataclasses.replace(installed, config=installed.config | {"members": members}), "cpu")


def test_loading_a_model_leaves_the_random_numbers_alone(install_model: Callable[..., ModelCard]) -> None:
    card = install_model()
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    load_from_card(card, "cpu")
    assert torch.equal(torch.rand(3), expected)


def test_a_failed_save_leaves_the_old_model_whole(installed: ModelCard, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_tensors: object, path: Path) -> None:
        path.write_bytes(b"half of")
        raise OSError(28, "No space left on device")

    encoder = find_encoder("Tiny:made")
    assert installed.folder is not None
    with monkeypatch.context() as patched:
        patched.setattr("aesthetic_studio.models.weights.save_file", full)
        with pytest.raises(KnownError, match=r"model\.safetensors: the weights cannot be written .*No space left"):
            save_query_model(installed.folder, head_for(encoder), encoder, name="mine", **FACTS)
    assert load_from_card(installed, "cpu").card.name == "mine"
    assert {path.name for path in installed.folder.iterdir()} == {"card.json", "model.safetensors"}


def test_words_can_be_encoded_where_queries_learn(installed: ModelCard, images: torch.Tensor) -> None:
    encoder, text = find_encoder("Tiny:made"), find_text_encoder("tiny-bert")
    head = head_for(encoder, text).train()
    head(encoder(images), text.encode(WORDS)).probabilities[:, 0].sum().backward()
    assert all(parameter.grad is not None for parameter in head.parameters())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is here")
def test_a_gpu_scores_as_the_cpu_does(installed: ModelCard, images: torch.Tensor) -> None:
    answers = []
    for device in ("cpu", "cuda"):
        model = load_from_card(installed, device)
        answers.append(model.score(model.encode(images), model.encode_words(WORDS)).probabilities.cpu())
    torch.testing.assert_close(*answers, atol=1e-3, rtol=1e-2)
