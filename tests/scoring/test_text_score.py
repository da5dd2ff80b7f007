"""A score is one class: its value, its column, its definition and its settings appear by
themselves."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from fixtures.scoring import WriteReports
from radtex.scoring import score_registry
from radtex.scoring.baselines import NEAREST, TYPICAL
from radtex.scoring.score import score
from radtex.scoring.text_score import MeanScore, TextScore


class SameLength(MeanScore):
    """Share of reports with as many words as their references."""

    names = ("Same length",)
    compares = "words"
    definition = "Same length: words between white space."
    column = "same_length"

    def of_reports(self, texts: Sequence[str], references: Sequence[str]) -> Sequence[float]:
        return [
            float(len(text.split()) == len(reference.split()))
            for text, reference in zip(texts, references, strict=True)
        ]


class Lengths(TextScore):
    """The words of all reports over those of all references, and the other way round."""

    names = ("Length", "Brevity")
    compares = "findings"
    definition = "Length: words of the reports over words of the references."
    settings: ClassVar = {"word": "between white space"}

    def statistics(
        self, systems: Mapping[str, Sequence[str]], references: Sequence[str]
    ) -> Mapping[str, NDArray[np.float64]]:
        return {
            system: np.array(
                [[len(a.split()), len(b.split())] for a, b in zip(texts, references, strict=True)],
                dtype=np.float64,
            )
            for system, texts in systems.items()
        }

    def values(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        written, known = sums[..., 0], sums[..., 1]
        return np.stack([written / known, known / np.maximum(written, 1)], axis=-1)

    def parts(self, sums: NDArray[np.float64]) -> Mapping[str, Mapping[str, float]]:
        return {"words": {"written": float(sums[0]), "known": float(sums[1])}}


def test_a_new_score_needs_a_line_of_the_registry_alone(
    write_reports: WriteReports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_reports("twice", lambda row: f"{row['findings']} {row['impression']} " * 2)
    before, plain = tmp_path / "before.json", tmp_path / "before.csv"
    score([file], out=before, per_report=plain, replicates=20)
    monkeypatch.setattr(score_registry, "SCORES", (*score_registry.SCORES, SameLength(), Lengths()))
    out, per_report = tmp_path / "after.json", tmp_path / "after.csv"
    table = score([file], out=out, per_report=per_report, replicates=20)

    found, known = json.loads(out.read_text()), json.loads(before.read_text())
    for system in ("twice", NEAREST, TYPICAL):
        assert [*found["scores"][system]] == [
            *known["scores"][system],
            "Same length",
            "Length",
            "Brevity",
        ]
    reached = {name: value["value"] for name, value in found["scores"]["twice"].items()}
    assert (reached["Same length"], reached["Length"], reached["Brevity"]) == (0, 2, 0.5)
    assert {"Same length", "Length", "Brevity"} < {pair["score"] for pair in found["paired"]}
    of_words = found["words"]["twice"]
    assert of_words["written"] == 2 * of_words["known"]
    assert found["settings"]["word"] == "between white space"

    rows, columns = pd.read_csv(per_report), [*pd.read_csv(plain).columns]
    assert [*rows.columns.drop("same_length")] == columns
    assert set(rows.loc[rows["system"] == "twice", "same_length"]) == {0}

    lines = table.splitlines()
    for name in ("Same length", "Length", "Brevity"):
        assert sum(line.startswith(f"{name} ") for line in lines) == 2
    note, other = (next(line for line in lines if word in line) for word in ("Tokens", "Labels:"))
    assert note.endswith("ROUGE-L: letters and digits. Same length: words between white space.")
    assert other.endswith("Length: words of the reports over words of the references.")


def test_the_mean_of_a_set_needs_its_sums_alone() -> None:
    toy = SameLength()
    statistics = toy.statistics({"a": ["a b", "c", "d e"]}, ["x y", "z", "w"])["a"]
    assert toy.columns(statistics)["same_length"].tolist() == [1, 1, 0]
    drawn = np.stack([statistics.sum(0), statistics[[1, 2, 2]].sum(0)])
    assert toy.values(drawn).tolist() == [[pytest.approx(2 / 3)], [pytest.approx(1 / 3)]]
