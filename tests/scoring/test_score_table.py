"""Scores for the terminal and for JSON; where they are undefined, both say so."""

import json
from pathlib import Path

import pandas as pd

from radtex.scoring.comparison import Comparison, Results
from radtex.scoring.rouge import RougeL
from radtex.scoring.score_table import score_table, write_json, write_reports
from radtex.scoring.scored import Scored
from radtex.scoring.self_contradictions import REFERENCES
from radtex.statistics.bootstrap import Difference
from radtex.statistics.intervals import Interval

NAN = float("nan")
RESULTS = Results(
    {"a": {"X": Interval(0.5, 0.4, 0.6), "Y": Interval(NAN, NAN, NAN)}},
    [
        Comparison(
            "a", "b", {"X": Difference(-0.1, -0.2, 0.0, 0.0004), "Y": Difference(NAN, NAN, NAN, 1)}
        )
    ],
    {"label_f1": {"a": {"Edema": 1.0, "Fracture": NAN}}},
    {"seed": 0},
    ["A note."],
    {"a": Interval(0.25, 0.125, 0.5)},
)


def test_the_table_shows_scores_differences_and_notes() -> None:
    reached, consistency, differences, notes = score_table(RESULTS).split("\n\n")
    assert [line.split() for line in reached.splitlines()[1:]] == [
        ["a"],
        ["X", "0.500", "[0.400,", "0.600]"],
        ["Y", "undefined"],
    ]
    assert [line.split() for line in differences.splitlines()[1:]] == [
        ["a", "−", "b"],
        ["X", "-0.100", "[-0.200,", "+0.000]", "p", "<", "0.001"],
        ["Y", "undefined", "p", "1.000"],
    ]
    assert [line.split() for line in consistency.splitlines()[1:]] == [
        ["a"],
        ["reports", "25.0", "%", "[12.5,", "50.0]"],
    ]
    assert notes == "A note."


def test_json_holds_everything_and_null_where_it_is_undefined(tmp_path: Path) -> None:
    write_json(RESULTS, tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text()) == {
        "scores": {
            "a": {
                "X": {"value": 0.5, "low": 0.4, "high": 0.6},
                "Y": {"value": None, "low": None, "high": None},
            }
        },
        "paired": [
            {
                "a": "a",
                "b": "b",
                "score": "X",
                "difference": -0.1,
                "low": -0.2,
                "high": 0.0,
                "p": 0.0004,
            },
            {
                "a": "a",
                "b": "b",
                "score": "Y",
                "difference": None,
                "low": None,
                "high": None,
                "p": 1,
            },
        ],
        "self_contradictions": {"a": {"value": 0.25, "low": 0.125, "high": 0.5}},
        "label_f1": {"a": {"Edema": 1.0, "Fracture": None}},
        "notes": ["A note."],
        "settings": {"seed": 0},
    }


def test_each_report_of_each_system_has_a_row(tmp_path: Path) -> None:
    references = ["no effusion", "clear lungs"]
    systems = {"a": references, "b": ["no", ""]}
    scored = Scored.of([RougeL()], systems, references)
    torn = {"a": ["Edema", ""], "b": ["", ""], REFERENCES: ["", "Edema"]}
    write_reports(scored, ["i1", "i2"], torn, tmp_path / "out.csv")
    rows = pd.read_csv(tmp_path / "out.csv", keep_default_na=False)
    assert rows.to_dict("list") == {
        "system": ["a", "a", "b", "b"],
        "image_id": ["i1", "i2", "i1", "i2"],
        "rouge_l": [1.0, 1.0, 0.666667, 0.0],
        "self_contradictions": ["Edema", "", "", ""],
        "reference_self_contradictions": ["", "Edema", "", "Edema"],
    }
