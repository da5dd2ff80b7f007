"""Markup in reports."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.reports import label_report, parse_report
from radtex.reports.markup import keeps_markup, plain_text

RTF = (
    r"{\rtf1\ansi\deff0{\fonttbl{\f0 Arial;}}{\colortbl;\red255\green0\blue0;}"
    r"{\*\generator Word;}\pard\b FINDINGS:\b0\par Derrame peque\'f1o.\par "
    r"Neumot\u243?rax \{no\}.\line Clear.\par}"
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<b>FINDINGS:</b><br>No&nbsp;edema<br/>\nEffusion &lt; 1 cm",
         "FINDINGS:\nNo edema\nEffusion < 1 cm"),
        ("<p>A</p><P class='x'>B</P>", "\n\nA\n\n\n\nB\n\n"),
        ("a<script>if (x < 3) y()</script>b<style>b</style>c<!-- d -->e", "abce"),
        ("a <5 mm nodule, > 3 cm <b", "a <5 mm nodule, > 3 cm <b"),
        ("&amp;lt; &#233; &#xE9; &nosuch; AT&T;", "< é é &nosuch; AT&T;"),
        ("&lt;b&gt;x&lt;/b&gt;", "x"),
        ("**FINDINGS:** clear **x**", "FINDINGS: clear x"),
        ("[**2101-1-1**] ***", "[**2101-1-1**] "),
        ("## FINDINGS\n#2 rib", "FINDINGS\n#2 rib"),
        ("__FINDINGS:__ x ___ y", "FINDINGS: x ___ y"),
        ("a\r\nb\rc\u2028d\xa0e\x0cf\tg", "a \nb\nc\nd e\nf g"),
        ("pneumo\u200bthorax\ufeff", "pneumothorax"),
        (RTF, "FINDINGS:\nDerrame pequeño.\nNeumotórax {no}.\nClear.\n"),
        ("", ""),
    ],
)  # fmt: skip
def test_markup_is_undone(text, plain):
    assert plain_text(text) == plain


@given(
    st.text(alphabet=st.characters(exclude_characters="<&*_#{\xad\u200b\u200c\u200d\u2060\ufeff"))
)
def test_text_without_markup_keeps_its_length(text):
    assert len(plain_text(text)) == len(text)


@given(st.text(alphabet="abc .\n<>&;", max_size=40))
def test_escaped_text_comes_back(text):
    assert plain_text(html.escape(text)) == plain_text(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<Doc>Clear</Doc>", True),
        ("x {\\rtf1 y}", True),
        ("{\\rtf1{\\pict ffff}}", True),
        (RTF, False),
        ("<b>x</b> < 3 </ 4", False),
        (" \n", False),
    ],
)
def test_markup_that_is_left_is_noticed(text, kept):
    assert keeps_markup(text) is kept


@pytest.mark.parametrize(
    "text",
    [
        RTF,
        "<b>FINDINGS</b>: Clear.",
        "**Findings** - Clear.",
        "<p><strong>FINDINGS:</strong></p><ul><li>Clear.</li></ul>",
        "### Findings\nClear.",
        "<h3>Findings</h3><p>Clear.</p>",
    ],
)
def test_headers_in_markup_are_found(text):
    assert parse_report(text).section("findings").endswith("Clear.")


def test_labels_are_read_from_the_text_without_markup():
    labels = label_report("<b>FINDINGS:</b><br>No&nbsp;pneumothorax<br>Small effusion<br>")
    assert (labels["Pneumothorax"], labels["Pleural Effusion"]) == (0, 1)


@pytest.mark.parametrize("piece", ["<b", "<!--", "&", "&amp;", "{\\rtf1 ", "**", "__a", "<script>",
                                   "\\'e9", "<b><br>", "&lt;", "\n#"])  # fmt: skip
@pytest.mark.parametrize("before", ["", "{\\rtf1 "])
def test_hostile_markup_is_read(piece, before):
    """In quadratic time this would take an hour."""
    assert isinstance(plain_text(before + piece * (2**20 // len(piece))), str)
