"""Progress, as it is written where standard error is no terminal."""

import io

import pytest
from rich.console import Console

from radtex import progress
from radtex.progress import progress_bar


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
