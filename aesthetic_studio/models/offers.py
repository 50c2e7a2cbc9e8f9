"""What can be fetched: models and frozen encoders, where they lie, under which licence, and how they are checked.

Nothing here touches the network, and nothing is fetched unless the user asks for it by name. Torch is not imported.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.download import RemoteFile
from aesthetic_studio.models.faces import parts as faces

HUB = "https://huggingface.co"
HUB_VARIABLE = "HF_ENDPOINT"
"""The hub's own variable for a mirror."""

LAION_SHA256 = "21dd590f3ccdc646f0d53120778b296013b096a035a2718c9cb0d511bff0f1e0"


class Kind(StrEnum):
    """What becomes of the files once they are here."""

    TOWER = "image encoder"
    TEXT = "text encoder"
    LAION = "LAION aesthetic predictor"
    FGAESQ = "FGAesQ"
    FACES = "face models"


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be fetched.

    Attributes:
        name: What the user types.
        licence: Empty where its authors state none: then the user is asked.
        files: What is downloaded.
        needs: Other offers that it cannot work without.
        source: Where a person can read about it.
    """

    name: str
    title: str
    kind: Kind
    licence: str
    files: tuple[RemoteFile, ...]
    source: str
    needs: tuple[str, ...] = ()

    @property
    def scores(self) -> bool:
        """Whether it is a model that scores photos, and no part that others work with."""
        return self.kind in {Kind.LAION, Kind.FGAESQ}


def offers() -> list[Offer]:
    """What is offered by name; any other open_clip tower can be fetched as ``NAME:PRETRAINED``."""
    return [
        Offer(
            name="laion",
            title="LAION aesthetic predictor (improved, linear) on CLIP ViT-L/14",
            kind=Kind.LAION,
            licence="Apache-2.0",
            files=(
                RemoteFile(
                    "https://github.com/christophschuhmann/improved-aesthetic-predictor/raw/main/"
                    "sac%2Blogos%2Bava1-l14-linearMSE.pth",
                    "sac+logos+ava1-l14-linearMSE.pth",
                    LAION_SHA256,
                ),
            ),
            source="https://github.com/christophschuhmann/improved-aesthetic-predictor",
            needs=("ViT-L-14:openai",),
        ),
        Offer(
            name="fgaesq",
            title="FGAesQ, fine-grained order within a series (arXiv 2603.03907)",
            kind=Kind.FGAESQ,
            licence="",
            files=(RemoteFile(_hub("yzc002/FGAesQ", "FGAesQ.pt"), "FGAesQ.pt"),),
            source="https://github.com/yzc-ippl/FG-IAA",
        ),
        Offer(
            name=faces.NAME,
            title="Faces and closed eyes: YuNet detector and OCEC eye classifier, 0.7 MB",
            kind=Kind.FACES,
            licence="MIT",
            files=(
                RemoteFile(
                    _hub("opencv/face_detection_yunet", faces.DETECTOR_FILE), faces.DETECTOR_FILE, faces.DETECTOR_SHA256
                ),
                RemoteFile(
                    f"https://github.com/PINTO0309/OCEC/releases/download/onnx/{faces.EYES_FILE}",
                    faces.EYES_FILE,
                    faces.EYES_SHA256,
                ),
            ),
            source="https://github.com/opencv/opencv_zoo and https://github.com/PINTO0309/OCEC",
        ),
        _tower("ViT-B-16", "openai", "timm/vit_base_patch16_clip_224.openai", "MIT"),
        _tower("ViT-L-14", "openai", "timm/vit_large_patch14_clip_224.openai", "MIT"),
        Offer(
            name="bert-base-uncased",
            title="BERT base, uncased",
            kind=Kind.TEXT,
            licence="Apache-2.0",
            files=tuple(
                RemoteFile(_hub("google-bert/bert-base-uncased", name), name)
                for name in ("config.json", "tokenizer_config.json", "tokenizer.json", "vocab.txt", "model.safetensors")
            ),
            source="https://huggingface.co/google-bert/bert-base-uncased",
        ),
    ]


def find_offer(name: str) -> Offer:
    """The offer of this name, or any open_clip image tower as ``NAME:PRETRAINED``. Raises ``ModelUnavailable``."""
    known = {offer.name: offer for offer in offers()}
    if name in known:
        return known[name]
    architecture, colon, pretrained = name.partition(":")
    if colon and architecture and pretrained:
        return _other_tower(architecture, pretrained)
    raise ModelUnavailable(
        f"Nothing named {name!r} can be fetched.",
        f"Offered: {', '.join(known)}, or an open_clip image tower as NAME:PRETRAINED. "
        "A file or folder that is here already: aesthetic-studio models add PATH.",
    )


def _tower(architecture: str, pretrained: str, repository: str, licence: str) -> Offer:
    file = "open_clip_model.safetensors"
    return Offer(
        name=f"{architecture}:{pretrained}",
        title=f"Image tower {architecture}, {pretrained} weights, of open_clip",
        kind=Kind.TOWER,
        licence=licence,
        files=(RemoteFile(_hub(repository, file), file),),
        source=f"{HUB}/{repository}",
    )


def _other_tower(architecture: str, pretrained: str) -> Offer:
    """A tower that open_clip's own list knows. Raises ``ModelUnavailable`` with what is like it."""
    import open_clip  # noqa: PLC0415 - takes seconds, and only this path needs it

    known = open_clip.list_pretrained(as_str=True)
    name = f"{architecture}:{pretrained}"
    if name not in known:
        like = [other for other in known if other.split(":")[0] == architecture]
        raise ModelUnavailable(
            f"open_clip knows no tower {name!r}.",
            f"Of {architecture} it has: {', '.join(like)}." if like else "`NAME:PRETRAINED`, as in ViT-B-16:openai.",
        )
    settings = open_clip.get_pretrained_cfg(architecture, pretrained) or {}
    repository = str(settings.get("hf_hub") or "").rstrip("/")
    if not repository:
        raise ModelUnavailable(
            f"{name}: open_clip gives no hub for these weights.",
            "Download them yourself and run: aesthetic-studio models add FILE --tower " + name,
        )
    return _tower(architecture, pretrained, repository, licence="")


def _hub(repository: str, file: str) -> str:
    base = os.environ.get(HUB_VARIABLE, "").rstrip("/") or HUB
    return f"{base}/{repository}/resolve/main/{file}"
