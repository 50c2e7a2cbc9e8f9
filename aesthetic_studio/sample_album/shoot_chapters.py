"""The day of the sample shoot: its chapters, what is photographed in each, and with which settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """A scene as a photographer meets it.

    Attributes:
        focal_mm: Focal length of its widest framing.
        settings: Aperture, shutter in seconds, ISO.
        anchor: Where its subject stands, 0..1 (across, down).
        closest: The largest zoom that still makes a picture.
        moves: Something passes by.
        turns: Its hues may be others.
        bracketed: Somebody would bracket it.
        weather: How much haze and overcast it may lie under, 0..1.
    """

    focal_mm: float
    settings: tuple[float, float, int]
    anchor: tuple[float, float] = (0.5, 0.5)
    closest: float = 1.6
    moves: bool = False
    turns: bool = False
    bracketed: bool = False
    weather: float = 1.0


SUBJECTS: dict[str, Subject] = {
    "alpine_dawn": Subject(28, (8.0, 1 / 125, 100), (0.55, 0.50), bracketed=True),
    "mountain_lake": Subject(30, (11.0, 1 / 15, 100), (0.55, 0.50), bracketed=True),
    "misty_hills": Subject(90, (8.0, 1 / 320, 100), (0.45, 0.62)),
    "balloons": Subject(60, (5.6, 1 / 500, 200), (0.50, 0.42), 1.45, moves=True),
    "fog_forest": Subject(35, (5.6, 1 / 60, 400), (0.52, 0.50)),
    "flower_field": Subject(24, (8.0, 1 / 250, 100), (0.50, 0.50), 1.5),
    "flower": Subject(100, (4.0, 1 / 250, 200), (0.47, 0.47), 1.5, turns=True, weather=0.3),
    "dunes": Subject(70, (8.0, 1 / 400, 100), (0.50, 0.55)),
    "calm_sea": Subject(50, (8.0, 1 / 500, 100), (0.50, 0.48)),
    "boat": Subject(100, (5.6, 1 / 1000, 200), (0.45, 0.50), 1.4, moves=True, weather=0.6),
    "gulls": Subject(105, (5.6, 1 / 2000, 400), (0.50, 0.36), 1.6, moves=True),
    "pier": Subject(20, (11.0, 8.0, 64), (0.50, 0.55), 1.4, weather=0.6),
    "runner": Subject(55, (4.0, 1 / 1600, 400), (0.50, 0.60), 1.35, moves=True, weather=0.4),
    "house_wall": Subject(50, (8.0, 1 / 320, 100), (0.50, 0.50), weather=0.2),
    "facade": Subject(75, (8.0, 1 / 640, 100), (0.50, 0.50), weather=0.5),
    "staircase": Subject(18, (4.0, 1 / 40, 800), (0.49, 0.52), weather=0.0),
    "still_life": Subject(70, (5.6, 1 / 60, 200), (0.50, 0.55), 1.35, weather=0.0),
    "fruit": Subject(70, (5.6, 1 / 30, 200), (0.50, 0.55), 1.3, weather=0.0),
    "plums": Subject(100, (4.0, 1 / 60, 400), (0.50, 0.52), 1.3, weather=0.0),
    "profile": Subject(85, (1.8, 1 / 200, 400), (0.50, 0.50), 1.2, moves=True, weather=0.0),
    "sea_sunset": Subject(35, (8.0, 1 / 200, 100), (0.45, 0.52), bracketed=True, weather=0.4),
    "lighthouse": Subject(40, (8.0, 1 / 8, 200), (0.33, 0.45), 1.5, bracketed=True, weather=0.5),
    "photographer": Subject(80, (5.6, 1 / 250, 200), (0.42, 0.58), 1.45, weather=0.3),
    "skyline": Subject(45, (8.0, 4.0, 100), (0.55, 0.52), 1.5, bracketed=True, weather=0.2),
    "rainy_street": Subject(50, (2.8, 1 / 60, 1600), (0.50, 0.55), 1.45, weather=0.2),
    "city_lights": Subject(85, (1.8, 1 / 80, 800), (0.56, 0.52), 1.3, weather=0.0),
    "moonrise": Subject(135, (5.6, 1 / 30, 1600), (0.52, 0.45), 1.5, weather=0.5),
    "starry_night": Subject(16, (2.8, 20.0, 3200), (0.50, 0.55), 1.25, weather=0.1),
    "aurora": Subject(16, (2.8, 6.0, 1600), (0.50, 0.50), 1.3, weather=0.1),
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stretch of the day.

    Attributes:
        folder: Where its photos lie.
        share: Its part of all photos, in hundredths.
        hours: From when to when, in hours of the day.
        opening: The scene that it begins with and what is made of it.
        deck: The scenes to draw from, each as often as it is put in.
        place: Latitude and longitude, degrees.
    """

    folder: str
    share: int
    hours: tuple[float, float]
    opening: tuple[str, str]
    deck: dict[str, int]
    place: tuple[float, float]


CHAPTERS: tuple[Chapter, ...] = (
    Chapter(
        "1-dawn", 17, (5.8, 8.3), ("alpine_dawn", "panorama"),
        {"alpine_dawn": 4, "mountain_lake": 4, "misty_hills": 2, "balloons": 4, "fog_forest": 3}, (46.5775, 8.0054),
    ),
    Chapter(
        "2-country", 13, (8.7, 11.1), ("flower", "burst"),
        {"flower_field": 6, "flower": 4, "fog_forest": 1, "misty_hills": 1}, (46.0037, 8.9511),
    ),
    Chapter(
        "3-coast", 18, (11.9, 14.7), ("boat", "burst"),
        {"calm_sea": 1, "boat": 4, "gulls": 5, "pier": 2, "dunes": 3, "runner": 2}, (44.1069, 9.7286),
    ),
    Chapter(
        "4-town", 14, (15.2, 17.1), ("house_wall", "burst"),
        {"house_wall": 7, "facade": 4, "staircase": 2}, (44.4056, 8.9463),
    ),
    Chapter(
        "5-studio", 14, (17.4, 19.1), ("profile", "burst"),
        {"still_life": 6, "profile": 6, "fruit": 1, "plums": 1, "flower": 1}, (44.4071, 8.9347),
    ),
    Chapter(
        "6-evening", 12, (19.3, 20.6), ("lighthouse", "bracket"),
        {"sea_sunset": 4, "lighthouse": 1, "photographer": 2, "runner": 4, "gulls": 1}, (44.4044, 8.9046),
    ),
    Chapter(
        "7-night", 12, (20.8, 23.8), ("skyline", "panorama"),
        {"skyline": 3, "rainy_street": 2, "city_lights": 3, "moonrise": 2, "starry_night": 2, "aurora": 1},
        (44.4132, 8.9290),
    ),
)  # fmt: skip
