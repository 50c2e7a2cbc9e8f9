"""Recipes: what a training run is, in TOML, and the code that checks one whole before any work begins."""
