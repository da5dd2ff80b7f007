from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fixtures.commands import Radtex
from radtex.corpus.corpus import Corpus
from radtex.errors import OutputError
from radtex.findings import TARGET_SETS
from radtex.images import read_image
from radtex.phantom import sample_data
from radtex.phantom.sample_data import LABELS, write_sample_data
from radtex.phantom.study import render, sample_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample of 24 studies."""
    out = tmp_path_factory.mktemp("sample") / "data"
    write_sample_data(out, studies=24, size=64)
    return out


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(
    folder: Path, tmp_path: Path
) -> None:
    write_sample_data(tmp_path / "again", studies=24, size=64)
    write_sample_data(tmp_path / "other", studies=24, size=64, seed=5)

    def contents(of: Path) -> dict[str, bytes]:
        return {str(f.relative_to(of)): f.read_bytes() for f in of.rglob("*") if f.is_file()}

    assert contents(tmp_path / "again") == contents(folder)
    other = contents(tmp_path / "other")
    assert other["labels.xlsx"] != contents(folder)["labels.xlsx"]


def test_a_third_of_the_patients_are_in_the_sheet_of_labels(folder: Path) -> None:
    sheet = pd.read_excel(folder / "labels.xlsx")
    assert list(sheet.columns) == ["Accession Number", *TARGET_SETS["radtex9"]]
    reports = pd.read_csv(folder / "reports.csv", sep=";")
    patients = reports.set_index("Accession Number")["Patient ID"]
    assert patients[sheet["Accession Number"]].nunique() == patients.nunique() // 3


def test_a_dicom_film_is_the_drawn_one_whichever_way_it_is_stored(folder: Path) -> None:
    for number in (0, 1):  # inverted, and not
        study = sample_study(0, number)
        (file,) = folder.glob(f"export/2024-*/A0{number:07d}/IM0001")
        drawn = render(study, 64).astype(int)
        assert np.abs(read_image(file).astype(int) - drawn).max() <= 1
        assert (np.asarray(Image.open(folder / f"pictures/{study.study_id}.png")) == drawn).all()


def test_the_export_becomes_a_corpus_with_every_report_and_label(
    folder: Path, radtex_command: Radtex, tmp_path: Path
) -> None:
    tables = ["--reports", folder / "reports.csv", "--labels", folder / "labels.xlsx"]
    words = ["dicom", folder / "export", *tables, "--size", 32, "--out", tmp_path / "export"]
    assert radtex_command("corpus", "build", *map(str, words)).status == 0
    words = ["table", folder / "studies.csv", "--size", 32, "--out", tmp_path / "table"]
    assert radtex_command("corpus", "build", *map(str, words)).status == 0
    export, table = (Corpus.open(tmp_path / name).index for name in ("export", "table"))
    assert len(export) == len(table) == 24
    assert sorted(export["report"]) == sorted(table["report"])
    labelled = export.merge(table, on="report", suffixes=("", " of the table")).dropna(
        subset=["label.Edema"]
    )
    assert len(labelled) == 8
    for name in LABELS:
        assert (labelled[f"label.{name}"] == labelled[f"label.{name} of the table"]).all()


def test_new_films_are_of_patients_that_the_export_lacks(folder: Path) -> None:
    assert len([*(folder / "films").iterdir()]) == sample_data.NEW_STUDIES
    ids = "".join(pd.read_csv(folder / "reports.csv", sep=";")["Patient ID"])
    assert sample_study(1, 0).patient_id not in ids
    film = (folder / "film.dcm").read_bytes()
    assert sample_study(1, 0).patient_id.encode() in film


def test_nothing_stands_half_written_and_nothing_is_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample_data, "_write_tables", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_sample_data(tmp_path / "data", studies=2, size=32)
    assert not [*tmp_path.iterdir()]
    (tmp_path / "data").mkdir()
    with pytest.raises(OutputError, match="already exists"):
        write_sample_data(tmp_path / "data")


def test_the_command_makes_it(
    radtex_command: Radtex, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sample_data.write_sample_data, "__defaults__", (6, 0, 32))
    assert radtex_command("demo", "--sample-data", str(tmp_path / "data")).status == 0
    assert len(pd.read_csv(tmp_path / "data" / "studies.csv")) == 6
