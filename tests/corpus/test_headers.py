"""Views, flags and body parts from DICOM headers."""

import os
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from radtex.corpus import headers
from radtex.corpus.headers import (
    header_fields,
    header_flags,
    header_or_reason,
    header_view,
    is_chest,
    read_headers,
)
from radtex.images.header import Header

CHEST = {"body_part": "CHEST"}


@pytest.mark.parametrize(
    ("stated", "view", "flags"),
    [
        ({"view_position": "PA"}, "PA", ()),
        ({"view_position": "AP SUPINE"}, "AP", ()),
        ({"view_position": "LL"}, "LATERAL", ()),
        ({"view_position": "postero-anterior"}, "PA", ()),
        ({"view_position": "LLO"}, "OTHER", ()),
        ({"view_position": "PA", "series_description": "LATERAL"}, "PA", ()),
        ({"view_code": "antero-posterior R-10206"}, "AP", ("view from its view code",)),
        ({"view_code": "left lateral R-10236"}, "LATERAL", ("view from its view code",)),
        ({"view_position": "CHEST", "view_code": "postero-anterior"}, "PA",
         ("view from its view code",)),
        ({"series_description": "Thorax p.a."}, "PA", ("view from its description",)),
        ({"protocol": "CHEST LAT"}, "LATERAL", ("view from its description",)),
        ({"study_description": "XR CHEST AP PORTABLE"}, "AP", ("view from its description",)),
        ({"series_description": "CHEST LATERAL DECUBITUS"}, "OTHER",
         ("view from its description",)),
        ({"study_description": "CHEST PA AND LATERAL"}, "", ("view not stated",)),
        ({"study_description": "CHEST PAIN, LATE"}, "", ("view not stated",)),
        ({"study_description": "CHEST PA AND LATERAL", "patient_orientation": "P\\F"}, "LATERAL",
         ("view from its orientation",)),
        ({"patient_orientation": "L\\F"}, "", ("view not stated",)),
        ({"patient_orientation": "A\\F"}, "", ("view not stated",)),
        ({"view_position": "FRONTAL", "patient_orientation": "PL\\F"}, "LATERAL",
         ("view from its orientation",)),
        ({}, "", ("view not stated",)),
    ],
)  # fmt: skip
def test_the_view_is_what_the_strongest_part_of_a_header_tells(stated, view, flags):
    header = Header(**CHEST, **stated)
    assert header_view(header) == view
    assert header_flags(header) == flags


@pytest.mark.parametrize(
    ("stated", "flags"),
    [
        ({"burned_in": "YES"}, ("burned-in annotation",)),
        ({"burned_in": "NO"}, ()),
        ({"image_type": "DERIVED\\SECONDARY"}, ("derived image",)),
        ({"image_type": "ORIGINAL\\PRIMARY"}, ()),
        ({"body_part": ""}, ("body part not stated",)),
        ({"body_part": "HAND"}, ("not a chest",)),
        ({"age": "414Y"}, ("age not readable",)),
        ({"age": ""}, ()),
    ],
)
def test_odd_images_are_flagged(stated, flags):
    assert header_flags(Header(view_position="PA", **(CHEST | stated))) == flags


@pytest.mark.parametrize("part", ["CHEST", "Thorax", "PORT CHEST", "TORAX", "LUNG", "", "UNKNOWN"])
def test_a_chest_is_known_by_its_name_or_not_stated(part):
    assert is_chest(Header(body_part=part))
    assert not is_chest(Header(body_part="TSPINE"))


def test_a_record_takes_its_fields_from_a_header():
    header = Header(**CHEST, view_position="AP", age="018M", sex="f")
    assert header_fields(header) == {"view": "AP", "age": 1.5, "sex": "F", "flags": ()}


def write(file: Path, patient: str) -> Path:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    dataset.SOPInstanceUID = f"1.2.{patient}"
    dataset.PatientID = patient
    dataset.Rows = dataset.Columns = int(patient)
    dataset.save_as(file, enforce_file_format=True)
    return file


def test_headers_come_in_the_order_of_the_files_with_a_reason_for_each_failure(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(headers, "_CHUNK", 3)  # so that several processes read
    paths = [write(tmp_path / f"{number}", str(number)) for number in range(1, 8)]
    (tmp_path / "notes.txt").write_text("No DICOM at all.")
    empty = write(tmp_path / "DICOMDIR", "0")
    found = read_headers([*paths, tmp_path / "notes.txt", tmp_path / "none", empty])
    assert [header.patient_id for header in found[:7]] == list("1234567")
    assert found[7:] == [
        "the file is no DICOM file",
        "image file is missing or may not be read",
        "DICOM file without an image, such as a DICOMDIR or a report",
    ]
    assert read_headers([]) == []


def test_real_open_i_headers_state_the_views_and_parts_that_were_counted(real_data):
    table = pd.read_csv(
        real_data / "openi" / "nlmcxr_dicom_metadata.csv.gz", dtype=str, keep_default_na=False
    )
    found = [
        Header(view_position=position, body_part=part, patient_orientation=orientation)
        for position, part, orientation in zip(
            table["View Position"],
            table["Body Part Examined"],
            table["Patient Orientation"].map(lambda cell: "\\".join(re.findall("[A-Z]", cell))),
            strict=True,
        )
    ]
    views = Counter(header_view(header) for header in found)
    assert views == {"PA": 3593, "": 2586, "LATERAL": 717 + 119 + 29 + 2, "AP": 423}
    assert [header.body_part for header in found if not is_chest(header)] == ["EXTREMETY"] * 2


def test_a_path_that_names_no_plain_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    paths = [
        tmp_path / "pipe",
        tmp_path,
        tmp_path / "a\0b",
        tmp_path / ("x" * 200),
        Path("/dev/zero"),
    ]
    missing = "image file is missing or may not be read"
    assert [header_or_reason(path) for path in paths] == [
        "the file is no plain file, such as a pipe or a device",
        missing,
        "the file has a name that no file can have",
        missing,
        "the file is no plain file, such as a pipe or a device",
    ]
