"""Scores as a table for the terminal, as JSON, and report by report as CSV."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from radtex.files import whole_file, write_text
from radtex.scoring.comparison import Results
from radtex.scoring.scored import Scored
from radtex.scoring.self_contradictions import REFERENCES
from radtex.spreadsheet_cells import shielded_table
from radtex.statistics.intervals import Interval
from radtex.text_tables import aligned, p_value


def score_table(results: Results) -> str:
    """The scores of each system, the paired differences, and the notes."""
    systems = list(results.scores)
    names = list(results.scores[systems[0]])
    reached = [
        ["", *systems],
        *([name, *(_cell(results.scores[system][name]) for system in systems)] for name in names),
    ]
    differences = [["", *(f"{pair.a} − {pair.b}" for pair in results.comparisons)]]
    for name in names:
        values = [pair.differences[name] for pair in results.comparisons]
        differences.append(
            [name, *(f"{_cell(value, '+')}  p {p_value(value.p)}" for value in values)]
        )
    return "\n\n".join(
        [
            "Scores, with 95 % intervals by patient\n" + aligned(reached),
            *_consistency(results),
            "Paired differences, with 95 % intervals by patient\n" + aligned(differences),
            "\n".join(results.notes),
        ]
    )


def _consistency(results: Results) -> list[str]:
    """A table of the reports that contradict themselves, in percent; none where not counted."""
    found = results.self_contradictions
    if not found:
        return []
    shares = [
        f"{100 * of.value:.1f} % [{100 * of.low:.1f}, {100 * of.high:.1f}]" for of in found.values()
    ]
    title = "Self-contradictions: reports that affirm and deny one finding, with 95 % intervals"
    return [title + "\n" + aligned([["", *found], ["reports", *shares]])]


def write_json(results: Results, out: Path) -> None:
    """Write everything as JSON; an undefined value is null."""
    everything = {
        "scores": {
            system: {
                name: {part: _number(number) for part, number in asdict(value).items()}
                for name, value in reached.items()
            }
            for system, reached in results.scores.items()
        },
        "paired": [
            {
                "a": pair.a,
                "b": pair.b,
                "score": name,
                "difference": _number(value.value),
                "low": _number(value.low),
                "high": _number(value.high),
                "p": value.p,
            }
            for pair in results.comparisons
            for name, value in pair.differences.items()
        ],
        "self_contradictions": {
            system: {part: _number(number) for part, number in asdict(share).items()}
            for system, share in results.self_contradictions.items()
        },
        **{
            section: {
                system: {part: _number(value) for part, value in of_system.items()}
                for system, of_system in systems.items()
            }
            for section, systems in results.parts.items()
        },
        "notes": list(results.notes),
        "settings": dict(results.settings),
    }
    text = json.dumps(everything, indent=2, ensure_ascii=False, allow_nan=False)
    write_text(out, text + "\n")


def write_reports(
    scored: Scored,
    image_ids: Sequence[str],
    contradicted: Mapping[str, Sequence[str]],
    out: Path,
) -> None:
    """Write a row per system and report, with the columns of each score.

    Args:
        scored: what each system reached.
        image_ids: of the reports.
        contradicted: by system, the findings that each report both affirms and denies; also those
            of the `REFERENCES`, which stand beside each report.
        out: the CSV file to make.
    """
    rows = pd.concat(
        pd.DataFrame(
            {
                "system": system,
                "image_id": image_ids,
                **scored.columns(system),
                "self_contradictions": contradicted[system],
                "reference_self_contradictions": contradicted[REFERENCES],
            }
        )
        for system in scored.systems
    )
    with whole_file(out) as aside:
        shielded_table(rows).to_csv(aside, index=False, lineterminator="\n", float_format="%.6f")


def _cell(value: Interval, sign: str = "") -> str:
    if math.isnan(value.value):
        return "undefined"
    low, high = (format(bound, f"{sign}.3f") for bound in (value.low, value.high))
    return f"{format(value.value, f'{sign}.3f')} [{low}, {high}]"


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
