"""A function over many items on all cores, with progress."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import joblib

from radtex.progress import progress_bar

T = TypeVar("T")
R = TypeVar("R")


def map_in_chunks(
    function: Callable[[T], R], items: Sequence[T], size: int, title: str, unit: str
) -> list[R]:
    """Return `function` of each item, in their order; a process takes `size` of them at a time."""
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


def _map(function: Callable[[T], R], items: Sequence[T]) -> list[R]:
    return [function(item) for item in items]
