"""The two files of the face models: what they are, where they lie, whether they are here. No numpy, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio import paths
from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.card import file_sha256
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from pathlib import Path

NAME = "faces"
"""What the user types to fetch them."""
DETECTOR_FILE = "face_detection_yunet_2023mar.onnx"
DETECTOR_SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
EYES_FILE = "ocec_s.onnx"
EYES_SHA256 = "9a346a08b256ad70725044cd2aa582858e108c6f45d42a9c3415afc604ba9b64"
FILES = {DETECTOR_FILE: DETECTOR_SHA256, EYES_FILE: EYES_SHA256}
"""Name → sha256. Faces of other versions of these networks would not compare, so no others are taken."""
VERSION = "yunet-2023mar ocec-s 1"
"""Which networks looked at a photo, and how: a photo is looked at again when this changes."""
HOW_TO_GET = f"aesthetic-studio models fetch {NAME}"


def faces_folder() -> Path:
    """Where the files lie, or would."""
    return paths.data_folder() / NAME


def is_installed() -> bool:
    """Whether both files are here."""
    return all((faces_folder() / file).is_file() for file in FILES)


def check(folder: Path) -> None:
    """See that both files in a folder are what they are taken for. Raises ``ModelUnavailable``."""
    for name, sha256 in FILES.items():
        path = folder / name
        if not path.is_file():
            raise ModelUnavailable(
                kept("problem", "{path}: this file is missing.").format(path=path),
                kept("problem", "Get it with: {how_to_get}").format(how_to_get=HOW_TO_GET),
            )
        if file_sha256(path) != sha256:
            raise ModelUnavailable(
                kept("problem", "{path}: this is not the file it should be (sha256).").format(path=path),
                kept("problem", "Move it away and run: {how_to_get}").format(how_to_get=HOW_TO_GET),
            )
