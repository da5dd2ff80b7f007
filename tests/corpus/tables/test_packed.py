"""Packed tables."""

import gzip

import pytest

from radtex.corpus.tables import read_table
from radtex.corpus.tables.packed import open_unpacked
from radtex.errors import CorpusError


def test_packed_tables_that_are_damaged_or_bombs_are_refused(tmp_path, monkeypatch):
    file = tmp_path / "t.csv.gz"
    packed = gzip.compress(b"a\n" + b"1\n" * 10_000)
    for damaged in (b"a\n1\n", packed[:-20], packed[:15] + b"\xff" * 8 + packed[23:]):
        file.write_bytes(damaged)
        with pytest.raises(CorpusError, match="is damaged or no gzip file"):
            read_table(file)
    file.write_bytes(packed)
    assert len(read_table(file).rows) == 10_000
    monkeypatch.setattr("radtex.corpus.tables.packed.MAX_UNPACKED", 20_001)
    with pytest.raises(CorpusError, match="unpacks to more than 20,001 bytes"):
        read_table(file)


def test_the_bytes_tell_what_is_packed(tmp_path):
    (tmp_path / "t.csv").write_bytes(gzip.compress(b"a,b\n1,2\n"))
    with open_unpacked(tmp_path / "t.csv") as binary:
        assert binary.read() == b"a,b\n1,2\n"
