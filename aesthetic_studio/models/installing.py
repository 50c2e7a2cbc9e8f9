"""Models into the user's folder: fetched by name, or added from a path. A model is a card and its files.

    fetch NAME ─▶ downloads/NAME ─checked─▶ ┐
    add PATH   ───────────────────checked─▶ ┴▶ a folder beside its place ─rename─▶ models/NAME, encoders/NAME or faces

What is installed is whole or not there: it is made beside its place and moved there in one step. A model that is
replaced or removed goes to the trash.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aesthetic_studio import paths
from aesthetic_studio.errors import KnownError, ModelUnavailable
from aesthetic_studio.models import registry
from aesthetic_studio.models.card import CARD_FILE, ENCODER_CARD_FILE, EncoderCard, ModelCard, check_weights
from aesthetic_studio.models.download import download
from aesthetic_studio.models.faces import parts as faces
from aesthetic_studio.models.offers import Kind, Offer, find_offer
from aesthetic_studio.models.places import encoder_folder, encoders_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TORCH_SUFFIXES = {".pt", ".pth", ".bin", ".safetensors"}
ONNX_SUFFIX = ".onnx"


class NotAgreed(KnownError):
    """The user did not agree to a licence."""


@dataclass(frozen=True, slots=True)
class Installed:
    """Something that was installed."""

    name: str
    what: str
    folder: Path


def fetch(
    name: str,
    *,
    agree: Callable[[Offer], bool],
    report: Callable[[str, int, int | None], None] = lambda _name, _done, _total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[Installed]:
    """Download what an offer needs and install it, what it depends on first; what is here already is not fetched again.

    Args:
        name: An offer's name.
        agree: Asked once for each offer before its first byte, with its licence.
        report: Told a file's name, its bytes done and in all.
        should_stop: Asked between blocks; what arrived is kept.

    Raises ``ModelUnavailable``, ``DownloadFailed`` and ``NotAgreed``.
    """
    offer = find_offer(name)
    wanted = [each for each in (*map(find_offer, offer.needs), offer) if not is_installed(each)]
    for each in wanted:
        if not agree(each):
            raise NotAgreed(f"{each.name} was not fetched.", "Nothing has changed.")
    return [_fetch_one(each, report, should_stop) for each in wanted]


def is_installed(offer: Offer) -> bool:
    """Whether an offer's files are here. A tower that an earlier program took without its words is not all of it."""
    if offer.kind is Kind.TOWER:
        path = encoder_folder(offer.name) / ENCODER_CARD_FILE
        with contextlib.suppress(ModelUnavailable):
            card = EncoderCard.load(path)
            return bool(card.words or card.without_words)
        return False
    if offer.kind is Kind.TEXT:
        return (encoder_folder(offer.name) / "config.json").is_file()
    if offer.kind is Kind.FACES:
        return faces.is_installed()
    return (registry.user_folder() / offer.name / CARD_FILE).is_file()


def add(path: Path, *, name: str | None = None, tower: str | None = None) -> Installed:
    """Install a model that lies on this machine.

    ``path`` is a model's folder with its card, a run of the trainer that holds one, a frozen encoder's folder, or a
    published file of weights: FGAesQ's, a head of the LAION predictor, or with ``tower`` an open_clip image tower. The
    two files of the face models are added by their folder, or by one of them with the other beside it.
    Nothing is installed that cannot be loaded. Raises ``ModelUnavailable`` saying what was looked for.
    """
    if not path.exists():
        raise ModelUnavailable(f"{path}: there is nothing here.", "Name a model's folder or its file of weights.")
    if path.suffix.lower() == ONNX_SUFFIX:
        return _install_faces(path.parent)
    if path.is_dir():
        return _add_folder(path, name)
    if path.suffix.lower() not in TORCH_SUFFIXES:
        raise ModelUnavailable(
            f"{path}: this is no file of weights.",
            f"Weights end in {', '.join(sorted({*TORCH_SUFFIXES, ONNX_SUFFIX}))}.",
        )
    if tower is not None:
        return _install_tower(tower, path)
    return _add_weights(path, name)


def remove(name: str) -> Path:
    """Put a model that the user installed into the trash, and return where it lay. Raises ``ModelUnavailable``."""
    places = [registry.user_folder() / name, encoder_folder(name)]
    found = next((place for place in places if place.is_dir() and place.parent in _own_folders()), None)
    if name == faces.NAME and faces.faces_folder().is_dir():
        found = faces.faces_folder()
    if found is None:
        bundled = (registry.bundled_folder() / name / CARD_FILE).is_file()
        raise ModelUnavailable(
            f"{name!r} ships with the program and stays."
            if bundled
            else f"There is no model or encoder named {name!r}.",
            "`aesthetic-studio models` lists what is installed.",
        )
    _trash(found)
    return found


def _fetch_one(
    offer: Offer, report: Callable[[str, int, int | None], None], should_stop: Callable[[], bool]
) -> Installed:
    folder = paths.data_folder() / "downloads" / encoder_folder(offer.name).name
    for file in offer.files:

        def tell(done: int, total: int | None, called: str = file.name) -> None:
            report(called, done, total)

        download(file, folder, report=tell, should_stop=should_stop)
    first = folder / offer.files[0].name
    if offer.kind is Kind.TOWER:
        installed = _install_tower(offer.name, first, offer.licence)
    elif offer.kind is Kind.TEXT:
        installed = _install_text(offer.name, folder)
    elif offer.kind is Kind.FACES:
        installed = _install_faces(folder)
    else:
        installed = _add_weights(first, offer.name)
    shutil.rmtree(folder, ignore_errors=True)
    return installed


def _install_tower(name: str, weights: Path, licence: str = "") -> Installed:
    from aesthetic_studio.models.encoders.open_clip_tower import install_tower  # noqa: PLC0415 - loads torch

    architecture, _, pretrained = name.partition(":")
    target = encoder_folder(name)
    with _making(target) as folder:
        card = install_tower(architecture, pretrained, weights, folder, licence=licence or "none stated")
    return Installed(name, "image encoder" if card.words is None else "image and text encoder", target)


def _install_text(name: str, source: Path) -> Installed:
    from aesthetic_studio.models.text import load_text_encoder  # noqa: PLC0415 - loads torch

    target = encoder_folder(name)
    with _making(target) as folder:
        for file in source.iterdir():
            if file.is_file() and ".part" not in file.suffixes:
                shutil.copyfile(file, folder / file.name)
        load_text_encoder(folder)
    return Installed(name, "text encoder", target)


def _install_faces(source: Path) -> Installed:
    """Both networks of the face models, checked by sha256 and loaded once."""
    from aesthetic_studio.models.faces.finder import FaceFinder  # noqa: PLC0415 - brings numpy

    faces.check(source)
    target = faces.faces_folder()
    with _making(target) as folder:
        for file in faces.FILES:
            shutil.copyfile(source / file, folder / file)
        FaceFinder.load(folder)
    return Installed(faces.NAME, "face models", target)


def _add_weights(path: Path, name: str | None) -> Installed:
    """A published file of weights, recognised by what it holds."""
    from aesthetic_studio.models import laion  # noqa: PLC0415 - loads torch

    small = path.stat().st_size <= laion.LARGEST_HEAD
    with tempfile.TemporaryDirectory(prefix="aesthetic-studio-model-") as place:
        made = Path(place) / "model"
        made.mkdir()
        if small:
            card = laion.install_published(path, made)
        else:
            from aesthetic_studio.models.fgaesq import convert_published  # noqa: PLC0415

            card = convert_published(path, made)
        return _add_model(made, name or card.name, check=not small)


def _add_folder(path: Path, name: str | None) -> Installed:
    if any((path / file).is_file() for file in faces.FILES):
        return _install_faces(path)
    for folder in (path, path / "model"):
        if (folder / CARD_FILE).is_file():
            return _add_model(folder, name)
    if (path / ENCODER_CARD_FILE).is_file():
        card = EncoderCard.load(path / ENCODER_CARD_FILE)
        check_weights(path / card.file, card.sha256)
        if card.words is not None:
            check_weights(path / card.words.file, card.words.sha256)
        target = encoder_folder(name or card.name)
        with _making(target) as folder:
            shutil.copytree(path, folder, dirs_exist_ok=True)
        return Installed(name or card.name, "image encoder", target)
    if (path / "config.json").is_file():
        return _install_text(name or path.resolve().name, path)
    raise ModelUnavailable(
        f"{path}: there is no model in this folder.",
        f"Looked for {CARD_FILE} (also in model/), {ENCODER_CARD_FILE} and config.json.",
    )


def _add_model(folder: Path, name: str | None, *, check: bool = True) -> Installed:
    card = ModelCard.load(folder / CARD_FILE)
    called = name or card.name
    target = registry.user_folder() / called
    if target.parent != registry.user_folder() or Path(called).name != called:
        raise ModelUnavailable(f"{called!r} cannot be a model's name.", "Use letters, digits, dots and dashes.")
    with _making(target) as made:
        shutil.copytree(folder, made, dirs_exist_ok=True)
        copied = _renamed(ModelCard.load(made / CARD_FILE), called, made)
        check_weights(copied.weights, copied.sha256)
        if check:
            registry.load_from_card(copied, "cpu")
    return Installed(called, "model", target)


def _renamed(card: ModelCard, name: str, folder: Path) -> ModelCard:
    import dataclasses  # noqa: PLC0415

    if card.name != name:
        card = dataclasses.replace(card, name=name)
        card.save(folder)
        card = ModelCard.load(folder / CARD_FILE)  # which checks the name
    return card


@contextlib.contextmanager
def _making(target: Path) -> Iterator[Path]:
    """A new folder that takes ``target``'s place when all went well; what was there goes to the trash."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as place:
            made = Path(place) / target.name
            made.mkdir()
            yield made
            if target.exists():
                _trash(target)
            made.replace(target)
    except OSError as error:
        raise ModelUnavailable(
            f"{target}: it cannot be written ({error.strerror or error}).",
            "Free some room, or check who may write there.",
        ) from error


def _trash(folder: Path) -> None:
    import send2trash  # noqa: PLC0415

    try:
        send2trash.send2trash(folder)
    except OSError as error:
        raise ModelUnavailable(
            f"{folder}: it cannot be moved to the trash ({error}).", "Move the folder away yourself."
        ) from error


def _own_folders() -> set[Path]:
    return {registry.user_folder(), encoders_folder()}
