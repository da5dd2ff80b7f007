from pathlib import Path

import pytest

from fixtures.commands import Recorder
from radtex import cli
from radtex.commands import corpora


def test_the_flags_of_label_reach_its_function(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    bring = Recorder("brought")
    monkeypatch.setattr(corpora, "bring_labels", bring)
    words = ["label", "corpus", "l.xlsx", "--reader", "anna", "--replace", "--accession-column"]
    monkeypatch.setattr("sys.argv", ["radtex", *words, "Order"])
    with pytest.raises(SystemExit):
        cli.main()
    ((place, table), options) = bring.calls[0]
    assert (place, table) == ("corpus", Path("l.xlsx"))
    assert (options["reader"], options["replace"]) == ("anna", True)
    assert options["columns"].accession == "Order"
    assert capsys.readouterr().out == "brought\n"
