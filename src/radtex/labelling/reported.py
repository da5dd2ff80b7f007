"""What the reports of films say of targets, to be held against the heads."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from radtex.corpus.corpus import Corpus
from radtex.corpus.readings.label_sources import LABEL_PREFIX
from radtex.findings import CHEXPERT_LABELS
from radtex.reports import label_reports
from radtex.reports.addenda import with_headers


def reported_labels(
    corpus: Corpus, rows: NDArray[np.int64], names: Sequence[str]
) -> NDArray[np.float32]:
    """Return what reports say: labels that the build read from them, or else their words read now.

    Args:
        corpus: the corpus.
        rows: n of its images.
        names: of t targets; the corpus need not have them.

    Returns:
        (n, t): 1, 0, or NaN where a report says nothing definite, or cannot be asked.
    """
    found = np.full((len(rows), len(names)), np.nan, np.float32)
    read = []
    for column, name in enumerate(names):
        there = name in corpus.label_names
        by_report = corpus.label_sources([name])[:, 0] == "report" if there else np.zeros(0, bool)
        if by_report.any():
            cells = corpus.index[LABEL_PREFIX + name].to_numpy(np.float32, na_value=np.nan)
            found[:, column] = np.where(by_report[rows], cells[rows], np.nan)
        elif name in CHEXPERT_LABELS:
            read.append(column)
    texts = corpus.index[["findings", "impression"]].iloc[rows]
    if read and (texts != "").to_numpy().any():
        words = [with_headers(*pair) for pair in texts.to_numpy(str).tolist()]
        labels = label_reports(words, 1)
        for column in read:
            found[:, column] = labels[names[column]].to_numpy(np.float32, na_value=np.nan)
    found[found == -1] = np.nan
    return found
