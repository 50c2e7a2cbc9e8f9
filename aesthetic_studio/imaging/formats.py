"""Which files are photos, by the end of their name. Standard library only: the scan asks millions of times.

Whether a file really *is* what its name says is found out from its bytes, in ``source``.
"""

from __future__ import annotations

# fmt: off
RAW_SUFFIXES: frozenset[str] = frozenset(
    {
        ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dcs", ".dng", ".erf", ".fff", ".iiq", ".k25", ".kdc",
        ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf",
        ".srw", ".x3f",
    }
)
"""Camera RAW, read through its embedded preview."""

PHOTO_SUFFIXES: frozenset[str] = RAW_SUFFIXES | frozenset(
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".tif", ".tiff", ".bmp", ".dib", ".gif",
        ".heic", ".heif", ".hif", ".heics", ".avif", ".psd",
    }
)
"""Everything that can become a photo; lower case, with the dot."""

MOVIE_SUFFIXES: frozenset[str] = frozenset({".mov", ".mp4", ".m4v", ".3gp"})
# fmt: on
"""The moving half of a Live or Motion Photo. On their own these are no photos."""

SIDECAR_SUFFIXES: frozenset[str] = frozenset({".xmp"})
"""What other programs wrote down about a photo, beside it."""
