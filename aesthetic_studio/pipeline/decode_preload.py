"""Imported once by the fork server, so that each worker it forks has its decoder at once."""

from __future__ import annotations

from aesthetic_studio.pipeline.decode_worker import load_decoders

load_decoders()
