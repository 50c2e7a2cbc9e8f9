"""A folder tree with made files, and a stand-in for the decoder: facts that follow from a file's bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING

import pytest

from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.library.scan import FolderScan, FormatSets, walk
from aesthetic_studio.records import (
    CaptureTime,
    Look,
    Measurements,
    Metadata,
    PhotoFacts,
    PhotoFile,
    ScoreDistribution,
    UnreadableFile,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

FORMATS = FormatSets(
    photo=frozenset({".jpg", ".jpeg", ".png", ".heic", ".cr2", ".nef", ".dng"}),
    raw=frozenset({".cr2", ".nef", ".dng"}),
    movie=frozenset({".mov", ".mp4"}),
    sidecar=frozenset({".xmp"}),
)


def hash_of(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()


def make_facts(data: bytes, **metadata: object) -> PhotoFacts:
    """What a decode of these bytes tells; different for different bytes and always the same for the same."""
    content_hash = hash_of(data)
    number = int.from_bytes(content_hash[:3], "big")
    meta: dict[str, object] = {
        "taken": CaptureTime(datetime(2024, 5, 1) + timedelta(seconds=number), 0.01, 120),
        "make": "Canon",
        "model": "Canon EOS R5" if number % 2 else "Canon EOS 350D DIGITAL",
        "lens": "RF 50mm F1.2",
        "focal_length_mm": 50.0,
        "aperture": 1.2,
        "shutter_s": 1 / 125,
        "iso": 100,
    }
    return PhotoFacts(
        content_hash=content_hash,
        format="JPEG",
        width=6000,
        height=4000,
        metadata=Metadata(**{**meta, **metadata}),  # type: ignore[arg-type]
        measurements=Measurements(0.1 + number / 2**25, 0.2, 0.01, -0.5, 0.0, 0.1, 0.3, 0.4, -1.5, (0.25,) * 64),
        look=Look(bytes(1024), bytes(192)),
        preview=b"\xff\xd8preview of " + content_hash,
        warnings=("a warning",),
    )


def make_distribution(score: float) -> ScoreDistribution:
    """Votes whose mean is ``score``."""
    low = min(9, int(score))
    votes = [0.0] * 10
    votes[low - 1], votes[low] = 1 - (score - low), score - low
    return ScoreDistribution(tuple(votes))


@dataclass
class Album:
    """A folder on disk and the catalogue that indexes it, with the decoder's calls counted."""

    folder: Path
    catalogue: Catalogue
    decoded: list[str] = field(default_factory=list)

    def write(self, name: str, data: bytes | str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    def scans(self, roots: Sequence[Path] | None = None) -> Iterator[FolderScan]:
        return walk(
            [str(root) for root in roots or [self.folder]],
            FORMATS,
            known=self.catalogue.folder_signature,
            should_stop=lambda: False,
        )

    def store(self, file: PhotoFile) -> int:
        """Read one file as the pipeline does: known contents by their hash, the rest decoded."""
        path = str(file.path)
        data = file.path.read_bytes()
        if data.startswith(b"broken"):
            problem = UnreadableFile(path, "it is damaged", "Restore it from a backup.")
            return self.catalogue.store_unreadable(file, problem)
        known = self.catalogue.relink(file, hash_of(data))
        if known is not None:
            return known
        self.decoded.append(file.name)
        return self.catalogue.store_facts(file, make_facts(data))

    def index(self, *roots: Path) -> list[str]:
        """Bring the catalogue up to date; says which files were decoded."""
        self.decoded = []
        chosen = list(roots) or [self.folder]
        seen = []
        for scan in self.scans(chosen):
            seen.append(scan.path)
            with self.catalogue.transaction():
                for file in self.catalogue.apply_scan(scan):
                    self.store(file)
        self.catalogue.finish_scan([str(root) for root in chosen], seen, False)
        return self.decoded

    def id_of(self, name: str) -> int:
        """The id of the photo that is at this path and not missing."""
        from aesthetic_studio.albums import PhotoFilter, PhotoQuery
        from aesthetic_studio.records import PhotoState

        states = frozenset(PhotoState) - {PhotoState.MISSING}
        ids = self.catalogue.ids(PhotoQuery(PhotoFilter(states=states), collapse_series=False))
        found = [photo.id for photo in self.catalogue.photos(ids) if str(photo.path) == str(self.folder / name)]
        assert len(found) == 1, f"{name} is {len(found)} photos"
        return found[0]


@pytest.fixture
def library_path(tmp_path: Path) -> Path:
    return tmp_path / "library" / "library.sqlite"


@pytest.fixture
def catalogue(library_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(library_path) as opened:
        yield opened


@pytest.fixture
def album(catalogue: Catalogue, tmp_path: Path) -> Album:
    folder = tmp_path / "photos"
    folder.mkdir()
    return Album(folder, catalogue)


@pytest.fixture
def album_at() -> Callable[[Path, Catalogue], Album]:
    """An album anywhere, for tests that make many."""
    return Album


@pytest.fixture
def facts_of() -> Callable[..., PhotoFacts]:
    return make_facts


@pytest.fixture
def distribution_of() -> Callable[[float], ScoreDistribution]:
    return make_distribution


@pytest.fixture
def formats() -> FormatSets:
    return FORMATS


@pytest.fixture
def open_library() -> Callable[[Path], Catalogue]:
    """Open libraries, for tests that need more than one or none at the start."""
    return Catalogue.open


@pytest.fixture(scope="session")
def open_once() -> Callable[[Path], Catalogue]:
    """The same for property tests, which may use no fixture that is made anew for each test."""
    return Catalogue.open


@pytest.fixture(scope="session")
def formats_once() -> FormatSets:
    """The same for property tests, which may use no fixture that is made anew for each test."""
    return FORMATS


@pytest.fixture(scope="session")
def facts_once() -> Callable[..., PhotoFacts]:
    """As ``facts_of``, for property tests."""
    return make_facts
