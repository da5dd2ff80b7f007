"""The word lists that the package reads reports by."""

from importlib.resources import files

import pytest
import yaml

from radtex.reports.word_files import word_file


@pytest.mark.parametrize("path", [("phrases.yaml",), ("labels", "english", "cues.yaml")])
def test_a_word_file_holds_what_a_plain_reader_finds(path: tuple[str, ...]) -> None:
    text = files("radtex.reports").joinpath(*path).read_text(encoding="utf-8")
    assert word_file(*path) == yaml.safe_load(text)


def test_a_file_that_is_not_there_is_none() -> None:
    assert word_file("labels", "english", "absent.yaml") is None
