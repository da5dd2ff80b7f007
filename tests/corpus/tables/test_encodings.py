"""Encodings of tables: marked, named, or suggested."""

import codecs
import io
from pathlib import Path

import pytest

from radtex.corpus.tables import read_table
from radtex.corpus.tables.encodings import marked_encoding, not_text
from radtex.errors import CorpusError

TEXT = "image,befund\na.png,größer – unverändert\n"


@pytest.mark.parametrize("written", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("asked", ["utf-8", "cp1252", "utf-16"])
def test_a_byte_order_mark_goes_before_the_encoding_asked_for(tmp_path, written, asked):
    file = tmp_path / "t.csv"
    file.write_bytes(TEXT.encode(written))
    table = read_table(file, asked)
    assert table.rows == [{"image": "a.png", "befund": "größer – unverändert"}]
    assert ("encoding" in table.settings) == (written not in ("utf-8-sig", asked))


def test_marks_of_both_orders_are_known():
    for mark, name in ((codecs.BOM_UTF16_BE, "utf-16"), (codecs.BOM_UTF8, "utf-8-sig")):
        binary = io.BytesIO(mark + b"a")
        assert marked_encoding(binary, "latin-1") == name
        assert binary.tell() == 0
    assert marked_encoding(io.BytesIO(b""), "latin-1") == "latin-1"


@pytest.mark.parametrize("name", ["utf-9", "base64", "utf\0"])
def test_what_is_no_encoding_of_text_is_refused(name):
    with pytest.raises(CorpusError, match="unknown encoding"):
        marked_encoding(io.BytesIO(b"a"), name)


@pytest.mark.parametrize(
    ("written", "asked", "advice"),
    [
        ("cp1252", "utf-8", r"is not utf-8 text \(line 2\).*--encoding cp1252 .*latin-1"),
        ("cp1252", "ascii", "--encoding cp1252"),
        ("cp1252", "utf-16", "is not utf-16 text.*--encoding cp1252"),
        ("utf-8", "ascii", "--encoding utf-8$"),
        ("utf-16-le", "utf-8", "--encoding utf-16-le$"),
        ("utf-16-be", "utf-8", "--encoding utf-16-be$"),
        ("utf-16-le", "cp1252", "--encoding utf-16-le$"),
    ],
)
def test_another_encoding_is_suggested_by_the_bytes(tmp_path, written, asked, advice):
    file = tmp_path / "t.csv"
    file.write_bytes(TEXT.encode(written))
    with pytest.raises(CorpusError, match=advice):
        read_table(file, asked)


def test_letters_of_dos_and_a_text_cut_short_have_their_suggestions(tmp_path):
    file = tmp_path / "t.csv"
    file.write_bytes("a,b\n1,über\n".encode("cp850"))
    with pytest.raises(CorpusError, match=r"\(line 2\).*--encoding cp850"):
        read_table(file)
    file.write_bytes(TEXT.encode("utf-16")[:-1])
    with pytest.raises(CorpusError, match="is not utf-16 text"):
        read_table(file, "utf-16")
    error = not_text(Path("t.csv"), io.BytesIO(b"a\n\x81\xff"), "cp1252")
    assert "(line 2); name its encoding, for example --encoding cp850" in str(error)
