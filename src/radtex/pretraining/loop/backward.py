"""The backward pass of a step, one micro-batch after the other."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from radtex.pretraining.data.samples import Samples
from radtex.pretraining.loop.compilation import compiled
from radtex.pretraining.loop.forward import Forward
from radtex.pretraining.loop.processes import Processes
from radtex.pretraining.objectives.objective import Objective, StepObjective


class Backward(ABC):
    """Leaves the gradients of the own micro-batches of a step on the weights, in turn."""

    relates: bool
    """Whether the loss of a sample depends on the other micro-batches."""

    @abstractmethod
    def __call__(self, step: int, parts: list[Samples], counts: Tensor) -> Iterator[Tensor]:
        """Yield the sums of the terms of each own micro-batch, whose gradients stand ready then.

        Args:
            step: number of the step, from 0.
            parts: the micro-batches of all processes; some may be empty.
            counts: (terms,) what each term is divided by.
        """


def backward_of(
    objective: Objective, forward: Forward, processes: Processes, parts: int, compile: bool
) -> Backward:
    """Choose the backward pass that an objective needs in so many micro-batches."""
    if isinstance(objective, StepObjective) and parts > 1:
        return RelatedBackward(objective, forward, processes, compile)
    return SeparateBackward(objective, forward, processes, compile)


class SeparateBackward(Backward):
    """Each micro-batch by itself: its loss is its share of the step's."""

    relates = False

    def __init__(
        self, objective: Objective, forward: Forward, processes: Processes, compile: bool
    ) -> None:
        self.objective: Callable[..., Tensor] = compiled(objective) if compile else objective
        self.forward = forward
        self.processes = processes

    def __call__(self, step: int, parts: list[Samples], counts: Tensor) -> Iterator[Tensor]:
        """Yield the sums of the terms of each own micro-batch; see `Backward`."""
        for number, rows in self.processes.share(list(enumerate(parts))):
            terms = torch.zeros_like(counts)
            if len(rows):
                terms = self.forward.augmented(self.objective, step, number, rows)
                (terms / counts).sum().backward()
            yield terms


class RelatedBackward(Backward):
    """For a loss that needs the samples of all micro-batches of all processes.

    Gradient caching (Gao et al., 2021): all samples are embedded without a graph, the gradient
    of the loss for each embedding is found, and each micro-batch is embedded again, with the
    same augmentation and dropout, to hand its gradients on to the weights.
    """

    relates = True

    def __init__(
        self, objective: StepObjective, forward: Forward, processes: Processes, compile: bool
    ) -> None:
        self.objective = objective
        self.embed = compiled(objective.embed) if compile else objective.embed
        self.forward = forward
        self.processes = processes

    def __call__(self, step: int, parts: list[Samples], counts: Tensor) -> Iterator[Tensor]:
        """Yield the sums of the whole step first, and zeros after them; see `Backward`."""
        share = self.processes.share(list(enumerate(parts)))
        sizes = [len(rows) for rows in parts]
        table = torch.zeros(sum(sizes), self.objective.embedding_width, device=counts.device)
        places = self.processes.share(list(table.split(sizes)))
        with torch.no_grad():
            for (number, rows), place in zip(share, places, strict=True):
                if len(rows):
                    place.copy_(self.forward.augmented(self.embed, step, number, rows))
        # The rows of the others are zero, so the sum is exact.
        embeddings = self.processes.sum(table).requires_grad_()
        sums = self.objective.relate(embeddings)
        (sums / counts).sum().backward()
        if not self.processes.first:
            # The loss's own weights, such as a temperature, get their gradient once.
            self.objective.zero_grad()
        assert embeddings.grad is not None
        gradients = self.processes.share(list(embeddings.grad.split(sizes)))
        for (number, rows), gradient in zip(share, gradients, strict=True):
            if len(rows):
                self.forward.augmented(self.embed, step, number, rows).backward(gradient)
            yield sums if number == 0 else torch.zeros_like(sums)
