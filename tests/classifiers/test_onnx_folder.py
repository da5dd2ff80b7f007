"""Which folders are exports to ONNX, and what is said of others."""

import hashlib
import json
import sys
from pathlib import Path

import pytest

from radtex.classifiers.onnx_folder import OnnxFolder, is_onnx_folder, number
from radtex.errors import RadtexError, RunError


def put(folder: Path, content: bytes) -> OnnxFolder:
    """A folder with one graph of that content."""
    (folder / "made.onnx").write_bytes(content)
    graph = {"file": "made.onnx", "sha256": hashlib.sha256(content).hexdigest()}
    told = {"to": "onnx", "format": 1, "kind": "run", "graphs": {"made": graph}}
    (folder / "export.json").write_text(json.dumps(told))
    return OnnxFolder.open(folder, "run")


def test_a_folder_says_itself_whether_it_is_one(tmp_path: Path) -> None:
    assert not is_onnx_folder(tmp_path)
    with pytest.raises(RunError, match=r"is no export: it has no export\.json"):
        OnnxFolder.open(tmp_path, "run")
    put(tmp_path, b"")
    assert is_onnx_folder(tmp_path)
    (tmp_path / "export.json").write_text("[" * 100_000)
    with pytest.raises(RunError, match="is damaged"):
        is_onnx_folder(tmp_path)


def test_what_is_no_graph_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="onnxruntime cannot run") as refused:
        put(tmp_path, b"no graph").graph("made")
    assert "\n" not in str(refused.value)
    with pytest.raises(RunError, match="damaged"):
        put(tmp_path, b"no graph").graph("other")


def test_missing_onnxruntime_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(RadtexError, match=r"pip install 'radtex\[onnx\]'"):
        put(tmp_path, b"no graph").graph("made")


@pytest.mark.parametrize("value", [True, "1", None, float("nan"), float("inf")])
def test_a_number_is_finite(value: object) -> None:
    with pytest.raises(ValueError, match="is no number"):
        number(value)
    assert number(2) == 2.0
