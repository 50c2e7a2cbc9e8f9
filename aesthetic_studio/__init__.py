"""Aesthetic Studio: desktop photo curation that judges beauty, learns one person's taste and never loses a thing."""

__version__ = "0.1.0"
