"""Writes the album: each scene is rendered once, then photographed frame by frame."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.errors import KnownError
from aesthetic_studio.sample_album import camera, scenes_city, scenes_coast, scenes_nature, scenes_still, scenes_studio
from aesthetic_studio.sample_album.files import save
from aesthetic_studio.sample_album.noise import Array, Generator, random_for, resize
from aesthetic_studio.sample_album.plan import Flaw, SampleShot, album_plan
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from PIL import Image

HEIGHT, WIDTH = 1024, 1536
_MARGIN = 24
_PANORAMA_STEP = 420
_MARKER = ".sample-album"
_VERSION = 1

Scene = Callable[[Generator, int, int], Array]

_SCENES: dict[str, Scene] = {
    "alpine_dawn": scenes_nature.alpine_dawn,
    "mountain_lake": scenes_nature.mountain_lake,
    "starry_night": scenes_nature.starry_night,
    "fog_forest": scenes_nature.fog_forest,
    "moonrise": scenes_nature.moonrise,
    "dunes": scenes_nature.dunes,
    "evening_dunes": scenes_nature.dunes,
    "balloons": scenes_nature.balloons,
    "misty_hills": scenes_nature.misty_hills,
    "aurora": scenes_nature.aurora,
    "sea_sunset": scenes_coast.sea_sunset,
    "calm_sea": scenes_coast.calm_sea,
    "lighthouse": scenes_coast.lighthouse,
    "pier": scenes_coast.pier,
    "skyline": scenes_city.skyline,
    "rainy_street": scenes_city.rainy_street,
    "night_crossing": scenes_city.skyline,
    "facade": scenes_city.facade,
    "facade_noon": scenes_city.facade,
    "staircase": scenes_city.staircase,
    "fruit": scenes_still.fruit,
    "plums": scenes_still.plums,
    "flower": scenes_studio.flower,
    "city_lights": scenes_studio.city_lights,
    "photographer": scenes_studio.photographer,
}


def write_album(folder: Path, seed: int, progress: Callable[[int, int], None] | None = None) -> list[Path]:
    """Write what is missing of the album; see :func:`aesthetic_studio.sample_album.make_album`."""
    plan = album_plan()
    files = [folder / shot.name for shot in plan]
    marker, stamp = folder / _MARKER, f"{_VERSION} {seed}\n"
    try:
        current = marker.is_file() and marker.read_text(encoding="ascii", errors="replace") == stamp
        missing = [shot for shot, file in zip(plan, files, strict=True) if not (current and file.is_file())]
        if missing:
            folder.mkdir(parents=True, exist_ok=True)
            marker.write_text(stamp, encoding="ascii")
            _write(folder, seed, missing, len(plan), progress)
    except OSError as error:
        raise KnownError(
            kept("problem", "The sample album cannot be written to {folder}: {value}.").format(
                folder=folder, value=error.strerror or error
            ),
            kept("problem", "Choose a folder that can be written to and has 40 MB to spare."),
        ) from error
    return files


def _write(
    folder: Path, seed: int, shots: Sequence[SampleShot], total: int, progress: Callable[[int, int], None] | None
) -> None:
    groups: dict[str, list[SampleShot]] = {}
    for shot in shots:
        groups.setdefault(shot.scene, []).append(shot)
    done, lock = total - len(shots), Lock()

    def photograph(scene: str) -> None:
        nonlocal done
        for shot, light in _lights(scene, groups[scene], seed):
            save(folder / shot.name, shot, _expose(shot, light, seed))
            with lock:
                done += 1
                if progress is not None:
                    progress(done, total)

    # Threads suffice: NumPy and Pillow let go of the interpreter while they work on a picture.
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        list(pool.map(photograph, sorted(groups, key=lambda scene: -len(groups[scene]))))


def _lights(scene: str, shots: Sequence[SampleShot], seed: int) -> Iterator[tuple[SampleShot, Array]]:
    """Each shot with the light that reaches its sensor, before flaw and exposure; at least the frame's size."""
    rng = random_for(seed, scene)
    height, width = HEIGHT + 2 * _MARGIN, WIDTH + 2 * _MARGIN
    if scene == "marbles":
        light, depth = scenes_still.marbles(rng, HEIGHT, WIDTH)
        layers = camera.focus_layers(light)
        for shot in shots:
            yield shot, scenes_still.focused(layers, depth, scenes_still.MARBLE_DEPTHS[int(shot.moment)])
    elif scene == "sailing_boat":
        water = scenes_coast.open_water(rng, height, width)
        for shot in shots:
            yield shot, scenes_coast.boat_on(water, along=0.05 * shot.moment, heel=0.05 * np.sin(5 * shot.moment))
    elif scene == "alpine_dawn":
        wide = _SCENES[scene](rng, height, WIDTH + 4 * _PANORAMA_STEP)
        for shot in shots:
            left = round(shot.moment * 4 * _PANORAMA_STEP)
            yield shot, wide[:, left : left + WIDTH]
    elif shots[0].portrait:
        # Fog is soft: three quarters of the size are enough.
        light = resize(_SCENES[scene](rng, WIDTH * 3 // 4, HEIGHT * 3 // 4), WIDTH, HEIGHT)
        for shot in shots:
            yield shot, light
    else:
        framed = any(shot.series for shot in shots)
        light = _SCENES[scene](rng, height if framed else HEIGHT, width if framed else WIDTH)
        for shot in shots:
            yield shot, light


def _expose(shot: SampleShot, light: Array, seed: int) -> Image.Image:
    """The developed photo, upright, with its flaw."""
    rng = random_for(seed, shot.name)
    size = (WIDTH, HEIGHT) if shot.portrait else (HEIGHT, WIDTH)
    grain = 0.0035 + 0.0026 * (shot.settings.iso / 100) ** 0.45
    if shot.flaw is Flaw.MOTION:
        light = camera.shake(light, size, shot.shift, (5.0, 21.0))
    else:
        light = camera.crop(light, size, shot.shift)
    if shot.flaw is Flaw.DEFOCUS:
        light = camera.defocus(light, 6.5)
    elif shot.flaw is Flaw.TILT:
        light = camera.tilt(light, 4.2 if shot.series else -5.0)
    elif shot.flaw is Flaw.NOISE:
        grain = 0.075
    elif shot.kind is not None and shot.kind.value == "burst" and not shot.best and shot.flaw is None:
        # Frames that nothing is wrong with still differ: these are a touch softer than the best.
        light = camera.defocus(light, 1.6)
    return camera.develop(light, rng, ev=shot.ev, grain=grain)
