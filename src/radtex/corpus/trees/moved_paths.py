"""Records whose paths were written on another machine get those of the files they mean here."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from radtex.corpus.record import Record, Rejection
from radtex.corpus.trees.path_cells import located, path_key

MOVED = "image found by the end of its path"


def with_located_paths(
    entries: Sequence[Record | Rejection], folder: Path
) -> list[Record | Rejection]:
    """Replace the `source_path` of each record by what `located` finds.

    Records whose file is found by a part of the path are flagged. Image ids stay.

    Args:
        entries: the rows of a table.
        folder: what their paths are relative to.
    """
    found = located((entry.source_path for entry in entries if isinstance(entry, Record)), folder)
    placed: list[Record | Rejection] = []
    for entry in entries:
        if isinstance(entry, Record) and (path := found[entry.source_path]) != entry.source_path:
            moved = path_key(path) != path_key(entry.source_path)
            entry = replace(entry, source_path=path, flags=entry.flags + (MOVED,) * moved)
        placed.append(entry)
    return placed
