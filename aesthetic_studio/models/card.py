"""Cards: the JSON beside a model's weights that says what it is, what it saw and how well it judges.

Standard library only, so that models can be listed without loading torch.
"""

from __future__ import annotations

import bisect
import dataclasses
import hashlib
import itertools
import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Mapping

CARD_FILE = "card.json"
ENCODER_CARD_FILE = "encoder.json"
REINSTALL = kept("problem", "Install the program or the model again.")

T = TypeVar("T")

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class EncoderReference:
    """Which frozen encoder a model reads its tokens from."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class DataSource:
    """One set of photos and votes that a model learned from."""

    name: str
    photos: int
    licence: str
    used_for: str


@dataclass(frozen=True, slots=True)
class Interval:
    """A measured value with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class HeldOut:
    """How well a model judged photos that it did not learn from."""

    set: str
    protocol: str
    """How the photos were held out, in words (``"leave one source out, pooled"``)."""
    photos: int
    metrics: dict[str, Interval]
    """By name: ``srcc``, ``plcc``, ``accuracy_at_5``, ``emd``, ``rmse``."""
    subject: str = "this model"
    """Who judged: this model, or what it is compared with."""


@dataclass(frozen=True, slots=True)
class WordsPart:
    """A text tower beside an image encoder: its embeddings lie in one space with the encoder's image embeddings."""

    file: str
    sha256: str
    parameters: int
    config: dict[str, Any]
    """The architecture's settings, as its config dataclass writes them."""


@dataclass(frozen=True, slots=True)
class EncoderCard:
    """What a frozen encoder is; the JSON form holds every field but ``folder``."""

    name: str
    version: str
    title: str
    kind: str
    """Which module of ``models.encoders`` builds it (``"local-bank"``)."""
    input_size: int
    grid: tuple[int, int]
    """Rows and columns of its tokens."""
    width: int
    """Of a token."""
    pooled_width: int
    """Of the vector for the whole photo."""
    texture_width: int = field(default=0, kw_only=True)
    """Numbers that say how strongly its layers answer; 0 where it does not say."""
    middle_width: int = field(default=0, kw_only=True)
    """Channels of a layer halfway, whose answers it tells too; 0 where it does not."""
    nearly_the_same: float = field(default=0.0, kw_only=True)
    """Cosine of its looks from which on two photos count as nearly the same; 0 where nobody measured it."""
    words: WordsPart | None = field(default=None, kw_only=True)
    without_words: str = field(default="", kw_only=True)
    """Why it has no text tower, in words; empty where it has one, or nobody looked for it."""
    parameters: int
    file: str
    sha256: str
    licence: str
    training_data: tuple[DataSource, ...] = ()
    config: dict[str, Any] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    folder: Path | None = field(default=None, compare=False)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and check a card. Raises ``ModelUnavailable`` naming the file and the field at fault."""
        card = from_json(cls, read_json(path), path)
        check_file_name(card.file, path, (".safetensors", ".tflite"))
        if card.words is not None:
            check_file_name(card.words.file, path)
        return dataclasses.replace(card, folder=path.parent)

    def save(self, folder: Path) -> Path:
        """Write the card into ``folder`` and return its path."""
        return write_json(folder / ENCODER_CARD_FILE, self)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a model is; the JSON form holds every field but ``folder``.

    Shapes: ``input_size`` is the side of the square input in pixels. Units: ``size_bytes`` bytes of all files together.
    """

    name: str
    version: str
    title: str
    kind: str
    """Which module of this package builds it (``"embedded"``)."""
    encoder: EncoderReference
    input_size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    """Normalisation of sRGB values in 0..1; the model applies it itself."""
    score_range: tuple[float, float]
    parameters: int
    """Trained and frozen ones together."""
    file: str
    sha256: str
    size_bytes: int
    licence: str
    summary: str
    """One paragraph for a photographer."""
    training_data: tuple[DataSource, ...] = ()
    held_out: tuple[HeldOut, ...] = ()
    limits: tuple[str, ...] = ()
    """What it must not be used for, one sentence each."""
    config: dict[str, Any] = field(default_factory=dict)
    """The architecture's settings, as its config dataclass writes them."""
    recipe: dict[str, Any] = field(default_factory=dict)
    """The resolved recipe that trained it."""
    speed: str = ""
    """Measured, in words, with the machine."""
    reference: tuple[float, ...] = ()
    """Quantiles of its mean scores on varied photos, from 0 to 100 % in equal steps; empty where nobody looked."""
    reference_photos: str = ""
    """Which photos those were, in words."""
    folder: Path | None = field(default=None, compare=False)
    """Where the card lies; ``None`` for a card that has not been saved."""

    @property
    def weights(self) -> Path:
        """The weights' file. Raises ``ValueError`` for a card that lies nowhere."""
        if self.folder is None:
            raise ValueError("this card has not been saved, so its weights lie nowhere")
        return self.folder / self.file

    def standing(self, mean: float) -> float | None:
        """Per cent of the reference photos that score lower than a mean score, 0..100; ``None`` without them."""
        steps = len(self.reference) - 1
        if steps < 1:
            return None
        above = bisect.bisect_right(self.reference, mean)
        if above == 0 or above > steps:
            return 0.0 if above == 0 else 100.0
        low, high = self.reference[above - 1], self.reference[above]
        return 100.0 * (above - 1 + (mean - low) / (high - low)) / steps

    @property
    def headline(self) -> HeldOut | None:
        """The honest figure to show first: this model's first held-out result."""
        return next((result for result in self.held_out if result.subject == "this model"), None)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and check a card. Raises ``ModelUnavailable`` naming the file and the field at fault."""
        card = from_json(cls, read_json(path), path)
        if not _NAME.fullmatch(card.name):
            raise _damaged(path, f"name {card.name!r} is not made of lower-case letters, digits, dots and dashes")
        check_file_name(card.file, path)
        rising = all(low <= high for low, high in itertools.pairwise(card.reference))
        if not rising or not all(math.isfinite(score) for score in card.reference):
            raise _damaged(path, "the scores of reference do not rise")
        return dataclasses.replace(card, folder=path.parent)

    def save(self, folder: Path) -> Path:
        """Write ``card.json`` into ``folder`` and return its path."""
        return write_json(folder / CARD_FILE, self)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object. Raises ``ModelUnavailable`` where there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelUnavailable(
            kept("problem", "{path}: the model's card cannot be read ({strerror}).").format(
                path=path, strerror=error.strerror
            ),
            REINSTALL,
        ) from error
    except ValueError as error:
        raise _damaged(path, f"it is not JSON ({error})") from error
    if not isinstance(content, dict):
        raise _damaged(path, "it is not a JSON object")
    return content


def write_json(path: Path, card: Any) -> Path:
    """Write a card dataclass, leaving out where it lies."""
    content = dataclasses.asdict(card)
    content.pop("folder", None)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def file_sha256(path: Path) -> str:
    """Hex digest of a whole file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_weights(path: Path, sha256: str) -> None:
    """Raise ``ModelUnavailable`` unless the file is there and is the one that its card was written for."""
    if not path.is_file():
        raise ModelUnavailable(kept("problem", "{path}: the model's weights are missing.").format(path=path), REINSTALL)
    found = file_sha256(path)
    if found != sha256:
        raise ModelUnavailable(
            kept("problem", "{path}: the weights are damaged (sha256 {found}…, the card says {sha256}…).").format(
                path=path, found=found[:12], sha256=sha256[:12]
            ),
            REINSTALL,
        )


def check_file_name(name: str, path: Path, suffixes: tuple[str, ...] = (".safetensors",)) -> None:
    """Raise ``ModelUnavailable`` where a card names a file outside its own folder, or one of another kind."""
    if not name or Path(name).name != name or not name.endswith(suffixes):
        raise _damaged(path, f"file {name!r} is not a {' or '.join(suffixes)} file beside the card")


def from_json(kind: type[T], content: Mapping[str, Any], path: Path) -> T:
    """Build a card dataclass from JSON, checking every field. Raises ``ModelUnavailable``."""
    fields = {item.name: item for item in dataclasses.fields(cast("Any", kind)) if item.name != "folder"}
    unknown = sorted(set(content) - set(fields))
    if unknown:
        raise _damaged(path, f"{kind.__name__} has no field {unknown[0]!r}")
    values = {}
    for name, item in fields.items():
        if name in content:
            values[name] = _value(str(item.type), content[name], name, path)
        elif item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING:
            raise _damaged(path, f"field {name!r} is missing")
    return kind(**values)


_NESTED: dict[str, type[Any]] = {
    "EncoderReference": EncoderReference,
    "DataSource": DataSource,
    "Interval": Interval,
    "HeldOut": HeldOut,
    "WordsPart": WordsPart,
}
_PLAIN: dict[str, type[Any]] = {"str": str, "int": int, "dict[str, Any]": dict}


def _value(kind: str, found: Any, name: str, path: Path) -> Any:
    """One field's value, checked against its annotation as written above."""
    wrong = _damaged(path, f"field {name!r} is {found!r}, which is not {kind}")
    if kind.endswith(" | None"):
        return None if found is None else _value(kind.removesuffix(" | None"), found, name, path)
    if kind == "float":
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            raise wrong
        return float(found)
    if kind in _PLAIN:
        if not isinstance(found, _PLAIN[kind]) or isinstance(found, bool):
            raise wrong
        return found
    if kind in _NESTED:
        if not isinstance(found, dict):
            raise wrong
        return from_json(_NESTED[kind], found, path)
    if kind.startswith("tuple["):
        members = kind[len("tuple[") : -1].split(", ")
        if not isinstance(found, list) or (members[-1] != "..." and len(found) != len(members)):
            raise wrong
        return tuple(_value(members[0], item, name, path) for item in found)
    member = kind.removeprefix("dict[str, ").removesuffix("]")
    if not isinstance(found, dict):
        raise wrong
    return {str(key): _value(member, item, name, path) for key, item in found.items()}


def _damaged(path: Path, why: str) -> ModelUnavailable:
    return ModelUnavailable(
        kept("problem", "{path}: this is not a model's card: {why}.").format(path=path, why=why), REINSTALL
    )
