"""The files of an audit."""

import json
from pathlib import Path

import pytest
from PIL import Image

from fixtures.shortcuts import NoiseCorpus
from radtex.auditing.audit import Audit, audit
from radtex.auditing.audit_files import write_audit
from radtex.errors import OutputError


@pytest.fixture(scope="module")
def plain(noise_corpus: NoiseCorpus) -> Audit:
    return audit(str(noise_corpus().path))


def test_a_folder_holds_json_and_a_picture(plain: Audit, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_audit(plain, tmp_path / name)
    assert json.loads((tmp_path / "a" / "audit.json").read_text())["bound"] == 0.65
    with Image.open(tmp_path / "a" / "audit.png") as picture:
        assert picture.width > 1000
    for name in ("audit.json", "audit.png"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_name_in_json_is_one_file(plain: Audit, tmp_path: Path) -> None:
    write_audit(plain, tmp_path / "audit.json")
    assert json.loads((tmp_path / "audit.json").read_text())["split"] is None
    with pytest.raises(OutputError, match="already exists"):
        write_audit(plain, tmp_path / "audit.json")
