"""The notebooks of the tutorials, run with fewer films and steps; what they show comes."""

import csv
import json
import re
import runpy
import shlex
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema_rs
import nbformat
import pandas as pd
import pytest
import yaml
from joblib.externals.loky import get_reusable_executor

from fixtures.commands import Radtex
from radtex.phantom.sample_data import write_sample_data

DOCS = Path(__file__).parent.parent / "docs"
TUTORIALS = DOCS / "tutorials"
SCHEMAS = DOCS / "reference" / "files"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
_NUMBER = re.compile(r"\d[\d,.]*")
SMALLER = {
    "corpus build phantom": {"--studies": "240", "--workers": "1"},
    "corpus build dicom": {"--workers": "1", "--size": "64"},
    "pretrain": {"--steps": "2", "--batch-size": "4", "--crop-area": "0.9"},
    "transfer": {"--budgets": "10 12", "--repeats": "2", "--test-patients": "2"},
    "plan": {"--budgets": "60"},
}
"""What a command is given here, in place of what the tutorial gives it or beside that."""
NOT_RUN = ("serve",)
"""Works until it is stopped: tests/serving runs it in chromium."""


def steps(document: Path) -> Iterator[tuple[str, str]]:
    """Yield what is run and shown, in its order: ("bash", commands) and ("text", output).

    Args:
        document: a notebook, or Markdown.
    """
    text = document.read_text(encoding="utf-8")
    if document.suffix == ".md":
        yield from _BLOCK.findall(text)
        return
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            assert source.startswith("%%bash\n")
            yield "bash", source
        else:
            yield from _BLOCK.findall(f"{source}\n")


def commands(block: str) -> Iterator[list[str]]:
    """Yield the words of each command of `radtex` in a block, without `radtex`."""
    for line in block.replace("\\\n", " ").splitlines():
        if line.startswith("radtex "):
            yield shlex.split(line, comments=True)[1:]


def smaller(words: list[str]) -> list[str]:
    """Return a command that asks for less of the same."""
    command = " ".join(words)
    asked = [word for word in words if word != "radtex9"]
    if len(asked) < len(words):
        place = words.index("radtex9")
        asked[place:place] = ["Lung Opacity", "Pleural Effusion"]
    for begin, flags in SMALLER.items():
        if not command.startswith(begin):
            continue
        for flag, value in flags.items():
            if flag in asked:
                start = end = asked.index(flag)
                end += 1
                while end < len(asked) and not asked[end].startswith("--"):
                    end += 1
                del asked[start:end]
            asked += [flag, *value.split()]
    return asked


def shape(text: str) -> set[str]:
    """Return the lines of an output with # for each number, and one space for several."""
    return {" ".join(_NUMBER.sub("#", line).split()) for line in text.splitlines() if line.strip()}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample data, in small films; drawn once for all readers."""
    folder = tmp_path_factory.mktemp("sample") / "sample"
    write_sample_data(folder, size=64)
    return folder


@pytest.fixture
def reader(
    radtex_command: Radtex, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sample: Path
) -> "Reader":
    """A reader in an empty folder."""
    monkeypatch.chdir(tmp_path)
    get_reusable_executor().shutdown(wait=True)  # workers of an earlier test are in its folder
    monkeypatch.setenv("RADTEX_SITE_KEY_FILE", str(tmp_path / "site.key"))
    monkeypatch.setattr(
        import_module("radtex.demo"),
        "write_sample_data",
        lambda folder: shutil.copytree(sample, folder),
    )
    return Reader(radtex_command)


class Reader:
    """Does what a tutorial says, step by step."""

    def __init__(self, radtex_command: Radtex) -> None:
        self.radtex = radtex_command
        self.printed = ""

    def does(self, document: Path) -> None:
        """Run the commands of a document; each output that it shows must come, numbers aside."""
        for kind, block in steps(document):
            if kind == "text":
                missing = shape(block) - shape(self.printed)
                assert not missing, f"{document.name} shows {missing}, which was not printed"
                continue
            for words in commands(block):
                if words[0] in NOT_RUN:
                    continue
                if words[0] == "label":
                    self.fills_in(Path(words[2]))
                ended = self.radtex(*smaller(words))
                assert ended.status == 0, f"{' '.join(words)}: {ended.err.splitlines()[-1]}"
                self.printed += ended.out + ended.err

    def fills_in(self, table: Path) -> None:
        """Label every second film of a table as having its finding."""
        is_sheet = table.suffix == ".xlsx"
        films = (pd.read_excel if is_sheet else pd.read_csv)(table, dtype=str)
        for target in {"Lung Opacity", "Pneumothorax"} & set(films):
            films[target] = [str(row % 2) for row in range(len(films))]
        (films.to_excel if is_sheet else films.to_csv)(table, index=False)


def records(file: Path) -> list[Any]:
    """Return what a file holds: one value, or one for each line or row."""
    text = "" if file.suffix == ".parquet" else file.read_text(encoding="utf-8")
    if file.suffix == ".parquet":
        table = pd.read_parquet(file).astype(object)
        return list(table.where(table.notna(), None).to_dict("records"))
    if file.suffix == ".yaml":
        return [yaml.safe_load(text)]
    if file.suffix == ".csv":
        numbers = ("budget", "repeat", "n_labelled", "n_positive", "n_test")
        rows = csv.DictReader(text.splitlines())
        return [
            row | {"auc": float(row["auc"])} | {name: int(row[name]) for name in numbers}
            for row in rows
        ]
    if file.suffix == ".txt":
        first, *others = text.splitlines()
        assert all(re.fullmatch("[0-9a-f]{64}", line) for line in others)
        return [json.loads(first)]
    return [json.loads(text)] if file.suffix == ".json" else [*map(json.loads, text.splitlines())]


def holds(file: str, schema: str) -> None:
    """Assert that each record of a file is as a schema of the documents says."""
    text = (SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8")
    validator = jsonschema_rs.validator_for(text)
    found = records(Path(file))
    assert found
    for record in found:
        errors = [
            f"{each.message[:200]} at {each.instance_path}"
            for each in validator.iter_errors(record)
        ]
        assert not errors, f"{file}: {errors}"
        if isinstance(record, dict):
            assert not validator.is_valid({}), "a schema that takes anything says nothing"


def test_the_phantom_and_the_files_that_it_leaves(reader: Reader) -> None:
    reader.does(TUTORIALS / "phantom.ipynb")
    assert Path("explained.png").is_file()
    for file, schema in {
        "corpus/corpus.json": "corpus",
        "corpus/index.parquet": "index",
        "corpus/scorings.jsonl": "scorings",
        "runs/radtex/config.yaml": "run-config",
        "runs/supervised/config.yaml": "run-config",
        "runs/radtex/metrics.jsonl": "metrics",
        "runs/radtex/patients.txt": "patients",
        "classifiers/radtex/classifier.json": "classifier",
        "comparison/results.csv": "results",
        "comparison/summary.json": "summary",
        "reports.jsonl": "generated",
    }.items():
        holds(file, schema)
    ended = reader.radtex("export", "runs/radtex", "--to", "timm", "--out", "for-timm")
    assert ended.status == 0
    holds("for-timm/export.json", "export")


def test_a_hospitals_export(reader: Reader) -> None:
    reader.does(TUTORIALS / "hospital-export.ipynb")
    predictions = pd.read_csv("predictions.csv")
    assert len(predictions) == 12
    assert "Lung Opacity" in " ".join(predictions.columns)


def test_labels_in_the_browser(reader: Reader) -> None:
    reader.does(TUTORIALS / "label-in-the-browser.ipynb")
    assert reader.radtex("label", "corpus", "--undo").status == 0
    assert len(records(Path("corpus/labels.jsonl"))) == 2
    holds("corpus/labels.jsonl", "labels")


@pytest.mark.soak
def test_the_readme(reader: Reader) -> None:
    reader.does(DOCS.parent / "README.md")
    assert Path("comparison/report.html").is_file()
    assert Path("report.jsonl").is_file()


def test_each_notebook_is_that_of_its_tutorial() -> None:
    made = runpy.run_path(str(DOCS / "notebooks.py"))
    assert {file.stem for file in TUTORIALS.glob("*.ipynb")} == set(made["PAIRED"])
    for tutorial in made["PAIRED"]:
        kept = nbformat.read(made["paired"](tutorial), as_version=4)
        assert kept == made["notebook"](tutorial), "run python docs/notebooks.py"


def test_each_schema_has_its_place_on_the_page() -> None:
    page = (SCHEMAS / "index.md").read_text(encoding="utf-8")
    for schema in SCHEMAS.glob("*.schema.json"):
        assert f"{{literalinclude}} {schema.name}" in page
