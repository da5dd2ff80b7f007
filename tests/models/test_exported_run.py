"""Exports read back as the runs they were, and damaged ones refused."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from radtex.errors import RunError
from radtex.interchange.export import export
from radtex.models.exported_run import (
    facts_of,
    fetch_export,
    is_export,
    kind_of,
    local_folder,
    open_exported,
)
from radtex.models.run import Run


@pytest.fixture(scope="module")
def exported(writing_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(writing_run, "hub", tmp_path_factory.mktemp("hub") / "mine")


def test_an_export_opens_as_the_run_it_was(exported: Path, writing_run: Path) -> None:
    opened, run = open_exported(exported), Run.open(writing_run)
    assert opened.description == run.description
    expected = run.encoder().state_dict()
    for name, weight in opened.encoder().state_dict().items():
        assert torch.equal(weight, expected[name])
    assert (is_export(exported), kind_of(exported)) == (True, "run")
    assert facts_of(exported)["objective"] == run.objective
    assert not is_export(writing_run)


def test_a_name_on_the_hub_is_fetched_to_a_folder(exported: Path, put, tmp_path: Path) -> None:
    shutil.copytree(exported, put("org/mine"), dirs_exist_ok=True)
    found = fetch_export("hf:org/mine")
    assert found is not None
    assert open_exported(found).encoder().backbone == "test_resnet"
    assert local_folder("hf:org/mine") == found
    assert local_folder(tmp_path) == tmp_path
    (put("org/other") / "config.json").write_text("{}")
    assert fetch_export("hf:org/other") is None
    with pytest.raises(RunError, match="is no export of radtex"):
        local_folder("hf:org/other")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"radtex": {"format": 9}}, "has the format 9, and this radtex reads 1"),
        ({"encoder": {}}, "is damaged"),
        ({"encoder": None}, "is damaged"),
        ({"preprocessing": {}}, "is damaged"),
        ({"decoder": {"vocabulary": 3}}, "is damaged"),
    ],
)
def test_a_damaged_config_is_refused(changed, said, exported: Path, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    shutil.copytree(exported, folder)
    values = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(values | changed))
    with pytest.raises(RunError, match=said):
        open_exported(folder)


def test_another_tokenizer_is_noticed(exported: Path, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    shutil.copytree(exported, folder)
    file = folder / "tokenizer.json"
    file.write_text(file.read_text().replace("\n", " \n", 1) + " ")
    with pytest.raises(RunError, match="is not the file that the run was trained with"):
        open_exported(folder).load()
