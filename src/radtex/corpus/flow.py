"""The cohort flow: what became of every row of a source."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from radtex.errors import CorpusError
from radtex.printable import one_line

EXAMPLES = 20
"""Rows that are pointed to for each reason."""
_PLACE = re.compile(r"(row|line) \d+")


class Flow:
    """Counts rows in, rows dropped and why, rows kept, and what is notable about kept rows."""

    def __init__(
        self,
        rows_in: int,
        strict: bool = False,
        places: Mapping[str, str] | None = None,
        show_names: bool = False,
    ) -> None:
        """Begin with all rows of a source.

        Args:
            rows_in: how many rows there are.
            strict: whether a row that is wrong raises `CorpusError`.
            places: by name of a row, where it stands, such as "row 7". The steps and messages say
                this in place of the name, which may be a patient's; a row without a place is only
                counted. Without it they say the names.
            show_names: whether messages say the names nevertheless.
        """
        self._rows_in = rows_in
        self._strict = strict
        self._places = places
        self._show_names = show_names
        self._dropped: dict[str, list[str]] = {}
        self._noted: dict[str, list[str]] = {}
        self._of_tables: set[str] = set()

    def drop(self, row: str, reason: str) -> None:
        """Count a row that was not asked for, such as a lateral view."""
        self._dropped.setdefault(reason, []).append(row)

    def reject(self, row: str, reason: str) -> None:
        """Count a row that is wrong.

        Raises:
            CorpusError: if the flow is strict.
        """
        self.refuse_if_strict(row, reason)
        self.drop(row, reason)

    def note(self, row: str, reason: str, *, of_table: bool = False) -> None:
        """Count something notable about a row that is kept.

        Args:
            row: its image id.
            reason: what is notable.
            of_table: whether it is rather a row of a table that is joined.
        """
        self._noted.setdefault(reason, []).append(row)
        if of_table:
            self._of_tables.add(reason)

    def warn(self, row: str, reason: str, *, of_table: bool = False) -> None:
        """Count something wrong that costs no row; arguments as for `note`.

        Raises:
            CorpusError: if the flow is strict.
        """
        self.refuse_if_strict(row, reason)
        self.note(row, reason, of_table=of_table)

    def refuse_if_strict(self, row: str, reason: str) -> None:
        """Refuse a row that is wrong, and counted elsewhere.

        Raises:
            CorpusError: if the flow is strict.
        """
        if self._strict:
            shown = self._shown(row)
            hint = "" if shown == row or self._show_names else " (--show-names tells its name)"
            raise CorpusError(f"{shown}: {reason}; mend the row{hint}, or build without --strict")

    @property
    def kept(self) -> int:
        """Rows in, less rows dropped."""
        return self._rows_in - sum(map(len, self._dropped.values()))

    def refuse_empty(self) -> None:
        """Refuse a flow that keeps nothing.

        Raises:
            CorpusError: if no row is left; the message gives the main reason.
        """
        if self.kept:
            return
        if not self._dropped:
            raise CorpusError("no row is left: the source has none")
        reason, rows = max(self._dropped.items(), key=lambda item: len(item[1]))
        raise CorpusError(
            f"no row is left of {self._rows_in}; the main reason: {reason} "
            f"({len(rows)} rows, such as {self._shown(rows[0])})"
        )

    def steps(self) -> list[dict[str, Any]]:
        """Return the flow as `corpus.json` holds it.

        Returns:
            One entry for each step, "in", "dropped", "kept" and "noted", with its `rows`; dropped
            and noted also with a `reason` and where up to `EXAMPLES` of them stand; noted `of` a
            "table" are rows of one that was joined. In = kept + all dropped.
        """
        return [
            {"step": "in", "rows": self._rows_in},
            *self._reasons("dropped", self._dropped),
            {"step": "kept", "rows": self.kept},
            *(
                step | ({"of": "table"} if step["reason"] in self._of_tables else {})
                for step in self._reasons("noted", self._noted)
            ),
        ]

    def named(self) -> list[str]:
        """Return for each reason a line with the names of up to `EXAMPLES` rows."""
        lines = []
        for reason, rows in (self._dropped | self._noted).items():
            names = [*map(one_line, rows[:EXAMPLES]), *["…"] * (len(rows) > EXAMPLES)]
            lines.append(f"{reason}: {', '.join(names)}")
        return lines

    def _reasons(self, step: str, rows: dict[str, list[str]]) -> list[dict[str, Any]]:
        return [
            {
                "step": step,
                "reason": reason,
                "rows": len(names),
                "examples": [place for name in names[:EXAMPLES] if (place := self._place(name))],
            }
            for reason, names in rows.items()
        ]

    def _place(self, name: str) -> str:
        if self._places is None or _PLACE.fullmatch(name):
            return name
        return self._places.get(name, "")

    def _shown(self, name: str) -> str:
        return one_line(name) if self._show_names else self._place(name) or "a row"


def flow_table(steps: Sequence[dict[str, Any]]) -> str:
    """Return the steps of a flow as a table of plain text.

    A note about images has its share of the rows kept, and names are escaped where need be.
    """
    kept = sum(step["rows"] for step in steps if step["step"] == "kept")
    lines = []
    for step in steps:
        words = f"{step['step']}: {step['reason']}" if "reason" in step else f"rows {step['step']}"
        if step["step"] == "noted" and "of" not in step and 0 < step["rows"] <= kept:
            words += f", {step['rows'] / kept:.1%}"
        names = ", ".join(map(one_line, step.get("examples", [])[:2]))
        examples = f" ({names})" if names else ""
        lines.append(f"{step['rows']:>9,}  {one_line(words)}{examples}")
    return "\n".join(lines)
