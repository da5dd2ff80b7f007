"""The ledger of what was scored."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from radtex.corpus.corpus import Corpus, write_corpus
from radtex.errors import OutputError
from radtex.transfer.code_version import PROTOCOL_VERSION
from radtex.transfer.scorings import SCORINGS, note_scoring, read_ledger


@pytest.fixture
def stored(corpus, tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    write_corpus(folder, corpus.index, [corpus.images], corpus.info)
    return Corpus.open(folder)


def of_split(corpus, split="test"):
    return (corpus, corpus.rows(split))


def lines(folder):
    return [json.loads(line) for line in (folder / SCORINGS).read_text().splitlines()]


def test_a_scoring_is_a_line_without_patients(stored, tmp_path):
    selection = of_split(stored)
    said = note_scoring(selection, "transfer", ["a", "b"], tmp_path / "x" / "out", budgets=[20])
    (line,) = lines(stored.path)
    assert line["splits"] == ["test"]
    assert line["images"] == len(selection[1])
    assert (line["what"], line["encoders"], line["out"]) == ("transfer", ["a", "b"], "out")
    assert (line["budgets"], line["protocol_version"]) == ([20], PROTOCOL_VERSION)
    assert {"when", "radtex", "commit"} <= line.keys()
    assert not set(json.dumps(line).split('"')) & {*stored.index["patient_id"], *stored.patients}
    assert said.startswith("The split test of this corpus was scored once, this time included, fir")


def test_scorings_of_the_same_split_and_content_are_counted(stored):
    for _ in range(2):
        note_scoring(of_split(stored), "ask", ["a"], None)
    note_scoring(of_split(stored, "pool"), "ask", ["a"], None)
    other = replace(stored, info=stored.info | {"content_hash": "1" * 64})
    note_scoring(of_split(other), "ask", ["a"], None)
    said = note_scoring(of_split(stored), "score", ["a"], None)
    assert "was scored 3 times, this time included" in said
    assert "not tested by a later one" in said
    assert len(lines(stored.path)) == 5


def test_the_corpus_stays_what_it_was(stored):
    note_scoring(of_split(stored), "ask", ["a"], None)
    again = Corpus.open(stored.path)
    assert again.content_hash == stored.content_hash
    assert again.index.equals(stored.index)


def forbid(monkeypatch, *folders):
    """Let nothing be written in some folders."""
    opened = os.open

    def refusing(path, flags, *arguments, **options):
        writes = flags & (os.O_WRONLY | os.O_RDWR)
        if writes and any(str(path).startswith(str(folder)) for folder in folders):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, flags, *arguments, **options)

    monkeypatch.setattr(os, "open", refusing)


def test_of_a_read_only_corpus_the_line_stands_beside_the_results(stored, tmp_path, monkeypatch):
    forbid(monkeypatch, stored.path)
    for _ in range(2):
        said = note_scoring(of_split(stored), "transfer", ["a"], tmp_path / "results" / "out")
    assert not (stored.path / SCORINGS).exists()
    assert len(lines(tmp_path / "results")) == 2
    assert "was scored 2 times" in said


def test_a_line_that_stands_nowhere_is_told(stored, monkeypatch, caplog):
    note_scoring(of_split(stored), "ask", ["a"], None)
    forbid(monkeypatch, stored.path)
    said = note_scoring(of_split(stored), "ask", ["a"], None)
    assert "was scored 2 times, this time included" in said
    assert f"stands in no {SCORINGS}" in caplog.text


@pytest.mark.parametrize("planted", ["link", "pipe", "sparse"])
def test_a_planted_ledger_is_told_and_costs_no_results(stored, caplog, planted):
    file, precious = stored.path / SCORINGS, stored.path / "precious"
    precious.write_text("precious")
    if planted == "link":
        file.symlink_to(precious)
    elif planted == "pipe":
        os.mkfifo(file)
    else:
        with file.open("wb") as opened:
            opened.truncate(2**40)
    with caplog.at_level("INFO"):
        note_scoring(of_split(stored), "ask", ["a"], None)
    assert precious.read_text() == "precious"
    assert ("cannot be written" in caplog.text) == (planted != "sparse")
    assert "is not known" in caplog.text


def test_a_full_disk_is_one_line(stored, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OutputError, match="the disk is full"):
        note_scoring(of_split(stored), "ask", ["a"], None)


def test_the_line_of_a_killed_writer_spoils_no_other(stored):
    note_scoring(of_split(stored), "ask", ["a"], None)
    with (stored.path / SCORINGS).open("a") as file:
        file.write('{"when": "20')
    said = note_scoring(of_split(stored), "ask", ["a"], None)
    assert "was scored 2 times" in said
    assert said.endswith("What cannot be read of it: 1 more.")


OFTEN = """
import sys
from radtex.corpus.corpus import Corpus
from radtex.transfer.scorings import note_scoring

corpus = Corpus.open(sys.argv[1])
for _ in range(40):
    note_scoring((corpus, corpus.rows("test")), "ask", ["name " * 2000], None)
"""


def test_two_processes_append_whole_lines(stored):
    command = [sys.executable, "-c", OFTEN, str(stored.path)]
    writers = [subprocess.Popen(command) for _ in range(2)]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert len(lines(stored.path)) == 80


def test_a_split_that_nobody_noted_is_not_known(tmp_path):
    ledger = read_ledger([tmp_path / SCORINGS], "0" * 64, ["test"])
    assert ledger.sentence(["test"]) == (
        "How often the split test of this corpus was scored is not known."
    )
