"""The sections that recipes are made of. A docstring says what a value is, and whose choice where a paper is silent."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from trainer.recipes.checks import Amount, Count, Natural, Part, Positive, Range, Rate, Refused, Share

if TYPE_CHECKING:
    from aesthetic_studio.models.encoders.compact import CompactConfig
    from aesthetic_studio.models.mmlq import MMLQConfig
    from trainer.embedded.bank import BankRecipe

_OPEN_CLIP = re.compile(r"[\w.+-]+:[\w.+-]+(@\d{2,4})?")
_HUGGING_FACE = re.compile(r"[\w.-]+(/[\w.-]+)?")
VISUAL_ENCODERS = (
    "embedded, name:pretrained of open_clip (ViT-L-14:openai), a .tflite file, or a folder with encoder.json"
)
TEXT_ENCODERS = 'a BERT-family model\'s name (bert-base-uncased), a folder with one, or "" for no words'


@dataclass(frozen=True, slots=True)
class HeadSettings:
    """The learnable queries; as in ``MMLQConfig``, less the widths that the encoders fix."""

    width: Count = 64
    queries: Count = 4
    """Fig. 5 of MMLQ (arXiv 2405.01326) sweeps them."""
    blocks: Count = 1
    """Fig. 4 of MMLQ sweeps them."""
    heads: Count = 4
    feed_forward_width: Count = 128
    self_attention: Literal["joint", "separate", "cross", "none"] = "joint"
    feed_forward: Literal["shared", "separate", "none"] = "separate"
    dropout: Part = 0.1
    token_dropout: Part = 0.0
    """Share of tokens hidden from the queries in training."""
    modality_dropout: Part = 0.0
    """Share of training photos whose words are hidden, so that one checkpoint scores with or without words."""
    normalise_tokens: bool = False
    head_layers: Count = 1

    global_token: bool = True
    """Whether the queries may read the vector of the whole photo beside the tokens."""
    global_bias: Amount = 4.6

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise Refused("width", f"a multiple of {self.heads}, so that {self.heads} heads can share it")

    def config(self, visual_width: int, pooled_width: int, text_width: int | None = None) -> MMLQConfig:
        """The architecture over tokens and whole photos of these widths."""
        from aesthetic_studio.models.mmlq import MMLQConfig  # noqa: PLC0415 - torch comes with it

        settings = dataclasses.asdict(self)
        whole = pooled_width if settings.pop("global_token") else None
        return MMLQConfig(visual_width=visual_width, global_width=whole, text_width=text_width, **settings)


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """The frozen encoders."""

    encoder: str = "embedded"
    text_encoder: str = ""

    def check(self) -> None:
        """Raise ``Refused`` for a name whose form no encoder has; whether it is installed is seen later."""
        if not _is_visual(self.encoder):
            raise Refused("encoder", VISUAL_ENCODERS)
        if self.text_encoder and not (_HUGGING_FACE.fullmatch(self.text_encoder) or Path(self.text_encoder).is_dir()):
            raise Refused("text_encoder", TEXT_ENCODERS)


def _is_visual(spec: str) -> bool:
    if spec == "embedded" or _OPEN_CLIP.fullmatch(spec) or spec.lower().endswith(".tflite"):
        return True
    return (Path(spec) / "encoder.json").is_file()


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """The optimiser and the losses of the embedded model, whose folds are trained in memory."""

    epochs: Count = 30
    batch: Count = 64
    learning_rate: Rate = 1e-3
    weight_decay: Amount = 0.05
    warmup: Share = 0.1
    """Share of the steps in which the learning rate rises; then it falls as a cosine."""
    rank_weight: Amount = 0.0
    """Weight of the pairwise rank loss beside the EMD."""
    vote_smoothing: Share = 0.0
    """Share of each photo's votes that is replaced by the training photos' average votes."""
    source_balance: bool = False
    """Take each source's mean vote out of the rank loss by comparing photos of one source only."""


@dataclass(frozen=True, slots=True)
class QueryTrainingSettings:
    """How queries are trained on cached tokens. The papers state none of these: all are this project's choice."""

    epochs: Count = 20
    batch: Count = 128
    learning_rate: Rate = 3e-4
    weight_decay: Amount = 0.05
    warmup: Share = 0.1
    clip: Positive = 1.0
    """Largest norm of all gradients together."""
    emd_r: Annotated[float, Range(1.0, 8.0)] = 2.0
    """Exponent of the Earth Mover's Distance; 2 for training is NIMA's and AesFormer's."""
    rank_weight: Amount = 0.0
    """Weight of the pairwise rank loss beside the EMD."""
    source_balance: bool = False
    """Compare photos of one source only in the rank loss."""
    vote_smoothing: Share = 0.0
    """Share of each photo's votes that is replaced by the training photos' average votes."""
    patience: Natural = 5
    """Epochs without a better validation SRCC before training ends; 0 goes on to the last."""
    checkpoint_every: Natural = 500
    """Steps between checkpoints beside the one at each epoch's end."""


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """Which photos are learned from where a set does not say: drawn always alike. A set's own splits stay."""

    validation: Part = 0.05
    """Share of the training photos that chooses the best epoch, where the set names no validation photos."""
    test: Part = 0.1
    """Share of the photos that is judged once at the end, where the set names no test photos."""
    draw: Natural = 0
    """Seed of the drawing, apart from the recipe's, so that several seeds are judged on the same photos."""


@dataclass(frozen=True, slots=True)
class AugmentationSettings:
    """Views of each photo that are encoded once and trained on; the first view is the photo itself."""

    views: Count = 8
    flip: bool = True
    crop: Annotated[float, Range(0.0, 1.0, above=True)] = 0.85
    """The smallest share of a side that a view keeps."""
    stretch: Part = 0.15
    """By how much a view's sides may be stretched against each other."""
    blur: Amount = 0.6
    """Largest standard deviation, in pixels, of a view's blur: previews of users are not as crisp as small tiles."""


@dataclass(frozen=True, slots=True)
class DictionarySettings:
    """One dictionary of the bank; as in ``DictionaryConfig``."""

    side: Count
    patch: Count
    stride: Count
    atoms: Count
    normalise: bool = True
    contrast_floor: Amount = 0.001


@dataclass(frozen=True, slots=True)
class BankSettings:
    """How the bank of local features is learned; as in ``BankRecipe`` and its ``BankConfig``."""

    input_size: Count
    grid: Count
    width: Count
    pooled_width: Count
    dictionaries: tuple[DictionarySettings, ...]
    photos: Count = 6000
    patches: Count = 150_000
    rounds: Count = 15
    whitening_floor: Amount = 0.1
    token_whitening: Share = 0.5
    seed: Natural = 0

    def __post_init__(self) -> None:
        if not self.dictionaries:
            raise Refused("dictionaries", "one or more [[bank.dictionaries]]")

    def recipe(self) -> BankRecipe:
        """What ``learn_bank`` follows."""
        from aesthetic_studio.models.encoders.local_bank import BankConfig, DictionaryConfig  # noqa: PLC0415
        from trainer.embedded.bank import BankRecipe  # noqa: PLC0415

        values = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        shape = {name: values.pop(name) for name in ("input_size", "grid", "width", "pooled_width")}
        parts = tuple(DictionaryConfig(**dataclasses.asdict(part)) for part in values.pop("dictionaries"))
        return BankRecipe(bank=BankConfig(dictionaries=parts, **shape), **values)


@dataclass(frozen=True, slots=True)
class CoarseStage:
    """FGAesQ's first stage: votes alone, for 3 epochs. Its rate, decay and batch are this project's choice."""

    epochs: Natural = 3
    learning_rate: Rate = 2e-5
    weight_decay: Amount = 5e-5
    batch: Count = 128


@dataclass(frozen=True, slots=True)
class FineStage:
    """FGAesQ's second stage: batches of series and of votes in turn (models.md 3.8)."""

    epochs: Natural = 7
    learning_rate: Rate = 2e-5
    weight_decay: Amount = 5e-5
    fine_batch: Count = 64
    """Photos of series in a batch, about: series stay whole."""
    coarse_batch: Count = 128
    align_weight: Amount = 10.0
    """λ, the weight of CTAlign."""


@dataclass(frozen=True, slots=True)
class FGAesQModelSettings:
    """Where FGAesQ begins."""

    clip: str = "ViT-B-16:openai"
    """The CLIP whose visual tower is trained, and whose text tower embeds comparisons for CTAlign."""
    parity: bool = False
    """Whether the released code's quirks are reproduced; the default does the right thing."""

    def __post_init__(self) -> None:
        if not _OPEN_CLIP.fullmatch(self.clip) and not Path(self.clip).is_file():
            raise Refused("clip", "name:pretrained of open_clip (ViT-B-16:openai), or a .safetensors file")


@dataclass(frozen=True, slots=True)
class FGAesQTrainingSettings:
    """What both stages share. The paper names neither schedule nor stopping: these are this project's choice."""

    warmup: Share = 0.05
    clip: Positive = 1.0
    emd_r: Annotated[float, Range(1.0, 8.0)] = 2.0
    """The paper does not state its exponent."""
    patience: Natural = 0
    checkpoint_every: Natural = 500


@dataclass(frozen=True, slots=True)
class CardWords:
    """What the model's card says in words."""

    licence: str = "not stated"
    data_licence: str = "not stated"
    """Of the photos and votes."""
    summary: str = ""
    speed: str = ""
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StudentSettings:
    """The compact encoder that is taught; as in ``CompactConfig``."""

    input_size: Count = 128
    stem: tuple[Count, ...] = (24, 48)
    widths: tuple[Count, ...] = (80, 192)
    """Of each stage."""
    blocks: tuple[Natural, ...] = (2, 5)
    """Of each stage."""
    expansion: Count = 2
    kernel: Count = 5
    width: Count = 512
    """Of a token."""

    def __post_init__(self) -> None:
        if len(self.widths) != len(self.blocks):
            raise Refused("blocks", f"as many as widths, {len(self.widths)}")
        stride = 4 * 2 ** len(self.widths)
        if self.input_size % stride:
            raise Refused("input_size", f"a multiple of {stride}, the student's stride")

    def config(self) -> CompactConfig:
        """The architecture. Raises ``ValueError`` for one that cannot be built."""
        from aesthetic_studio.models.encoders.compact import CompactConfig  # noqa: PLC0415 - torch comes with it

        values = {item.name: getattr(self, item.name) for item in dataclasses.fields(self)}
        values["stages"] = tuple(zip(values.pop("widths"), values.pop("blocks"), strict=True))
        return CompactConfig(**values)


@dataclass(frozen=True, slots=True)
class LessonSettings:
    """What teacher and student are shown, once for the cache, and how the teacher's answers are kept."""

    views: Count = 4
    """Of each photo; the first is the whole photo, as users' photos come."""
    crop: Annotated[float, Range(0.0, 1.0, above=True)] = 0.55
    """The smallest share of a side that a view keeps."""
    stretch: Part = 0.2
    """By how much a view's sides may be stretched against each other."""
    degraded: Share = 0.25
    """Share of the views but the first that are made worse first, for teacher and student alike."""
    components: Count = 256
    """Principal components of the teacher's tokens, and of their mean, that are kept."""
    power: Annotated[float, Range(0.1, 1.0)] = 0.5
    """What the teacher's numbers are raised to, signs kept, so that few large ones do not drown the rest."""
    whitening: Share = 0.5
    """0 keeps the components' variances as they are, 1 makes them all alike."""
    seed: Natural = 0


@dataclass(frozen=True, slots=True)
class DistilTrainingSettings:
    """How the student learns. All of it is this project's choice."""

    epochs: Count = 20
    batch: Count = 64
    learning_rate: Rate = 3e-3
    weight_decay: Amount = 0.05
    warmup: Share = 0.05
    clip: Positive = 1.0
    pooled_weight: Amount = 1.0
    """Of the whole photo's components, beside those of each token."""
    relation_weight: Amount = 1.0
    """Of how alike any two photos of a batch are to the teacher (arXiv 1907.09682)."""
    patience: Natural = 0
    checkpoint_every: Natural = 200
