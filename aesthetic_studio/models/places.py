"""Where frozen encoders lie that the user fetched; models have theirs by ``registry.user_folder``. No torch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aesthetic_studio import paths

if TYPE_CHECKING:
    from pathlib import Path

ENCODER_FOLDER = "encoder"
"""Within a model's folder: the encoder that it carries along."""

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def encoders_folder() -> Path:
    """The folder of all fetched encoders, one folder each."""
    return paths.data_folder() / "encoders"


def encoder_folder(spec: str) -> Path:
    """Where the encoder of this spec lies, or would: ``ViT-B-16:openai`` in ``ViT-B-16--openai``.

    Whatever a spec holds, its folder lies in ``encoders_folder``.
    """
    safe = _UNSAFE.sub("_", spec.replace(":", "--").replace("/", "--")).strip(".") or "_"
    return encoders_folder() / safe
