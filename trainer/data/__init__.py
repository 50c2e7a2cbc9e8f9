"""Data sets: readers of people's votes, words and comparisons, each answering with the types of ``records``."""
