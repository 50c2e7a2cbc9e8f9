"""Data sets: readers of people's votes, words and comparisons, each answering with the types of ``records``."""

from trainer.data.opening import open_photos, open_series, open_set

__all__ = ["open_photos", "open_series", "open_set"]
