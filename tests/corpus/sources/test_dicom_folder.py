"""Any folder of DICOM files, with reports by accession number or study UID."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fixtures.archives import counted
from radtex.corpus.build import build
from radtex.corpus.corpus import Corpus
from radtex.corpus.record import Record, Rejection
from radtex.corpus.sources import open_source
from radtex.errors import CorpusError


@pytest.fixture
def export(tmp_path, write_dicom):
    """Three studies of two patients, in folders and under names that mean nothing."""
    root = tmp_path / "export"
    study = {"StudyInstanceUID": "1.2.1", "AccessionNumber": "0007", "PatientID": "a"}
    write_dicom(root / "x" / "IM0", SOPInstanceUID="1.2.1.1", **study)
    write_dicom(root / "x" / "IM1", SOPInstanceUID="1.2.1.2", ViewPosition="LL", **study)
    study = {"StudyInstanceUID": "1.2.2", "AccessionNumber": "0008", "PatientID": "b"}
    write_dicom(root / "y.dcm", SOPInstanceUID="1.2.2.1", Modality="DX", **study)
    study = {"StudyInstanceUID": "1.2.3", "AccessionNumber": "0009", "PatientID": "a"}
    write_dicom(root / "deep" / "er" / "z.jpg", SOPInstanceUID="1.2.3.1", **study)
    return root


def listed(root: Path):
    return open_source("dicom", root=root).listing("utf-8")


def built(root: Path, **options) -> Corpus:
    source = open_source("dicom", root=root)
    return build(source, root.parent / "corpus", size=16, workers=1, **options)


def csv(root: Path, text: str) -> Path:
    file = root.parent / "reports.csv"
    file.write_text(text)
    return file


def test_headers_make_the_records_whatever_the_files_are_called(export):
    listing = listed(export)
    first = next(entry for entry in listing.entries if entry.source_path == "x/IM0")
    assert first == Record(
        image_id="1.2.1.1",
        study_id="1.2.1",
        patient_id="a",
        source_path="x/IM0",
        view="PA",
        age=63,
        sex="M",
        accession="0007",
    )
    assert listing.settings == {
        "root": str(export),
        "dicom_images": 4,
        "modalities": "CR 3, DX 1",
        "pictures": 0,
        "patients": 2,
        "studies": 3,
        "studies_with_accession": 3,
    }


def test_only_chest_radiographs_of_known_patients_become_records(export, write_dicom):
    write_dicom(export / "ct", Modality="CT")
    write_dicom(export / "blank", Modality="")
    write_dicom(export / "odd", Modality="DOE JOHN")
    write_dicom(export / "hand", BodyPartExamined="HAND")
    write_dicom(export / "whose", PatientID="")
    write_dicom(export / "who", PatientID="Unknown")
    (export / "README.txt").write_text("No DICOM.")
    entries = {getattr(entry, "row", ""): entry for entry in listed(export).entries}
    del entries[""]
    assert {name: entry.reason for name, entry in entries.items()} == {
        "ct": "modality is CT",
        "blank": "modality is not stated",
        "odd": "modality is not stated",
        "hand": "body part is not the chest",
        "README.txt": "no image of a kind that is read (.txt)",
    }
    assert not any(entry.wrong for entry in entries.values())
    assert counted(built(export))["patient id is empty"] == 2


def test_a_table_tells_the_patient_of_a_film_that_states_none(export, write_dicom):
    write_dicom(export / "whose", PatientID="", AccessionNumber="A7", SOPInstanceUID="1.7")
    table = export.parent / "reports.csv"
    table.write_text("accession_number,patient_id,report\nA7,0P7,FINDINGS: Edema.\n")
    corpus = built(export, reports=table)
    found = corpus.index.set_index("source_path").loc["whose"]
    assert (found["patient_id"], found["findings"]) == ("0P7", "Edema.")
    flags = json.loads(found["flags"])
    assert {"header states no PatientID", "patient id from the reports"} <= {*flags}
    assert "patient id is empty" not in counted(corpus)


def test_a_body_part_that_is_not_stated_is_kept_and_flagged(export, write_dicom):
    write_dicom(export / "blank", BodyPartExamined="", SOPInstanceUID="1.9")
    flags = {e.image_id: e.flags for e in listed(export).entries if isinstance(e, Record)}
    assert flags["1.9"] == ("body part not stated",)


def test_a_dicomdir_and_hidden_files_are_counted(export, write_dicom):
    dicomdir = write_dicom(export / "DICOMDIR", Modality="")
    del dicomdir.Rows, dicomdir.Columns, dicomdir.PixelData, dicomdir.Modality
    dicomdir.save_as(export / "DICOMDIR", enforce_file_format=True)
    for hidden in (".DS_Store", "x/._IM0", ".cache/IM0", "__MACOSX/x/IM0"):
        write_dicom(export / hidden)
    hidden = "hidden, or in a hidden folder"
    entries = listed(export).entries
    assert [entry for entry in entries if isinstance(entry, Rejection)] == [
        Rejection(".DS_Store", hidden, wrong=False),
        Rejection(".cache/IM0", hidden, wrong=False),
        Rejection(
            "DICOMDIR", "DICOM file without an image, such as a DICOMDIR or a report", wrong=False
        ),
        Rejection(
            "__MACOSX/x/IM0",
            "kept by a system for itself, such as __MACOSX or a recycle bin",
            wrong=False,
        ),
        Rejection("x/._IM0", hidden, wrong=False),
    ]
    assert len(entries) == 9


def test_a_file_whose_name_is_no_text_is_counted(export):
    (export / "y.dcm").rename(export / os.fsdecode(b"M\xfcller.dcm"))
    assert listed(export).entries[0] == Rejection(
        "'M\\udcfcller.dcm'", "file name is no plain text"
    )


def test_a_truncated_file_is_counted(export):
    whole = (export / "y.dcm").read_bytes()
    (export / "y.dcm").write_bytes(whole[:300])
    assert sum(isinstance(entry, Rejection) for entry in listed(export).entries) == 1


def test_ids_that_are_missing_are_made_from_the_next_wider_name(tmp_path, write_dicom):
    image = write_dicom(tmp_path / "export" / "a", AccessionNumber="77")
    del image.SOPInstanceUID
    image.file_meta.MediaStorageSOPInstanceUID = "1.2"
    image.save_as(tmp_path / "export" / "a")
    (record,) = listed(tmp_path / "export").entries
    assert (record.image_id, record.study_id) == ("a", "77")


def test_one_patient_id_for_all_studies_is_warned_of(export, write_dicom):
    assert "warning" not in listed(export).settings
    for file in export.rglob("*"):
        if file.is_file():
            write_dicom(file, PatientID="ANON", StudyInstanceUID=f"1.{len(file.name)}")
    assert "all fall into one split" in listed(export).settings["warning"]


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="holds no files; expected a folder of DICOM files"):
        listed(tmp_path)


def test_reports_are_joined_by_accession_number(export):
    text = "accession_number,report\n0007,Edema.\n0008,Clear lungs.\n0099,Mass.\n,Nothing.\n"
    corpus = built(export, views="all", reports=csv(export, text))
    index = corpus.index.set_index("image_id")
    assert index["report"].to_dict() == {
        "1.2.1.1": "Edema.",
        "1.2.1.2": "Edema.",
        "1.2.2.1": "Clear lungs.",
        "1.2.3.1": "",
    }
    assert index["study_id"]["1.2.1.2"] == "1.2.1"
    assert json.loads(index["flags"]["1.2.3.1"]) == ["no row in the reports", "no report"]
    assert counted(corpus) == {
        "in": 4,
        "kept": 4,
        "reports: key is empty": 1,
        "reports: row matches no image": 1,
        "no row in the reports": 1,
        "no report": 1,
    }


@pytest.mark.parametrize(
    "header", ["StudyInstanceUID,Report", "study_uid,text", "patient_id,StudyInstanceUID,findings"]
)
def test_reports_are_joined_by_study_uid(export, header):
    cells = ["1.2.1", "Edema."] if header.count(",") == 1 else ["a", "1.2.1", "Edema."]
    corpus = built(export, reports=csv(export, f"{header}\n{','.join(cells)}\n"))
    index = corpus.index.set_index("image_id")
    assert index["findings"]["1.2.1.1"] == "Edema."


def test_a_study_column_that_matches_nothing_gives_way_to_accession_numbers(export):
    text = "study_id,accession,report\n501,0007,Edema.\n502,0008,Clear.\n"
    corpus = built(export, reports=csv(export, text))
    assert sorted(corpus.index["report"]) == ["", "Clear.", "Edema."]


def test_reports_that_match_nothing_are_refused_with_an_example_of_each_side(export):
    text = "accession_number,report\n71,Edema.\n81,Clear.\n"
    with pytest.raises(CorpusError) as caught:
        built(export, reports=csv(export, text))
    assert str(caught.value).endswith(
        "matches an image: its accession_number was compared with the accession of the images "
        "(71 with 0007); its accession_number was compared with the study_id of the images "
        "(71 with 1.2.1); name the column that holds the key, for example --accession-column NAME; "
        "ids may differ in case, spaces and leading zeros, in nothing else"
    )
    assert "Edema" not in str(caught.value)


def test_accession_numbers_that_lost_their_zeros_are_joined_and_counted(export):
    text = "accession_number,report\n7,Edema.\n8.0,Clear.\n"
    corpus = built(export, reports=csv(export, text))
    assert sorted(corpus.index["report"]) == ["", "Clear.", "Edema."]
    reason = "reports: key joined but for leading zeros or decimals, as spreadsheets change them"
    assert counted(corpus)[reason] == 2


def test_an_accession_number_of_two_patients_gives_neither_a_report(export, write_dicom):
    write_dicom(export / "other", AccessionNumber="0007", PatientID="c", StudyInstanceUID="3.1")
    text = "accession_number,report\n0007,Edema.\n0008,Clear.\n"
    corpus = built(export, reports=csv(export, text))
    assert sorted(corpus.index["report"]) == ["", "", "", "Clear."]
    assert counted(corpus)["reports: key stands for more than one patient"] == 2


def test_a_patient_stays_in_one_split(export):
    corpus = built(export)
    assert corpus.index.groupby("patient_id")["split"].nunique().max() == 1
    assert set(corpus.index["patient_namespace"]) == {"dicom"}


def draw(file: Path, kind: str = "PNG") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    grey = np.random.default_rng(len(str(file))).integers(0, 256, (40, 48), dtype=np.uint8)
    Image.fromarray(grey).save(file, format=kind)


def test_pictures_in_the_tree_wait_for_a_table_that_names_their_patient(export):
    draw(export / "old films" / "1.TIF", "TIFF")
    draw(export / "noname", "JPEG")
    draw(export / "y.png")  # beside y.dcm
    listing = listed(export)
    pictures = [e for e in listing.entries if isinstance(e, Record) and not e.patient_id]
    assert pictures == [
        Record(image_id="noname", study_id="", patient_id="", source_path="noname"),
        Record(
            image_id="old films/1.TIF", study_id="", patient_id="", source_path="old films/1.TIF"
        ),
    ]
    twin = Rejection("y.png", "picture beside a DICOM file of the same name", wrong=False)
    assert [e for e in listing.entries if isinstance(e, Rejection)] == [twin]
    assert (listing.settings["dicom_images"], listing.settings["pictures"]) == (4, 2)
    assert (listing.settings["patients"], listing.settings["studies"]) == (2, 3)


def test_pictures_without_a_patient_are_left_out_and_counted(export):
    draw(export / "logo.png")
    corpus = built(export, views="all")
    assert counted(corpus)["patient id is empty: pictures take theirs from a table"] == 1
    assert corpus.info["source"]["pictures"] == 1
    assert len(corpus.index) == 4


def test_films_behind_links_are_read_and_told_apart(export, write_dicom):
    far = export.parent / "far"
    write_dicom(far / "2.dcm", SOPInstanceUID="1.5", StudyInstanceUID="1.5", PatientID="far")
    (export / "linked").symlink_to(far)
    (export / "again").symlink_to("x")
    (export / "broken.dcm").symlink_to("/nonexistent")
    corpus = built(export, views="all")
    flow = counted(corpus)
    assert flow["in"] == 7
    assert flow["read through a link that leads out of the folder"] == 1
    assert flow["link to a folder that is read at another place, or that holds this one"] == 1
    assert flow["link that leads to nothing, or to what may not be read"] == 1
    assert (
        "images read through links that lead out of the folder: 1;"
        in corpus.info["source"]["warning"]
    )
    assert "linked/2.dcm" in set(corpus.index["source_path"])


def test_a_strict_build_stops_at_what_may_be_lost_and_not_at_junk(export):
    for name in ("notes.txt", ".DS_Store", "more.zip", "Thumbs.db", "__MACOSX/y.dcm"):
        (export / name).parent.mkdir(exist_ok=True)
        (export / name).write_bytes(b"abc")
    os.mkfifo(export / "pipe")
    assert counted(built(export, strict=True))["in"] == 10
    (export / "broken.dcm").symlink_to("/nonexistent")
    with pytest.raises(CorpusError, match=r"row \d+: link that leads to nothing.*--show-names"):
        build(open_source("dicom", root=export), export.parent / "d", size=16, strict=True)
    source = open_source("dicom", root=export)
    with pytest.raises(CorpusError, match=r"broken\.dcm: link that leads to nothing"):
        build(source, export.parent / "d", size=16, strict=True, show_names=True)


def test_a_packed_export_says_that_it_is_to_be_unpacked(tmp_path):
    (tmp_path / "export.zip").write_bytes(b"PK")
    with pytest.raises(CorpusError, match="is a file; expected a folder: unpack it"):
        listed(tmp_path / "export.zip")
    with pytest.raises(CorpusError, match=r"no row is left of 1; .*packed file \(\.zip\): unpack"):
        built(tmp_path)
