"""Features once: a frozen encoder over a data set, into a cache that training reads instead of images.

data.open_set ──▶ building.build ──▶ shards on disk ──▶ FeatureCache.tokens(rows), .text(rows) ──▶ training
"""

from trainer.features.building import ONE_VIEW, build
from trainer.features.cache import FeatureCache, TextEncoderFacts

__all__ = ["ONE_VIEW", "FeatureCache", "TextEncoderFacts", "build"]
