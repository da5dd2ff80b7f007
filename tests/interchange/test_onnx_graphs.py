"""A module becomes a graph for any number of rows, without a trace of where that was done."""

import onnxruntime
import torch
from torch import nn

from radtex.interchange.onnx_graphs import OPSET, Port, draw


class Doubled(nn.Module):
    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return 2 * rows


def test_a_graph_takes_any_number_of_rows_and_tells_nothing_of_its_making() -> None:
    axes, named = [{0: "N"}], ([Port("rows", "some")], [Port("doubled", "twice")])
    drawn = draw(Doubled(), [torch.zeros(2, 3)], axes, *named)
    content = drawn.model.SerializeToString()
    assert b".py" not in content
    assert drawn.model.opset_import[0].version == OPSET
    session = onnxruntime.InferenceSession(content)
    for rows in (torch.randn(1, 3), torch.randn(7, 3)):
        (found,) = session.run(None, {"rows": rows.numpy()})
        assert (torch.from_numpy(found) == 2 * rows).all()
    assert drawn.description() == {
        "inputs": [{"name": "rows", "type": "float", "shape": ["N", 3], "meaning": "some"}],
        "outputs": [{"name": "doubled", "type": "float", "shape": ["N", 3], "meaning": "twice"}],
    }
