"""Kept scores of draws: as text they say what `radtex transfer` says, in figure and pairs."""

import json
import shutil
from pathlib import Path

import crossing
import draw_scores
import pytest
from kept_scores import MEAN, read_kept

from radtex.corpus.corpus import Corpus
from radtex.statistics.crossed import crossed_estimates
from radtex.transfer.contestants.lineup import Lineup
from radtex.transfer.design import Design
from radtex.transfer.transfer import transfer

TARGETS, BUDGETS, REPEATS = ("Lung Opacity", "Support Devices"), (10, 12), 3
SCORED = {
    "targets": list(TARGETS),
    "budgets": list(BUDGETS),
    "repeats": REPEATS,
    "test_patients": 3,
}


@pytest.fixture(scope="module")
def corpus(phantom_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scored") / "corpus"
    shutil.copytree(phantom_corpus.path, folder)
    return folder


@pytest.fixture(scope="module")
def scores(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "scores"
    for name, encoder in (("radtex-750", "pixels"), ("mined-750", "pixels@32")):
        draw_scores.main(
            corpus, encoder, each_target=name == "mined-750", out=folder / name, **SCORED
        )
    return folder


def test_kept_scores_give_the_numbers_of_transfer(
    corpus: Path, scores: Path, tmp_path: Path
) -> None:
    design = Design(TARGETS, BUDGETS, REPEATS, test_patients=3)
    lineup = Lineup(("a=pixels", "b=pixels@32"), primary=("a:b",))
    transfer(str(corpus), lineup, design, tmp_path / "evidence")
    summary = json.loads((tmp_path / "evidence" / "summary.json").read_text())
    a, b = (read_kept(scores / name).crossed for name in ("radtex-750", "mined-750"))
    assert set(a) == {MEAN}
    served = json.loads((scores / "mined-750" / "about.json").read_text())["targets"]
    assert set(b) == {MEAN, *served}
    for place, budget in enumerate(map(str, BUDGETS)):
        for name, kept in (("a", a), ("b", b)):
            expected = summary["mean_auc"][name][budget]
            found = crossed_estimates([kept[MEAN]])[place]
            assert found.mean == pytest.approx(expected["mean"], abs=1e-5)
            assert max(found.low, 0) == pytest.approx(expected["low"], abs=1e-3)
        (pair,) = (each for each in summary["paired"] if str(each["budget"]) == budget)
        found = crossed_estimates(a[MEAN].minus(b[MEAN], same_seeds=False))[place]
        assert found.mean == pytest.approx(pair["difference"], abs=1e-5)
        assert found.low == pytest.approx(pair["low"], abs=1e-3)


def test_each_draw_is_kept_as_text_without_a_patient(corpus: Path, scores: Path) -> None:
    lines = (scores / "radtex-750" / "draws.csv").read_text().splitlines()
    assert lines[0] == "target,budget,repeat,auc,n_labelled,n_positive"
    about = json.loads((scores / "radtex-750" / "about.json").read_text())
    assert len(lines) == 1 + len(about["targets"]) * len(BUDGETS) * REPEATS
    text = "".join(path.read_text() for path in (scores / "radtex-750").iterdir())
    patients = set(Corpus.open(corpus).index["patient_id"])
    assert not any(f"{patient}" in text for patient in patients if len(patient) > 6)
    assert about["pool_share"]


def test_curves_are_drawn_from_what_is_there(
    scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    crossing.main(scores, figure=tmp_path / "crossing.svg")
    said = capsys.readouterr().out
    assert "| radtex − mined | 750 |" in said
    assert said.count("| radtex | 750 |") == 1
    assert "<svg" in (tmp_path / "crossing.svg").read_text()
    with pytest.raises(SystemExit, match="holds no scores yet"):
        crossing.main(tmp_path)


def test_each_encoder_is_held_against_itself_among_others(
    scores: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    others = tmp_path / "others"
    shutil.copytree(scores / "mined-750", others / "radtex-750")
    crossing.main(scores, minus=others)
    said = capsys.readouterr().out
    _, _, gained = said.partition("| gain |")
    (row,) = (line for line in gained.splitlines() if "750" in line)
    between = next(line for line in said.splitlines() if line.startswith("| radtex − mined"))
    means = [[cell.split()[0] for cell in line.split("|")[3:-1]] for line in (row, between)]
    assert row.startswith("| radtex | 750 |")
    assert means[0] == means[1]


def test_scores_of_another_corpus_are_not_paired(scores: Path, tmp_path: Path) -> None:
    shutil.copytree(scores, tmp_path / "scores")
    about = tmp_path / "scores" / "mined-750" / "about.json"
    about.write_text(about.read_text().replace('"content_hash": "', '"content_hash": "f'))
    with pytest.raises(SystemExit, match="cannot be paired: they differ in content_hash"):
        crossing.main(tmp_path / "scores")
