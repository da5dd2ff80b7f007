"""The batches of a training, step after step, and where each epoch ends."""

from collections.abc import Iterator
from dataclasses import dataclass

from radtex.pretraining.data.batches import Rows, epoch_batches, steps_per_epoch
from radtex.pretraining.data.samples import SampleDraw, Samples


@dataclass(frozen=True)
class Epochs:
    """Epochs over rows of a corpus: a function of the rows and the seed alone."""

    draw: SampleDraw
    """Which samples an epoch shows."""
    rows: Rows
    """Rows of the corpus that are trained on."""
    batch_size: int
    """Samples per step, at most."""
    seed: int
    """Seed of the samples and of their order."""

    @property
    def steps(self) -> int:
        """How many steps an epoch has."""
        return steps_per_epoch(self.draw.size(self.rows), self.batch_size)

    def batches(self, start: int, end: int) -> Iterator[tuple[int, Samples, Samples | None]]:
        """Yield the number and batch of each step from `start` up to `end`, and the next batch.

        Args:
            start: number of the first step, from 0.
            end: number after the last; that one's next batch is None.
        """
        waiting: tuple[int, Samples] | None = None
        for step, batch in self._numbered(start, end):
            if waiting:
                yield *waiting, batch
            waiting = (step, batch)
        if waiting:
            yield *waiting, None

    def _numbered(self, start: int, end: int) -> Iterator[tuple[int, Samples]]:
        for epoch in range(start // self.steps, -(-end // self.steps)):
            samples = self.draw.epoch(self.rows, self.seed, epoch)
            batches = epoch_batches(samples, self.batch_size, self.seed, epoch)
            for step, batch in enumerate(batches, epoch * self.steps):
                if start <= step < end:
                    yield step, batch
