import re
from dataclasses import replace
from html.parser import HTMLParser

from radtex.transfer.evidence.page import report


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
    assert len(outline.pictures) == 6
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
            "Events",
            "Precision and recall",
            "Risk distributions",
            "Calibration",
            "Calibration of each target",
            "Decision curves",
            "Operating points",
            "Missed findings",
            "Subgroups",
            "Worst misses",
            "What to know beside the numbers",
            "Cohort and labels",
            "Reporting checklist",
            "How to repeat it",
        )
    ]
    assert places == sorted(places)


def test_the_report_shows_every_flag(folder, results):
    page = (folder / "report.html").read_text()
    assert page.count("<li>") == len(results.flags)


def test_sections_without_content_are_left_out(results):
    page = report(replace(results, classifiers={}, label_efficiency=()))
    for heading in ("Label efficiency", "Calibration", "Operating points", "Subgroups"):
        assert f"<h2>{heading}</h2>" not in page
