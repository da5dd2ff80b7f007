"""The covid-chestxray-dataset: one messy table, images of several kinds."""

import csv
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fixtures.archives import counted
from radtex.corpus.build import build
from radtex.corpus.record import Record
from radtex.corpus.sources import open_source
from radtex.errors import CorpusError

HEADER = (
    "patientid", "offset", "sex", "age", "finding", "RT_PCR_positive", "survival", "intubated",
    "intubation_present", "went_icu", "in_icu", "needed_supplemental_O2", "extubated",
    "temperature", "pO2_saturation", "leukocyte_count", "neutrophil_count", "lymphocyte_count",
    "view", "modality", "date", "location", "folder", "filename", "doi", "url", "license",
    "clinical_notes", "other_notes", "",
)  # fmt: skip
USUAL = {
    "patientid": "2",
    "offset": "0",
    "sex": "M",
    "age": "65",
    "finding": "Pneumonia/Viral/COVID-19",
    "view": "PA",
    "modality": "X-ray",
    "folder": "images",
    "clinical_notes": "On day 3, cough. Chest film clear.",
}


def write_archive(root: Path, rows: list[Mapping[str, str]]) -> Path:
    (root / "images").mkdir(parents=True)
    with (root / "metadata.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, HEADER, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return root


@pytest.fixture
def make_archive(tmp_path: Path) -> Callable[..., Path]:
    """Write a row and a JPEG for each dict of cells that differ from the usual."""

    def make(*changes: dict[str, str]) -> Path:
        rows = [
            USUAL | {"filename": f"{number}.jpg"} | cells for number, cells in enumerate(changes)
        ]
        root = write_archive(tmp_path / "covid", rows)
        for number, row in enumerate(rows):
            grey = np.random.default_rng(number).integers(0, 256, (40, 48, 3), dtype=np.uint8)
            Image.fromarray(grey).save(root / "images" / row["filename"])
        return root

    return make


def labels_of(root: Path) -> list[Mapping[str, int | None]]:
    entries = open_source("covid", root=root).listing("utf-8").entries
    return [entry.labels for entry in entries if isinstance(entry, Record)]


def test_an_archive_becomes_a_corpus(make_archive, tmp_path):
    root = make_archive(
        {},
        {"view": "L"},
        {"offset": "3", "view": "AP Supine", "age": "nan", "sex": "", "clinical_notes": ""},
        {"modality": "CT", "view": "Axial", "folder": "volumes", "filename": "x.nii.gz.jpg"},
        {"offset": "", "view": "AP"},
        {"patientid": ""},
    )
    corpus = build(open_source("covid", root=root), tmp_path / "c", size=16, workers=1)
    index = corpus.index
    assert index["image_id"].tolist() == ["0.jpg", "2.jpg", "4.jpg"]
    assert index["study_id"].tolist() == ["2_0", "2_3", "4.jpg"]
    assert index["view"].tolist() == ["PA", "AP", "AP"]
    assert index["findings"].tolist()[:2] == [USUAL["clinical_notes"], ""]
    flow = counted(corpus)
    assert flow["modality is not X-ray"] == flow["view is lateral"] == flow["no report"] == 1
    assert flow["patient id is empty"] == 1


def test_each_level_of_a_finding_is_a_label(make_archive):
    viral, coarse, other, none, unread = labels_of(
        make_archive(
            {},
            {"finding": "Pneumonia"},
            {"finding": "Pneumonia/Bacterial"},
            {"finding": "No Finding"},
            {"finding": "todo"},
        )
    )
    assert viral == {"Pneumonia": 1, "Viral": 1, "COVID-19": 1, "Bacterial": 0, "No Finding": 0}
    assert coarse == {
        "Pneumonia": 1, "Viral": None, "COVID-19": None, "Bacterial": None, "No Finding": 0
    }  # fmt: skip
    assert (other["Bacterial"], other["Viral"], other["COVID-19"]) == (1, 0, 0)
    assert (none["No Finding"], none["Pneumonia"]) == (1, 0)
    assert unread == {}


def test_an_older_table_names_findings_side_by_side(make_archive):
    both, one = labels_of(make_archive({"finding": "COVID-19, ARDS"}, {"finding": "COVID-19"}))
    assert both == {"COVID-19": 1, "ARDS": 1}
    assert one == {"COVID-19": 1, "ARDS": 0}


def test_what_the_table_lacks_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"metadata.csv does not exist"):
        open_source("covid", root=tmp_path).listing("utf-8")
    (tmp_path / "metadata.csv").write_text("patientid,filename\n")
    with pytest.raises(CorpusError, match="no column offset, sex, age, finding, view, modality"):
        open_source("covid", root=tmp_path).listing("utf-8")


def test_real_rows_in_the_official_layout(real_data, tmp_path):
    """The shared table has other headers; its cells are the archive's own."""
    with (real_data / "covid" / "metadata.csv").open(encoding="utf-8", newline="") as handle:
        shared = list(csv.DictReader(handle))
    rows = [
        {
            "patientid": row["patient_id"],
            "offset": row["offset_days"],
            "sex": row["sex"],
            "age": row["age"],
            "finding": row["labels"],
            "view": row["view"],
            "modality": "X-ray",
            "folder": "images",
            "filename": Path(row["image"]).name,
            "clinical_notes": row["text"],
        }
        for row in shared
    ]
    root = write_archive(tmp_path / "covid", rows)
    (root / "images").rmdir()
    (root / "images").symlink_to(real_data / "covid" / "images")
    records = open_source("covid", root=root).listing("utf-8").entries
    assert all(isinstance(record, Record) for record in records)
    positive = Counter(name for record in records for name, value in record.labels.items() if value)
    assert (positive["COVID-19"], positive["ARDS"], positive["No Finding"]) == (246, 13, 14)
    assert sum(not record.labels for record in records) == 101  # todo and Unknown
    assert (
        sum(bool(record.texts.findings or record.texts.impression) for record in records)
        == 445 - 118
    )
    corpus = build(open_source("covid", root=root), tmp_path / "c", size=32, workers=1)
    assert len(corpus.index) == 445 - 42  # laterals
