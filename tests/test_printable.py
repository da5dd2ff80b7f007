"""What is printed for people commands no terminal and makes no false line."""

import ast
import json
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import radtex
from radtex.printable import described, one_line, printable

ROOT = Path(radtex.__file__).parent


@given(st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Lu"])))
def test_only_line_breaks_are_left_of_what_a_terminal_obeys(text: str) -> None:
    shown = printable(text)
    assert shown.count("\n") == text.count("\n")
    for letter in shown.replace("\n", ""):
        assert unicodedata.category(letter) not in ("Cc", "Cs", "Zl", "Zp")
        assert unicodedata.bidirectional(letter) not in ("LRE", "RLE", "LRO", "RLO", "PDF")
        assert unicodedata.bidirectional(letter) not in ("LRI", "RLI", "FSI", "PDI")
    shown.encode()
    assert one_line(text) == shown.replace("\n", r"\u000a")


def test_ordinary_text_stays_as_it_is() -> None:
    text = "Pleuraerguß, 2 × 3 cm – ≤ 5 %\n\tne".replace("\t", " ")
    assert printable(text) == text


@given(st.dictionaries(st.text(), st.text()))
def test_json_stays_what_it_was(values: dict[str, str]) -> None:
    assert json.loads(printable(json.dumps(values, ensure_ascii=False))) == values


def test_a_value_of_a_line_breaks_no_line() -> None:
    assert one_line("a\nradtex: all is well") == r"a\u000aradtex: all is well"
    assert one_line(Path("b\x1b[2J")) == r"b\u001b[2J"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("klingon", "'klingon'"),
        ("Zbigniew Kowalczyk, MRN4711", "a text of 27 characters"),
        (["Kowalczyk"] * 3, "a list of 3"),
        ({"Kowalczyk": 1}, "1 fields"),
        (0.25, "0.25"),
        (4711081500, "a long number"),
        (date(1957, 3, 2), "a value of the kind date"),
        (True, "True"),
        (None, "None"),
    ],
)
def test_the_content_of_a_file_is_told_by_its_kind(value: object, shown: str) -> None:
    assert described(value) == shown


PRINTING = {"printable", "one_line", "as_shown_on"}


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda f: str(f.relative_to(ROOT)))
def test_nothing_is_printed_unless_made_printable(file: Path) -> None:
    for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(call, ast.Call):
            continue
        if isinstance(call.func, ast.Name) and call.func.id == "print":
            (said,) = call.args
            assert isinstance(said, ast.Call), f"{file}:{call.lineno}"
            assert isinstance(said.func, ast.Name), f"{file}:{call.lineno}"
            assert said.func.id in PRINTING, f"{file}:{call.lineno}"
        if isinstance(call.func, ast.Attribute) and call.func.attr == "print":
            assert file.name == "progress.py", f"{file}:{call.lineno}: use radtex.progress.say"
