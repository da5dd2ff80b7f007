"""What was let in waits for its turn no longer than it may."""

import asyncio
import math

from radtex.serving.gate.patience import patience, seconds_left, until


def test_each_task_has_its_own_and_without_one_it_never_ends() -> None:
    async def patient(seconds: float) -> float | None:
        with patience(seconds):
            await asyncio.sleep(0)
            return seconds_left()

    async def run() -> list[float | None]:
        return await asyncio.gather(*map(patient, (1e6, math.inf, -5.0)))

    long, endless, past = asyncio.run(run())
    assert long is not None
    assert 9e5 < long <= 1e6
    assert endless is None
    assert past == 0
    assert until() == math.inf
    assert seconds_left() is None
