"""From files to a table and JSON, with what is refused on the way."""

import dataclasses
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from radtex.compute.seeding import seeded
from radtex.corpus.corpus import Corpus
from radtex.corpus.splits import hash_split
from radtex.errors import CorpusError, OutputError, ProtocolError
from radtex.models.encoder import Encoder
from radtex.models.storage import CONFIG, PATIENTS, WEIGHTS, ModelDescription, save_weights
from radtex.pretraining.recipe import Recipe
from radtex.scoring.baselines import NEAREST, TYPICAL
from radtex.scoring.comparison import Comparison, verdict
from radtex.scoring.metrics import METRICS
from radtex.scoring.references import recurring_share
from radtex.scoring.score import score
from radtex.statistics.bootstrap import Difference

Write = Callable[..., Path]


@pytest.fixture(scope="module")
def run(phantom_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run without a decoder: its features are those of random weights."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    folder.mkdir()
    with seeded(0):
        encoder = Encoder("test_resnet", phantom_corpus.size)
    save_weights(folder / WEIGHTS, {f"encoder.{k}": v for k, v in encoder.state_dict().items()})
    model = ModelDescription(
        "test_resnet", phantom_corpus.size, phantom_corpus.mean, phantom_corpus.std
    )
    config = {"model": asdict(model), "recipe": Recipe().as_dict()}
    (folder / CONFIG).write_text(yaml.safe_dump(config))
    train = phantom_corpus.patient_hashes()[phantom_corpus.rows("train")]
    (folder / PATIENTS).write_text("\n".join(sorted(set(train))))
    return folder


@pytest.fixture
def write(phantom_corpus: Corpus, run: Path, tmp_path: Path) -> Write:
    """Write a file of reports: `write(name, text_of, split="test", **fields)`."""

    def write(
        name: str,
        text_of: Callable[[pd.Series], str],
        split: str = "test",
        **fields: Any,
    ) -> Path:
        lines = [
            {
                "image_id": row["image_id"],
                "text": text_of(row),
                "reference": f"{row['findings']}\n{row['impression']}",
                "sections": ["findings", "impression"],
                "run": str(run),
                "corpus": str(phantom_corpus.path),
            }
            | fields
            for _, row in phantom_corpus.index.iloc[phantom_corpus.rows(split)].iterrows()
        ]
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return path

    return write


def perfect(row: pd.Series) -> str:
    return f"{row['findings']} {row['impression']}"


def silent(_: pd.Series) -> str:
    return ""


def test_perfect_reports_beat_both_baselines_and_silent_ones_neither(
    write: Write, tmp_path: Path
) -> None:
    out, per_report = tmp_path / "scores.json", tmp_path / "reports.csv"
    files = [write("perfect", perfect), write("silent", silent)]
    table = score(files, out=out, per_report=per_report, replicates=200)
    found = json.loads(out.read_text())
    assert list(found["scores"]) == ["perfect", "silent", NEAREST, TYPICAL]
    for name in METRICS:
        expected = pytest.approx(10, abs=0.5) if name == "CIDEr-D" else 1
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
        assert f"perfect beats the baseline “{baseline}” in every score." in table
        assert f"silent does not beat the baseline “{baseline}” in any score." in table
    settings = found["settings"]
    assert settings["scorer"].startswith("radtex ")
    assert settings["sections"] == {"findings + impression": settings["reports"]}
    rows = pd.read_csv(per_report)
    assert len(rows) == 4 * settings["reports"]
    assert rows.groupby("system")["rouge_l"].mean()[NEAREST] == pytest.approx(
        found["scores"][NEAREST]["ROUGE-L"]["value"], abs=1e-5
    )


def test_the_same_seed_gives_the_same_bytes(write: Write, tmp_path: Path) -> None:
    file = write("findings", lambda row: row["findings"])
    for name in ("1", "2"):
        score([file], out=tmp_path / name, replicates=50, seed=3)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_references_must_be_those_of_the_corpus(write: Write) -> None:
    with pytest.raises(CorpusError, match="references are scored untouched"):
        score([write("cut", perfect, reference="Lungs are")])


def test_patients_that_the_run_has_learnt_from_are_refused(write: Write) -> None:
    with pytest.raises(ProtocolError, match="was trained or selected on"):
        score([write("train", perfect, split="train")])


def test_run_and_corpus_must_be_known(write: Write, run: Path) -> None:
    with pytest.raises(CorpusError, match=r"does not state its corpus.*--corpus"):
        score([write("a", perfect, corpus=None)])
    with pytest.raises(CorpusError, match=r"does not state its run.*--run"):
        score([write("b", perfect, run=None)])
    with pytest.raises(CorpusError, match="is no corpus"):
        score([write("c", perfect)], corpus=run)


def test_images_of_another_corpus_are_refused(write: Write) -> None:
    file = write("a", perfect)
    lines = file.read_text().splitlines()
    lines[0] = json.dumps(json.loads(lines[0]) | {"image_id": "elsewhere"})
    file.write_text("\n".join(lines))
    with pytest.raises(CorpusError, match=r"1 images .* \(the first is elsewhere\)"):
        score([file])


def test_an_existing_output_is_kept(write: Write, tmp_path: Path) -> None:
    (tmp_path / "taken.json").write_text("kept")
    with pytest.raises(OutputError, match="already exists"):
        score([write("a", perfect)], out=tmp_path / "taken.json")


def test_references_that_stand_with_other_patients_are_counted_and_refused(
    phantom_corpus: Corpus,
) -> None:
    test, train = phantom_corpus.rows("test"), phantom_corpus.rows("train")
    assert recurring_share(phantom_corpus, test) < 0.5
    index = phantom_corpus.index.copy()
    for column in ("findings", "impression"):
        dealt = [f" {text.upper()}" for text in index[column].iloc[train[: len(test)]]]
        index.loc[test, column] = dealt
    dealt_by_label = dataclasses.replace(phantom_corpus, index=index)
    with pytest.raises(ProtocolError, match="100% of the references stand word for word"):
        recurring_share(dealt_by_label, test)


@pytest.mark.skipif("RADTEX_DATA" not in os.environ, reason="RADTEX_DATA names no real data")
def test_real_reports_dealt_to_images_by_label_are_refused() -> None:
    table = Path(os.environ["RADTEX_DATA"]) / "nih128" / "reports.csv"
    index = pd.read_csv(table, dtype=str).fillna("")
    index["patient_namespace"] = "nih"
    index["patient_id"] = index["image_id"].str.split("_").str[0]
    index["split"] = [hash_split(f"nih:{patient}") for patient in index["patient_id"]]
    corpus = Corpus(Path("nih128"), index, np.empty((len(index), 0, 0), np.uint8), {})
    with pytest.raises(ProtocolError, match="no score of texts holds there"):
        recurring_share(corpus, corpus.rows("test"))


def test_a_verdict_names_the_scores_on_both_sides() -> None:
    won, drawn = Difference(0.2, 0.1, 0.3, 0.01), Difference(0.1, -0.1, 0.3, 0.4)
    said = verdict(Comparison("a", "b", {"BLEU-1": won, "F1 macro, 5 labels": drawn}))
    assert said == (
        "a does not beat the baseline “b” in F1 macro over 5 labels; it does in BLEU-1."
    )
