"""Which files are tables."""

import pytest

from radtex.corpus.tables import read_table
from radtex.errors import CorpusError


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b"a,b,a\n", "names columns twice: a"),
        ("t.csv", b'a\n"' + b"x" * 200_000, "is no CSV near line"),
        ("t.parquet", b"PAR1", "is no Parquet table"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, name, content, message):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(CorpusError, match=message):
        read_table(file)


def test_a_missing_file_and_an_unknown_encoding_are_refused(tmp_path):
    with pytest.raises(CorpusError, match="is no file"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "t.csv").write_text("a\n")
    with pytest.raises(CorpusError, match="unknown encoding 'utf-9'"):
        read_table(tmp_path / "t.csv", "utf-9")
