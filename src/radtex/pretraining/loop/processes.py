"""The processes of a run: one, or several started by `torchrun`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from radtex.compute.devices import compute_device

T = TypeVar("T")


@dataclass(frozen=True)
class Processes:
    """This process among its peers."""

    rank: int
    """Number of this process, from 0."""
    count: int
    """How many there are."""
    device: torch.device
    """Where this one computes."""

    @property
    def first(self) -> bool:
        """Whether this process writes the files and shows the progress."""
        return self.rank == 0

    def share(self, items: list[T]) -> list[T]:
        """Return the consecutive `items` that this process works on."""
        each = len(items) // self.count
        return items[self.rank * each : (self.rank + 1) * each]

    def gather(self, rows: Tensor) -> Tensor:
        """Concatenate (m, …) tensors of equal shape of all processes, in order of rank."""
        if self.count == 1:
            return rows
        parts = [torch.empty_like(rows) for _ in range(self.count)]
        dist.all_gather(parts, rows)
        return torch.cat(parts)

    def sum(self, values: Tensor) -> Tensor:
        """Sum a tensor over all processes.

        Powers of two are summed pair by pair (recursive doubling), so that the result is, to the
        bit, that of one process that sums the same numbers as a binary tree.
        """
        if self.count & (self.count - 1):
            dist.all_reduce(values)
            return values
        distance = 1
        while distance < self.count:
            peer = self.rank ^ distance
            theirs = torch.empty_like(values)
            exchange = [dist.P2POp(dist.isend, values, peer), dist.P2POp(dist.irecv, theirs, peer)]
            for request in dist.batch_isend_irecv(exchange):
                request.wait()
            values = values + theirs
            distance *= 2
        return values

    def largest(self, number: int) -> int:
        """Return the largest of the whole numbers that the processes name."""
        if self.count == 1:
            return number
        value = torch.tensor([number], device=self.device)
        dist.all_reduce(value, dist.ReduceOp.MAX)
        return int(value.item())

    def wait(self) -> None:
        """Return when all processes have come here."""
        if self.count > 1:
            dist.barrier()


@contextmanager
def join_processes() -> Iterator[Processes]:
    """Join the processes that `torchrun` started, or be the only one."""
    device = compute_device()
    cuda = device.type == "cuda"
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if cuda:
        torch.cuda.set_device(device)
    if count == 1:
        yield Processes(0, 1, device)
        return
    dist.init_process_group("nccl" if cuda else "gloo")
    try:
        yield Processes(dist.get_rank(), count, device)
    finally:
        dist.destroy_process_group()
