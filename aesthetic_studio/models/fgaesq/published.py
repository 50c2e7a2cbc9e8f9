"""The published weights: opened without unpickling anything but tensors, and every name and shape checked."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch
from torch import Tensor

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.card import EncoderReference, ModelCard, file_sha256
from aesthetic_studio.models.fgaesq.config import CLIP_MEAN, CLIP_STD, FGAesQConfig
from aesthetic_studio.models.fgaesq.model import preview_side
from aesthetic_studio.models.fgaesq.network import FGAesQ
from aesthetic_studio.models.torch_files import read_tensors
from aesthetic_studio.models.weights import misfit, save_weights

VISUAL = "clip_model.visual."
ALIASED = ("ln_pre.", "transformer.resblocks.", "ln_post.", "proj")
"""The visual tower's tensors that begin so lie in the released file a second time, without ``clip_model.visual``."""

WEIGHTS_FILE = "model.safetensors"
ADVICE = "Fetch the published FGAesQ.pt again, or choose its file."
LARGEST_FILE = 4 << 30
"""Bytes; the published file has 0.6e9."""

SUMMARY = (
    "Made for bursts and series: it compares photos of one scene in pairs, most closely where they differ, and puts "
    "them in order. Within a series that is more to be trusted than any single score. Scores of a whole library come "
    "from small previews and tell such fine differences less well."
)
LIMITS = (
    "It must not be used to delete or reject photos: a score is advice.",
    "Its authors state no licence for the weights, so they may not be passed on or used commercially without asking.",
    "Scores from a series are comparable within that series only.",
    "Scores from previews see the photo stretched to a 352-pixel square; fine differences are lost there.",
    "It was trained on photos of web communities, generated pictures and crops, not of moments and people one knows.",
)


def published_names(config: FGAesQConfig) -> dict[str, torch.Size]:
    """Every tensor of a published file with its shape: both towers, the head, and the aliases."""
    with torch.device("meta"):
        own = {name: tensor.shape for name, tensor in FGAesQ(config, text_tower=True).state_dict().items()}
    return own | {name: own[VISUAL + name] for name in aliases(own)}


def aliases(names: dict[str, torch.Size]) -> list[str]:
    """Names under which a published file holds tensors of the visual tower once more."""
    short = (name.removeprefix(VISUAL) for name in names if name.startswith(VISUAL))
    return [name for name in short if name.startswith(ALIASED)]


def load_published(
    path: Path, *, parity: bool = False, text_tower: bool = False, config: FGAesQConfig | None = None
) -> FGAesQ:
    """Open the published weights: a torch file, or the same tensors (or those installed) as safetensors.

    Every tensor that the released code would look for must be there in its shape, nothing else may be, and the aliases
    must equal what they stand for. The text tower is left out unless asked for.

    Raises ``ModelUnavailable`` naming the file and the first tensor at fault.
    """
    path = Path(path)
    config = config or FGAesQConfig()
    tensors = read_tensors(path, LARGEST_FILE, ADVICE)
    expected = published_names(config)
    with torch.device("meta"):
        network = FGAesQ(config, text_tower=text_tower, parity=parity)
    wanted = network.state_dict()
    if path.suffix == ".safetensors" and set(tensors) == set(wanted):
        expected = {name: tensor.shape for name, tensor in wanted.items()}
    _check(path, tensors, expected)
    chosen = {name: tensors[name].float().contiguous().clone() for name in wanted}
    for name in aliases(expected):
        if name in tensors and not torch.equal(tensors[name].float(), chosen[VISUAL + name]):
            raise _wrong(path, f"{name} differs from {VISUAL}{name}, whose copy it should be")
    for name, tensor in chosen.items():
        if not bool(tensor.isfinite().all()):
            raise _wrong(path, f"{name} holds values that are no numbers")
    network.load_state_dict(chosen, assign=True)
    return network.eval()


def convert_published(
    path: Path, folder: Path, *, parity: bool = False, config: FGAesQConfig | None = None, name: str = "fgaesq"
) -> ModelCard:
    """Write the installed form of published weights into a folder: ``model.safetensors`` and its card.

    Raises ``ModelUnavailable`` as ``load_published`` does; nothing is written then.
    """
    network = load_published(path, parity=parity, config=config)
    return save_model(
        network,
        folder,
        name=name,
        version=file_sha256(Path(path))[:12] + ("-parity" if parity else ""),
        title="FGAesQ (fine-grained order within series)",
        licence="none stated",
        summary=SUMMARY,
        limits=LIMITS,
    )


def save_model(
    network: FGAesQ, folder: Path, *, name: str, version: str, title: str, licence: str, **card: object
) -> ModelCard:
    """Write a network as an installed model, without its text tower, and return its card.

    ``card`` has further fields of ``ModelCard``: summary, limits, training data, held-out figures, recipe, speed.
    """
    with torch.device("meta"):
        bare = FGAesQ(network.config, parity=network.parity)
    own = bare.state_dict()
    bare.load_state_dict({key: value for key, value in network.state_dict().items() if key in own}, assign=True)
    weights = folder / WEIGHTS_FILE
    save_weights(bare, weights)
    made = ModelCard(
        name=name,
        version=version,
        title=title,
        kind="fgaesq",
        encoder=EncoderReference("fgaesq-vit", version),
        input_size=preview_side(network.config),
        mean=CLIP_MEAN,
        std=CLIP_STD,
        score_range=(1.0, 10.0),
        parameters=sum(parameter.numel() for parameter in bare.parameters()),
        file=WEIGHTS_FILE,
        sha256=file_sha256(weights),
        size_bytes=weights.stat().st_size,
        licence=licence,
        summary="",
        config={"fgaesq": network.config.as_json(), "parity": network.parity},
    )
    made = dataclasses.replace(made, **card)  # type: ignore[arg-type]
    return ModelCard.load(made.save(folder))


def _check(path: Path, tensors: dict[str, Tensor], expected: dict[str, torch.Size]) -> None:
    problem = misfit(tensors, expected)
    if problem:
        raise _wrong(path, problem)
    for name, tensor in tensors.items():
        if not tensor.is_floating_point():
            raise _wrong(path, f"{name} holds {tensor.dtype}, no real numbers")


def _wrong(path: Path, why: str) -> ModelUnavailable:
    return ModelUnavailable(f"{path}: these are not the published weights of FGAesQ: {why}.", ADVICE)
