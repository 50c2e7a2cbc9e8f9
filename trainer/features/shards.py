"""Tensors of many items on disk, in shards that are written whole and checked by hash.

    visual/index.json         what made them, and each shard's files with their sha256; a shard counts once it is here
    visual/00000.json         which items it holds, and which could not be encoded
    visual/00000.safetensors  their tensors

One store holds photos, another words, so that either can be made anew without the other. Readers map the files into
memory: any number of processes may read one cache, and only what is asked for is read.
"""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import safetensors
import safetensors.torch

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.card import file_sha256
from trainer.features.durable import write_json, write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from torch import Tensor

INDEX_FILE = "index.json"
FORMAT = 1
MENDING = "Run the command features again with the same options: it encodes anew what is missing."


@dataclass(frozen=True, slots=True)
class Item:
    """One photo or text of a shard.

    Attributes:
        name: The photo's, in its set.
        stamp: Hash of the content that was encoded.
        hint: The file's size and time of change (ns): where they are the same, it need not be read to know its hash.
        failure: Why there is no tensor of it; empty where there is.
    """

    name: str
    stamp: str
    hint: tuple[int, int] = (0, 0)
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard's place in the index. A shard in which nothing could be encoded has no tensors."""

    number: int
    rows: int
    items_sha256: str
    tensors_sha256: str = ""
    bytes: int = 0

    @property
    def items_file(self) -> str:
        """Name of the file that lists the items."""
        return f"{self.number:05d}.json"

    @property
    def tensors_file(self) -> str:
        """Name of the file that holds their tensors."""
        return f"{self.number:05d}.safetensors"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item's tensors lie: shard and row; a failed item has the row −1."""

    shard: int
    row: int
    item: Item


@dataclass(slots=True)
class ShardStore:
    """The shards of one folder.

    Attributes:
        folder: Where they lie.
        made_by: What made them; tensors of two makers are never mixed.
        about: What else is to be known of them, as the store was begun with.
        shards: Those that are whole, by number.
    """

    folder: Path
    made_by: dict[str, Any]
    about: dict[str, Any]
    shards: dict[int, Shard] = field(default_factory=dict)
    _open: dict[int, Mapping[str, Tensor]] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, folder: Path) -> ShardStore:
        """Open a store. Raises ``KnownError`` where the index is missing or damaged."""
        path = folder / INDEX_FILE
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["format"] != FORMAT:
                raise KnownError(
                    f"{path}: this cache was written by another version of the program.", "Make it anew elsewhere."
                )
            shards = {int(shard["number"]): Shard(**shard) for shard in content["shards"]}
            return cls(folder, dict(content["made_by"]), dict(content["about"]), shards)
        except OSError as error:
            raise KnownError(f"{path}: there is no such cache ({error.strerror}).", MENDING) from error
        except (ValueError, KeyError, TypeError) as error:
            raise KnownError(
                f"{path}: this index is damaged ({error}).", "Delete the folder and run the command features again."
            ) from error

    @classmethod
    def begin(cls, folder: Path, made_by: dict[str, Any], about: dict[str, Any]) -> ShardStore:
        """Go on with the store of a folder, or begin one.

        Raises ``KnownError`` where the folder's tensors were made by something else.
        """
        if not (folder / INDEX_FILE).exists():
            store = cls(folder, made_by, about)
            store._write_index()
        store = cls.read(folder)
        for key, wanted in made_by.items():
            found = store.made_by.get(key)
            if found != wanted:
                raise KnownError(
                    f"{folder}: these features were made with {key} {_words(found)}, not {_words(wanted)}.",
                    "Name another folder with --output, or delete this one.",
                )
        return store

    def add(self, items: Sequence[Item], tensors: Mapping[str, Tensor]) -> None:
        """Write one shard: the tensors' rows belong to the items without a failure, in their order.

        Raises ``DiskFull`` and ``KnownError``; the store stays as it was.
        """
        number = max(self.shards, default=-1) + 1  # never one that was dropped from between: the newest is the highest
        rows = sum(1 for item in items if not item.failure)
        listed = (json.dumps([asdict(item) for item in items], indent=0) + "\n").encode()
        shard = Shard(number, rows, hashlib.sha256(listed).hexdigest())
        if rows:
            content = safetensors.torch.save({name: tensor.contiguous() for name, tensor in tensors.items()})
            shard = Shard(number, rows, shard.items_sha256, hashlib.sha256(content).hexdigest(), len(content))
            write_whole(self.folder / shard.tensors_file, content)
        write_whole(self.folder / shard.items_file, listed)
        self.shards[number] = shard
        try:
            self._write_index()
        except KnownError:
            del self.shards[number]
            raise

    def items(self, shard: Shard) -> list[Item]:
        """What a shard holds. Raises ``KnownError`` where its list is damaged."""
        path = self.folder / shard.items_file
        try:
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() != shard.items_sha256:
                raise ValueError("its sha256 is another")
            return [Item(**{**entry, "hint": tuple(entry["hint"])}) for entry in json.loads(content)]
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise KnownError(f"{path}: this part of the cache is damaged ({error}).", MENDING) from error

    def places(self) -> dict[str, Place]:
        """Where each item lies; of an item that was encoded again after a change, the newest. Raises ``KnownError``."""
        found: dict[str, Place] = {}
        for number in sorted(self.shards):
            row = 0
            for item in self.items(self.shards[number]):
                found[item.name] = Place(number, -1 if item.failure else row, item)
                row += not item.failure
        return found

    def damaged(self) -> list[Path]:
        """Files that are missing, or are not the ones that were written. Reads all of them."""
        wanted = [
            (self.folder / name, sha256)
            for shard in self.shards.values()
            for name, sha256 in ((shard.items_file, shard.items_sha256), (shard.tensors_file, shard.tensors_sha256))
            if sha256
        ]
        with ThreadPoolExecutor(max_workers=4) as threads:  # hashing and the disk take turns
            whole = list(threads.map(lambda pair: _is_whole(*pair), wanted))
        return [path for (path, _), good in zip(wanted, whole, strict=True) if not good]

    def drop(self, files: Sequence[Path]) -> None:
        """Forget the shards of damaged files and delete what is left of them, so that their items are encoded again."""
        gone = {path.stem for path in files}
        self.shards = {number: shard for number, shard in self.shards.items() if f"{number:05d}" not in gone}
        self._open.clear()
        self._write_index()
        for stem in gone:
            for path in self.folder.glob(f"{stem}.*"):
                path.unlink(missing_ok=True)

    def tensors(self, number: int) -> Mapping[str, Tensor]:
        """A shard's tensors, mapped into memory. Raises ``KnownError`` where the file is gone or is no such file."""
        found = self._open.get(number)
        if found is None:
            path = self.folder / self.shards[number].tensors_file
            try:
                with safetensors.safe_open(path, framework="pt") as file:
                    found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
            except (OSError, safetensors.SafetensorError) as error:
                raise KnownError(f"{path}: this part of the cache cannot be read ({error}).", MENDING) from error
            self._open[number] = found
        return found

    @property
    def size_bytes(self) -> int:
        """Of all tensors on disk."""
        return sum(shard.bytes for shard in self.shards.values())

    def __getstate__(self) -> tuple[Any, ...]:
        # Another process maps the files anew; mapped memory itself cannot be sent.
        return self.folder, self.made_by, self.about, self.shards

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.folder, self.made_by, self.about, self.shards = state
        self._open = {}

    def _write_index(self) -> None:
        shards = [asdict(self.shards[number]) for number in sorted(self.shards)]
        content = {"format": FORMAT, "made_by": self.made_by, "about": self.about, "shards": shards}
        write_json(self.folder / INDEX_FILE, content)


def _is_whole(path: Path, sha256: str) -> bool:
    try:
        return file_sha256(path) == sha256
    except OSError:
        return False


def _words(found: object) -> str:
    if isinstance(found, dict):
        return ", ".join(f"{key} {str(value)[:16]}" for key, value in found.items())
    return "nothing stated" if found is None else str(found)
