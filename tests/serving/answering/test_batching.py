"""Films that go through a model together."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from radtex.serving.answering.batching import Batcher
from radtex.serving.gate.patience import WaitedTooLongError, patience


def doubled(items: Sequence[int]) -> list[int]:
    return [2 * item for item in items]


def test_each_gets_its_own_result_and_kinds_are_kept_apart() -> None:
    batches: list[tuple[str, list[int]]] = []

    def work(name: str):
        def of(items: Sequence[int]) -> list[int]:
            batches.append((name, list(items)))
            return doubled(items)

        return of

    works = {name: work(name) for name in "ab"}

    async def run() -> list[int]:
        async with Batcher(4, 0.02, lambda: 0) as batcher:
            return await asyncio.gather(
                *(batcher.submit("ab"[n % 2], works["ab"[n % 2]], n) for n in range(20))
            )

    assert asyncio.run(run()) == doubled(range(20))
    assert all(len(items) <= 4 for _, items in batches)
    assert len(batches) == 6
    for name, items in batches:
        assert {item % 2 for item in items} == {"ab".index(name)}


def test_a_lone_film_waits_for_nobody_and_several_for_each_other() -> None:
    coming = 0

    async def run() -> list[int]:
        nonlocal coming
        async with Batcher(8, 30.0, lambda: coming) as batcher:
            await batcher.submit("kind", doubled, 1)  # would wait for half a minute
            coming = 3
            first = asyncio.create_task(batcher.submit("kind", doubled, 1))
            for number in (2, 3):
                await asyncio.sleep(0.01)
                coming = 4 - number
                other = asyncio.create_task(batcher.submit("kind", doubled, number))
            await asyncio.sleep(0.01)
            coming = 0
            await asyncio.gather(first, other, batcher.submit("kind", doubled, 4))
            return list(batcher.sizes)

    assert asyncio.run(run()) == [1, 4]


def test_an_error_is_told_to_those_of_the_batch_and_the_next_goes_on() -> None:
    def fails(_items: Sequence[int]) -> list[int]:
        raise ValueError("broken")

    async def run() -> None:
        async with Batcher(4, 0.0, lambda: 0) as batcher:
            with pytest.raises(ValueError, match="broken"):
                await batcher.submit("bad", fails, 1)
            assert await batcher.submit("good", doubled, 2) == 4

    asyncio.run(run())


def test_whoever_leaves_does_not_hold_up_the_others() -> None:
    go = threading.Event()

    def waits(items: Sequence[int]) -> list[int]:
        go.wait(10)
        return doubled(items)

    async def run() -> int:
        async with Batcher(1, 0.0, lambda: 0) as batcher:
            first = asyncio.create_task(batcher.submit("kind", waits, 1))
            left = asyncio.create_task(batcher.submit("kind", waits, 2))
            last = asyncio.create_task(batcher.submit("kind", waits, 3))
            await asyncio.sleep(0.01)
            left.cancel()
            go.set()
            await first
            return await last

    assert asyncio.run(run()) == 6


def test_what_waited_too_long_is_told_so_and_the_others_are_worked_on() -> None:
    began, go = threading.Event(), threading.Event()

    def slow(items: Sequence[int]) -> list[int]:
        began.set()
        assert go.wait(60)
        return doubled(items)

    async def run() -> list[int | BaseException]:
        async with Batcher(8, 0.0, lambda: 0) as batcher:
            first = asyncio.create_task(batcher.submit("slow", slow, 1))
            await asyncio.to_thread(began.wait)
            with patience(0.0):
                late = asyncio.create_task(batcher.submit("kind", doubled, 2))
            with patience(1e6):
                patient = asyncio.create_task(batcher.submit("kind", doubled, 3))
            await asyncio.sleep(0.01)
            go.set()
            return await asyncio.gather(first, late, patient, return_exceptions=True)

    first, late, patient = asyncio.run(run())
    assert (first, patient) == (2, 6)
    assert isinstance(late, WaitedTooLongError)
