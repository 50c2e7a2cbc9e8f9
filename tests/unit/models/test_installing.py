"""Models are installed whole or not at all; what is missing is named with the command that gets it."""

from __future__ import annotations

from shutil import copyfile
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save_file

from aesthetic_studio import cli
from aesthetic_studio.errors import KnownError, ModelUnavailable
from aesthetic_studio.models import installing, registry
from aesthetic_studio.models.encoders import open_clip_tower
from aesthetic_studio.models.encoders.open_clip_tower import OpenClipTower, TowerConfig
from aesthetic_studio.models.offers import Kind, find_offer, offers
from aesthetic_studio.models.places import encoder_folder, encoders_folder

from .test_laion import published

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aesthetic_studio.models.card import ModelCard
    from aesthetic_studio.models.download import RemoteFile


@pytest.fixture
def head(tmp_path: Path) -> Path:
    torch.save(published(), tmp_path / "head.pth")
    return tmp_path / "head.pth"


@pytest.fixture
def trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A trash of the test's own."""
    import send2trash

    folder = tmp_path / "trash"
    folder.mkdir()
    monkeypatch.setattr(send2trash, "send2trash", lambda path: path.rename(folder / path.name))
    return folder


def test_a_published_head_is_added_by_its_path(head: Path) -> None:
    installed = installing.add(head)
    assert (installed.name, installed.what) == ("laion", "model")
    assert [card.name for card in registry.installed_models()] == ["embedded", "laion"]


def test_a_model_without_its_tower_says_how_to_get_it_and_the_bundled_one_goes_on(head: Path) -> None:
    installing.add(head)
    choice = registry.choose("laion")
    assert choice.card.name == "embedded"
    assert "laion needs ViT-L-14:openai" in choice.notice
    assert "aesthetic-studio models fetch ViT-L-14:openai" in choice.notice


def test_a_model_on_offer_that_is_not_here_says_so_and_the_bundled_one_goes_on() -> None:
    choice = registry.choose("fgaesq")
    assert choice.card.name == "embedded"
    assert "aesthetic-studio models fetch fgaesq" in choice.notice


def test_a_slip_of_the_finger_is_no_choice() -> None:
    with pytest.raises(ModelUnavailable, match="no model named 'embeded'"):
        registry.choose("embeded")


def test_ranking_with_a_missing_model_says_so_and_ranks(
    tmp_path: Path, made_photos: torch.Tensor, capsys: pytest.CaptureFixture[str]
) -> None:
    from PIL import Image

    Image.fromarray(made_photos[0].permute(1, 2, 0).numpy()).resize((64, 48)).save(tmp_path / "one.jpg")
    library = str(tmp_path / "library.sqlite")
    assert cli.main(["rank", str(tmp_path), "--library", library, "--model", "laion"]) == 0
    answer = capsys.readouterr()
    assert "one.jpg" in answer.out
    assert "laion is not installed; embedded scores instead" in answer.err


def test_a_users_model_is_added_by_its_folder_under_a_name_of_its_own(
    install_model: Callable[..., ModelCard], made_photos: torch.Tensor, tmp_path: Path
) -> None:
    card = install_model("mine")
    run = tmp_path / "run"
    (run / "elsewhere").mkdir(parents=True)
    assert card.folder is not None
    card.folder.rename(run / "model")
    installed = installing.add(run, name="again")
    assert installed.name == "again"
    model = registry.load_model("again", "cpu")
    assert model.card.name == "again"
    assert model.score(model.encode(made_photos)).probabilities.shape == (16, 10)


def test_a_damaged_model_is_not_added(install_model: Callable[..., ModelCard], tmp_path: Path) -> None:
    card = install_model("mine")
    assert card.folder is not None
    elsewhere = card.folder.rename(tmp_path / "mine")
    (elsewhere / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelUnavailable, match="the weights are damaged"):
        installing.add(elsewhere)
    assert [found.name for found in registry.installed_models()] == ["embedded"]
    assert list(registry.user_folder().iterdir()) == []


@pytest.mark.parametrize("name", ["../out", "a/b", "..", ".hidden", "UPPER"])
def test_a_name_cannot_lead_out_of_the_models_folder(head: Path, name: str, own_data_folder: Path) -> None:
    before = sorted(path for path in own_data_folder.parent.rglob("*") if "models" not in path.parts)
    with pytest.raises(ModelUnavailable):
        installing.add(head, name=name)
    assert sorted(path for path in own_data_folder.parent.rglob("*") if "models" not in path.parts) == before
    assert [card.name for card in registry.installed_models()] == ["embedded"]


@pytest.mark.parametrize("spec", ["../../etc:passwd", "/etc", "..", "", "a/../../b:c", "ViT-B-16:openai"])
def test_every_spec_has_its_folder_among_the_encoders(spec: str) -> None:
    assert encoder_folder(spec).parent == encoders_folder()
    assert encoder_folder(spec).name not in {"", ".", ".."}


def test_a_replaced_model_goes_to_the_trash(head: Path, trash: Path) -> None:
    installing.add(head)
    installing.add(head)
    assert [path.name for path in trash.iterdir()] == ["laion"]
    assert (registry.user_folder() / "laion" / "card.json").is_file()


def test_a_removed_model_goes_to_the_trash_and_the_bundled_one_stays(head: Path, trash: Path) -> None:
    installing.add(head)
    installing.remove("laion")
    assert [path.name for path in trash.iterdir()] == ["laion"]
    with pytest.raises(ModelUnavailable, match="ships with the program"):
        installing.remove("embedded")


def test_the_default_model_is_the_users_choice_while_it_is_there(
    install_model: Callable[..., ModelCard], trash: Path
) -> None:
    install_model("mine")
    registry.set_default_model("mine")
    assert registry.default_model() == "mine"
    installing.remove("mine")
    assert registry.default_model() == "embedded"


def test_a_model_that_cannot_score_is_no_default(head: Path) -> None:
    installing.add(head)
    with pytest.raises(ModelUnavailable, match="ViT-L-14:openai is not installed"):
        registry.set_default_model("laion")


def test_a_model_whose_text_encoder_is_missing_scores_without_words_and_says_so(
    install_model: Callable[..., ModelCard],
) -> None:
    card = install_model("mine")
    install_model("mine", config={**card.config, "text_spec": "bert-base-uncased"})
    choice = registry.choose("mine")
    assert choice.card.name == "mine"
    assert "without words" in choice.notice
    assert "models fetch bert-base-uncased" in choice.notice
    registry.set_default_model("mine")
    assert registry.default_model() == "mine"


def test_where_no_licence_is_stated_the_user_is_asked_before_anything_is_fetched() -> None:
    asked = []

    def refuse(offer: object) -> bool:
        asked.append(offer)
        return False

    with pytest.raises(KnownError, match="fgaesq was not fetched"):
        installing.fetch("fgaesq", agree=refuse)
    assert asked == [find_offer("fgaesq")]
    assert find_offer("fgaesq").licence == ""


def test_the_command_refuses_what_has_no_licence_where_nobody_can_be_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["models", "fetch", "fgaesq"]) == 2
    error = capsys.readouterr().err
    assert "licence: none stated" in error
    assert "--yes" in error


def test_every_offer_says_what_it_is_and_where_it_comes_from() -> None:
    for offer in offers():
        assert offer.title
        assert offer.source.startswith("https://")
        assert all(file.url.startswith("https://") for file in offer.files)
        assert set(offer.needs) <= {other.name for other in offers()}
    assert {offer.kind for offer in offers()} == set(Kind)


def test_a_tower_that_open_clip_knows_is_offered_under_its_name() -> None:
    offer = find_offer("ViT-B-32:laion2b_s34b_b79k")
    assert offer.kind is Kind.TOWER
    assert offer.files[0].url.endswith("open_clip_model.safetensors")


def test_an_unknown_tower_is_answered_with_its_relatives() -> None:
    with pytest.raises(ModelUnavailable, match=r"ViT-B-32:openai"):
        find_offer("ViT-B-32:nobody")


def test_a_fetched_model_works_from_the_first_byte_to_the_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made_photos: torch.Tensor
) -> None:
    """All of ``fetch laion``, with a hub that is a folder and a tower of the right form."""
    vision = {"image_size": 32, "patch_size": 8, "width": 32, "layers": 1, "head_width": 16}
    tower = OpenClipTower(TowerConfig({"embed_dim": 768, "vision_cfg": vision}, (0.5,) * 3, (0.3,) * 3))
    save_file({f"visual.{name}": tensor for name, tensor in tower.tower.state_dict().items()}, tmp_path / "tower")
    torch.save(published(), tmp_path / "head")

    def bring(file: RemoteFile, folder: Path, **_: object) -> tuple[Path, str]:
        folder.mkdir(parents=True, exist_ok=True)
        source = tmp_path / ("tower" if file.name.endswith("safetensors") else "head")
        return copyfile(source, folder / file.name), ""

    real = open_clip_tower.install_tower
    monkeypatch.setattr(installing, "download", bring)
    monkeypatch.setattr(
        open_clip_tower,
        "install_tower",
        lambda *given, **named: real(*given, **named, architecture={"embed_dim": 768, "vision_cfg": vision}),
    )
    installed = installing.fetch("laion", agree=lambda _: True)
    assert [each.name for each in installed] == ["ViT-L-14:openai", "laion"]
    assert registry.choose("laion").notice == ""
    model = registry.load_model("laion", "cpu")
    answer = model.score(model.encode(made_photos))
    torch.testing.assert_close(answer.probabilities.sum(dim=1), torch.ones(16))
    assert installing.fetch("laion", agree=lambda _: False) == []


@pytest.mark.parametrize("action", ["fetch", "add", "use", "remove"])
def test_an_action_without_a_name_shows_an_example(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", action]) == 2
    assert f"models {action}" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["nothing", "text", "folder"])
def test_what_is_no_model_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / ("empty" if content == "folder" else "file.txt")
    if content == "folder":
        path.mkdir()
    elif content == "text":
        path.write_text("hello")
    with pytest.raises(ModelUnavailable, match=path.name.replace(".", r"\.")):
        installing.add(path)
