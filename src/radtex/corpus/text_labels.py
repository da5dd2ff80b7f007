"""Labels from the reports, for what an archive does not label itself."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from radtex.corpus.record import Record
from radtex.findings import CHEXPERT_LABELS
from radtex.reports import label_reports
from radtex.reports.addenda import split_addenda


def label_records(records: Sequence[Record], workers: int | None = 1) -> list[Record]:
    """Add CheXpert's 14 observations, read from findings and impression, to each record's labels.

    An observation that the archive labels in any record is left to the archive in all of them, so
    that no label has two origins. See `radtex.reports.label_report` for how the text is read.

    Args:
        records: images with their texts.
        workers: processes; None for one for each core.

    Returns:
        The records in their order, with the labels.
    """
    stated = {name for record in records for name in record.labels}
    texts = ["\n\n".join(split_addenda(record.findings, record.impression)) for record in records]
    read = label_reports(texts, workers)
    columns = {name: _cells(read[name]) for name in CHEXPERT_LABELS if name not in stated}
    return [
        replace(
            record,
            labels={**record.labels, **{name: cells[row] for name, cells in columns.items()}},
        )
        for row, record in enumerate(records)
    ]


def _cells(column: "pd.Series[int]") -> list[int | None]:
    return [None if pd.isna(cell) else int(cell) for cell in column]
