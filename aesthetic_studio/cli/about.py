"""``doctor``: what is here, what is missing and how to get it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aesthetic_studio import __version__, paths
from aesthetic_studio.cli.output import print_json, print_table
from aesthetic_studio.errors import KnownError
from aesthetic_studio.paths import shown

if TYPE_CHECKING:
    import argparse

PACKAGES = (
    "PySide6",
    "torch",
    "open_clip_torch",
    "transformers",
    "onnxruntime",
    "numpy",
    "pillow",
    "pillow-heif",
    "rawpy",
    "exif",
    "sqlite-utils",
    "send2trash",
    "platformdirs",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    topic: str
    state: str
    """``"ok"``, ``"missing"`` (the program works without) or ``"problem"``."""
    text: str
    advice: str = ""


def doctor(arguments: argparse.Namespace) -> int:
    """``doctor``: exit code 0 when nothing is wrong, 1 when something needs the user."""
    library = arguments.library or paths.default_library()
    findings = [*_versions(), *_devices(), *_models(), *_faces(), *_formats(), *_display(), *_library(library), *_log()]
    if arguments.json:
        print_json([{"topic": f.topic, "state": f.state, "text": f.text, "advice": f.advice} for f in findings])
    else:
        signs = {"ok": "ok", "missing": "–", "problem": "!!"}
        rows = [(signs[each.state], each.topic, f"{each.text} {each.advice}".strip()) for each in findings]
        print_table(("", "what", "found"), rows)
    return 1 if any(each.state == "problem" for each in findings) else 0


def _versions() -> list[Finding]:
    system = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.platform()}"
    findings = [Finding("Aesthetic Studio", "ok", f"{__version__}; {system}")]
    for package in PACKAGES:
        try:
            findings.append(Finding(package, "ok", importlib.metadata.version(package)))
        except importlib.metadata.PackageNotFoundError:
            findings.append(Finding(package, "problem", "is not installed.", f"Get it: pip install {package}"))
    return findings


def _devices() -> list[Finding]:
    if importlib.util.find_spec("torch") is None:
        return []
    from aesthetic_studio.models.devices import available_devices

    devices = available_devices()
    findings = [Finding("devices", "ok", f"{', '.join(devices)}; scoring uses {devices[0]}")]
    if devices == ["cpu"]:
        advice = "The CPU will do. With an NVIDIA GPU, install its driver and a CUDA build of torch."
        findings.append(Finding("GPU", "missing", "none that this torch can use.", advice))
    return findings


def _models() -> list[Finding]:
    from aesthetic_studio.models import registry

    try:
        card = registry.find_card(registry.default_model())
        count = len(registry.installed_models())
    except KnownError as error:
        return [Finding("models", "problem", error.message, error.advice)]
    return [Finding("models", "ok", f"{count} installed; {card.name} {card.version} scores by default")]


def _faces() -> list[Finding]:
    from aesthetic_studio.models.faces import parts

    if parts.is_installed():
        return [Finding("faces", "ok", parts.VERSION)]
    return [Finding("faces", "missing", "nobody looks for faces and closed eyes here.", f"Get it: {parts.HOW_TO_GET}")]


def _formats() -> list[Finding]:
    from PIL import features

    always = "JPEG, PNG, TIFF, BMP, GIF, PSD"
    optional = {
        "WebP": (features.check("webp"), "pip install --upgrade pillow"),
        "AVIF": (features.check("avif"), "pip install --upgrade pillow"),
        "HEIC": (importlib.util.find_spec("pillow_heif") is not None, "pip install pillow-heif"),
        "RAW": (importlib.util.find_spec("rawpy") is not None, "pip install rawpy"),
    }
    there = [name for name, (found, _) in optional.items() if found]
    findings = [Finding("formats", "ok", ", ".join([always, *there]))]
    findings += [
        Finding(name, "missing", "is not read here.", f"Get it: {how}")
        for name, (found, how) in optional.items()
        if not found
    ]
    return findings


def _display() -> list[Finding]:
    from aesthetic_studio.cli.window import has_display

    if has_display():
        name = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or sys.platform
        return [Finding("display", "ok", name)]
    return [
        Finding("display", "missing", "none, so no window opens here.", "`aesthetic-studio rank FOLDER` works without.")
    ]


def _library(library: Path) -> list[Finding]:
    name = shown(str(library))
    if not library.exists():
        return [Finding("library", "missing", f"{name}: not made yet.", "Indexing a folder makes it.")]
    from aesthetic_studio.library.catalogue import Catalogue

    try:
        with Catalogue.open(library, create=False) as catalogue:
            problems = catalogue.health()
            totals = catalogue.totals()
            roots = catalogue.roots()
    except KnownError as error:
        return [Finding("library", "problem", error.message, error.advice)]
    size = library.stat().st_size / 1e6
    text = f"{name}: {totals.photos} photos, {totals.scored} scored, {len(roots)} folders, {size:.1f} MB"
    findings = [Finding("library", "ok", text)]
    findings += [Finding("library", "problem", problem) for problem in problems]
    findings += [
        Finding("folder", "missing", f"{shown(root)}: out of reach.", "Plug its drive in; nothing is forgotten.")
        for root in roots
        if not Path(root).is_dir()
    ]
    return findings


def _log() -> list[Finding]:
    return [Finding("logs", "ok", shown(str(paths.log_folder())))]
