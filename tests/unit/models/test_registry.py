"""Models are found by their cards, and one that cannot be used says why."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import torch

from aesthetic_studio.errors import KnownError, ModelUnavailable
from aesthetic_studio.models.card import EncoderReference, ModelCard
from aesthetic_studio.models.devices import available_devices, resolve_device
from aesthetic_studio.models.registry import default_model, find_card, installed_models, load_model

if TYPE_CHECKING:
    from collections.abc import Callable


def test_listing_models_does_not_load_torch() -> None:
    code = (
        "import sys; from aesthetic_studio.models.registry import installed_models; "
        "assert installed_models(); print('torch' in sys.modules, 'numpy' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["False", "False"]


def test_the_default_model_is_installed() -> None:
    assert default_model() in [card.name for card in installed_models()]


def test_an_unknown_model_is_answered_with_what_is_there(install_model: Callable[..., ModelCard]) -> None:
    install_model("mine")
    with pytest.raises(ModelUnavailable, match=r"'nobody'.*embedded.*mine"):
        find_card("nobody")


@pytest.mark.parametrize("name", ["../embedded", "", "a/b", ".."])
def test_a_name_cannot_lead_out_of_the_models_folder(name: str) -> None:
    with pytest.raises(ModelUnavailable, match="no model named"):
        find_card(name)


def test_a_users_model_is_loaded_and_scores(install_model: Callable[..., ModelCard], made_photos: torch.Tensor) -> None:
    install_model("mine")
    model = load_model("mine", "cpu")
    answer = model.score(model.encode(made_photos))
    assert model.card.name == "mine"
    assert answer.probabilities.shape == (16, 10)
    torch.testing.assert_close(answer.probabilities.sum(dim=1), torch.ones(16))
    assert answer.attention.shape == (16, 3, 3)
    torch.testing.assert_close(answer.attention.sum(dim=(1, 2)), torch.ones(16))
    assert answer.embedding.shape[0] == 16


def test_a_users_model_replaces_a_bundled_one_of_its_name(install_model: Callable[..., ModelCard]) -> None:
    card = install_model("embedded", version="mine")
    assert find_card("embedded").folder == card.folder
    assert [found.version for found in installed_models() if found.name == "embedded"] == ["mine"]


def test_damaged_weights_are_named(install_model: Callable[..., ModelCard]) -> None:
    card = install_model()
    with card.weights.open("r+b") as stream:
        stream.seek(-1, 2)
        last = stream.read(1)
        stream.seek(-1, 2)
        stream.write(bytes([last[0] ^ 1]))
    with pytest.raises(ModelUnavailable, match=r"model\.safetensors: the weights are damaged"):
        load_model("small", "cpu")


def test_a_damaged_encoder_is_named(install_model: Callable[..., ModelCard]) -> None:
    card = install_model()
    (card.weights.parent / "encoder" / "encoder.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelUnavailable, match=r"encoder\.safetensors: the weights are damaged"):
        load_model("small", "cpu")


def test_missing_weights_are_named(install_model: Callable[..., ModelCard]) -> None:
    install_model().weights.unlink()
    with pytest.raises(ModelUnavailable, match=r"model\.safetensors: the model's weights are missing"):
        load_model("small", "cpu")


def test_weights_of_another_architecture_are_refused(install_model: Callable[..., ModelCard]) -> None:
    config = install_model().config
    install_model(config={**config, "members": 3})
    with pytest.raises(ModelUnavailable, match=r"another architecture \(members\.2\.\S+ is missing\)"):
        load_model("small", "cpu")
    wider = {**config, "mmlq": {**config["mmlq"], "queries": 7}}
    install_model(config=wider)
    with pytest.raises(ModelUnavailable, match=r"queries\.visual is \(4, 8\), not \(7, 8\)"):
        load_model("small", "cpu")


def test_an_impossible_architecture_names_the_card(install_model: Callable[..., ModelCard]) -> None:
    install_model(config={"members": 1, "mmlq": {"visual_width": 8, "wings": 2}})
    with pytest.raises(ModelUnavailable, match=r"card\.json: .*wings"):
        load_model("small", "cpu")


def test_a_model_of_an_unknown_kind_says_which_are_known(install_model: Callable[..., ModelCard]) -> None:
    install_model(kind="crystal-ball")
    with pytest.raises(ModelUnavailable, match=r"'crystal-ball'.*embedded"):
        load_model("small", "cpu")


def test_a_model_is_not_run_on_another_encoder(install_model: Callable[..., ModelCard]) -> None:
    install_model(encoder=EncoderReference("compact", "99"))
    with pytest.raises(ModelUnavailable, match="this is encoder local-bank 1, and small needs compact 99"):
        load_model("small", "cpu")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"input_size": "large"}, "'input_size'"),
        ({"mean": [1.0]}, "'mean'"),
        ({"wings": 2}, "no field 'wings'"),
        ({"file": "../../weights.safetensors"}, "beside the card"),
        ({"file": "model.pt"}, "beside the card"),
        ({"name": "No Such Name"}, "'No Such Name'"),
        ({"sha256": None}, "'sha256'"),
        ({"held_out": [{"set": "x"}]}, "'protocol' is missing"),
        ({"encoder": 3}, "'encoder'"),
    ],
)
def test_a_card_with_a_fault_names_file_and_field(
    install_model: Callable[..., ModelCard], change: dict[str, object], complaint: str
) -> None:
    card = install_model()
    path = card.weights.parent / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ModelUnavailable, match=rf"card\.json.*{complaint}"):
        find_card("small")


@pytest.mark.parametrize("content", ["", "[]", "{", "\x00", '{"name": "x"}'])
def test_a_broken_card_hides_no_other_model(install_model: Callable[..., ModelCard], content: str) -> None:
    broken = install_model("broken")
    install_model("whole")
    (broken.weights.parent / "card.json").write_text(content)
    names = [card.name for card in installed_models()]
    assert "whole" in names
    assert "broken" not in names
    with pytest.raises(ModelUnavailable, match=r"broken.card\.json"):
        find_card("broken")


def test_a_card_survives_saving_and_reading(install_model: Callable[..., ModelCard]) -> None:
    card = install_model()
    assert card.folder is not None
    assert ModelCard.load(card.folder / "card.json") == card


def test_nothing_is_unpickled(install_model: Callable[..., ModelCard], monkeypatch: pytest.MonkeyPatch) -> None:
    install_model()

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a file was unpickled")

    monkeypatch.setattr("pickle.load", refuse)
    monkeypatch.setattr("pickle.loads", refuse)
    monkeypatch.setattr("torch.load", refuse)
    assert load_model("small", "cpu").card.name == "small"


def test_auto_chooses_a_device_that_is_there() -> None:
    assert str(resolve_device("auto")) in available_devices()
    assert str(resolve_device("cpu")) == "cpu"


@pytest.mark.parametrize("name", ["cuda:99", "tpu", "CPU", ""])
def test_a_device_that_is_not_there_says_which_are(name: str) -> None:
    with pytest.raises(KnownError, match=r"Available: auto, .*cpu"):
        resolve_device(name)
