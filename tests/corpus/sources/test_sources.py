"""The list of sources, and how one is opened."""

from inspect import signature

import pytest

from radtex import cli
from radtex.corpus.record import Source
from radtex.corpus.sources import SOURCES, describe_sources, open_source, source_class
from radtex.corpus.tables import Columns
from radtex.errors import CorpusError


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_a_source_says_in_one_line_each_what_it_expects_and_where_it_is_from(name):
    source = source_class(name)
    assert issubclass(source, Source)
    assert source.name == name
    for line in (source.expects, source.origin):
        assert line.strip()
        assert "\n" not in line


def test_the_ids_of_ones_own_data_are_hidden_and_those_of_archives_are_public():
    own = {name for name in SOURCES if not source_class(name).published}
    assert own == {"dicom", "dicomweb", "folder", "table"}


def test_the_list_names_every_source_in_order():
    lines = describe_sources().splitlines()
    assert [line for line in lines if not line.startswith(" ")] == sorted(SOURCES)
    nih = lines.index("nih")
    assert lines[nih + 1 : nih + 3] == [
        f"    on disk  {source_class('nih').expects}",
        f"    from     {source_class('nih').origin}",
    ]


def test_the_command_prints_the_list(capsys):
    cli.app(["corpus", "sources"])
    assert capsys.readouterr().out == describe_sources() + "\n"


@pytest.mark.parametrize("flag", ["patients", "severity"])
def test_tables_of_mimic_are_offered_to_its_sources_alone(flag, tmp_path):
    words = ["corpus", "build", "nih", str(tmp_path), "--out", str(tmp_path / "out")]
    with pytest.raises(CorpusError, match=f"source nih takes no {flag}, only root"):
        cli.app([*words, f"--{flag}", "table.csv"])
    assert flag in signature(source_class("mimic-cxr-jpg")).parameters


def test_open_source_names_sources_and_options(tmp_path):
    with pytest.raises(CorpusError, match="unknown source 'nhi'; the sources are: chexpert, "):
        open_source("nhi", root=tmp_path)
    with pytest.raises(CorpusError, match="source phantom takes no root, only studies, seed"):
        open_source("phantom", studies=1, root=tmp_path)
    with pytest.raises(
        CorpusError, match="source table needs the path of what it reads, after its"
    ):
        open_source("table", root=None, labels=(), columns=Columns())
