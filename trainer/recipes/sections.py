"""The sections that recipes are made of. A docstring says what a value is, and whose choice where a paper is silent."""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from trainer.recipes.checks import Amount, Count, Natural, Part, Positive, Range, Rate, Refused, Share

if TYPE_CHECKING:
    from aesthetic_studio.models.encoders.compact import CompactConfig
    from aesthetic_studio.models.mmlq import MMLQConfig
    from trainer.embedded.bank import BankRecipe

KINDS_OF_FAULT = 7
"""As many as ``trainer.data.degrade.Fault`` has."""
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
class DegradedSettings:
    """Degraded series of known order, made of photos without votes, that queries learn by RankReg beside the votes.

    What begins with ``merit`` is for the part that tells which frame of one scene is the better and does nothing else.
    """

    photos: Natural = 250
    """Of the pool, drawn by ``seed``; 0 learns nothing from series."""
    faults: Annotated[int, Range(1, KINDS_OF_FAULT)] = KINDS_OF_FAULT
    """Kinds of fault that each of them is given, drawn by ``seed``; every kind is one series."""
    weight: Amount = 0.0
    """Of RankReg beside the losses on votes."""
    batch: Count = 16
    """Series in each step."""
    merit_steps: Natural = 0
    """Of the linear part, from how strongly the layers answer; 0 leaves merit out."""
    merit_batch: Count = 64
    merit_rate: Rate = 3e-3
    merit_decay: Amount = 1.0
    places_steps: Natural = 1200
    """Of the convolutional part, from where a middle layer answers; 0 leaves that part out."""
    places_batch: Count = 32
    places_rate: Rate = 2e-3
    places_decay: Amount = 0.1
    components: Count = 64
    """Of the middle layer's answers, at most."""
    width: Count = 96
    members: Count = 3
    seed: Natural = 1

    @property
    def learns(self) -> bool:
        """Whether anything is learned from series."""
        return bool(self.photos and (self.weight or self.merit_steps))


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
    pool_licence: str = "unlabelled photos; none of them is part of the model"
    teacher_licence: str = "not stated"
    summary: str = ""
    speed: str = ""
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StudentSettings:
    """The compact encoder that is taught; as in ``CompactConfig``."""

    input_size: Count = 160
    stem: Count = 32
    widths: tuple[Count, ...] = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
    """Of each block."""
    strides: tuple[Count, ...] = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
    """Of each block."""
    width: Count = 128
    """Of a token."""
    pooled_width: Count = 256
    """Of a whole photo."""

    def __post_init__(self) -> None:
        if not self.widths:
            raise Refused("widths", "one or more")
        for name in ("width", "pooled_width"):
            if getattr(self, name) > self.widths[-1]:
                raise Refused(name, f"at most the last block's width, {self.widths[-1]}")
        if len(self.widths) != len(self.strides):
            raise Refused("strides", f"as many as widths, {len(self.widths)}")
        if not set(self.strides) <= {1, 2}:
            raise Refused("strides", "1 and 2")
        stride = 2 * math.prod(self.strides)
        if self.input_size % stride:
            raise Refused("input_size", f"a multiple of {stride}, the student's stride")
        if self.input_size < 2 * stride:
            raise Refused("input_size", f"at least {2 * stride}, so that the student has more than one place")

    def config(self) -> CompactConfig:
        """The architecture. Raises ``ValueError`` for one that cannot be built."""
        from aesthetic_studio.models.encoders.compact import CompactConfig  # noqa: PLC0415 - torch comes with it

        return CompactConfig(**{item.name: getattr(self, item.name) for item in dataclasses.fields(self)})


@dataclass(frozen=True, slots=True)
class HintSettings:
    """What the student's layers learn one by one from the layers of the first teacher (FitNets, arXiv 1412.6550)."""

    views: Natural = 0
    """That the teacher's layers are asked about; none leaves the student's layers as they were drawn by seed."""
    places: Count = 40
    """Of each layer's answer to a view, drawn by seed."""
    steps: Count = 30
    """Of the fit of a layer."""
    seed: Natural = 0


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

    epochs: Natural = 20
    """Of learning as a whole; 0 keeps the student as its layers' hints left it."""
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
