"""Where a label comes from: a person who read the film, the archive as published, or a report."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # pandas is slow to import, and workers that decode films need none
    import pandas as pd

    from radtex.corpus.record import Record

LabelSource = Literal["human", "archive", "report"]
"""`human`: a table of labels that is one's own, or readers; `archive`: as it was published;
`report`: read from the words of the film's report."""
LABEL_SOURCES: tuple[LabelSource, ...] = get_args(LabelSource)
TRUSTED: tuple[LabelSource, ...] = ("human", "archive")
"""What labels are drawn from and tested on, unless something else is asked for."""

LABEL_PREFIX = "label."
SOURCE_PREFIX = "label_source."
"""Of the columns of an index that tell where each label comes from, "" where it is blank. A label
without such a column is the archive's."""


def is_human(record: "Record") -> bool:
    """Tell whether a person labelled an image for this corpus."""
    return "human" in record.label_sources.values()


def of_mixed_sources(records: Sequence["Record"], names: Collection[str]) -> list[str]:
    """Return those labels that are not the archive's alone."""
    mixed = {name for record in records for name in record.label_sources}
    return [name for name in names if name in mixed]


def source_columns(records: Sequence["Record"], names: Collection[str]) -> dict[str, list[str]]:
    """Return the columns of sources.

    Args:
        records: the images.
        names: of the labels that have such a column: `of_mixed_sources`.
    """
    return {
        SOURCE_PREFIX + name: [
            "" if record.labels.get(name) is None else record.label_sources.get(name, "archive")
            for record in records
        ]
        for name in names
    }


def sources_of(index: "pd.DataFrame", names: Sequence[str]) -> NDArray[np.object_]:
    """Return where the labels of an index come from.

    Args:
        index: of a corpus.
        names: of labels that it has.

    Returns:
        Shape (N, len(names)): a `LabelSource`, or "" where the label is blank.
    """
    found = np.full((len(index), len(names)), "", object)
    for place, name in enumerate(names):
        if SOURCE_PREFIX + name in index.columns:
            found[:, place] = index[SOURCE_PREFIX + name].to_numpy(object)
        else:
            found[index[LABEL_PREFIX + name].notna().to_numpy(), place] = "archive"
    return found
