"""Films of several clients go through the models together."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from radtex.serving.gate.patience import WaitedTooLongError, until

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Sequence[Item]], Sequence[Result]]
"""What is done with some items together; a result for each, in their order."""


@dataclass(frozen=True)
class _Waiting:
    kind: Hashable
    work: Work[Any, Any]
    item: Any
    until: float
    result: asyncio.Future[Any]


class Batcher:
    """One thread that works on what waits, as much of one kind together as may be.

    A batch that is not full waits for items that are on their way, and no longer than it may.
    """

    def __init__(self, most: int, seconds: float, coming: Callable[[], int]) -> None:
        """Start nothing yet.

        Args:
            most: items of a batch.
            seconds: that an item waits for others, at the most.
            coming: how many items are on their way.
        """
        self._most, self._seconds, self._coming = most, seconds, coming
        self._waiting: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "models")
        self.sizes: deque[int] = deque(maxlen=1000)
        """Of the last batches."""

    async def __aenter__(self) -> Self:
        """Begin to work."""
        self._loop = asyncio.create_task(self._work())
        return self

    async def __aexit__(self, *_: object) -> None:
        """End after the batch at work; what still waits is cancelled."""
        self._loop.cancel()
        with suppress(asyncio.CancelledError):
            await self._loop
        for each in self._waiting:
            each.result.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)

    @property
    def waiting(self) -> int:
        """Items that wait."""
        return len(self._waiting)

    @property
    def films_per_batch(self) -> float:
        """Mean of the last batches; 0 before any."""
        return sum(self.sizes) / len(self.sizes) if self.sizes else 0.0

    async def submit(self, kind: Hashable, work: Work[Item, Result], item: Item) -> Result:
        """Have an item worked on, with others of its kind.

        Args:
            kind: items of one kind may share a batch.
            work: what is done with them.
            item: one.

        Raises:
            WaitedTooLongError: if its turn did not come in time.
        """
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(kind, work, item, until(), result))
        self._arrived.set()
        return await result

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            batch = await self._next()
            self.sizes.append(len(batch))
            try:
                results = await loop.run_in_executor(
                    self._thread, batch[0].work, [each.item for each in batch]
                )
            except Exception as error:
                for each in batch:
                    if not each.result.done():
                        each.result.set_exception(error)
                continue
            for each, result in zip(batch, results, strict=True):
                if not each.result.done():  # whoever asked may have left
                    each.result.set_result(result)

    async def _next(self) -> list[_Waiting]:
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        kind, until = self._waiting[0].kind, time.monotonic() + self._seconds
        while (
            sum(each.kind == kind for each in self._waiting) < self._most
            and self._coming() > 0
            and (left := until - time.monotonic()) > 0
        ):
            self._arrived.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), left)
        batch: list[_Waiting] = []
        now = time.monotonic()
        others: deque[_Waiting] = deque()
        while self._waiting:
            each = self._waiting.popleft()
            mine = each.kind == kind and len(batch) < self._most
            if each.result.done():
                continue
            if each.until < now:
                each.result.set_exception(WaitedTooLongError())
                continue
            (batch if mine else others).append(each)
        self._waiting = others
        return batch or await self._next()
