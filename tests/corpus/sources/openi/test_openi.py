"""The Open-i archive, with PNG or DICOM images."""

from collections import Counter

import pytest

from fixtures.archives import counted
from fixtures.openi import report_xml, write_png, write_reports
from radtex.corpus.build import build
from radtex.corpus.record import Record, Rejection
from radtex.corpus.sources import open_source
from radtex.errors import CorpusError


def test_an_archive_of_png_files_becomes_a_corpus(archive, tmp_path):
    corpus = build(open_source("openi", root=archive), tmp_path / "c", size=16, workers=1)
    index = corpus.index
    assert index["image_id"].tolist() == [
        "CXR1_1_IM-0001-3001",
        "CXR10_IM-0002-1001",
        "CXR10_IM-0002-2001-0002",
    ]
    assert index["study_id"].tolist() == ["CXR1", "CXR10", "CXR10"]
    assert index["patient_id"].tolist() == ["1", "10", "10"]
    first = index.iloc[0]
    assert (first["indication"], first["impression"]) == ("Cough & fever", "")
    assert first["findings"] == "Heart normal, film 1."
    assert first["report"].startswith("COMPARISON: None.\nINDICATION: Cough & fever\nFINDINGS: H")
    flow = counted(corpus)
    assert flow["report has no image"] == 1
    assert flow["report is damaged XML, or declares entities"] == 1
    assert flow["view not stated"] == 3
    assert "each report counts as one" in corpus.info["source"]["warning"]


def test_the_codes_of_indexers_become_labels(archive):
    normal, opaque, _ = (
        entry
        for entry in open_source("openi", root=archive).listing("utf-8").entries
        if isinstance(entry, Record)
    )
    assert {name for name, value in normal.labels.items() if value} == {"No Finding", "MeSH normal"}
    assert normal.labels["MeSH Opacity"] == 0
    assert {name for name, value in opaque.labels.items() if value} == {
        "Lung Opacity",
        "MeSH Opacity",
        "MeSH Cardiac Shadow",
    }
    assert opaque.labels["Cardiomegaly"] is None  # an enlarged shadow is not proof of the opposite
    assert opaque.labels["Pneumonia"] == 0


def test_dicom_is_preferred_and_tells_the_view(archive, tmp_path, write_dicom):
    write_dicom(archive / "NLMCXR_dcm" / "1" / "1_IM-0001-3001.dcm", ViewPosition="AP")
    write_dicom(
        archive / "NLMCXR_dcm" / "10" / "10_IM-0002-1001.dcm",
        ViewPosition="",
        PatientOrientation=["P", "F"],
    )
    write_dicom(archive / "NLMCXR_dcm" / "10" / "10_IM-0002-2001-0002.dcm", ViewPosition="")
    corpus = build(open_source("openi", root=archive), tmp_path / "c", size=16, workers=1)
    assert corpus.index["view"].tolist() == ["AP", ""]
    assert corpus.index["source_path"].tolist() == [
        "NLMCXR_dcm/1/1_IM-0001-3001.dcm",
        "NLMCXR_dcm/10/10_IM-0002-2001-0002.dcm",
    ]
    flow = counted(corpus)
    assert (flow["view is lateral"], flow["view not stated"]) == (1, 1)


def test_what_the_archive_lacks_is_named(tmp_path):
    with pytest.raises(CorpusError, match="neither ecgen-radiology nor NLMCXR_reports"):
        open_source("openi", root=tmp_path).listing("utf-8")
    write_reports(tmp_path, {"1.xml": report_xml(1)})
    with pytest.raises(CorpusError, match="holds no images; expected NLMCXR_dcm"):
        open_source("openi", root=tmp_path).listing("utf-8")


def test_the_real_archive_gives_the_counts_that_are_known(real_data, tmp_path):
    for file in (real_data / "openi").iterdir():
        (tmp_path / file.name).symlink_to(file)
    write_png(tmp_path, "CXR1_1_IM-0001-3001")
    listing = open_source("openi", root=tmp_path).listing("utf-8")
    records = [entry for entry in listing.entries if isinstance(entry, Record)]
    assert (listing.settings["reports"], len(records)) == (3_955, 7_470)
    assert listing.settings["images_with_a_header"] == 7_469
    assert Counter(e.reason for e in listing.entries if isinstance(e, Rejection)) == {
        "report has no image": 104
    }
    views = Counter(record.view for record in records)
    assert (views["PA"], views["AP"]) == (3_593, 423)
    assert views["LATERAL"] >= 717 + 119 + 29 + 2
    studies = {record.study_id: record for record in records}.values()
    assert len(studies) == 3_851
    assert sum(not record.texts.findings for record in studies) == 514
