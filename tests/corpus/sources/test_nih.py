"""NIH ChestX-ray14: the official table, the older one, and its lists of splits."""

from pathlib import Path

import pytest

from radtex.corpus.record import Rejection
from radtex.corpus.sources import open_source
from radtex.errors import CorpusError
from radtex.findings import NIH_LABELS

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


def test_patients_of_two_nih_archives_are_the_same(real_data):
    films = open_source("nih", root=real_data / "nih128")
    studies = open_source("table", root=real_data / "nih320" / "studies.csv")
    patients = [
        {record.patient_id for record in source.listing("utf-8").entries}
        for source in (films, studies)
    ]
    assert len(patients[0] & patients[1]) == 319
