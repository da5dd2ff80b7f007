"""Labels one at a time: nothing is lost, nothing overwritten."""

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from radtex.errors import OutputError
from radtex.serving.desk.label_journal import (
    SERVED_LABELS,
    LabelEntry,
    LabelJournal,
    readings_of,
    seen_reports,
    values_of,
)


def entry(name: str, film: str = "i1", reader: str = "a", **values: int | None) -> LabelEntry:
    return LabelEntry(name, reader, film, values)


def test_what_is_added_stands_and_is_read_again(tmp_path: Path) -> None:
    journal = LabelJournal(tmp_path)
    journal.add(entry("1", Edema=1))
    journal.add(entry("2", Edema=0, Gout=-1))
    journal.add(entry("3", Gout=None))
    journal.add(entry("4", reader="b", Edema=1))
    for each in (journal, LabelJournal(tmp_path)):
        assert [e.id for e in each.standing] == ["1", "2", "3", "4"]
        assert values_of(each.standing) == {("a", "i1"): {"Edema": 0}, ("b", "i1"): {"Edema": 1}}
        assert values_of(each.standing, "b") == {("b", "i1"): {"Edema": 1}}


def test_saying_it_twice_counts_once(tmp_path: Path) -> None:
    journal = LabelJournal(tmp_path)
    first = journal.add(entry("1", Edema=1))
    again = journal.add(entry("1", Edema=0))
    assert again == first
    assert len((tmp_path / SERVED_LABELS).read_text().splitlines()) == 1


def test_undoing_adds_a_line_and_takes_none_away(tmp_path: Path) -> None:
    journal = LabelJournal(tmp_path)
    journal.add(entry("1", Edema=1))
    journal.add(entry("2", Edema=0))
    before = (tmp_path / SERVED_LABELS).read_bytes()
    journal.add(LabelEntry("3", "a", "i1", undoes="2"))
    assert (tmp_path / SERVED_LABELS).read_bytes().startswith(before)
    assert values_of(journal.standing) == {("a", "i1"): {"Edema": 1}}


def test_two_journals_and_many_threads_overwrite_nothing(tmp_path: Path) -> None:
    journals = [LabelJournal(tmp_path), LabelJournal(tmp_path)]

    def work(number: int) -> None:
        for place in range(20):
            name = f"{number}-{place}"
            journals[number % 2].add(entry(name, name, f"reader {number}", Edema=1))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for journal in journals:
        assert len(journal.standing) == 120
        assert len(values_of(journal.standing)) == 120
        assert journal.damaged == 0


def test_a_line_that_a_kill_cut_off_is_left_out_and_the_next_is_whole(tmp_path: Path) -> None:
    journal = LabelJournal(tmp_path)
    journal.add(entry("1", Edema=1))
    with (tmp_path / SERVED_LABELS).open("ab") as file:
        file.write(b'{"format": 1, "id": "2", "rea')
    assert [e.id for e in LabelJournal(tmp_path).standing] == ["1"]
    journal.add(entry("3", Edema=0))
    opened = LabelJournal(tmp_path)
    assert [e.id for e in opened.standing] == ["1", "3"]
    assert opened.damaged == 1


@pytest.mark.parametrize("kind", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_full_disk_says_so_and_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: int
) -> None:
    journal = LabelJournal(tmp_path)
    journal.add(entry("1", Edema=1))
    before = (tmp_path / SERVED_LABELS).read_bytes()

    def full(_number: int) -> None:
        raise OSError(kind, os.strerror(kind))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OutputError, match="cannot write"):
            journal.add(entry("2", Edema=0))
    assert (tmp_path / SERVED_LABELS).read_bytes() == before
    assert [e.id for e in journal.standing] == ["1"]
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda number, data: os.pwrite(number, data[:5], 10**6) and 5)
        with pytest.raises(OutputError, match="the disk is full"):
            journal.add(entry("2", Edema=0))
    assert (tmp_path / SERVED_LABELS).read_bytes() == before
    assert journal.add(entry("2", Edema=0)).values == {"Edema": 0}


def test_a_clock_that_is_set_back_changes_nothing(tmp_path: Path) -> None:
    lines = [
        {"format": 1, "id": "1", "reader": "a", "film": "i", "values": {"E": 1}, "when": "2031"},
        {"format": 1, "id": "2", "reader": "a", "film": "i", "values": {"E": 0}, "when": "1970"},
    ]
    (tmp_path / SERVED_LABELS).write_text("".join(json.dumps(each) + "\n" for each in lines))
    assert values_of(LabelJournal(tmp_path).standing) == {("a", "i"): {"E": 0}}


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"format": 2, "id": "1", "reader": "a", "film": "i"}',
        b'{"format": 1, "id": "1", "reader": "a", "film": "i", "values": {"E": 5}}',
        b'{"format": 1, "id": 1, "reader": "a", "film": "i"}',
    ],
)
def test_damaged_lines_are_counted_and_left_out(tmp_path: Path, line: bytes) -> None:
    (tmp_path / SERVED_LABELS).write_bytes(line + b"\n")
    journal = LabelJournal(tmp_path)
    assert (journal.standing, journal.damaged) == ([], 1)


def test_a_file_that_is_replaced_is_read_anew(tmp_path: Path) -> None:
    journal = LabelJournal(tmp_path)
    journal.add(entry("1", Edema=1))
    (tmp_path / SERVED_LABELS).unlink()
    assert journal.standing == []
    journal.add(entry("2", Edema=1))
    assert [e.id for e in journal.standing] == ["2"]


KILLED = """
import sys
from pathlib import Path
from radtex.serving.desk.label_journal import LabelEntry, LabelJournal
journal = LabelJournal(Path(sys.argv[1]))
for number in range(100000):
    journal.add(LabelEntry(str(number), "a", f"film {number}", {"Edema": 1}))
    print(number, flush=True)
"""


def test_a_kill_loses_nothing_that_was_told(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            told = int(line)
            if told >= 30:
                process.send_signal(signal.SIGKILL)
                break
    said = values_of(LabelJournal(tmp_path).standing)
    assert {("a", f"film {number}") for number in range(told + 1)} <= set(said)


def test_readings_are_those_of_each_reader(tmp_path: Path) -> None:
    journal = LabelJournal(tmp_path)
    journal.add(LabelEntry("1", "a", "i1", {"Edema": 1}, chosen_by="random"))
    journal.add(LabelEntry("2", "a", "i2", {"Edema": -1}))
    journal.add(LabelEntry("3", "b", "i2", {"Gout": 0}))
    journal.add(LabelEntry("4", "c", "i2", done=True))
    first, second = readings_of(journal.standing, ("Edema", "Gout"))
    assert (first.reader, list(first.images)) == ("a", ["i1", "i2"])
    assert first.values == {"Edema": [1, -1], "Gout": [None, None]}
    assert first.chosen_by == ["random", ""]
    assert second.values == {"Edema": [None], "Gout": [0]}


def test_lines_of_before_reports_were_noted_are_read(tmp_path: Path) -> None:
    journal = LabelJournal(tmp_path)
    journal.add(LabelEntry("1", "Ann", "a", {"Gout": 1}))
    journal.add(LabelEntry("2", "Ann", "b", {"Gout": 1}, report_seen=True))
    lines = [json.loads(line) for line in journal.file.read_text().splitlines()]
    assert lines[0].pop("report_seen") is False
    journal.file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    again = LabelJournal(tmp_path)
    assert again.damaged == 0
    assert seen_reports(again.standing) == {("Ann", "b")}


@pytest.mark.parametrize("planted", ["link", "pipe", "folder", "sparse"])
def test_what_is_no_file_of_ours_is_told_and_left_alone(tmp_path: Path, planted: str) -> None:
    file, precious = tmp_path / SERVED_LABELS, tmp_path / "precious"
    precious.write_text("precious")
    if planted == "link":
        file.symlink_to(precious)
    elif planted == "pipe":
        os.mkfifo(file)
    elif planted == "folder":
        file.mkdir()
    else:
        with file.open("wb") as opened:
            opened.truncate(2**40)
    with pytest.raises(OutputError, match=SERVED_LABELS):
        LabelJournal(tmp_path)
    assert precious.read_text() == "precious"


def test_a_link_that_is_planted_later_is_not_written_to(tmp_path: Path) -> None:
    journal = LabelJournal(tmp_path)
    (tmp_path / "precious").write_text("precious")
    (tmp_path / SERVED_LABELS).symlink_to("precious")
    with pytest.raises(OutputError, match="is no plain file"):
        journal.add(LabelEntry("1", "Ada", "film", {"Edema": 1}))
    assert (tmp_path / "precious").read_text() == "precious"
