from pathlib import Path

import pytest

import radtex
from radtex.corpus.corpus import Corpus
from radtex.errors import OutputError


def test_an_audit_is_returned_and_written(phantom_corpus: Corpus, tmp_path: Path) -> None:
    out = tmp_path / "audit"
    found = radtex.audit(phantom_corpus.path, targets=["Cardiomegaly"], out=str(out))
    assert {each.label for each in found.scores} == {"Cardiomegaly"}
    assert (out / "audit.png").is_file()
    with pytest.raises(OutputError, match="already exists"):
        radtex.audit(phantom_corpus.path, out=out)
