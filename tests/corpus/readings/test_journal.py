import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from radtex.corpus.readings.journal import (
    JOURNAL,
    Readings,
    add_readings,
    read_journal,
    undo,
)
from radtex.errors import CorpusError, OutputError
from radtex.files import sole_writer


def readings(reader: str = "anna", value: int | None = 1) -> Readings:
    return Readings(0, reader, ["i0", "i1"], {"Edema": [value, None]}, ["random", ""])


def test_what_is_added_is_read_and_numbered_by_table(tmp_path: Path) -> None:
    assert not read_journal(tmp_path).standing
    add_readings(tmp_path, [readings("anna"), readings("ben", -1)])
    add_readings(tmp_path, [readings("anna", 0)])
    journal = read_journal(tmp_path)
    assert [each.table for each in journal.readings] == [1, 1, 2]
    assert journal.readers == ["anna", "ben"]
    assert journal.readings[1].values == {"Edema": [-1, None]}


def test_the_last_table_is_undone_and_stays_in_the_file(tmp_path: Path) -> None:
    add_readings(tmp_path, [readings()])
    add_readings(tmp_path, [readings("ben"), readings("cleo")])
    assert undo(tmp_path) == 2
    assert read_journal(tmp_path).readers == ["anna"]
    add_readings(tmp_path, [readings("dora")])
    assert read_journal(tmp_path).last == 3
    assert (undo(tmp_path), undo(tmp_path)) == (3, 1)
    with pytest.raises(CorpusError, match="no table of `radtex label` that could be undone"):
        undo(tmp_path)
    assert len((tmp_path / JOURNAL).read_text().splitlines()) == 7


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"format": 2}',
        '{"format": 1, "reader": "anna"}',
        '{"format": 1, "undoes": "x"}',
        json.dumps({"format": 1, "table": 1, "reader": "a", "images": ["i"], "values": {"E": [2]},
                    "chosen_by": [""]}),
        json.dumps({"format": 1, "table": 1, "reader": "a", "images": ["i"], "values": {"E": []},
                    "chosen_by": [""]}),
        "\xff",
    ],
)  # fmt: skip
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    add_readings(tmp_path, [readings()])
    with (tmp_path / JOURNAL).open("a", encoding="latin-1") as file:
        file.write(f"{line}\n")
    with pytest.raises(CorpusError, match=r"labels.jsonl is damaged in line 2; restore it"):
        read_journal(tmp_path)


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with sole_writer(tmp_path / JOURNAL), pytest.raises(OutputError, match="another process"):
        add_readings(tmp_path, [readings()])
    assert not (tmp_path / JOURNAL).exists()


def test_a_kill_while_writing_leaves_the_old_journal(tmp_path: Path) -> None:
    """A process dies after it wrote half of the new file, before it takes the old one's name."""
    add_readings(tmp_path, [readings()])
    before = (tmp_path / JOURNAL).read_bytes()
    code = (
        "import os, pathlib, radtex.files as f\n"
        "from radtex.corpus.readings.journal import add_readings, read_journal\n"
        "f._flush = lambda file: os._exit(9)\n"
        f"p = pathlib.Path({str(tmp_path)!r})\n"
        "add_readings(p, read_journal(p).readings)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=dict(os.environ), check=False)
    assert done.returncode == 9
    assert (tmp_path / JOURNAL).read_bytes() == before
    add_readings(tmp_path, [readings("ben")])
    assert read_journal(tmp_path).readers == ["anna", "ben"]
