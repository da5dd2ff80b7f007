"""The report files of MIMIC-CXR, in folders and zips of both kinds, sound and hostile."""

import os
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from radtex.corpus.report_texts import report_texts
from radtex.corpus.sources.mimic.report_files import read_report_files
from radtex.errors import CorpusError

PATIENTS = {"50414267": "10000032", "53189527": "10000032", "55368167": "19999987"}
MEMBER = "files/p10/p10000032/s50414267.txt"
TEXTS = {
    "50414267": "FINAL REPORT\n FINDINGS: Clear lungs.\n\n IMPRESSION: Normal.\n",
    "55368167": "The heart is enlarged.",
}


SPLIT = {study: report_texts(text) for study, text in TEXTS.items()}


def write_files(folder: Path) -> None:
    for study, text in {**TEXTS, "50000001": "of no wanted study"}.items():
        patient = PATIENTS.get(study, "10000032")
        file = folder / f"p{patient[:2]}" / f"p{patient}" / f"s{study}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def pack(file: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def refuse(file: Path, why: str) -> None:
    with pytest.raises(CorpusError, match=why) as error:
        read_report_files(file, PATIENTS, "utf-8")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("inside", ["mimic-cxr-reports/files", "files", "."])
def test_a_folder_and_a_zip_of_it_give_the_text_of_each_wanted_study(tmp_path, inside):
    folder = tmp_path / "reports"
    write_files(folder / inside)
    members = {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*.txt")
    }
    packed = pack(tmp_path / "reports.zip", members)
    assert read_report_files(folder, PATIENTS, "utf-8") == (SPLIT, {})
    assert read_report_files(packed, PATIENTS, "utf-8") == (SPLIT, {})


def test_many_reports_are_split_as_each_would_be_alone(tmp_path):
    patients = {str(study): "10000032" for study in range(50_000_000, 50_001_500)}
    reports = {study: f"FINDINGS: Film {study}. IMPRESSION: Normal." for study in patients}
    members = {
        f"files/p10/p10000032/s{study}.txt": text.encode() for study, text in reports.items()
    }
    texts, problems = read_report_files(pack(tmp_path / "z.zip", members), patients, "utf-8")
    assert texts == {study: report_texts(text) for study, text in reports.items()}
    assert [*texts] == [*patients]
    assert not problems


def test_another_encoding_can_be_named(tmp_path):
    file = pack(tmp_path / "reports.zip", {MEMBER: "Prothèse.".encode("latin-1")})
    refuse(file, "no report in .* can be read; the first: report is not utf-8 text")
    assert read_report_files(file, PATIENTS, "latin-1").texts == {
        "50414267": report_texts("Prothèse.")
    }


def test_a_place_that_does_not_exist_is_refused(tmp_path):
    refuse(tmp_path / "none.zip", "does not exist; expected a folder or a zip of reports")


@pytest.mark.parametrize("packed", [True, False])
def test_a_report_of_more_than_a_mebibyte_is_refused(tmp_path, packed):
    long = b"x" * (2**20 + 1)
    if packed:
        place = pack(tmp_path / "reports.zip", {MEMBER: long})
    else:
        write_files(tmp_path / "files")
        (tmp_path / MEMBER).write_bytes(long)
        place = tmp_path
    if packed:
        refuse(place, "the first: report is larger than 1,048,576 bytes")
    else:
        texts, problems = read_report_files(place, PATIENTS, "utf-8")
        assert problems == {"50414267": "report is larger than 1,048,576 bytes"}
        assert texts == {"55368167": SPLIT["55368167"]}


def test_a_report_that_cannot_be_read_costs_no_other(tmp_path):
    write_files(tmp_path / "files")
    (tmp_path / MEMBER).unlink()
    os.mkfifo(tmp_path / MEMBER)
    (tmp_path / "files/p10/p10000032/s53189527.txt").write_bytes(b"\xff")
    texts, problems = read_report_files(tmp_path, PATIENTS, "utf-8")
    assert texts == {"55368167": SPLIT["55368167"]}
    assert problems == {
        "50414267": "report is no plain file, such as a pipe or a device",
        "53189527": "report is not utf-8 text",
    }
    (tmp_path / MEMBER).unlink()
    (tmp_path / MEMBER).symlink_to(Path(MEMBER).name)
    _, problems = read_report_files(tmp_path, PATIENTS, "utf-8")
    assert problems["50414267"] == "link that leads in a circle"


def test_reports_that_are_too_many_bytes_together_are_refused(tmp_path, monkeypatch):
    file = pack(tmp_path / "reports.zip", {MEMBER: b"x" * 1000})
    monkeypatch.setattr("radtex.corpus.sources.mimic.report_files.MAX_REPORTS", 999)
    refuse(file, "unpack to more than 999 bytes")
    monkeypatch.setattr("radtex.corpus.sources.mimic.report_files.MAX_REPORTS", 1000)
    assert read_report_files(file, PATIENTS, "utf-8").texts == {
        "50414267": report_texts("x" * 1000)
    }


def test_a_damaged_or_encrypted_zip_is_refused(tmp_path):
    file = pack(tmp_path / "reports.zip", {MEMBER: b"The lungs are clear. " * 50})
    intact = file.read_bytes()
    inside = intact.index(MEMBER.encode()) + len(MEMBER)
    flags = intact.index(b"PK\x01\x02") + 8
    for damaged in (
        b"",
        intact[:40],
        intact[:inside] + b"\xff" * 8 + intact[inside + 8 :],
        intact[:6] + b"\x01" + intact[7:flags] + b"\x01" + intact[flags + 1 :],
    ):
        file.write_bytes(damaged)
        refuse(file, "is damaged, encrypted or no zip file")


@pytest.mark.parametrize(
    ("stated", "why"), [(2**26, "is larger than 1,048,576 bytes"), (100, "is damaged")]
)
def test_a_zip_bomb_is_not_unpacked_whatever_size_it_states(tmp_path, stated, why):
    size = struct.pack("<I", 2**26)
    file = pack(tmp_path / "reports.zip", {MEMBER: b"\0" * 2**26})
    assert file.read_bytes().count(size) == 2
    file.write_bytes(file.read_bytes().replace(size, struct.pack("<I", stated)))
    tracemalloc.start()
    try:
        refuse(file, why)
        assert tracemalloc.get_traced_memory()[1] < 2**23
    finally:
        tracemalloc.stop()
