"""Progress, as it is written where standard error is no terminal."""

import io
import os
import subprocess
import sys

import pytest
from rich.console import Console

from radtex import progress
from radtex.progress import progress_bar, say


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    text = io.StringIO()
    monkeypatch.setattr(progress, "console", Console(file=text, width=150))
    return text


def test_a_line_is_written_at_each_tenth(written: io.StringIO) -> None:
    with progress_bar("reading", 200, "films") as bar:
        for _ in range(200):
            bar.advance()
    lines = written.getvalue().splitlines()
    assert len(lines) == 11  # the first film, then each tenth
    assert all(line.startswith("reading") for line in lines)
    assert [line.split("/200")[0].split()[-1] for line in lines] == [
        "1",
        *(str(done) for done in range(20, 201, 20)),
    ]


def test_work_done_before_is_counted(written: io.StringIO) -> None:
    with progress_bar("reading", 10, "films", start=5) as bar:
        bar.advance(5)
    assert "10/10" in written.getvalue()


def test_words_stand_behind_the_bar(written: io.StringIO) -> None:
    with progress_bar("training", 2, "steps") as bar:
        bar.note("loss 0.5")
        bar.advance(2)
    assert written.getvalue().rstrip().endswith("loss 0.5")


def test_a_bar_that_is_not_shown_writes_nothing(written: io.StringIO) -> None:
    with progress_bar("reading", 2, "films", shown=False) as bar:
        bar.advance(2)
    assert written.getvalue() == ""


def test_an_empty_task_is_no_division_by_zero(written: io.StringIO) -> None:
    with progress_bar("reading", 0, "films") as bar:
        bar.advance(0)
    assert "0/0" in written.getvalue()


def test_a_bar_is_one_line_of_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    text = io.StringIO()
    monkeypatch.setattr(progress, "console", Console(file=text, width=80))
    with progress_bar("features of imagenet", 12345, "images") as bar:
        bar.note("loss 0.512, token accuracy 0.43, learning rate 0.0012")
        for _ in range(5):
            bar.advance(2469)
    lines = text.getvalue().splitlines()
    assert len(lines) == 5
    assert all(line.startswith("features of imagenet") and " left loss" in line for line in lines)
    assert "12345/12345" in lines[-1]
    assert "images/s" in lines[-1]


def test_a_terminal_breaks_what_is_said_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    text, line = io.StringIO(), "labels: " + " ".join(["three hundred of them"] * 9)
    for terminal in (True, False):
        shown = Console(file=text, width=80, force_terminal=terminal, color_system=None)
        monkeypatch.setattr(progress, "console", shown)
        say(line)
    *broken, whole = text.getvalue().splitlines()
    assert len(broken) > 1
    assert " ".join(part.strip() for part in broken) == whole == line


def test_a_pipe_is_no_terminal_whatever_a_notebook_forces() -> None:
    program = (
        "import time\nfrom radtex.progress import progress_bar\n"
        "with progress_bar('reading', 20, 'films') as bar:\n"
        "    for _ in range(20): bar.advance(); time.sleep(0.02)"
    )
    environment = os.environ | {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "TERM": "xterm-color"}
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(run.stderr.splitlines()) == 11
    assert "\x1b" not in run.stderr
