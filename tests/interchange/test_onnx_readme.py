"""The README of an export, by what its description says; its lines run in test_onnx_export."""

import json
from pathlib import Path

from radtex.interchange.onnx_readme import onnx_readme


def test_it_tells_every_port_of_every_graph(onnx_run: Path) -> None:
    told = json.loads((onnx_run / "export.json").read_text())
    text = onnx_readme(told)
    assert text == (onnx_run / "README.md").read_text()
    for name, graph in told["graphs"].items():
        assert f"## {name}\n" in text
        for port in (*graph["inputs"], *graph["outputs"]):
            assert f"| `{port['name']}` | {port['type']} (" in text


def test_a_run_without_decoder_has_no_lines_that_write(onnx_run: Path) -> None:
    told = json.loads((onnx_run / "export.json").read_text())
    told["graphs"] = {"encoder": told["graphs"]["encoder"]}
    del told["decoder"]
    assert "def encode" in onnx_readme(told)
    assert "def write" not in onnx_readme(told)
