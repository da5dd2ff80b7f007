"""Files of written reports: what is read, what is left out, what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from radtex.errors import CorpusError
from radtex.generation.written import match_by_image, read_written


def line(image: str, **fields: Any) -> dict[str, Any]:
    return {"image_id": image, "text": f"written {image}", "reference": f"true {image}"} | fields


def write(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")
    return path


def test_reports_are_read_in_their_order_and_as_they_are(tmp_path: Path) -> None:
    odd = line("b", reference=" Two  spaces,\nline\u2028breaks ", sections=["findings"], run="r")
    read = read_written(write(tmp_path / "w.jsonl", odd, line("a", run="r")))
    assert read.image_ids == ("b", "a")
    assert read.references == (" Two  spaces,\nline\u2028breaks ", "true a")
    assert read.sections == (("findings",), ())
    assert (read.run, read.corpus) == ("r", None)


def test_failed_and_unreferenced_lines_are_counted_and_left_out(tmp_path: Path) -> None:
    read = read_written(
        write(
            tmp_path / "w.jsonl",
            {"image_id": "x", "error": "damaged"},
            line("a"),
            line("b", reference=" "),
            {"image_id": "c", "text": "no reference"},
        )
    )
    assert (read.image_ids, read.failed, read.unreferenced) == (("a",), 1, 2)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([{"image_id": "a", "text": "t"}], "none of them a reference"),
        ([], "0 lines"),
        ([line("a"), line("b"), line("a")], r"1 images \(the first is a\)"),
        ([line("a", run="r"), line("b", run="s")], "2 values of `run`"),
        ([line("a", sections=["history"])], "unknown `sections`"),
        ([{"image_id": "a"}], "no `text`"),
        ([{"text": "t"}], "no `image_id`"),
    ],
)
def test_bad_files_are_refused(tmp_path: Path, lines: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        read_written(write(tmp_path / "w.jsonl", *lines))


def test_what_is_no_json_is_refused_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path / "w.jsonl", line("a"))
    path.write_text(path.read_text() + "{broken\n")
    with pytest.raises(CorpusError, match="line 2 is no JSON"):
        read_written(path)
    with pytest.raises(CorpusError, match="does not exist"):
        read_written(tmp_path / "absent.jsonl")


def test_files_are_brought_to_one_order(tmp_path: Path) -> None:
    first = read_written(write(tmp_path / "1.jsonl", line("a"), line("b")))
    second = read_written(write(tmp_path / "2.jsonl", line("b"), line("a")))
    assert match_by_image([first, second])[1].texts == ("written a", "written b")


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ([line("a")], "1 stand in one of them only"),
        ([line("a"), line("b", reference="else")], "differ in references"),
    ],
)
def test_files_of_other_images_or_references_are_refused(
    tmp_path: Path, other: list[dict[str, Any]], said: str
) -> None:
    first = read_written(write(tmp_path / "1.jsonl", line("a"), line("b")))
    second = read_written(write(tmp_path / "2.jsonl", *other))
    with pytest.raises(CorpusError, match=said):
        match_by_image([first, second])
    with pytest.raises(CorpusError, match="given twice"):
        match_by_image([first, first])
