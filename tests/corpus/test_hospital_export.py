"""A hospital's export as it comes, from files to a corpus, by the commands of a user."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from fixtures.archives import counted
from fixtures.commands import Ended, Radtex
from radtex.corpus.corpus import Corpus

WARDS = ("Station Süd", "Intensiv 1", "Ambulanz Köln")
ZEROS = "key joined but for leading zeros or decimals, as spreadsheets change them"


@dataclass(frozen=True)
class Export:
    """60 films of 30 patients: 30 DICOM files, 30 pictures; tables that Excel has been through."""

    folder: Path
    run: Radtex

    def build(self, *words: object) -> tuple[Ended, Corpus | None]:
        out = self.folder / "corpus"
        fixed = ("--out", out, "--size", 32, "--workers", 1)
        ended = self.run("corpus", "build", "dicom", self.folder / "export", *fixed, *words)
        return ended, Corpus.open(out) if out.exists() else None


@pytest.fixture
def export(
    phantom_corpus: Corpus,
    write_dicom: Callable[..., object],
    radtex_command: Radtex,
    tmp_path: Path,
) -> Export:
    reports, labels = [], []
    for number in range(60):
        patient, accession = number // 2 + 3, 5000 + number
        ward = tmp_path / "export" / WARDS[number % 3]
        cells = {"Auftragsnummer": accession, "PatientenID": patient, "Pfad": ""}
        if number < 30:
            write_dicom(
                ward / "DICOM" / f"IM{number:04}",
                PatientID=f"{patient:06}",
                AccessionNumber=f"{accession:08}",
                StudyInstanceUID=f"1.2.{number}",
            )
        else:
            film = ward / "Röntgen 2021" / f"Thorax {number}.png"
            film.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(phantom_corpus.images[number]).save(film)
            cells["Pfad"] = rf"D:\Export\{film.parts[-3]}\{film.parts[-2]}\{film.name}"
            cells |= {"Projektion": "p.a.", "Geschlecht": "w"}
        cells["Befund"] = phantom_corpus.index["report"][number]
        reports.append({"Projektion": "", "Geschlecht": "", **cells})
        labels.append(
            {
                "Accession #": accession,
                "Effusion": ("yes", "no", "")[number % 3],
                "Pneumothorax": ("absent", "present")[number % 2],
                "Bemerkung": "keine",
            }
        )
    with (tmp_path / "befunde.csv").open("w", encoding="cp1252", newline="") as handle:
        writer = csv.DictWriter(handle, list(reports[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(reports)
    pd.DataFrame(labels).to_excel(tmp_path / "labels.xlsx", index=False)
    return Export(tmp_path, radtex_command)


def test_an_export_of_films_pictures_and_spreadsheets_becomes_a_corpus(export: Export) -> None:
    tables = ("--reports", export.folder / "befunde.csv", "--labels", export.folder / "labels.xlsx")
    ended, corpus = export.build(*tables, "--encoding", "cp1252", "--strict")
    assert corpus is not None, ended.err
    assert counted(corpus) == {
        "in": 60,
        "kept": 60,
        "reports: key joined by the end of its path": 30,
        f"reports: {ZEROS}": 30,
        f"labels: {ZEROS}": 30,
        "patient id from the reports": 30,
        "view from the reports": 30,
    }
    for line in (
        "reports_separator: semicolon",
        "labels_joined: ['Effusion', 'Pneumothorax']",
        "reports: 30 of 60 images by path (column Pfad), 30 by accession number (column "
        "Auftragsnummer); every row matches an image",
        "labels: 60 of 60 images by accession number (column Accession #); every row matches",
    ):
        assert line in ended.err
    index = corpus.index
    assert index["patient_id"].nunique() == 30
    assert index["view"].eq("PA").all()
    assert index["findings"].str.len().min() > 0
    assert index["label.Effusion"].value_counts(dropna=False).to_dict() == {1: 20, 0: 20, pd.NA: 20}
    pictures = index[index["source_path"].str.endswith(".png")].set_index("source_path")
    film = pictures.loc["Intensiv 1/Röntgen 2021/Thorax 34.png"]
    assert (film["patient_id"], film["study_id"], film["sex"]) == ("20", "5034", "F")
    assert (film["label.Effusion"], film["label.Pneumothorax"]) == (0, 0)


def test_without_tables_pictures_are_left_out_and_the_reason_names_a_way(export: Export) -> None:
    ended, corpus = export.build()
    assert corpus is not None, ended.err
    flow = counted(corpus)
    assert flow["kept"] == flow["patient id is empty: pictures take theirs from a table"] == 30


def test_labels_alone_reach_the_films_that_their_keys_know(export: Export) -> None:
    ended, corpus = export.build("--labels", export.folder / "labels.xlsx")
    assert corpus is not None, ended.err
    told = "30 of 60 images by accession number (column Accession #); 30 rows match no image"
    assert f"labels: {told}" in ended.err
    assert corpus.info["source"]["joined"] == {"labels": told}


def test_an_encoding_that_does_not_fit_is_one_line(export: Export) -> None:
    ended, corpus = export.build("--reports", export.folder / "befunde.csv")
    assert corpus is None
    assert "--encoding cp1252" in ended.err.splitlines()[-1]


def test_a_table_of_pseudonyms_gives_no_text_and_says_so(export: Export) -> None:
    table = pd.read_csv(export.folder / "befunde.csv", sep=";", encoding="cp1252", dtype=str)
    table["PatientenID"] = "X" + table["PatientenID"]
    table[:30].to_csv(export.folder / "other.csv", index=False)
    ended, corpus = export.build("--reports", export.folder / "other.csv")
    assert corpus is not None, ended.err
    (warning,) = [line for line in ended.err.splitlines() if line.startswith("WARNING")]
    assert "every row that names a patient (for 30 of 30 images) names ANOTHER" in warning
    assert counted(corpus)["reports: row names another patient"] == 30
    assert corpus.index["report"].eq("").all()
