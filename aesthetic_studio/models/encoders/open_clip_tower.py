"""Any image tower of open_clip as a frozen encoder: the CLIP, EVA and SigLIP families and their relatives.

    photo (B, 3, S, S) ─▶ 0..1 ─▶ (x − mean) / std ─▶ tower ─┬─▶ patch tokens of the last block, normed
                                                             ├─▶ [CLS], normed, or what the tower pools itself
                                                             └─▶ image embedding, as open_clip's ``encode_image``

Weights come from the user's folder, where ``models fetch`` puts them, or from the local cache of the Hugging Face hub.
Nothing here touches the network.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.card import REINSTALL, EncoderCard, file_sha256
from aesthetic_studio.models.encoders import open_clip_words
from aesthetic_studio.models.encoders.base import Encoder, resized
from aesthetic_studio.models.encoders.open_clip_words import bounded
from aesthetic_studio.models.protocol import VisualTokens
from aesthetic_studio.models.torch_files import read_torch_file
from aesthetic_studio.models.weights import load_weights, save_tensors

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND = "open-clip"
WEIGHTS_FILE = "encoder.safetensors"
PREFIX = "visual."
"""Before the image tower's names in a file that holds both towers."""
LARGEST_FILE = 24 << 30
"""Bytes; open_clip's largest model, with 5 billion parameters, has 20 GB."""
LARGEST_SIDE = 2048
SPEC = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*):(?P<pretrained>[A-Za-z0-9][A-Za-z0-9._-]*)(@(?P<side>\d{1,4}))?"
)
"""``ViT-B-16:openai``, or ``ViT-B-16:openai@336`` for photos of 336 pixels with interpolated positions."""

_TIMM_NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)?")
_CACHED_FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
_LIMITS = {"layers": 256, "width": 1 << 14, "head_width": 1 << 14, "image_size": LARGEST_SIDE, "patch_size": 256}


@dataclass(frozen=True, slots=True)
class TowerConfig:
    """A tower's settings; they travel in the encoder's card."""

    architecture: str | dict[str, Any]
    """A name that open_clip knows, or ``embed_dim``, ``vision_cfg`` and ``quick_gelu`` as its configs have them."""
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    """Normalisation of sRGB values in 0..1, the one that the tower was trained with."""

    def __post_init__(self) -> None:
        for name, values in (("mean", self.mean), ("std", self.std)):
            if len(values) != 3 or not all(math.isfinite(value) for value in values):
                raise ValueError(f"{name} is {values!r}; allowed: three numbers")
        if min(self.std) <= 0:
            raise ValueError(f"std is {self.std!r}; allowed: numbers above 0")

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Read what ``dataclasses.asdict`` wrote. Raises ``TypeError``, ``KeyError`` or ``ValueError`` for others."""
        mean, std = (tuple(float(value) for value in content[name]) for name in ("mean", "std"))
        return cls(**{**content, "mean": mean, "std": std})


class OpenClipTower(Encoder):
    """An image tower of open_clip, frozen.

    Attributes:
        tower: open_clip's own module.
        side: Side of the square input, in pixels.
    """

    kind = KIND
    mean: Tensor
    std: Tensor

    def __init__(self, config: TowerConfig, side: int | None = None) -> None:
        """Build the tower, untrained. Raises ``ValueError`` or ``TypeError`` for what open_clip cannot build."""
        super().__init__()
        self.config = config
        self.tower = _build(config.architecture)
        self.side = native_side(self.tower)
        self._wanted_side = self.side if side is None else side
        if not 1 <= self._wanted_side <= LARGEST_SIDE:
            raise ValueError(f"input_size is {side}; allowed: 1 to {LARGEST_SIDE}")
        self.register_buffer("mean", torch.tensor(config.mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(config.std).view(3, 1, 1), persistent=False)

    def fill(self, file: Path, sha256: str) -> None:
        """Take the tensors of a file, half or float, then bring the positions to the wanted side."""
        load_weights(self.tower, file, sha256)
        self.resize(self._wanted_side)

    def resize(self, side: int) -> None:
        """Read photos of this side from now on, its positions interpolated. Raises ``ValueError`` where it cannot."""
        if side == self.side:
            return
        if hasattr(self.tower, "trunk") and hasattr(self.tower.trunk, "set_input_size"):
            self.tower.set_input_size(side)
        elif hasattr(self.tower, "patch_size") and hasattr(self.tower, "positional_embedding"):
            _resize_positions(self.tower, side)
        else:
            raise ValueError(f"a {type(self.tower).__name__} reads photos of {self.side} pixels alone")
        self.side = side

    def forward(self, images: Tensor) -> VisualTokens:
        """Tokens (B, N, D) and the whole photo (B, P) of photos (B, 3, S, S), uint8 sRGB, resized as it needs.

        The whole photo is [CLS] after the final norm where the tower pools by it, and what the tower pools otherwise.
        """
        answer = self._answer(images)
        places: Tensor = answer["image_intermediates"][-1]
        pooled = answer["image_intermediates_prefix"][-1][:, 0] if self.pools_by_class else answer["image_features"]
        return VisualTokens(places.flatten(2).transpose(1, 2), pooled, places.shape[2], places.shape[3])

    def image_embedding(self, images: Tensor) -> Tensor:
        """CLIP's image embeddings (B, E) of photos (B, 3, S, S), uint8 sRGB; their length is 1."""
        embedding: Tensor = self._answer(images)["image_features"]
        return nn.functional.normalize(embedding, dim=-1)

    def look(self, tokens: VisualTokens) -> Tensor:
        """The image embeddings (B, E) of encoded photos, at length 1: words can be compared with them."""
        return nn.functional.normalize(self.project(tokens.pooled).float(), dim=-1)

    def project(self, vectors: Tensor) -> Tensor:
        """Where the tower's last step takes vectors (…, P): ``project(pooled)`` is the image embedding, of any length.

        Patch tokens of a tower that pools by [CLS] may be projected too; for others it changes nothing.
        """
        if not self.pools_by_class:
            return vectors
        if hasattr(self.tower, "trunk"):
            alone = vectors.reshape(-1, 1, vectors.shape[-1])
            projected: Tensor = self.tower.head(self.tower.trunk.forward_head(alone))
            return projected.view(*vectors.shape[:-1], -1)
        return vectors if self.tower.proj is None else vectors @ self.tower.proj

    @property
    def pools_by_class(self) -> bool:
        """Whether the photo's own vector is a token of its own, [CLS]."""
        if hasattr(self.tower, "trunk"):
            return getattr(self.tower.trunk, "global_pool", None) == "token" and self._prefixes > 0
        return getattr(self.tower, "pool_type", None) == "tok" and getattr(self.tower, "attn_pool", None) is None

    @property
    def _prefixes(self) -> int:
        trunk = getattr(self.tower, "trunk", None)
        return int(getattr(trunk, "num_prefix_tokens", 0)) if trunk is not None else 1

    def _answer(self, images: Tensor) -> dict[str, Any]:
        # A pooler with a width of its own has the tower's last norm; the tokens before it then have none.
        normed = getattr(self.tower, "attn_pool", None) is None
        answer: dict[str, Any] = self.tower.forward_intermediates(
            self._normalised(images),
            indices=1,
            normalize_intermediates=normed,
            output_extra_tokens=self._prefixes > 0,
        )
        return answer

    def _normalised(self, images: Tensor) -> Tensor:
        return (resized(images, self.side).to(self.mean.dtype) / 255.0 - self.mean) / self.std


@torch.no_grad()
def shape_of(encoder: Encoder) -> tuple[tuple[int, int], int, int]:
    """Grid, width of a token and of the whole photo, found by one empty photo."""
    side = encoder.side if isinstance(encoder, OpenClipTower) else encoder.card.input_size
    found = encoder.eval()(torch.zeros(1, 3, side, side, dtype=torch.uint8))
    return (found.height, found.width), found.grid.shape[-1], found.pooled.shape[-1]


def describe(encoder: OpenClipTower, *, name: str, version: str, licence: str, file: str, sha256: str) -> EncoderCard:
    """The card of a tower."""
    grid, width, pooled_width = shape_of(encoder)
    return EncoderCard(
        name=name,
        version=version,
        title=f"Image tower {name}, {version} weights, of open_clip",
        kind=KIND,
        input_size=encoder.side,
        grid=grid,
        width=width,
        pooled_width=pooled_width,
        parameters=sum(parameter.numel() for parameter in encoder.tower.parameters()),
        file=file,
        sha256=sha256,
        licence=licence,
        config=dataclasses.asdict(encoder.config),
    )


def install_tower(
    name: str,
    pretrained: str,
    weights_file: Path,
    folder: Path,
    *,
    architecture: dict[str, Any] | None = None,
    licence: str = "see the weights' own page",
) -> EncoderCard:
    """Write the installed form of a downloaded file into ``folder``: its towers, each as stored, and their card.

    The text tower is left out where the file has none or this program cannot read it; the card then says why.
    ``architecture`` is for a tower that open_clip does not know by name; with ``text_cfg`` it tells the text tower too.
    Raises ``ModelUnavailable`` for a file that is no such image tower's, or a name that is unknown.
    """
    settings = _pretrained_settings(name, pretrained) if architecture is None else {}
    known = architecture or _architecture(name, settings)
    config = TowerConfig(
        architecture={key: known[key] for key in ("embed_dim", "vision_cfg", "quick_gelu") if key in known},
        mean=tuple(settings.get("mean") or _defaults()[0]),
        std=tuple(settings.get("std") or _defaults()[1]),
    )
    tensors = _visual_tensors(weights_file)
    target = folder / WEIGHTS_FILE
    try:
        encoder = OpenClipTower(config)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelUnavailable(f"{name}: this program cannot build such a tower ({error}).", "") from error
    save_tensors(tensors, target)
    try:
        encoder.fill(target, file_sha256(target))
        card = describe(
            encoder, name=name, version=pretrained, licence=licence, file=target.name, sha256=file_sha256(target)
        )
    except ModelUnavailable as error:
        target.unlink()
        why = error.message.partition(": ")[2]
        raise ModelUnavailable(f"{weights_file}: {why}", f"Is this the file of {name}:{pretrained}?") from error
    del tensors
    words, without = open_clip_words.install_words(known, _stored_tensors(weights_file, image=False), folder)
    card = dataclasses.replace(card, words=words, without_words=without)
    card.save(folder)
    return dataclasses.replace(card, folder=folder)


def cached_tower(spec: str) -> OpenClipTower | None:
    """A tower whose weights lie in the hub's local cache; ``None`` where they do not.

    Raises ``ModelUnavailable`` for a name that open_clip does not know.
    """
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415 - only where nothing is installed

    name, pretrained, side = parse_spec(spec)
    settings = _pretrained_settings(name, pretrained)
    repository, file = _hub_place(str(settings.get("hf_hub") or ""))
    candidates = [file] if file else list(_CACHED_FILES)
    found = [try_to_load_from_cache(repository, each) for each in candidates] if repository else []
    path = next((Path(each) for each in found if isinstance(each, str)), None)
    if path is None:
        return None
    known = _architecture(name, settings)
    del known["text_cfg"]
    config = TowerConfig(known, tuple(settings["mean"]), tuple(settings["std"]))
    encoder = OpenClipTower(config)
    tensors = _visual_tensors(path)
    try:
        encoder.tower.load_state_dict(tensors)
    except RuntimeError as error:
        raise ModelUnavailable(
            f"{path}: these weights are of another architecture than {name}.", "Delete the file from the cache."
        ) from error
    encoder.resize(encoder.side if side is None else side)
    encoder.card = describe(
        encoder,
        name=name,
        version=spec.partition(":")[2],
        licence="see the weights' own page",
        file=WEIGHTS_FILE,
        sha256=file_sha256(path),
    )
    return encoder


def parse_spec(spec: str) -> tuple[str, str, int | None]:
    """Name, pretrained tag and side (``None`` for the tower's own) of a spec. Raises ``ModelUnavailable``."""
    found = SPEC.fullmatch(spec)
    if found is None:
        raise ModelUnavailable(
            f"{spec!r} names no image tower.", "Write it as NAME:PRETRAINED, for example ViT-B-16:openai."
        )
    return found["name"], found["pretrained"], int(found["side"]) if found["side"] else None


def _pretrained_settings(name: str, pretrained: str) -> dict[str, Any]:
    """What open_clip knows of a tag of weights: mean, std, where they lie. Raises ``ModelUnavailable``."""
    import open_clip  # noqa: PLC0415 - takes seconds, and only towers need it

    if open_clip.get_model_config(name) is None:
        like = difflib.get_close_matches(name, open_clip.list_models(), n=5, cutoff=0.5)
        raise ModelUnavailable(
            f"open_clip knows no image tower {name!r}.", f"Like it are: {', '.join(like)}." if like else ""
        )
    settings: dict[str, Any] | None = open_clip.get_pretrained_cfg(name, pretrained)
    if not settings:
        known = ", ".join(open_clip.list_pretrained_tags_by_model(name)) or "none"
        raise ModelUnavailable(f"There are no weights {pretrained!r} of {name}.", f"open_clip knows: {known}.")
    return settings


def _architecture(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A known name written out, so that a card means the same with any later open_clip."""
    import open_clip  # noqa: PLC0415

    known = open_clip.get_model_config(name)
    return {
        "embed_dim": known["embed_dim"],
        "vision_cfg": known["vision_cfg"],
        "text_cfg": known.get("text_cfg", {}),
        "quick_gelu": bool(known.get("quick_gelu", False) or settings.get("quick_gelu", False)),
    }


def _build(architecture: str | dict[str, Any]) -> Any:
    """open_clip's image tower, made beside the smallest text tower, as open_clip publishes no way to make one alone."""
    import open_clip  # noqa: PLC0415 - takes seconds, and only towers need it

    known = open_clip.get_model_config(architecture) if isinstance(architecture, str) else architecture
    if not isinstance(known, dict):
        raise ValueError(f"open_clip knows no architecture {architecture!r}")
    vision = _checked(known["vision_cfg"])
    embed = bounded("embed_dim", known["embed_dim"], open_clip_words.LARGEST_WIDTH)
    text = open_clip.CLIPTextCfg(context_length=2, vocab_size=2, width=8, heads=1, layers=1)
    try:
        model = open_clip.CLIP(
            embed, open_clip.CLIPVisionCfg(**vision), text, quick_gelu=bool(known.get("quick_gelu", False))
        )
    except (AssertionError, RuntimeError, AttributeError, ZeroDivisionError) as error:
        raise ValueError(f"open_clip cannot build {vision}: {error}") from error
    return model.visual.eval()


def _checked(vision: Any) -> dict[str, Any]:
    """A card's vision config that downloads nothing and asks for no impossible memory."""
    if not isinstance(vision, dict):
        raise TypeError(f"vision_cfg is {vision!r}, not a table")
    for name, largest in _LIMITS.items():
        found = vision.get(name)
        for number in found if isinstance(found, (list, tuple)) else (found,):
            if number is not None:
                bounded(name, number, largest)
    trunk = vision.get("timm_model_name")
    if trunk is not None and not (isinstance(trunk, str) and _TIMM_NAME.fullmatch(trunk)):
        raise ValueError(f"timm_model_name is {trunk!r}; allowed: the plain name of a timm model")
    return {**vision, **({"timm_model_pretrained": False} if trunk is not None else {})}


def native_side(tower: Any) -> int:
    """Side of a tower's square input. Raises ``ValueError`` where it is not square."""
    # A timm trunk is built at its own size, whatever the config around it says.
    size = getattr(getattr(getattr(tower, "trunk", None), "patch_embed", None), "img_size", None) or tower.image_size
    height, width = size if isinstance(size, (list, tuple)) else (size, size)
    if height != width:
        raise ValueError(f"its input is {height} × {width}, and only square ones are read")
    return int(height)


def _resize_positions(tower: Any, side: int) -> None:
    """Positions of an open_clip ViT at another side, interpolated as open_clip does when it loads weights."""
    from open_clip.model import resize_pos_embed  # noqa: PLC0415

    patch = int(tower.patch_size[0])
    if side < patch:
        raise ValueError(f"its patches have {patch} pixels, so photos of {side} are too small")
    grid = (side // patch, side // patch)
    state = {"visual.positional_embedding": tower.positional_embedding.detach()}
    resize_pos_embed(state, SimpleNamespace(visual=SimpleNamespace(grid_size=grid)))
    tower.positional_embedding = nn.Parameter(state["visual.positional_embedding"])
    tower.grid_size, tower.image_size = grid, (side, side)


def _visual_tensors(path: Path) -> dict[str, Tensor]:
    """The image tower's tensors of a file of both towers, names without their prefix. Raises ``ModelUnavailable``."""
    visual = {name.removeprefix(PREFIX): tensor for name, tensor in _stored_tensors(path, image=True).items()}
    if not visual:
        raise ModelUnavailable(f"{path}: it holds no image tower of open_clip.", REINSTALL)
    return visual


def _stored_tensors(path: Path, *, image: bool) -> dict[str, Tensor]:
    """The tensors of a file that are the image tower's, or all others. Raises ``ModelUnavailable``."""
    if path.suffix == ".safetensors":
        try:
            with safe_open(path, framework="pt") as stored:
                wanted = [name for name in stored.keys() if (PREFIX in name) is image]  # noqa: SIM118
                tensors = {name: stored.get_tensor(name) for name in wanted}
        except (SafetensorError, OSError) as error:
            raise ModelUnavailable(
                f"{path}: this is not a safetensors file ({error}).", "Download it again."
            ) from error
    else:
        tensors = read_torch_file(path, LARGEST_FILE)
    plain = {name.removeprefix("module."): tensor for name, tensor in tensors.items()}
    return {name: tensor for name, tensor in plain.items() if name.startswith(PREFIX) is image}


def _hub_place(place: str) -> tuple[str, str]:
    """Repository and file of ``owner/name/file``; the file is empty where open_clip leaves it to the default."""
    parts = place.strip("/").split("/")
    return "/".join(parts[:2]), "/".join(parts[2:])


def _defaults() -> tuple[tuple[float, ...], tuple[float, ...]]:
    import open_clip  # noqa: PLC0415

    return open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD
