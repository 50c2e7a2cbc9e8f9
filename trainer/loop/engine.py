"""Device, precision and processes: Hugging Face ``accelerate``, as far as a run needs it.

One process by default; several where ``torchrun`` or ``accelerate launch`` started them. Only the main process writes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.distributed
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import (
    DistributedDataParallelKwargs,
    InitProcessGroupKwargs,
    broadcast_object_list,
    gather_object,
)
from torch import Tensor

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.devices import resolve_device

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainer.loop.batches import Share

WAIT = timedelta(days=7)
"""How long processes wait for each other: the main one may encode a large set meanwhile."""


class Engine:
    """Where and in how many processes a run computes.

    Attributes:
        accelerator: Hugging Face's object.
        device: Of this process.
        main: Whether this process is the one that writes and talks.
    """

    def __init__(self, device: str = "auto", precision: str = "no", *, all_used: bool = False) -> None:
        """Raises ``KnownError`` for a device or a precision that is not there.

        ``all_used`` promises that every step reaches every parameter, which spares several processes a search for
        those that have no gradient (FGAesQ's mask token has none in a step without padding).
        """
        chosen = resolve_device(device)
        if precision == "fp16" and chosen.type == "cpu":
            raise KnownError("A CPU cannot train with --precision fp16.", "Use --precision bf16, or no.")
        if chosen.type == "cuda" and chosen.index is not None:
            torch.cuda.set_device(chosen)
        if chosen.type == "cpu":
            # oneDNN's bf16 kernels use tiles that a processor may have and its virtual machine may not: the process
            # would die. Torch's own kernels are slower and always right.
            torch.backends.mkldnn.set_flags(precision != "bf16")  # type: ignore[no-untyped-call]
        # accelerate keeps one state a process, and refuses another precision in it.
        if AcceleratorState._shared_state and AcceleratorState._shared_state.get("_mixed_precision") != precision:
            AcceleratorState._reset_state()
        self.accelerator = Accelerator(
            mixed_precision=precision,
            cpu=chosen.type == "cpu",
            kwargs_handlers=[
                InitProcessGroupKwargs(timeout=WAIT),
                DistributedDataParallelKwargs(find_unused_parameters=not all_used),
            ],
        )
        self.device: torch.device = self.accelerator.device
        self.main: bool = self.accelerator.is_main_process

    @property
    def process(self) -> int:
        """Number of this process, from 0."""
        return int(self.accelerator.process_index)

    @property
    def processes(self) -> int:
        """How many take part."""
        return int(self.accelerator.num_processes)

    @property
    def words(self) -> str:
        """Where it computes, and in how many processes where they are several: launchers do not always say."""
        return f"{self.device}, {self.processes} processes" if self.processes > 1 else str(self.device)

    def by_main(self, work: Callable[[], object]) -> None:
        """Let the main process do something that others wait for; what it raises of ``KnownError`` all of them raise.

        Otherwise the others would wait for one that has gone.
        """
        problem: tuple[str, str] | None = None
        if self.main:
            try:
                work()
            except KnownError as error:
                problem = (error.message, error.advice)
                if self.processes == 1:
                    raise
        if self.processes > 1:
            problem = broadcast_object_list([problem])[0]
        if problem is not None:
            raise KnownError(*problem)

    def everyones(self, value: Any) -> list[Any]:
        """Each process's value, in the order of processes."""
        return list(gather_object([value])) if self.processes > 1 else [value]

    def total(self, value: Tensor) -> float:
        """The sum of all processes' scalars, in double precision where the device has it."""
        exact = value.detach() if value.device.type == "mps" else value.detach().double()
        return float(self.accelerator.reduce(exact, "sum"))

    def rows(
        self,
        count: int,
        compute: Callable[[NDArray[np.int64]], Tensor],
        batch: int,
        done: Callable[[int], object] | None = None,
    ) -> Tensor:
        """``compute`` over ``count`` rows in batches, shared among processes; every process gets all (count, …)."""
        own = np.arange(count)[self.process :: self.processes]
        found = []
        for start in range(0, len(own), batch):
            some = own[start : start + batch]
            found.append(compute(some).detach())
            if done is not None:
                done(len(some) * self.processes)
        if self.processes == 1:
            return torch.cat(found)
        if not found:  # fewer rows than processes
            found = [compute(np.zeros(1, dtype=np.int64)).detach()[:0]]
        return _interleaved(torch.cat(found).to(self.device), count)


def whole_batch(own: Tensor, share: Share) -> Tensor:
    """The whole batch's rows (B, …) from this process's share (b, …), for losses that compare photos with each other.

    Gradients flow into this process's rows only, so scaled that the loop's average over processes is the gradient of
    the whole loss: one process and several learn the same.
    """
    if len(share.places) == share.whole:
        return own
    everyone = _interleaved(own.detach(), share.whole)
    if not len(share.places):
        return everyone + 0.0 * own.sum()
    scale = share.whole / len(share.places)
    mine = own.detach() + scale * (own - own.detach())
    return everyone.index_copy(0, torch.from_numpy(share.places).to(own.device), mine)


def _interleaved(own: Tensor, count: int) -> Tensor:
    """Rows dealt to processes like cards, gathered into their order again."""
    processes = torch.distributed.get_world_size()
    longest = -(-count // processes)
    padded = own.new_zeros((longest, *own.shape[1:]))
    padded[: len(own)] = own[:longest]
    parts = [torch.empty_like(padded) for _ in range(processes)]
    torch.distributed.all_gather(parts, padded)
    return torch.stack(parts, dim=1).flatten(0, 1)[:count]


def to_device(batch: Any, device: torch.device) -> Any:
    """Every tensor of a batch, in dataclasses, mappings and sequences, on a device."""
    if isinstance(batch, Tensor):
        return batch.to(device, non_blocking=True)
    if dataclasses.is_dataclass(batch) and not isinstance(batch, type):
        changed = {item.name: to_device(getattr(batch, item.name), device) for item in dataclasses.fields(batch)}
        return dataclasses.replace(batch, **changed)
    if isinstance(batch, Mapping):
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, Sequence) and not isinstance(batch, str | bytes):
        return type(batch)(to_device(value, device) for value in batch)  # type: ignore[call-arg]
    return batch
