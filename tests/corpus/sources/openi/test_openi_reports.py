"""The XML reports of Open-i, in a folder or a packed tar."""

import gzip

import pytest

from fixtures.archives import packed
from fixtures.openi import report_xml, write_reports
from radtex.corpus.record import Rejection
from radtex.corpus.sources.openi import openi_reports
from radtex.corpus.sources.openi.openi_reports import OpenIReport, read_openi_reports
from radtex.errors import CorpusError

ENTITIES = '<!DOCTYPE a [<!ENTITY e "heart"><!ENTITY f "&e;&e;&e;&e;">]>'


def test_a_report_that_was_not_indexed_has_no_labels(tmp_path):
    write_reports(tmp_path, {"1.xml": report_xml(1, majors=["No Indexing"])})
    (report,) = read_openi_reports(tmp_path)
    assert report.labels(frozenset({"Opacity"})) == {}


def test_the_packed_archive_gives_the_same_reports(archive, tmp_path):
    root = tmp_path / "packed"
    root.mkdir()
    folder = archive / "ecgen-radiology"
    files = {f"ecgen-radiology/{path.name}": path.read_bytes() for path in folder.iterdir()}
    (root / "NLMCXR_reports.tgz").write_bytes(
        packed(files | {"../../read.me": b"no report"}, links=["4.xml"])
    )
    assert list(read_openi_reports(root)) == list(read_openi_reports(archive))
    assert [path.name for path in root.iterdir()] == ["NLMCXR_reports.tgz"]


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
    [b"", b"no gzip", packed({"1.xml": b"<a/>"})[:-30], gzip.compress(b"no tar" * 200)],
    ids=["empty", "no gzip", "cut off", "no tar"],
)
def test_a_damaged_archive_is_refused(tmp_path, data):
    (tmp_path / "NLMCXR_reports.tgz").write_bytes(data)
    with pytest.raises(CorpusError, match=r"NLMCXR_reports.tgz is damaged or no packed tar"):
        list(read_openi_reports(tmp_path))


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(openi_reports, "MAX_ARCHIVE", 2**20)
    (tmp_path / "NLMCXR_reports.tgz").write_bytes(packed({"1.xml": bytes(2**21)}))
    with pytest.raises(CorpusError, match="unpacks to more than 1,048,576 bytes"):
        list(read_openi_reports(tmp_path))
    monkeypatch.setattr(openi_reports, "MAX_FILES", 3)
    (tmp_path / "NLMCXR_reports.tgz").write_bytes(packed({f"{n}.xml": b"" for n in range(4)}))
    with pytest.raises(CorpusError, match="more than 3 files"):
        list(read_openi_reports(tmp_path))


def test_the_real_reports_give_the_counts_that_are_known(real_data):
    reports = [
        report
        for report in read_openi_reports(real_data / "openi")
        if isinstance(report, OpenIReport)
    ]
    assert sum(not report.texts.indication for report in reports) == 90
    assert sum(not report.texts.findings for report in reports) == 530
    assert sum(not report.texts.impression for report in reports) == 34
    assert sum("Cardiomegaly" in report.headings for report in reports) == 375
    assert sum("No Indexing" in report.headings for report in reports) == 95
