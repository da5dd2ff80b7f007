"""Any table with a row per image."""

import pandas as pd
import pytest

from radtex.corpus.record import Record, Rejection, Texts
from radtex.corpus.sources import open_source
from radtex.corpus.tables import Columns
from radtex.errors import CorpusError


def test_a_table_shows_what_it_guessed(make_table):
    listing = open_source("table", root=make_table(4)).listing("utf-8")
    assert listing.settings["labels"] == ["Edema", "Pneumonia"]
    assert listing.settings["columns"]["patient_id"] == "patient_id"
    assert listing.entries[3] == Record(
        image_id="i3",
        study_id="s3",
        patient_id="p1",
        source_path="films/0003.png",
        view="PA",
        age=43,
        sex="M",
        texts=Texts(findings="The lungs are clear in film 3.", impression="No disease."),
        labels={"Edema": 1, "Pneumonia": None},
    )


def test_a_table_takes_named_columns_and_labels(make_table):
    file = make_table(4)
    columns = Columns(patient_id="study_id", age="Edema")
    source = open_source("table", root=file, columns=columns, labels=("Pneumonia",))
    first = source.listing("utf-8").entries[1]
    assert (first.patient_id, first.age, first.labels) == ("s1", 1, {"Pneumonia": 0})


def test_a_parquet_table_gives_the_records_of_the_csv(make_table):
    file = make_table(6)
    parquet = file.with_suffix(".parquet")
    pd.read_csv(file).to_parquet(parquet)
    records = [open_source("table", root=path).listing("utf-8").entries for path in (file, parquet)]
    assert records[0] == records[1]


def test_labels_are_guessed_by_name_or_by_values(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text(
        "image,patient_id,pleural_effusion,score,stone,empty\na,1,2,3,1,\nb,2,1,0,-1.0,\nc,3,0,1,,\n"
    )
    listing = open_source("table", root=file).listing("utf-8")
    assert listing.settings["labels"] == ["pleural_effusion", "stone"]
    assert listing.entries[0] == Rejection(
        "a", "pleural_effusion: a label is none of 1, 0, −1, yes, no and blank, but another number"
    )
    assert listing.entries[2].labels == {"pleural_effusion": 0, "stone": None}


def test_a_table_without_study_or_image_ids_uses_the_path(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("path,patient\nx/a.png,7\nx/b.png, \n")
    record, rejection = open_source("table", root=file).listing("utf-8").entries
    assert (record.image_id, record.study_id) == ("x/a.png", "x/a.png")
    assert rejection == Rejection("x/b.png", "patient id is empty")


@pytest.mark.parametrize(("header", "role"), [("patient_id,x", "image"), ("image,x", "patient_id")])
def test_a_table_without_images_or_patients_is_refused(tmp_path, header, role):
    file = tmp_path / "t.csv"
    file.write_text(header + "\n")
    with pytest.raises(CorpusError, match=f"no column that looks like {role}; .*{header[:5]}"):
        open_source("table", root=file).listing("utf-8")


def test_a_label_that_is_no_column_is_answered_with_the_columns_there_are(make_table):
    source = open_source("table", root=make_table(1), labels=("Edema", "Mass"))
    with pytest.raises(CorpusError, match="no column Mass; its columns are: image, image_id"):
        source.listing("utf-8")


def test_real_tables_are_read(real_data):
    nih = open_source("nih", root=real_data / "nih128").listing("utf-8").entries
    covid = open_source("table", root=real_data / "covid" / "metadata.csv").listing("utf-8").entries
    assert len(nih) == 8073
    assert len(covid) == 445
    assert all(isinstance(entry, Record) for entry in (*nih, *covid))
    assert sum(record.view == "LATERAL" for record in covid) == 42
    assert (
        sum(bool(record.texts.findings or record.texts.impression) for record in covid) == 445 - 118
    )


def test_ids_that_state_nothing_join_no_images_and_rounded_patients_are_left_out(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text(
        'image,patient_id,study_id\na.png,1,nan\nb.png,2,N/A\nc.png,"1,23E+19",3\nd.png,-,4\n'
    )
    first, second, *left_out = open_source("table", root=file).listing("utf-8").entries
    assert (first.study_id, second.study_id) == ("a.png", "b.png")
    assert [entry.reason for entry in left_out] == [
        "patient id is a number that a spreadsheet rounded (1.2E+19)",
        "patient id is empty",
    ]


def test_an_excel_table_gives_the_records_of_the_csv(make_table):
    file = make_table(6)
    workbook = file.with_suffix(".xlsx")
    frame = pd.read_csv(file)
    frame.to_excel(workbook, index=False)
    semicolons = file.with_name("semicolons.csv")
    frame.to_csv(semicolons, sep=";", decimal=",", index=False)
    listings = [
        open_source("table", root=path).listing("utf-8") for path in (file, workbook, semicolons)
    ]
    assert listings[0].entries == listings[1].entries == listings[2].entries
    assert listings[2].settings["separator"] == "semicolon"


def test_labels_in_words_are_the_same_in_every_kind_of_file(tmp_path):
    frame = pd.DataFrame(
        {
            "image": ["a.png", "b.png", "c.png", "d.png"],
            "patient_id": ["1", "2", "3", "4"],
            "Edema": ["Yes", "absent", "maybe", None],
            "Mass": [True, False, None, True],
            "smoker": ["yes", "no", "no", "yes"],
        }
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    frame.to_excel(tmp_path / "t.xlsx", index=False)
    for name in ("t.csv", "t.parquet", "t.xlsx"):
        entries = open_source("table", root=tmp_path / name).listing("utf-8").entries
        assert [entry.labels for entry in entries] == [
            {"Edema": 1, "Mass": 1},
            {"Edema": 0, "Mass": 0},
            {"Edema": -1, "Mass": None},
            {"Edema": None, "Mass": 1},
        ]


def test_words_that_hide_a_report_are_blank(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("image,patient_id,findings,report\na.png,1,nan,FINDINGS: Large effusion.\n")
    assert (
        open_source("table", root=file).listing("utf-8").entries[0].texts.findings
        == "Large effusion."
    )


def test_an_accession_number_is_the_study_of_a_table_without_studies(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("image,patient,Accession #\na.png,7,0012\nb.png,7,\n")
    first, second = open_source("table", root=file).listing("utf-8").entries
    assert (first.study_id, first.accession) == ("0012", "0012")
    assert second.study_id == "b.png"


def test_columns_of_tables_that_are_joined_may_be_named(make_table):
    columns = Columns(report="Narrative", age="Edema")
    source = open_source("table", root=make_table(1), columns=columns, is_joined=True)
    assert source.listing("utf-8").settings["columns"]["age"] == "Edema"
    with pytest.raises(CorpusError, match="no column Narrative"):
        open_source("table", root=make_table(1), columns=columns).listing("utf-8")
