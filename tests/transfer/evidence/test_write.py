from dataclasses import replace

import pytest

from radtex.errors import OutputError
from radtex.transfer.evidence.write import write_evidence


def test_the_folder_holds_the_four_files(folder):
    assert sorted(file.name for file in folder.iterdir()) == [
        "curve.png",
        "report.html",
        "results.csv",
        "summary.json",
    ]


def test_the_same_results_give_the_same_bytes(folder, results, tmp_path):
    write_evidence(results, tmp_path / "again")
    for file in folder.iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes()


def test_an_existing_folder_is_refused_and_kept(folder, results):
    before = (folder / "summary.json").read_bytes()
    with pytest.raises(OutputError, match="already exists"):
        write_evidence(results, folder)
    assert (folder / "summary.json").read_bytes() == before


def test_nothing_is_left_when_writing_fails(results, tmp_path):
    unwritable = replace(results, protocol=results.protocol | {"seed": float("nan")})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_evidence(unwritable, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
