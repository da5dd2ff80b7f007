"""Weights on disk: kept to the bit, or refused in one line."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from hostile.models import RUNS
from radtex.errors import RunError
from radtex.models.run import Run
from radtex.models.storage import (
    MAX_PARAMETERS,
    fitting,
    load_weights,
    refuse_not_finite,
    save_weights,
    shapes_in,
)


def test_weights_come_back_to_the_bit(tmp_path: Path) -> None:
    kept = {
        "turned": torch.randn(3, 4).T,
        "whole": torch.arange(5),
        "half": torch.randn(2).half().requires_grad_(),
    }
    save_weights(tmp_path / "it.safetensors", kept)
    found = load_weights(tmp_path / "it.safetensors")
    assert found.keys() == kept.keys()
    for name, tensor in kept.items():
        assert found[name].dtype == tensor.dtype
        assert torch.equal(found[name], tensor)


def test_missing_and_truncated_weights_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "it.safetensors"
    with pytest.raises(RunError, match="cannot read the weights"):
        load_weights(file)
    save_weights(file, {"a": torch.zeros(100)})
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(RunError, match="cannot read the weights"):
        load_weights(file)


def test_shapes_are_read_without_the_weights(tmp_path: Path) -> None:
    file = tmp_path / "weights.safetensors"
    save_file({"a": torch.zeros(2, 3), "b": torch.zeros(())}, file)
    assert shapes_in(file) == {"a": (2, 3), "b": ()}
    file.write_bytes(b"none")
    with pytest.raises(RunError, match="cannot read the weights"):
        shapes_in(file)


def test_a_network_is_built_where_its_shapes_fit() -> None:
    shapes = {"net.weight": (3, 2), "net.bias": (3,), "other": (1,)}
    built = fitting(lambda: nn.Linear(2, 3), shapes, "net.")
    assert isinstance(built, nn.Linear)
    assert not built.weight.is_meta
    for change, why in (
        ({"net.bias": (4,)}, "bias has the shape (4,), expected (3,)"),
        ({"net.more": (1,)}, "more is one too many"),
    ):
        assert fitting(lambda: nn.Linear(2, 3), shapes | change, "net.") == why
    assert fitting(lambda: nn.Linear(2, 3), {"net.weight": (3, 2)}, "net.") == "bias is missing"


def test_a_network_beyond_all_bounds_is_refused_though_the_header_has_it() -> None:
    side = int(MAX_PARAMETERS**0.5) + 1
    shapes = {"weight": (side, side)}
    found = fitting(lambda: nn.Linear(side, side, bias=False), shapes, "")
    assert found == f"{side**2:,} weights; at most {MAX_PARAMETERS:,}"


def test_weights_that_are_no_numbers_are_named() -> None:
    refuse_not_finite({"a": torch.zeros(1), "b": torch.tensor([2])}, Path("x"))
    with pytest.raises(RunError, match=r"no finite numbers \(a\)"):
        refuse_not_finite({"a": torch.tensor([torch.nan])}, Path("x"))


@pytest.mark.parametrize("name", RUNS)
def test_a_crafted_run_is_refused(writing_run: Path, tmp_path: Path, name: str) -> None:
    copy = Path(shutil.copytree(writing_run, tmp_path / "run"))
    RUNS[name](copy)
    with pytest.raises(RunError) as refused:
        Run.open(copy).load()
    assert "\n" not in str(refused.value)


def test_a_giant_backbone_takes_no_memory(writing_run: Path, tmp_path: Path) -> None:
    """Of 4 GB of weights, none is allocated."""
    copy = Path(shutil.copytree(writing_run, tmp_path / "run"))
    RUNS["giant backbone"](copy)
    code = (
        "import resource, sys, timm\n"
        "from pathlib import Path\n"
        "from radtex.errors import RunError\n"
        "from radtex.models.run import Run\n"
        "pages = int(Path('/proc/self/statm').read_text().split()[0])\n"
        "room = pages * resource.getpagesize() + 2**30\n"
        "resource.setrlimit(resource.RLIMIT_AS, (room, room))\n"
        "try:\n    Run.open(sys.argv[1]).encoder()\n"
        "except RunError as error:\n    print(error)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(copy)], capture_output=True, text=True, check=False
    )
    assert "do not fit its config" in told.stdout, told.stderr
