"""Archive layouts."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from radtex import phantom
from radtex.corpus.backgrounds import films_without_findings, find_backgrounds
from radtex.corpus.build import build
from radtex.corpus.record import Record, Rejection
from radtex.corpus.sources import open_source
from radtex.corpus.tables import Columns
from radtex.errors import CorpusError
from radtex.findings import NIH_LABELS
from radtex.images import Preprocessing

V2020 = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]\n"
)
OLDER = V2020.rstrip("\n") + ",\n"


@pytest.fixture
def nih(tmp_path: Path) -> Path:
    (tmp_path / "images_001" / "images").mkdir(parents=True)
    (tmp_path / "images_002" / "images").mkdir(parents=True)
    (tmp_path / "images_001" / "images" / "00000001_000.png").touch()
    (tmp_path / "images_002" / "images" / "00001337_002.png").touch()
    return tmp_path


def test_nih_reads_the_official_table_and_the_twelve_folders(nih):
    (nih / "Data_Entry_2017_v2020.csv").write_text(
        V2020
        + "00000001_000.png,Cardiomegaly|Emphysema,0,1,57,M,PA,2682,2749,0.143,0.143\n"
        + "00001337_002.png,No Finding,2,1337,58,F,AP,2500,2048,0.168,0.168\n"
    )
    first, second = open_source("nih", root=nih).listing("utf-8").entries
    assert first.source_path == "images_001/images/00000001_000.png"
    assert {name for name, value in first.labels.items() if value} == {"Cardiomegaly", "Emphysema"}
    assert (second.patient_id, second.study_id) == ("1337", "00001337_002")
    assert (second.view, second.age, second.sex) == ("AP", 58, "F")
    assert second.labels == dict.fromkeys(NIH_LABELS, 0)


def test_nih_reads_the_older_table_with_its_trailing_commas_and_ages(nih):
    (nih / "Data_Entry_2017.csv").write_text(
        OLDER
        + "00000001_000.png,No Finding,0,00001,058Y,M,PA,2682,2749,0.143,0.143,\n"
        + "00001337_002.png,No Finding,2,01337,414Y,F,AP,2500,2048,0.168,0.168,\n"
    )
    first, second = open_source("nih", root=nih).listing("utf-8").entries
    assert (first.patient_id, first.age, first.flags) == ("1", 58, ())
    assert (second.age, second.flags) == (None, ("age not readable",))


def test_nih_takes_official_splits_from_its_lists(nih):
    (nih / "Data_Entry_2017_v2020.csv").write_text(
        V2020
        + "00000001_000.png,No Finding,0,1,57,M,PA,1,1,1,1\n"
        + "00001337_002.png,No Finding,0,1337,57,M,PA,1,1,1,1\n"
        + "00001338_000.png,No Finding,0,1338,57,M,PA,1,1,1,1\n"
    )
    (nih / "train_val_list.txt").write_text("00000001_000.png\n")
    (nih / "test_list.txt").write_text("00001337_002.png")
    entries = open_source("nih", root=nih).listing("utf-8").entries
    assert [record.split for record in entries] == ["train", "test", ""]


def test_nih_rejects_rows_with_strange_patients_and_findings(nih):
    (nih / "Data_Entry_2017_v2020.csv").write_text(
        V2020
        + "00000001_000.png,Broken Heart,0,1,57,M,PA,1,1,1,1\n"
        + "00001337_002.png,No Finding,0,?,57,M,PA,1,1,1,1\n"
        + "00001338_000.png,No Finding\n"
    )
    entries = open_source("nih", root=nih).listing("utf-8").entries
    assert entries == [
        Rejection("00000001_000.png", "a finding label is none of the 14"),
        Rejection("00001337_002.png", "patient id is no number"),
        Rejection("line 4", "row has not as many fields as the header"),
    ]


def test_nih_says_what_it_misses(tmp_path):
    with pytest.raises(CorpusError, match=r"holds no Data_Entry_2017_v2020\.csv or"):
        open_source("nih", root=tmp_path).listing("utf-8")
    (tmp_path / "Data_Entry_2017.csv").write_text("Image Index,Finding Labels\n")
    with pytest.raises(CorpusError, match=r"no column Patient ID, .*columns are: Image Index"):
        open_source("nih", root=tmp_path).listing("utf-8")


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
        findings="The lungs are clear in film 3.",
        impression="No disease.",
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
    assert listing.entries[0] == Rejection("a", "a label is none of 1, 0, −1 and blank")
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


def test_the_phantom_source_gives_what_the_phantom_draws():
    source = open_source("phantom", studies=3, seed=5)
    record = source.listing("utf-8").entries[2]
    study = phantom.sample_study(5, 2)
    assert (record.image_id, record.labels) == (study.study_id, study.labels)
    assert (record.findings, record.report) == (study.report.findings, study.report.text)
    assert (source.pixels(record, Preprocessing(32))[0] == phantom.render(study, 32)).all()


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """A corpus of phantom films, read as if they were an archive's."""
    out = tmp_path_factory.mktemp("films") / "corpus"
    return build(open_source("phantom", studies=120, seed=2), out, size=96, namespace="hospital")


def test_composites_keep_patient_namespace_and_split_of_their_films(films, tmp_path, monkeypatch):
    monkeypatch.setattr("radtex.phantom.chest_fit.LEAST_FIT", 0.65)
    normal = set(films.index.index[(films.index.filter(like="label.") == 0).all(axis=1)])
    source = open_source("phantom", studies=50, seed=1, backgrounds=films.path)
    drawn = build(source, tmp_path / "drawn", size=64, workers=1)
    assert drawn.index["image_id"].is_unique
    assert len(drawn.index) == 50
    assert set(drawn.index["patient_namespace"]) == {"hospital"}
    rows = drawn.index["source_path"].str.split("/").str[2].astype(int)
    assert set(rows) <= normal
    assert rows.nunique() < 50  # films serve again
    for column in ("patient_id", "split", "view", "age", "sex"):
        assert drawn.index[column].tolist() == films.index.loc[rows, column].tolist()
    counts = drawn.info["source"]["films"]
    assert counts["without findings"] == len(normal)
    assert counts["used"] == rows.nunique() <= counts["tried"]


def test_composites_without_signs_are_their_films_and_all_repeat(films, tmp_path, monkeypatch):
    monkeypatch.setattr("radtex.phantom.chest_fit.LEAST_FIT", 0.65)
    source = open_source("phantom", studies=30, seed=1, backgrounds=films.path)
    first, second = (build(source, tmp_path / name, size=96, workers=1) for name in "ab")
    assert first.content_hash == second.content_hash
    bare = first.index["boxes"] == "[]"
    assert 0 < bare.sum() < 30
    rows = first.index["source_path"].str.split("/").str[2].astype(int)
    same = [(first.images[i] == films.images[row]).all() for i, row in enumerate(rows)]
    assert same == bare.tolist()


def test_backgrounds_are_not_enlarged_and_must_have_films_without_findings(films, monkeypatch):
    monkeypatch.setattr("radtex.phantom.chest_fit.LEAST_FIT", 0.65)
    source = open_source("phantom", studies=3, seed=1, backgrounds=films.path)
    assert source.default_size == films.size == 96
    record = source.listing("utf-8").entries[0]
    with pytest.raises(CorpusError, match=r"films .* have 96 pixels; ask for --size 96 or less"):
        source.pixels(record, Preprocessing(128))
    index = films.index.assign(**{"label.Edema": 1})
    assert not len(films_without_findings(replace(films, index=index)))
    with pytest.raises(CorpusError, match="0 frontal films without findings"):
        find_backgrounds(replace(films, index=index), 0, 5)


def test_no_finding_decides_where_there_is_such_a_label(films):
    normal = films_without_findings(films)
    stated = films.index.assign(**{"label.No Finding": 0})
    stated.loc[normal[:3], "label.No Finding"] = 1
    assert films_without_findings(replace(films, index=stated)).tolist() == normal[:3].tolist()
    lateral = films.index.assign(view="LATERAL")
    assert not len(films_without_findings(replace(films, index=lateral)))


def test_open_source_names_sources_and_options(tmp_path):
    with pytest.raises(CorpusError, match="unknown source 'nhi'; the sources are: chexpert, "):
        open_source("nhi", root=tmp_path)
    with pytest.raises(CorpusError, match="source phantom takes no root, only studies, seed"):
        open_source("phantom", studies=1, root=tmp_path)
    with pytest.raises(CorpusError, match="source table needs root"):
        open_source("table", root=None, labels=(), columns=Columns())


def test_real_tables_are_read(real_data):
    nih = open_source("nih", root=real_data / "nih128").listing("utf-8").entries
    covid = open_source("table", root=real_data / "covid" / "metadata.csv").listing("utf-8").entries
    assert len(nih) == 8073
    assert len(covid) == 445
    assert all(isinstance(entry, Record) for entry in (*nih, *covid))
    assert sum(record.view == "LATERAL" for record in covid) == 42
    assert sum(bool(record.findings or record.impression) for record in covid) == 445 - 118


def test_patients_of_two_nih_archives_are_the_same(real_data):
    films = open_source("nih", root=real_data / "nih128")
    studies = open_source("table", root=real_data / "nih320" / "studies.csv")
    patients = [
        {record.patient_id for record in source.listing("utf-8").entries}
        for source in (films, studies)
    ]
    assert len(patients[0] & patients[1]) == 319


def test_the_chest_is_found_on_most_real_films_without_findings(real_data):
    nih = open_source("nih", root=real_data / "nih128")
    entries = [entry for entry in nih.listing("utf-8").entries if not any(entry.labels.values())]
    films = [nih.pixels(entry, Preprocessing(128))[0] for entry in entries[::160]]
    usable = [phantom.fit_chest(film).is_usable for film in films]
    assert 0.55 < sum(usable) / len(usable) < 0.95
