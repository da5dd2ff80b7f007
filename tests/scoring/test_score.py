"""From files to a table, JSON and CSV, with what is refused on the way."""

import json
from pathlib import Path

import pandas as pd
import pytest

from fixtures.scoring import WriteReports
from radtex.errors import CorpusError, OutputError, ProtocolError
from radtex.scoring.baselines import NEAREST, TYPICAL
from radtex.scoring.score import score
from radtex.scoring.score_registry import SCORES
from radtex.scoring.self_contradictions import REFERENCES
from radtex.transfer.scorings import SCORINGS


def perfect(row: pd.Series) -> str:
    return f"{row['findings']} {row['impression']}"


def silent(_: pd.Series) -> str:
    return ""


def test_perfect_reports_beat_both_baselines_and_silent_ones_neither(
    write_reports: WriteReports, tmp_path: Path
) -> None:
    out, per_report = tmp_path / "scores.json", tmp_path / "reports.csv"
    files = [write_reports("perfect", perfect), write_reports("silent", silent)]
    table = score(files, out=out, per_report=per_report, replicates=1000)
    found = json.loads(out.read_text())
    assert list(found["scores"]) == ["perfect", "silent", NEAREST, TYPICAL]
    for name in (name for each in SCORES for name in each.names):
        expected = pytest.approx(10, abs=0.5) if name == "CIDEr-D" else 1
        if "absent" not in name:  # of the labels that no reference states
            assert found["scores"]["perfect"][name]["value"] == expected
        assert found["scores"]["silent"][name]["value"] == 0
        assert 0 < found["scores"][NEAREST][name]["value"] < 10
    pairs = [(pair["a"], pair["b"]) for pair in found["paired"]]
    assert list(dict.fromkeys(pairs)) == [
        ("perfect", NEAREST),
        ("perfect", TYPICAL),
        ("silent", NEAREST),
        ("silent", TYPICAL),
        ("perfect", "silent"),
    ]
    for baseline in (NEAREST, TYPICAL):
        of_perfect = [pair for pair in found["paired"] if pair["a"] == "perfect"]
        assert all(pair["low"] > 0 for pair in of_perfect if pair["b"] == baseline)
        assert f"silent does not beat the baseline “{baseline}” in any score (p" in table
    assert "patients is small enough to beat a baseline in any of 12 scores" in table
    ledger = Path(found["settings"]["corpus"]["path"]) / SCORINGS
    noted = json.loads(ledger.read_text().splitlines()[-1])
    assert (noted["what"], noted["encoders"]) == ("score", ["perfect", "silent"])
    torn = found["self_contradictions"]
    assert list(torn) == ["perfect", "silent", NEAREST, TYPICAL, REFERENCES]
    assert torn["perfect"] == torn[REFERENCES] == torn["silent"]
    assert 0 == torn["silent"]["low"] < torn["silent"]["high"]
    assert "Self-contradictions: reports that affirm and deny one finding" in table
    settings = found["settings"]
    assert settings["scorer"].startswith("radtex ")
    assert settings["sections"] == {"findings + impression": settings["reports"]}
    rows = pd.read_csv(per_report)
    assert len(rows) == 4 * settings["reports"]
    assert rows.groupby("system")["rouge_l"].mean()[NEAREST] == pytest.approx(
        found["scores"][NEAREST]["ROUGE-L"]["value"], abs=1e-5
    )


def test_the_same_seed_gives_the_same_bytes(write_reports: WriteReports, tmp_path: Path) -> None:
    file = write_reports("findings", lambda row: row["findings"])
    for name in ("1", "2"):
        score([file], out=tmp_path / name, replicates=50, seed=3)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_references_must_be_those_of_the_corpus(write_reports: WriteReports) -> None:
    with pytest.raises(CorpusError, match="references are scored untouched"):
        score([write_reports("cut", perfect, reference="Lungs are")])


def test_patients_that_the_run_has_learnt_from_are_refused(write_reports: WriteReports) -> None:
    with pytest.raises(ProtocolError, match="was trained or selected on"):
        score([write_reports("train", perfect, split="train")])


def test_run_and_corpus_must_be_known(write_reports: WriteReports, featured_run: Path) -> None:
    with pytest.raises(CorpusError, match=r"does not state its corpus.*--corpus"):
        score([write_reports("a", perfect, corpus=None)])
    with pytest.raises(CorpusError, match=r"does not state its run.*--run"):
        score([write_reports("b", perfect, run=None)])
    with pytest.raises(CorpusError, match="is no corpus"):
        score([write_reports("c", perfect)], corpus=featured_run)


def test_images_of_another_corpus_are_refused(write_reports: WriteReports) -> None:
    file = write_reports("a", perfect)
    lines = file.read_text().splitlines()
    lines[0] = json.dumps(json.loads(lines[0]) | {"image_id": "elsewhere"})
    file.write_text("\n".join(lines))
    with pytest.raises(CorpusError, match=r"1 images .* \(the first is elsewhere\)"):
        score([file])


def test_an_existing_output_is_kept(write_reports: WriteReports, tmp_path: Path) -> None:
    (tmp_path / "taken.json").write_text("kept")
    with pytest.raises(OutputError, match="already exists"):
        score([write_reports("a", perfect)], out=tmp_path / "taken.json")
