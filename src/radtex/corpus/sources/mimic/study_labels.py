"""The labels of MIMIC-CXR's studies, each in a few bytes."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from radtex.corpus import normalise
from radtex.corpus.tables import Table, read_table
from radtex.errors import CorpusError
from radtex.findings import CHEXPERT_LABELS

Labels = Mapping[str, int | None]

_STATES = (None, 0, 1, -1)
_PLACES = {name: place for place, name in enumerate(CHEXPERT_LABELS)}


class StudyLabels(Labels):
    """CheXpert's 14 labels of a study, as a mapping that takes a fifth of a dict's memory."""

    __slots__ = ("_states",)

    def __init__(self, values: Iterable[int | None]) -> None:
        """Keep the labels, in the order of `radtex.findings.CHEXPERT_LABELS`."""
        self._states = bytes(map(_STATES.index, values))

    def __getitem__(self, name: str) -> int | None:
        """Return a label: 1, 0, −1 or None."""
        return _STATES[self._states[_PLACES[name]]]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(CHEXPERT_LABELS)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(CHEXPERT_LABELS)

    def __repr__(self) -> str:
        """Show the labels as a dict does."""
        return repr(dict(self))


def read_labels(file: Path, encoding: str) -> dict[str, Labels]:
    """Return the labels of each study. Studies of equal labels share one mapping.

    Raises:
        CorpusError: if a column is missing, or a row or a label is wrong.
    """
    table = read_table(file, encoding, ["study_id", "Airspace Opacity", *CHEXPERT_LABELS])
    refuse_rejections(table)
    opacity = "Airspace Opacity" if "Airspace Opacity" in table.header else "Lung Opacity"
    columns = [opacity if name == "Lung Opacity" else name for name in CHEXPERT_LABELS]
    table.require(["study_id", *columns])
    label = cache(normalise.label)
    distinct: dict[tuple[int | None, ...], Labels] = {}
    labels = {}
    for row in table.rows:
        try:
            values = tuple(label(row[column]) for column in columns)
        except CorpusError as error:
            raise CorpusError(f"{file}, study {row['study_id']}: {error}") from error
        if values not in distinct:
            distinct[values] = StudyLabels(values)
        labels[row["study_id"].strip()] = distinct[values]
    return labels


def refuse_rejections(table: Table) -> None:
    """Refuse a table of the release that has a row that cannot be read.

    Raises:
        CorpusError: if there is one.
    """
    if table.rejections:
        raise CorpusError(
            f"{table.path}, {table.rejections[0].row}: {table.rejections[0].reason}; fetch it anew"
        )
