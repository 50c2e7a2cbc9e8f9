"""FGAesQ: photos of one series in order, judged in pairs where they differ (arXiv 2603.03907)."""

from aesthetic_studio.models.fgaesq.config import DiffTokenConfig, FGAesQConfig, TextTowerConfig
from aesthetic_studio.models.fgaesq.difftoken import DiffToken, TokenBatch, Tokens
from aesthetic_studio.models.fgaesq.model import FGAesQModel
from aesthetic_studio.models.fgaesq.network import FGAesQ, FGAesQOutput
from aesthetic_studio.models.fgaesq.published import convert_published, load_published
from aesthetic_studio.models.fgaesq.series import PairScore, pair_seed, series_scores

__all__ = [
    "DiffToken",
    "DiffTokenConfig",
    "FGAesQ",
    "FGAesQConfig",
    "FGAesQModel",
    "FGAesQOutput",
    "PairScore",
    "TextTowerConfig",
    "TokenBatch",
    "Tokens",
    "convert_published",
    "load_published",
    "pair_seed",
    "series_scores",
]
