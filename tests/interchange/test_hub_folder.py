"""Folders for the hub: whole, and without anything of patients."""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from radtex.classifiers.keep import Keeper
from radtex.corpus.build import build
from radtex.corpus.corpus import Corpus
from radtex.corpus.sources import open_source
from radtex.interchange.export import export
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe
from radtex.transfer.contestants.lineup import Lineup
from radtex.transfer.design import Design
from radtex.transfer.transfer import transfer

PLANTED = ("Wolkenstein", "77310942", "19471103", "1947-11-03", "ACC5550123", "Quastenweg")
"""A name, a record number, dates, an accession number and a street."""
FOLDER = "klinik_Wolkenstein_77310942"
TINY = {
    "backbone": "test_resnet", "hidden": 16, "heads": 2, "feedforward": 32, "vocabulary": 400,
    "max_tokens": 24, "steps": 2,
}  # fmt: skip


def test_a_runs_folder_holds_what_its_format_names(writing_run: Path, tmp_path: Path) -> None:
    folder = export(writing_run, "hub", tmp_path / "hub")
    assert sorted(each.name for each in folder.iterdir()) == [
        "README.md", "config.json", "model.safetensors", "preprocessor_config.json",
        "tokenizer.json",
    ]  # fmt: skip
    processor = json.loads((folder / "preprocessor_config.json").read_text())
    config = json.loads((folder / "config.json").read_text())
    assert processor["size"] == {"height": 64, "width": 64}
    assert processor["image_mean"][0] * 255 == pytest.approx(config["encoder"]["mean"])
    assert config["radtex"]["kind"] == "run"
    card = (folder / "README.md").read_text()
    assert "words that stand in the reports of 5 patients or more" in card
    assert "`patients.txt`" in card


def test_a_classifiers_folder_holds_what_its_format_names(kept: Path, tmp_path: Path) -> None:
    folder = export(kept / "classifier", "hub", tmp_path / "hub")
    assert sorted(each.name for each in folder.iterdir()) == [
        "README.md", "classifier.json", "config.json", "model.safetensors",
        "preprocessor_config.json",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ({"word_patients": 1}, "was learnt from every word"),
        ({"tokenizer": "other.json"}, "nobody checked whose words"),
    ],
)
def test_a_tokenizer_that_nobody_checked_is_said(text, said, writing_run, tmp_path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    for name in ("model.safetensors", "tokenizer.json"):
        (run / name).write_bytes((writing_run / name).read_bytes())
    config = yaml.safe_load((writing_run / "config.yaml").read_text())
    config["recipe"]["text"] |= text
    (run / "config.yaml").write_text(yaml.safe_dump(config))
    assert said in (export(run, "hub", tmp_path / "hub") / "README.md").read_text()


@pytest.fixture(scope="module")
def hospital(phantom_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hospital's folder with a run and a classifier; patients stand in all that it was given."""
    root = tmp_path_factory.mktemp("site") / FOLDER
    (root / "films_Wolkenstein").mkdir(parents=True)
    lines = ["image,patient_id,study_id,accession,report,Edema"]
    rng = np.random.default_rng(0)
    for number, film in enumerate(np.concatenate([phantom_corpus.images] * 4)):
        ill = int(rng.random() < 0.5)
        name = f"films_Wolkenstein/77310942_19471103_{number}.png"
        bright = film // 2 + 100 * np.uint8(ill)
        Image.fromarray(bright).save(root / name)
        report = "The heart is enlarged." if ill else "The lungs are clear."
        if number % 200 == 0:  # fewer than the patients whose words a tokenizer learns
            report += " Herr Wolkenstein born 1947-11-03 MRN 77310942 of Quastenweg."
        person = f"77310942_{number}"
        lines.append(f'{name},{person},Wolkenstein_{number},ACC5550123{number},"{report}",{ill}')
    table = root / "Wolkenstein_reports.csv"
    table.write_text("\n".join(lines) + "\n")
    corpus = build(
        open_source("table", root=table),
        root / "corpus_77310942",
        size=64,
        workers=1,
        labelled="train",
    )
    recipe = load_recipe("radtex-small", TINY)
    first = pretrain(corpus, root / "run_Wolkenstein", recipe)
    again = load_recipe("radtex-small", TINY | {"init": str(first)})
    pretrain(corpus, root / "tuned", again)
    transfer(
        str(root / "corpus_77310942"),
        Lineup((f"tuned={root / 'tuned'}", f"start={first}"), None),
        Design(("Edema",), (20,), 2),
        root / "evidence",
        keeper=Keeper(root / "classifiers"),
    )
    return root


def test_no_byte_of_what_is_shared_names_a_patient_or_a_path(
    hospital: Path, tmp_path: Path
) -> None:
    shared = [
        hospital / "classifiers" / "tuned",
        export(hospital / "tuned", "hub", tmp_path / "run"),
        export(hospital / "classifiers" / "tuned", "hub", tmp_path / "classifier"),
    ]
    forbidden = [each.encode() for each in (*PLANTED, FOLDER, str(hospital), str(tmp_path))]
    files = [file for folder in shared for file in sorted(folder.rglob("*"))]
    assert len(files) == 3 + 5 + 5
    for file in files:
        content = file.read_bytes().lower()
        found = [each for each in forbidden if each.lower() in content]
        assert not found, f"{file.name} holds {found}"
    # What was planted is where patients are kept, so that the search could have found it.
    assert b"Wolkenstein" in (hospital / "corpus_77310942" / "index.parquet").read_bytes()
    assert str(hospital) in (hospital / "tuned" / "config.yaml").read_text()
