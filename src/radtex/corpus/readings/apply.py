"""Readers' labels become those of an index: each reader's latest, then what most of them say."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radtex.corpus.readings.journal import Journal
from radtex.corpus.readings.label_sources import LABEL_PREFIX, SOURCE_PREFIX, sources_of

CHOSEN_BY = "chosen_by"
"""Column of an index that has readers' labels: how `radtex next` chose the image, or ""."""
REPORT_SEEN = "report_seen"
"""The column of a table of labels that says whether its reader had seen the report."""
RANDOM = "random"
"""In that column: chosen at random, by an order that nobody can influence."""

CONSENSUS = "the label that most readers gave; where as many gave another, uncertain"
"""The rule by which several readers' labels become one."""

_VALUES = (1, 0, -1)


def by_reader(
    image_ids: Sequence[str], journal: Journal
) -> dict[str, dict[str, NDArray[np.float32]]]:
    """Return what each reader says last of each image.

    Args:
        image_ids: of the N images of the index.
        journal: the readers' labels.

    Returns:
        By reader and label, (N,): 1, 0, −1, or NaN where nothing is stated.
    """
    row_of = {image: row for row, image in enumerate(image_ids)}
    said: dict[str, dict[str, NDArray[np.float32]]] = {}
    for each in journal.standing:
        if each.replaces:
            said.pop(each.reader, None)
        own = said.setdefault(each.reader, {})
        there = [place for place, image in enumerate(each.images) if image in row_of]
        rows = np.array([row_of[each.images[place]] for place in there], np.int64)
        for name, values in each.values.items():
            column = own.setdefault(name, np.full(len(image_ids), np.nan, np.float32))
            new = np.array([values[place] for place in there], np.float32)  # None becomes NaN
            column[rows] = np.where(np.isnan(new), column[rows], new)
    return said


def consensus(readers: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Join what several readers say of N images, by the rule `CONSENSUS`.

    Args:
        readers: of each reader, (N,): 1, 0, −1, or NaN where nothing is stated.

    Returns:
        (N,), the same values; −1 of a tie.
    """
    stacked = np.stack(readers)
    votes = np.stack([(stacked == value).sum(0) for value in _VALUES])
    most = votes.max(0)
    alone = (votes == most).sum(0) == 1
    chosen = np.array(_VALUES, np.float32)[votes.argmax(0)]
    return np.where(most == 0, np.float32(np.nan), np.where(alone, chosen, np.float32(-1)))


def with_readings(index: pd.DataFrame, journal: Journal) -> pd.DataFrame:
    """Return an index with the readers' labels, which go before those of the build.

    Args:
        index: as it was built.
        journal: the readers' labels.
    """
    if not journal.standing:
        return index
    index = index.copy()
    said = by_reader(index["image_id"].tolist(), journal)
    names = dict.fromkeys(name for own in said.values() for name in own)
    for name in names:
        agreed = consensus([own[name] for own in said.values() if name in own])
        _set(index, name, agreed)
    index[CHOSEN_BY] = _chosen_by(index["image_id"].tolist(), journal)
    return index


def _set(index: pd.DataFrame, name: str, agreed: NDArray[np.float32]) -> None:
    column = LABEL_PREFIX + name
    if column not in index.columns:
        index[column] = pd.array([None] * len(index), dtype="Int8")
    sources = sources_of(index, [name])[:, 0]
    stated = ~np.isnan(agreed)
    index.loc[stated, column] = agreed[stated].astype(np.int8)
    sources[stated] = "human"
    index[SOURCE_PREFIX + name] = sources


def _chosen_by(image_ids: Sequence[str], journal: Journal) -> list[str]:
    """Return how each image was chosen: at random if any table says so, else as the last says."""
    chosen: dict[str, str] = {}
    for each in journal.standing:
        for image, how in zip(each.images, each.chosen_by, strict=True):
            if how and chosen.get(image) != RANDOM:
                chosen[image] = how
    return [chosen.get(image, "") for image in image_ids]
