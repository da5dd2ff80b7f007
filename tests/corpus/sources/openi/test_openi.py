"""The Open-i archive: XML reports in a folder or a packed tar, PNG or DICOM images."""

import gzip
import io
import tarfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from radtex.corpus.build import build
from radtex.corpus.record import Record, Rejection
from radtex.corpus.sources import open_source
from radtex.corpus.sources.openi import openi_reports
from radtex.corpus.sources.openi.openi_reports import OpenIReport, read_openi_reports
from radtex.corpus.sources.openi.openi_views import image_key
from radtex.errors import CorpusError

ENTITIES = '<!DOCTYPE a [<!ENTITY e "heart"><!ENTITY f "&e;&e;&e;&e;">]>'
METADATA = "imageid,Body Part Examined,Patient Orientation,View Position,filename,\n"


def report_xml(
    number: int, images: Sequence[str] = (), majors: Sequence[str] = ("normal",), head: str = ""
) -> str:
    parents = "".join(
        f'<parentImage id="{image}"><figureId>F1</figureId>'
        f"<caption>PA and lateral chest</caption></parentImage>"
        for image in images
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{head}<eCitation><uId id="CXR{number}"/>'
        f'<pmcId id="{number}"/><MedlineCitation><Article><Abstract>'
        '<AbstractText Label="COMPARISON">None.</AbstractText>'
        '<AbstractText Label="INDICATION">Cough &amp; fever</AbstractText>'
        f'<AbstractText Label="FINDINGS">Heart   normal,\n film {number}.</AbstractText>'
        '<AbstractText Label="IMPRESSION"/></Abstract></Article></MedlineCitation>'
        f"<MeSH>{''.join(f'<major>{major}</major>' for major in majors)}"
        f"<automatic>Cough</automatic></MeSH>{parents}</eCitation>"
    )


def pack(files: dict[str, bytes], link: str = "") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        if link:
            member = tarfile.TarInfo(link)
            member.type, member.linkname = tarfile.LNKTYPE, link
            tar.addfile(member)
    return packed.getvalue()


def write_reports(root: Path, reports: dict[str, str]) -> None:
    (root / "ecgen-radiology").mkdir(parents=True, exist_ok=True)
    for name, text in reports.items():
        (root / "ecgen-radiology" / name).write_text(text)


def write_png(root: Path, image: str) -> None:
    (root / "NLMCXR_png").mkdir(parents=True, exist_ok=True)
    grey = np.random.default_rng(len(image)).integers(0, 256, (40, 48, 3), dtype=np.uint8)
    Image.fromarray(grey).save(root / "NLMCXR_png" / f"{image}.png")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Report 1 with its doubled number, 10 with a lateral, 2 with no image, 3 damaged."""
    root = tmp_path / "openi"
    write_reports(
        root,
        {
            "1.xml": report_xml(1, ["CXR1_1_IM-0001-3001"]),
            "2.xml": report_xml(2),
            "3.xml": report_xml(3, ["CXR3_IM-1384-1001"])[:-20],
            "10.xml": report_xml(
                10,
                ["CXR10_IM-0002-1001", "CXR10_IM-0002-2001-0002"],
                ["Opacity/lung/base/left/mild", "Cardiac Shadow/enlarged"],
            ),
        },
    )
    for image in ("CXR1_1_IM-0001-3001", "CXR10_IM-0002-1001", "CXR10_IM-0002-2001-0002"):
        write_png(root, image)
    return root


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
    flow = {step["reason"]: step["rows"] for step in corpus.info["flow"] if "reason" in step}
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


def test_a_report_that_was_not_indexed_has_no_labels(tmp_path):
    write_reports(tmp_path, {"1.xml": report_xml(1, majors=["No Indexing"])})
    (report,) = read_openi_reports(tmp_path)
    assert report.labels(frozenset({"Opacity"})) == {}


def test_the_packed_archive_gives_the_same_reports(archive, tmp_path):
    packed = tmp_path / "packed"
    packed.mkdir()
    folder = archive / "ecgen-radiology"
    files = {f"ecgen-radiology/{path.name}": path.read_bytes() for path in folder.iterdir()}
    (packed / "NLMCXR_reports.tgz").write_bytes(
        pack(files | {"../../read.me": b"no report"}, link="4.xml")
    )
    assert list(read_openi_reports(packed)) == list(read_openi_reports(archive))
    assert [path.name for path in packed.iterdir()] == ["NLMCXR_reports.tgz"]


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
    flow = {step["reason"]: step["rows"] for step in corpus.info["flow"] if "reason" in step}
    assert (flow["view is lateral"], flow["view not stated"]) == (1, 1)


def test_tables_tell_the_views_of_png_files(archive):
    (archive / "nlmcxr_dicom_metadata.csv.gz").write_bytes(
        gzip.compress(
            (
                f"{METADATA}CXR1_1_IM-0001-3001,CHEST,\"['L', 'F']\",PA,./1_IM-0001-3001.dcm,\n"
                "CXR10_IM-0002-1001,CHEST,\"['P', 'F']\",,./10_IM-0002-1001.dcm,\n"
                "CXR10_IM-0002-2001-0002,CHEST,,LL,./10_IM-0002-2001-0002.dcm,\n"
            ).encode()
        )
    )
    source = open_source("openi", root=archive)
    views = [entry.view for entry in source.listing("utf-8").entries if isinstance(entry, Record)]
    assert views == ["PA", "LATERAL", "LATERAL"]

    (archive / "indiana_projections.csv").write_text(
        "uid,filename,projection\n1,1_IM-0001-3001.dcm.png,Frontal\n"
        "10,10_IM-0002-1001.dcm.png,Frontal\n10,10_IM-0002-2001-0002.dcm.png,Lateral\n"
    )
    records = [entry for entry in source.listing("utf-8").entries if isinstance(entry, Record)]
    assert [record.view for record in records] == ["PA", "", "LATERAL"]
    assert not any(flag.startswith("view") for record in records for flag in record.flags)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("1.xml", "", "report is damaged XML, or declares entities"),
        ("1.xml", report_xml(1, head=ENTITIES), "report is damaged XML, or declares entities"),
        ("1.xml", "<a>" * 40_000, "report is damaged XML, or declares entities"),
        ("1.xml", "<a>" * 40_000 + "</a>" * 40_000, "report has no number"),
        ("1.xml", '<?xml version="1.0" encoding="none"?><a/>', "report is damaged XML, or decl"),
        ("1.xml", "<a>" + " " * 2**20, "report has more than 1,048,576 bytes"),
    ],
)
def test_a_hostile_report_is_left_out_alone(tmp_path, name, text, reason):
    write_reports(tmp_path, {name: text, "2.xml": report_xml(2)})
    hostile, sound = read_openi_reports(tmp_path)
    assert isinstance(hostile, Rejection)
    assert hostile.row == name
    assert hostile.reason.startswith(reason)
    assert isinstance(sound, OpenIReport)


@pytest.mark.parametrize(
    "data",
    [b"", b"no gzip", pack({"1.xml": b"<a/>"})[:-30], gzip.compress(b"no tar" * 200)],
    ids=["empty", "no gzip", "cut off", "no tar"],
)
def test_a_damaged_archive_is_refused(tmp_path, data):
    (tmp_path / "NLMCXR_reports.tgz").write_bytes(data)
    with pytest.raises(CorpusError, match=r"NLMCXR_reports.tgz is damaged or no packed tar"):
        list(read_openi_reports(tmp_path))


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(openi_reports, "MAX_ARCHIVE", 2**20)
    (tmp_path / "NLMCXR_reports.tgz").write_bytes(pack({"1.xml": bytes(2**21)}))
    with pytest.raises(CorpusError, match="unpacks to more than 1,048,576 bytes"):
        list(read_openi_reports(tmp_path))
    monkeypatch.setattr(openi_reports, "MAX_FILES", 3)
    (tmp_path / "NLMCXR_reports.tgz").write_bytes(pack({f"{n}.xml": b"" for n in range(4)}))
    with pytest.raises(CorpusError, match="more than 3 files"):
        list(read_openi_reports(tmp_path))


def test_what_the_archive_lacks_is_named(tmp_path):
    with pytest.raises(CorpusError, match="neither ecgen-radiology nor NLMCXR_reports"):
        open_source("openi", root=tmp_path).listing("utf-8")
    write_reports(tmp_path, {"1.xml": report_xml(1)})
    with pytest.raises(CorpusError, match="holds no images; expected NLMCXR_dcm"):
        open_source("openi", root=tmp_path).listing("utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "CXR1_1_IM-0001-3001",
        "CXR1_1_IM-0001-3001.png",
        "1_IM-0001-3001.dcm",
        "1_IM-0001-3001.dcm.png",
    ],
)
def test_the_names_of_one_image_share_a_key(name):
    assert image_key(name) == "1_IM-0001-3001"


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
    assert sum(not record.findings for record in studies) == 514


def test_the_real_reports_give_the_counts_that_are_known(real_data):
    reports = [
        report
        for report in read_openi_reports(real_data / "openi")
        if isinstance(report, OpenIReport)
    ]
    assert sum(not report.texts["indication"] for report in reports) == 90
    assert sum(not report.texts["findings"] for report in reports) == 530
    assert sum(not report.texts["impression"] for report in reports) == 34
    assert sum("Cardiomegaly" in report.headings for report in reports) == 375
    assert sum("No Indexing" in report.headings for report in reports) == 95
