"""What is known of one face in a photo: where it is, whether its eyes are open, how sharp they are.

Standard library only. A face is a place and three numbers; nobody is recognised, and nothing of a face is kept that
could tell who it is.
"""

from __future__ import annotations

from dataclasses import dataclass

SURELY_A_FACE = 0.9
"""A detector's confidence from which a face's eyes are spoken of. Of what YuNet takes for a face at a second look, in
small photos, six in ten reach it in sets of people, and one in eleven in a set of cats and dogs (with some of their
owners among them). Larger faces of people mostly lie at 0.92 and above."""

ALONE_OPEN_AT_MOST = 0.003
ALONE_CONFIDENCE = 0.97
"""What it takes to call eyes closed where no other frame shows them open: next to no chance that they are open, in
every crop that the classifier was shown, in a large and frontal face. Of some 310 faces of the pool, each looked at in
three sizes, only three seemed closed at 0.005, and they are; the first open eyes follow at 0.013 (a baby's), 0.016
(narrow ones) and 0.017 (a dog's)."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face in a photo. Places are shares, 0..1, of the width and height of the upright photo."""

    x: float
    y: float
    width: float
    height: float
    confidence: float
    """The detector's, 0..1, at the second look where there was one."""
    eyes_open: float | None = None
    """Probability that the eyes are open, of the more open eye; ``None`` where they were not looked at."""
    eyes_confidence: float = 0.0
    """How far ``eyes_open`` can be believed, 0..1: less for small or turned faces, and where crops disagree."""
    sharpness: float | None = None
    """Acutance of the eyes at the real resolution, 0..1, as ``Measurements.sharpness``; ``None`` where too small."""

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def surely_closed(self) -> bool:
        """Whether its eyes may be called closed without another frame that shows them open."""
        return (
            self.eyes_open is not None
            and self.eyes_open <= ALONE_OPEN_AT_MOST
            and self.eyes_confidence >= ALONE_CONFIDENCE
            and self.confidence >= SURELY_A_FACE
        )
