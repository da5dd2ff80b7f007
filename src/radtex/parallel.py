"""Work on all cores of one machine, or on the workers of a Dask cluster instead."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from typing import Any, TypeVar

import joblib
from joblib._dask import DaskDistributedBackend

from radtex.errors import RadtexError
from radtex.progress import progress_bar

_AHEAD = 8
"""Chunks for each core that are read while as many are worked on."""

T = TypeVar("T")
R = TypeVar("R")

_PATIENCE = 10
"""Seconds until a scheduler must answer and have a worker."""


def map_in_chunks(
    function: Callable[[T], R], items: Sequence[T], size: int, title: str, unit: str
) -> list[R]:
    """Apply a function to each item, on all cores.

    Args:
        function: what is applied; must be importable by other processes.
        items: what it is applied to.
        size: how many items a process takes at a time.
        title: of the progress bar.
        unit: what the items are.

    Returns:
        The results, in the order of the items.
    """
    chunks = [items[at : at + size] for at in range(0, len(items), size)]
    parallel = joblib.Parallel(
        n_jobs=max(1, min(joblib.cpu_count(), len(chunks))), return_as="generator"
    )
    results: list[R] = []
    with progress_bar(title, len(items), unit) as bar:
        for part in parallel(joblib.delayed(_map)(function, chunk) for chunk in chunks):
            results += part
            bar.advance(len(part))
    return results


def map_stream(
    function: Callable[[T], R], items: Iterable[T], size: int, workers: int | None = None
) -> Iterator[R]:
    """Apply a function to each item of a stream, on all cores, while the next ones come.

    No more than a few chunks for each core are in memory. A single chunk is worked on here.

    Args:
        function: what is applied; must be importable by other processes.
        items: what it is applied to; read in the calling thread.
        size: how many items a process takes at a time.
        workers: processes; None for one for each core.

    Yields:
        The results, in the order of the items.
    """
    jobs = workers or joblib.cpu_count()
    parallel: joblib.Parallel | None = None
    chunks = _chunks(items, size)
    under_way: Iterator[list[R]] = iter(())
    while True:
        try:
            ahead = list(islice(chunks, _AHEAD * jobs))
        except BaseException:
            for _ in under_way:  # joblib warns of work that is left
                pass
            raise
        for part in under_way:
            yield from part
        if not ahead:
            return
        if parallel is None:
            parallel = joblib.Parallel(n_jobs=min(jobs, len(ahead)), return_as="generator")
        under_way = parallel(joblib.delayed(_map)(function, chunk) for chunk in ahead)


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    stream = iter(items)
    while chunk := list(islice(stream, size)):
        yield chunk


def _map(function: Callable[[T], R], items: Sequence[T]) -> list[R]:
    return [function(item) for item in items]


class _Backend(DaskDistributedBackend):  # type: ignore[misc]
    """joblib's own, but a task that Dask gave up ends the wait for it, and one core is enough."""

    def effective_n_jobs(self, n_jobs: int) -> int:
        # For one job joblib would leave the cluster and work in the calling process, which must
        # not depend on how many workers are alive at this moment.
        cores: int = super().effective_n_jobs(n_jobs)
        return max(2, cores)

    def submit(self, func: Callable[[], Any], callback: Callable[[Any], None]) -> Any:
        def report(done: Future[Any]) -> None:
            if error := done.exception():
                callback(error)

        future = super().submit(func, callback)
        future.add_done_callback(report)
        return future

    def retrieve_result_callback(self, out: Any) -> Any:
        if isinstance(out, BaseException):
            raise out
        return super().retrieve_result_callback(out)


def own_version() -> str:
    """Return the version of radtex in this process."""
    return version("radtex")


@contextmanager
def dask_cluster(scheduler: str) -> Iterator[None]:
    """Let each `build` in the block decode on all workers of a Dask cluster.

    The workers need radtex, and must see the archive and the folder of the corpus by the same
    paths as this process: the finished chunks are files beside the corpus. The chunks of a worker
    that dies are decoded by another.

    Args:
        scheduler: its address, such as tcp://host:8786.

    Raises:
        RadtexError: if the package distributed is missing; no scheduler answers or has a worker; a
            worker has another radtex or none; or workers die again and again. Repeat the build to
            resume it.
    """
    try:
        from distributed import Client, KilledWorker
        from distributed.comm.core import connect
    except ImportError as error:
        raise RadtexError(
            "a Dask cluster needs one package more: pip install 'radtex[dask]'"
        ) from error
    try:
        # A client that never connected takes long to go, and not quietly.
        asyncio.run(connect(scheduler, timeout=_PATIENCE)).abort()
    except (OSError, ValueError) as error:
        raise RadtexError(
            f"no Dask scheduler answers at {scheduler}; start one with `dask scheduler`, and "
            "workers with `dask worker`"
        ) from error
    with Client(scheduler, set_as_default=False) as client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError as error:
            raise RadtexError(
                f"the Dask scheduler at {scheduler} has no workers; start some with `dask worker`"
            ) from error
        try:
            versions = set(client.run(version, "radtex").values())
        except PackageNotFoundError as error:
            raise RadtexError(
                "a worker of the Dask cluster has no radtex; install it for all of them"
            ) from error
        if versions != {own_version()}:
            raise RadtexError(
                f"the workers of the Dask cluster have radtex {', '.join(sorted(versions))}, "
                f"here it is {own_version()}; install one version for all"
            )
        try:
            with joblib.parallel_config(backend=_Backend(client=client)):
                yield
        except KilledWorker as error:
            raise RadtexError(
                "Dask gave up, because worker after worker died on the same images, perhaps for "
                "want of memory; give the workers more, and repeat the command to go on"
            ) from error
