"""The processes that decode, seen from the server."""

import asyncio
import os
import signal

import numpy as np
import pytest

from radtex.corpus.corpus import Corpus
from radtex.images import Preprocessing
from radtex.serving.film_workers.film_pool import FilmPool
from radtex.serving.gate.patience import WaitedTooLongError, patience
from radtex.serving.problems import ProblemError
from radtex.serving.settings import Limits

from fixtures.serving import png  # isort: skip


def test_films_of_several_clients_are_decoded(phantom_corpus: Corpus) -> None:
    async def run() -> None:
        async with FilmPool(Limits(decoders=2)) as pool:
            films = await asyncio.gather(
                *(
                    pool.decode(png(phantom_corpus, row), [Preprocessing(64), Preprocessing(32)])
                    for row in range(6)
                )
            )
        for row, film in enumerate(films):
            np.testing.assert_array_equal(film.squares[0], phantom_corpus.images[row])
            assert film.squares[1].shape == (32, 32)
            assert (film.height, film.width, film.png) == (64, 64, b"")

    asyncio.run(run())


def test_a_killed_process_is_replaced(phantom_corpus: Corpus) -> None:
    data = png(phantom_corpus, 0)

    async def run() -> None:
        async with FilmPool(Limits(decoders=1)) as pool:
            await pool.decode(data, [Preprocessing(64)])
            (process,) = pool.process_ids
            os.kill(process, signal.SIGKILL)
            with pytest.raises(ProblemError) as caught:
                await pool.decode(data, [Preprocessing(64)])
            assert (caught.value.status, caught.value.kind) == (503, "decoder-ended")
            assert (await pool.decode(data, [Preprocessing(64)])).height == 64
            assert process not in pool.process_ids

    asyncio.run(run())


def test_a_film_that_takes_too_long_is_given_up(phantom_corpus: Corpus) -> None:
    data = png(phantom_corpus, 0)

    async def run() -> None:
        async with FilmPool(Limits(decoders=1, decode_seconds=2)) as pool:
            await pool.decode(data, [Preprocessing(64)])
            (process,) = pool.process_ids
            os.kill(process, signal.SIGSTOP)
            with pytest.raises(ProblemError) as caught:
                await pool.decode(data, [Preprocessing(64)])
            assert (caught.value.status, caught.value.kind) == (422, "slow-image")
            assert (await pool.decode(data, [Preprocessing(64)])).height == 64

    asyncio.run(run())


def test_a_film_whose_turn_does_not_come_is_told_to_come_back(phantom_corpus: Corpus) -> None:
    data = png(phantom_corpus, 0)

    async def run() -> None:
        async with FilmPool(Limits(decoders=1)) as pool:
            with patience(0.0):
                first = asyncio.create_task(pool.decode(data, [Preprocessing(64)]))
                second = asyncio.create_task(pool.decode(data, [Preprocessing(64)]))
            assert (await first).height == 64  # its turn was at once
            with pytest.raises(WaitedTooLongError):
                await second
            assert (await pool.decode(data, [Preprocessing(64)])).height == 64

    asyncio.run(run())
