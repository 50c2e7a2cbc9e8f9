"""What a frame of the sample shoot is: which place it shows, in which light, how it is framed and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aesthetic_studio.sample_album.plan import SampleShot


class Misfire(StrEnum):
    """A frame that nobody meant to take."""

    LENS_CAP = "lens cap"
    FLOOR = "floor"
    BLUR = "blur"


@dataclass(frozen=True, slots=True)
class Light:
    """Weather and hour, laid over a scene's own light.

    Attributes:
        ev: Stops brighter.
        warmth: −1 cold to 1 warm.
        saturation: 1 leaves the colours as they are.
        haze: Share 0..1 of the light that the air between takes and gives back grey.
        turn: The hues turned, degrees: other flowers, other paints.
    """

    ev: float = 0.0
    warmth: float = 0.0
    saturation: float = 1.0
    haze: float = 0.0
    turn: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """Something that is rendered once and photographed many times.

    Attributes:
        key: Its name within the shoot, from which its random numbers come.
        scene: What is there.
        light: The light over it.
        mirrored: Left and right are exchanged.
        wide: Rendered wide enough for a panorama.
    """

    key: str
    scene: str
    light: Light
    mirrored: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Framing:
    """How the camera is held.

    Attributes:
        centre: Where the frame's middle lies within the place, 0..1 (across, down).
        zoom: 1 takes in all that is rendered, but for a margin.
        upright: A portrait frame.
        roll: Degrees clockwise.
    """

    centre: tuple[float, float] = (0.5, 0.5)
    zoom: float = 1.0
    upright: bool = False
    roll: float = 0.0


@dataclass(frozen=True, slots=True)
class Frame:
    """One photo of the shoot.

    Attributes:
        shot: Its file, its EXIF, its series, its exposure against the place's own, and the moment of what moves.
        place: What is in front of the camera.
        framing: How it is framed; ``shot.shift`` moves it by pixels of the photo.
        visit: Which of the subjects that pass by it shows.
        softness: Radius of its defocus, pixels.
        sweep: Movement of the camera while the shutter was open, pixels (rows, columns).
        misfire: ``None`` where it was meant.
    """

    shot: SampleShot
    place: Place
    framing: Framing
    visit: int = 0
    softness: float = 0.0
    sweep: tuple[float, float] = (0.0, 0.0)
    misfire: Misfire | None = None
