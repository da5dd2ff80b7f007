"""What became of each row of a joined table, in the cohort flow and in one line."""

from collections import Counter
from collections.abc import Sequence

from radtex.corpus.flow import Flow
from radtex.corpus.joining.ids import is_rounded
from radtex.corpus.joining.joinable import JoinedTable
from radtex.corpus.joining.matching import Match, cells
from radtex.corpus.joining.own_rows import OTHER, OwnRows

_NEARLY_ALL = 0.9


def row_names(joined: JoinedTable) -> list[str]:
    """Return where each row stands in its file, as the flow says it.

    Args:
        joined: the table.
    """
    return [f"line {joined.table.line(row)}" for row in range(len(joined.table.rows))]


def count_rows(joined: JoinedTable, match: Match, names: Sequence[str], flow: Flow) -> None:
    """Count the rows that match no image, and those that match but for a difference.

    Args:
        joined: the table.
        match: the rows of each image.
        names: from `row_names`.
        flow: where they are counted.
    """
    kind, used, uses = joined.kind, match.used, match.uses
    ambiguous = {key: why for use in uses for key, why in use.pairing.ambiguous.items()}
    for number, (name, keys) in enumerate(zip(names, _keys(joined, match), strict=True)):
        if number in used:
            continue
        key = next(filter(None, keys), "")
        if not key:
            flow.warn(name, f"{kind}: key is empty", of_table=True)
        elif key in ambiguous:
            flow.warn(name, f"{kind}: key is one of {ambiguous[key]}", of_table=True)
        elif is_rounded(key):
            flow.warn(name, f"{kind}: key was rounded by a spreadsheet", of_table=True)
        else:
            flow.note(name, f"{kind}: row matches no image", of_table=True)
    for use in uses:
        column = cells(joined.table, use.key.column)
        for key, row in {column[row]: row for row in sorted(used, reverse=True)}.items():
            if key in use.pairing.ways:
                flow.note(names[row], f"{kind}: key joined {use.pairing.ways[key]}", of_table=True)
    for rejection in joined.table.rejections:
        flow.warn(rejection.row, f"{kind}: {rejection.reason}", of_table=True)


def _keys(joined: JoinedTable, match: Match) -> list[tuple[str, ...]]:
    """Return the keys of each row, those of the main column first."""
    used = (use.key.column for use in match.uses)
    columns = dict.fromkeys([*used, *(key.column for key in joined.keys)])
    return list(zip(*(cells(joined.table, column) for column in columns), strict=True))


def summary_line(joined: JoinedTable, match: Match, own: OwnRows | None = None) -> str:
    """Return how many images were joined by what, and how many rows by nothing, as one line.

    Args:
        joined: the table.
        match: the rows of each image.
        own: those that were taken; what was refused is told.
    """
    first, *others = match.uses
    words = f"{first.images:,} of {len(match.rows):,} images {first}"
    words += "".join(f", {use.images:,} {use}" for use in others)
    if own is not None and (refused := Counter(filter(None, own.refusals))):
        reasons = "; ".join(f"{why} for {count:,}" for why, count in refused.items())
        words += f"; NOT TAKEN for {refused.total():,} of them ({reasons})"
    unused = len(joined.table.rows) - len(match.used)
    if not unused:
        return f"{words}; every row matches an image"
    return f"{words}; {unused:,} {'row matches' if unused == 1 else 'rows match'} no image"


def patient_warnings(joined: JoinedTable, own: OwnRows) -> list[str]:
    """Return one line if (nearly) all rows name another patient than their images, else none."""
    others = sum(why == OTHER for why in own.refusals)
    if not others or others < _NEARLY_ALL * own.named:
        return []
    which = "every row" if others == own.named else "nearly every row"
    column = f"{joined.columns.patient_id} of {joined.table.path}"
    return [
        f"{joined.kind}: {which} that names a patient (for {others:,} of {own.named:,} images) "
        "names ANOTHER patient than its image does, so nothing was taken from it. Probably the "
        f"patient ids in {column}, or those of the images, are pseudonyms: bring them to the same, "
        "or leave that column out if the key alone is to be trusted"
    ]
