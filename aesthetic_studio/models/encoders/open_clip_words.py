"""Any text tower of open_clip that reads open_clip's own tokens: words as a vector beside its tower's image embeddings.

    words ──open_clip's tokens──▶ text tower ──▶ text embedding (E,), length 1, as open_clip's ``encode_text``

It lies in the folder of its image tower, in a file of its own that the encoder's card names. Vocabularies that
open_clip does not bring along would have to come from the hub, so towers that need one are refused. Nothing here
touches the network.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import torch
from torch import Tensor, nn

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.card import ENCODER_CARD_FILE, REINSTALL, EncoderCard, WordsPart, file_sha256
from aesthetic_studio.models.weights import load_weights, save_tensors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WORDS_FILE = "words.safetensors"
PREFIX = "text."
"""Before the text tower's names in files of ``CustomTextCLIP``; those of ``CLIP`` have none."""
LARGEST_WIDTH = 1 << 14
LARGEST_TOWER = 4 << 30
"""Numbers in a text tower; open_clip's largest has 0.7 billion."""
MOST_LETTERS = 2000
"""Of a text; what a tower reads of it, at most some hundred tokens, ends long before."""

_NUMBERS = {"context_length": 4096, "vocab_size": 1 << 20, "width": LARGEST_WIDTH, "heads": 1 << 10, "layers": 256}
_TOKEN_NUMBERS = {"pad_id", "eos_id"}
_PLAIN = {"mlp_ratio", "ls_init_value", "embed_cls", "no_causal_mask", "final_ln_after_pool", "pool_type"}
_PLAIN |= {"proj_type", "proj_bias", "output_tokens"}
_STEMS = ("transformer.", "token_embedding.", "ln_final.", "text_projection.")
_WHOLE = ("positional_embedding", "text_projection", "cls_emb")


@dataclass(frozen=True, slots=True)
class WordsConfig:
    """A text tower's settings, as open_clip's configs have them; they travel in the encoder's card."""

    embed_dim: int
    text_cfg: dict[str, Any]
    quick_gelu: bool = False

    @classmethod
    def of(cls, architecture: Mapping[str, Any]) -> Self:
        """Read a config of both towers. Raises ``ValueError`` for a text tower that is not read here, saying why."""
        text = architecture.get("text_cfg")
        if not isinstance(text, dict) or not text:
            raise ValueError("nothing is known of its text tower")
        return cls(architecture["embed_dim"], text, bool(architecture.get("quick_gelu", False)))


class WordsTower(nn.Module):
    """A text tower of open_clip, frozen.

    Attributes:
        tower: open_clip's own module.
        width: E, numbers in an embedding.
    """

    def __init__(self, config: WordsConfig) -> None:
        """Build the tower, untrained. Raises ``ValueError`` or ``TypeError`` for what cannot be built or read."""
        super().__init__()
        self.config = config
        self.width = config.embed_dim
        self.tower = _build(config)
        self._tokenizer = _tokenizer(config)

    def fill(self, file: Path, sha256: str) -> None:
        """Take the tensors of a file, half or float. Raises ``ModelUnavailable`` for those of another tower."""
        load_weights(self.tower, file, sha256)

    @torch.inference_mode()
    def embed(self, text: str) -> Tensor:
        """The embedding (E,) of a text at length 1: its cosine with an image embedding says how well they fit."""
        tokens = self._tokenizer([text[:MOST_LETTERS]], context_length=self.tower.context_length)
        embedding: Tensor = self.tower(tokens)[0].float()
        return nn.functional.normalize(embedding, dim=-1)


def load_words(folder: Path) -> WordsTower:
    """The text tower of an encoder's folder. Raises ``ModelUnavailable`` where it has none, or one that is damaged."""
    path = folder / ENCODER_CARD_FILE
    part = EncoderCard.load(path).words
    if part is None:
        raise ModelUnavailable(f"{path}: this encoder has no text tower.", "Fetch it again.")
    try:
        tower = WordsTower(WordsConfig(**part.config))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelUnavailable(f"{path}: this program cannot build such a text tower ({error}).", REINSTALL) from error
    tower.fill(folder / part.file, part.sha256)
    return tower.eval().requires_grad_(False)


def install_words(
    architecture: Mapping[str, Any], tensors: Mapping[str, Tensor], folder: Path
) -> tuple[WordsPart | None, str]:
    """Write the text tower of a file into ``folder``, as stored.

    Args:
        architecture: ``embed_dim``, ``text_cfg`` and ``quick_gelu`` as open_clip's configs have them.
        tensors: Of the file, those of the image tower left out; in either layout of open_clip.
        folder: Of the encoder.

    Returns what goes into the encoder's card, or ``None`` and why there is nothing, in words.
    """
    own = text_tensors(tensors)
    if not own:
        return None, "the file that it was made from holds no text tower"
    try:
        tower = WordsTower(WordsConfig.of(architecture))
    except (KeyError, TypeError, ValueError) as error:
        return None, str(error)
    target = folder / WORDS_FILE
    save_tensors(own, target)
    sha256 = file_sha256(target)
    try:
        tower.fill(target, sha256)
    except ModelUnavailable as error:
        target.unlink()
        return None, error.message.partition(": ")[2].rstrip(".")
    parameters = sum(parameter.numel() for parameter in tower.parameters())
    return WordsPart(target.name, sha256, parameters, dataclasses.asdict(tower.config)), ""


def text_tensors(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The text tower's tensors of a file in either layout of open_clip, named as the tower names them."""
    custom = {name.removeprefix(PREFIX): tensor for name, tensor in tensors.items() if name.startswith(PREFIX)}
    if custom:
        return custom
    return {name: tensor for name, tensor in tensors.items() if name.startswith(_STEMS) or name in _WHOLE}


def bounded(name: str, found: Any, largest: int) -> int:
    """A whole number of a config. Raises ``ValueError`` where it is none, or asks for impossible memory."""
    if not isinstance(found, int) or isinstance(found, bool) or not 1 <= found <= largest:
        raise ValueError(f"{name} is {found!r}; allowed: a whole number from 1 to {largest}")
    return found


def _build(config: WordsConfig) -> Any:
    """open_clip's text tower, made beside the smallest image tower, as open_clip publishes no way to make one alone."""
    import open_clip  # noqa: PLC0415 - takes seconds, and only towers need it

    text = _checked(config.text_cfg)
    embed = bounded("embed_dim", config.embed_dim, LARGEST_WIDTH)
    image = open_clip.CLIPVisionCfg(layers=1, width=8, head_width=8, patch_size=8, image_size=8)
    try:
        model = open_clip.CustomTextCLIP(embed, image, open_clip.CLIPTextCfg(**text), quick_gelu=config.quick_gelu)
    except (AssertionError, RuntimeError, AttributeError, ZeroDivisionError) as error:
        raise ValueError(f"open_clip cannot build {text}: {error}") from error
    return model.text.eval()


def _checked(text: Any) -> dict[str, Any]:
    """A card's text config that downloads nothing and asks for no impossible memory."""
    if not isinstance(text, dict):
        raise TypeError(f"text_cfg is {text!r}, not a table")
    if text.get("hf_model_name"):
        raise ValueError(f"its text tower is {text['hf_model_name']} of the hub, which is not read here")
    if text.get("hf_tokenizer_name"):
        raise ValueError(f"its text tower needs the vocabulary {text['hf_tokenizer_name']} of the hub")
    unknown = sorted(set(text) - set(_NUMBERS) - _TOKEN_NUMBERS - _PLAIN)
    if unknown:
        raise ValueError(f"text_cfg has {unknown[0]!r}, which is not read here")
    numbers = {name: bounded(name, text[name], largest) for name, largest in _NUMBERS.items() if name in text}
    for name in _TOKEN_NUMBERS & set(text):
        if text[name] != 0:
            bounded(name, text[name], _NUMBERS["vocab_size"])
    ratio = text.get("mlp_ratio", 4.0)
    if isinstance(ratio, bool) or not isinstance(ratio, (int, float)) or not 0 < ratio <= 16:
        raise ValueError(f"mlp_ratio is {ratio!r}; allowed: a number above 0, at most 16")
    width, layers = numbers.get("width", 512), numbers.get("layers", 12)
    if numbers.get("vocab_size", 0) * width + layers * width**2 * (4 + 2 * ratio) > LARGEST_TOWER:
        raise ValueError("its text tower is larger than any there is")
    # The tokens beside the embedding, which a CoCa's decoder reads, are not wanted.
    return {**text, "output_tokens": False}


def _tokenizer(config: WordsConfig) -> Any:
    """open_clip's own tokenizer, which has its vocabulary with it."""
    import open_clip  # noqa: PLC0415

    tokenizer = open_clip.SimpleTokenizer()
    known = config.text_cfg.get("vocab_size", tokenizer.vocab_size)
    if known < tokenizer.vocab_size:
        raise ValueError(f"its text tower knows {known} tokens, and open_clip's vocabulary has {tokenizer.vocab_size}")
    return tokenizer
