"""The scripts of `evidence/` that measure on a test split: each says so in the corpus's ledger."""

import json
import runpy
import shutil
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from PIL import Image

from radtex.corpus.corpus import Corpus
from radtex.transfer.scorings import SCORINGS

pytestmark = pytest.mark.filterwarnings("ignore:Cyclopts application invoked without tokens")
EVIDENCE = Path(__file__).parents[1] / "evidence"


def run(script: str, *words: str | Path) -> str:
    """What a script prints. It runs in this process, which has imported what takes seconds."""
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as printed:
        patch.setattr(sys, "argv", [script, *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(EVIDENCE / script), run_name="__main__")
            sys.exit()
    assert not ended.value.code
    return printed.getvalue()


@pytest.fixture
def unscored(kept: Path, tmp_path: Path) -> Path:
    """A corpus of 64 px that nobody scored yet."""
    shutil.copytree(kept / "corpus", tmp_path / "corpus")
    (tmp_path / "corpus" / SCORINGS).unlink(missing_ok=True)
    return tmp_path / "corpus"


def the_only_line(corpus: Path) -> dict[str, object]:
    (line,) = (corpus / SCORINGS).read_text().splitlines()
    return dict(json.loads(line))


def test_backtested_plans_are_noted(unscored: Path) -> None:
    table = run(
        "plan_backtest.py", unscored, "--encoder", "random", "--targets", "Effusion",
        "--pilots", "120", "--budgets", "200", "--plans", "2",
    )  # fmt: skip
    assert "120" in table
    line = the_only_line(unscored)
    assert (line["what"], line["encoders"]) == ("plan_backtest", ["random"])
    assert (line["splits"], line["targets"], line["budgets"]) == (
        ["test"],
        ["Effusion"],
        [120, 200],
    )


def test_abstentions_are_measured_on_the_test_split_and_noted(
    kept: Path, unscored: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    opened = Corpus.open(unscored)
    lines = ["patient_id,image,view"]
    for number, view in enumerate(("PA", "AP", "L")):
        Image.fromarray(opened.images[number]).save(other / f"{number}.png")
        lines.append(f"{number},{number}.png,{view}")
    (other / "metadata.csv").write_text("\n".join(lines) + "\n")
    table = run("abstention.py", kept / "classifier", unscored, other)
    count = len(opened.rows("test"))
    assert f"| radiograph | corpus, test patients | {count} |" in table
    assert "| lateral | another archive | 1 |" in table
    line = the_only_line(unscored)
    assert (line["what"], line["encoders"], line["images"]) == ("abstention", ["classifier"], count)


def test_simulated_choices_of_films_are_noted(unscored: Path) -> None:
    table = run(
        "next_films.py", unscored, "--encoder", "random", "--targets", "Effusion",
        "--rounds", "20", "40", "--reach", "20", "--repeats", "2", "--reports",
    )  # fmt: skip
    assert "reports state " in table
    for strategy in ("next", "next, reports"):
        assert f"\n{strategy}, to reach what random choice reaches with 20: " in table
    line = the_only_line(unscored)
    assert (line["what"], line["targets"]) == ("next_films", ["Effusion"])
    assert line["splits"] == ["pool", "test"]


@pytest.mark.soak
def test_measures_of_abstention_are_compared_and_noted(unscored: Path) -> None:
    table = run(
        "abstention_measures.py", unscored, "--encoder", "random", "--targets", "Effusion",
        "--pools", "60", "--repeats", "1",
    )  # fmt: skip
    assert len([line for line in table.splitlines() if line.startswith("| 60 |")]) == 6
    line = the_only_line(unscored)
    assert (line["what"], line["splits"]) == ("abstention_measures", ["test"])
