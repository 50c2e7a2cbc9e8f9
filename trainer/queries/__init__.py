"""Trains IAA-LQ (arXiv 2309.02861) and MMLQ (arXiv 2405.01326) on cached features, of any size, and sweeps one key."""
