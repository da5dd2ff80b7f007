"""What commands say, on terminals and in pipes."""

import io
import logging

import pytest

from radtex.cli.terminal import SentenceFormatter, as_shown_on, show, show_table

SENTENCE = " ".join(["one two three four"] * 12)
TABLE = "  ".join(f"column{number}" for number in range(20))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_sentences_are_broken_on_a_terminal_and_tables_are_not() -> None:
    shown = as_shown_on(Terminal(), f"  {SENTENCE}\n{TABLE}\n\nshort").split("\n")
    *sentence, table, empty, short = shown
    assert len(sentence) > 1
    assert all(len(line) <= 80 and line.startswith("  ") for line in sentence)
    assert " ".join(line.strip() for line in sentence) == SENTENCE
    assert (table, empty, short) == (TABLE, "", "short")


def test_a_sentence_behind_a_number_is_broken_within_its_column() -> None:
    row = f"      300  {SENTENCE}"
    first, *others = as_shown_on(Terminal(), row).split("\n")
    assert first.startswith("      300  one")
    assert others
    assert all(line.startswith(" " * 11) and len(line) <= 80 for line in others)
    assert " ".join([first, *(line.strip() for line in others)]) == row


def test_a_word_that_is_too_long_stays_whole() -> None:
    path = "/".join(["folder"] * 20)
    assert path in as_shown_on(Terminal(), f"{SENTENCE} {path}")


def test_a_pipe_gets_the_text_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert as_shown_on(io.StringIO(), SENTENCE) == SENTENCE
    show(SENTENCE)
    assert capsys.readouterr().out == SENTENCE + "\n"


def test_messages_are_broken_too(monkeypatch: pytest.MonkeyPatch) -> None:
    record = logging.makeLogRecord({"msg": "%s", "args": (SENTENCE,)})
    monkeypatch.setattr("sys.stderr", Terminal())
    assert max(map(len, SentenceFormatter("%(message)s").format(record).split("\n"))) <= 80


def test_the_last_column_of_a_table_is_broken_within_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["flag", "value", "what it is"], ["--rate", "0.1", SENTENCE], ["--none", "", ""]]
    show_table(rows)
    assert SENTENCE in capsys.readouterr().out
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    show_table(rows)
    head, *lines = terminal.getvalue().splitlines()
    assert head == "flag    value  what it is"
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("--rate  0.1    one two")
    assert all(line.startswith(" " * 15) for line in lines[1:-1])
    assert lines[-1] == "--none"


def test_what_a_file_says_neither_moves_the_cursor_nor_makes_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show("a\x1b[2Jb\nc\r\u202e")
    assert capsys.readouterr().out == "a\\u001b[2Jb\nc\\u000d\\u202e\n"
    show_table([["a\nradtex: false", "one\x07"]])
    assert capsys.readouterr().out == "a\\u000aradtex: false  one\\u0007\n"
    record = logging.LogRecord(
        "radtex", logging.INFO, "", 0, "%s, %d of %.1f\nend", ("a\nb\x1b", 2, 0.5), None
    )
    assert SentenceFormatter("%(message)s").format(record) == "a\\u000ab\\u001b, 2 of 0.5\nend"
