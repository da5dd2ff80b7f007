import csv
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from radtex.errors import OutputError
from radtex.transfer.design import Design
from radtex.transfer.evidence import figures
from radtex.transfer.evidence.result_tables import labels_in_words, table
from radtex.transfer.evidence.style import COLOURS, style
from radtex.transfer.evidence.write import write_evidence
from radtex.transfer.measures.label_efficiency import LabelsNeeded
from radtex.transfer.protocols.linear import Linear
from radtex.transfer.run_protocol import run_protocol

HEADER = "encoder,protocol,target,budget,repeat,auc,n_labelled,n_positive,n_test"


@pytest.fixture(scope="module")
def results(corpus, contestant):
    contestants = [
        contestant("radtex", "radtex", 1),
        contestant("<b>photos & co</b>", "imagenet", 2),
    ]
    selections = [(corpus, corpus.rows(split)) for split in ("pool", "test")]
    design = Design(("Edema", "Effusion"), (20, 60), 2)
    return run_protocol(Linear(), contestants, *selections, design)


@pytest.fixture(scope="module")
def folder(results, tmp_path_factory):
    out = tmp_path_factory.mktemp("evidence") / "linear"
    write_evidence(results, out)
    return out


def test_the_folder_holds_the_four_files(folder):
    assert sorted(file.name for file in folder.iterdir()) == [
        "curve.png",
        "report.html",
        "results.csv",
        "summary.json",
    ]


def test_results_csv_has_the_contracts_columns_and_every_score(folder, results):
    text = (folder / "results.csv").read_text()
    assert text.splitlines()[0] == HEADER
    rows = list(csv.DictReader(text.splitlines()))
    np.testing.assert_array_equal([float(row["auc"]) for row in rows], results.scores["auc"])


def test_summary_json_has_the_contracts_keys(folder, results):
    summary = json.loads((folder / "summary.json").read_text())
    assert set(summary["mean_auc"]["radtex"]) == {"20", "60"}
    assert set(summary["mean_auc"]["radtex"]["20"]) == {"mean", "low", "high"}
    first = summary["paired"][0]
    assert first["a"] == "radtex"
    assert first["budget"] == "20"
    assert first["difference"] == results.paired[0].estimate.mean
    assert first["family"] == "primary"
    assert first["low"] < first["difference"] < first["high"]
    assert {"targets", "seed", "label_policy", "versions", "threads", "encoders"} <= set(
        summary["protocol"]
    )
    assert sum(summary["strengths"]["radtex"].values()) == pytest.approx(1)


def test_the_same_results_give_the_same_bytes(folder, results, tmp_path):
    write_evidence(results, tmp_path / "again")
    for file in folder.iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes()


def test_an_existing_folder_is_refused_and_kept(folder, results):
    before = (folder / "summary.json").read_bytes()
    with pytest.raises(OutputError, match="already exists"):
        write_evidence(results, folder)
    assert (folder / "summary.json").read_bytes() == before


def test_nothing_is_left_when_writing_fails(results, tmp_path):
    unwritable = replace(results, protocol=results.protocol | {"seed": float("nan")})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_evidence(unwritable, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_curve_is_a_picture(folder):
    with Image.open(folder / "curve.png") as picture:
        assert picture.format == "PNG"
        assert np.asarray(picture.convert("L")).std() > 5


def test_the_report_stands_alone_and_escapes_names(folder):
    page = (folder / "report.html").read_text()
    assert "<b>photos" not in page
    assert "&lt;b&gt;photos &amp; co&lt;/b&gt;" in page
    assert set(re.findall(r'src="(.{26})', page)) == {"data:image/svg+xml;base64,"}
    assert "<link" not in page
    assert "<script" not in page
    assert page.count("<caption>") == page.count("<table>")


class Outline(HTMLParser):
    """The headings, pictures and tables of a page."""

    def __init__(self, page):
        super().__init__()
        self.headings, self.pictures, self.scopes, self.language = [], [], [], None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "html":
            self.language = attributes["lang"]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)
        if tag == "img":
            self.pictures.append(attributes["alt"])
        if tag == "th":
            self.scopes.append(attributes["scope"])


def test_the_report_can_be_read_without_seeing_it(folder):
    outline = Outline((folder / "report.html").read_text())
    assert outline.language == "en"
    assert outline.headings[0] == "h1"
    assert set(outline.headings[1:]) == {"h2"}
    assert len(outline.pictures) == 4
    assert all(len(words) > 40 for words in outline.pictures)
    assert set(outline.scopes) == {"col", "row"}


def test_the_report_has_every_section_with_the_table_first(folder):
    page = (folder / "report.html").read_text()
    assert page.index("<table>") < page.index("<img")
    places = [
        page.index(f"<h2>{heading}</h2>")
        for heading in (
            "Label efficiency",
            "Paired differences",
            "Each target",
            "Calibration",
            "Operating points",
            "Subgroups",
            "What to know beside the numbers",
            "Cohort and labels",
            "How to repeat it",
        )
    ]
    assert places == sorted(places)


def test_the_pictures_are_the_same_whatever_was_drawn_before(results):
    assert figures.curve(results) == figures.curve(results)
    assert b"<svg" in figures.reliability(results)


def test_label_efficiency_and_classifiers_are_in_the_summary(folder):
    summary = json.loads((folder / "summary.json").read_text())
    assert [(each["rival"], each["budget"]) for each in summary["label_efficiency"]] == [
        ("<b>photos & co</b>", "20"),
        ("<b>photos & co</b>", "60"),
    ]
    values = summary["classifiers"]["radtex"]
    brier = values["brier"]["60"]
    assert 0 <= brier["low"] <= brier["mean"] <= brier["high"] < 0.3
    assert set(values["by_target"]) == {"Edema", "Effusion"}
    assert 2 * 2 * 250 < sum(each["predictions"] for each in values["reliability"]) <= 2 * 2 * 300
    for each in values["reliability"]:
        observed = each["observed"]
        assert 0 <= observed["low"] <= observed["mean"] <= observed["high"] <= 1
        assert observed["low"] < observed["high"]
    assert [each["group"] for each in values["subgroups"]] == ["female", "male"]
    one, other = (each["difference_to_others"]["mean"] for each in values["subgroups"])
    assert one == pytest.approx(-other)


def test_words_say_on_which_side_a_number_of_labels_lies():
    budgets = (50, 1000)
    assert labels_in_words(LabelsNeeded(340.2, 210.0, None, True), budgets) == (
        "340 [210, > 1,000]"
    )
    assert labels_in_words(LabelsNeeded(None, 1000.0, None, False), budgets) == (
        "> 1,000 [all > 1,000]"
    )
    assert labels_in_words(LabelsNeeded(None, None, 50.0, True), budgets) == "< 50 [all < 50]"


def test_the_report_shows_every_flag(folder, results):
    page = (folder / "report.html").read_text()
    assert page.count("<li>") == len(results.flags)


def test_the_terminal_table_shows_means_primary_differences_and_flags(results):
    text = table(results)
    value = results.mean_auc["radtex"][60]
    assert f"{value.mean:.2f} [{value.low:.2f}, {value.high:.2f}]" in text
    assert f"{results.paired[0].estimate.mean:+.3f}" in text
    assert all(flag in text for flag in results.flags)
    assert "uncertain and blank labels are left out" in text


def test_no_two_of_many_encoders_are_drawn_alike():
    looks = [style(number) for number in range(2 * len(COLOURS))]
    assert len({tuple(map(str, look.values())) for look in looks}) == len(looks)
    grey = {(look["marker"], look["markerfacecolor"] == "white") for look in looks}
    assert len(grey) == len(looks)
