"""Reports and labels of tables become those of the images of any source."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from radtex.corpus.flow import Flow
from radtex.corpus.joining.accounts import count_rows, patient_warnings, row_names, summary_line
from radtex.corpus.joining.filling import fill
from radtex.corpus.joining.joinable import JoinedTable
from radtex.corpus.joining.known import Known
from radtex.corpus.joining.labels_of_rows import give_labels
from radtex.corpus.joining.matching import Match, match_rows, nothing_matches
from radtex.corpus.joining.own_rows import OTHER, SEVERAL, OwnRows, own_rows
from radtex.corpus.joining.texts_of_rows import give_texts
from radtex.corpus.record import Record, Rejection
from radtex.errors import CorpusError


@dataclass(frozen=True)
class Joins:
    """What was joined, and how."""

    settings: dict[str, Any] = field(default_factory=dict)
    """Names and values for `corpus.json`."""
    lines: list[str] = field(default_factory=list)
    """The same for the user's eyes, warnings last."""


def join_tables(
    entries: Sequence[Record | Rejection], tables: Sequence[JoinedTable], flow: Flow
) -> tuple[list[Record | Rejection], Joins]:
    """Complete images from tables, and give them the texts and labels of their rows.

    Images without a row keep what they have and are flagged, as are those whose rows name another
    patient. Rows that match no image, have no key or repeat one are counted.

    Args:
        entries: of a source.
        tables: the reports before the labels.
        flow: where odd rows are counted.

    Returns:
        The entries in their order; and what was joined how.

    Raises:
        CorpusError: if no row of a table matches, or the flow is strict and a row is wrong.
    """
    records = [entry for entry in entries if isinstance(entry, Record)]
    if not records or not tables:
        return list(entries), Joins()
    records, joins = _Join(records, tables).give(flow)
    joined = iter(records)
    return [next(joined) if isinstance(each, Record) else each for each in entries], joins


class _Join:
    """Joins tables to images: finds the rows of each, fills what images lack, then gives."""

    def __init__(self, records: Sequence[Record], tables: Sequence[JoinedTable]) -> None:
        self._records = list(records)
        self._tables = tables
        self._known = Known(records)
        self._pictures = {
            number
            for number, record in enumerate(records)
            if not record.study_id and not record.accession
        }
        self._matches = [Match([() for _ in records], ()) for _ in tables]
        for at in range(len(tables)):
            self._fill(at)
        if self._pictures and len(tables) > 1:  # the last table may identify them for the first
            self._fill(0)
        for joined, match in zip(tables, self._matches, strict=True):
            if not match.uses:
                raise CorpusError(nothing_matches(self._records, joined.table, joined.keys))

    def _fill(self, at: int) -> None:
        joined = self._tables[at]
        match = match_rows(
            self._records, joined.table, joined.keys, self._pictures, self._matches[at]
        )
        self._matches[at] = match
        own = self._own(joined, match)
        self._records = fill(
            self._records, joined.table, joined.columns, own.rows, self._known, joined.kind
        )

    def _own(self, joined: JoinedTable, match: Match) -> OwnRows:
        return own_rows(self._records, joined.table, joined.columns, match, self._known)

    def give(self, flow: Flow) -> tuple[list[Record], Joins]:
        settings: dict[str, Any] = {}
        lines: dict[str, str] = {}
        warnings: list[str] = []
        for joined, match in zip(self._tables, self._matches, strict=True):
            own = self._own(joined, match)
            names = row_names(joined)
            records = _flagged(self._records, joined.kind, match, own, flow)
            if joined.kind == "reports":
                self._records = give_texts(
                    records, joined.table, joined.columns, own.rows, names, flow
                )
            else:
                self._records = give_labels(
                    records, joined.table, joined.labels, own.rows, names, flow
                )
                settings["labels_joined"] = list(joined.labels)
            count_rows(joined, match, names, flow)
            settings[f"{joined.kind}_columns"] = joined.columns.named
            settings |= {f"{joined.kind}_{key}": v for key, v in joined.table.settings.items()}
            lines[joined.kind] = summary_line(joined, match, own)
            warnings += patient_warnings(joined, own)
        told = {**settings, **lines}
        settings["joined"] = lines
        if warnings:
            settings["join_warnings"] = warnings
        shown = [f"{name}: {value}" for name, value in told.items()]
        return self._records, Joins(settings, shown + [f"WARNING: {each}" for each in warnings])


def _flagged(
    records: Sequence[Record], kind: str, match: Match, own: OwnRows, flow: Flow
) -> list[Record]:
    flagged = []
    for record, rows, why in zip(records, match.rows, own.refusals, strict=True):
        flag = f"{kind}: {why}" if why else "" if rows else f"no row in the {kind}"
        if why in (OTHER, SEVERAL):
            flow.refuse_if_strict(record.image_id, flag)
        flagged.append(replace(record, flags=(*record.flags, flag)) if flag else record)
    return flagged
