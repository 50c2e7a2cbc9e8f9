"""Trains the model that ships: learnable queries over features that a frozen encoder keeps in memory.

    photos ─bank─▶ frozen encoder ─views─▶ tokens ─training─▶ members ─validation, by nested folds─▶ results, card

Some hundred photos fit in memory, so that every fold and seed is trained from the same tokens.
"""
