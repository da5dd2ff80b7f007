"""A module of PyTorch as an ONNX graph, and what a reader must know of it.

A graph says nothing of the machine that made it: PyTorch notes the lines of the source behind each
node, and they are removed.
"""

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET = 18
"""Of the operators: what runtimes read since 2023."""


@dataclass(frozen=True)
class Port:
    """An input or output of a graph."""

    name: str
    """As the graph calls it."""
    meaning: str
    """For people."""


@dataclass(frozen=True)
class Drawn:
    """A graph, and how it is used."""

    model: "ModelProto"
    """The graph, with its weights."""
    inputs: tuple[Port, ...]
    """In its order."""
    outputs: tuple[Port, ...]
    """In its order."""

    def description(self) -> dict[str, Any]:
        """What a reader must know of it (JSON values)."""
        graph = self.model.graph
        return {
            "inputs": [_told(port, of) for port, of in zip(self.inputs, graph.input, strict=True)],
            "outputs": [
                _told(port, of) for port, of in zip(self.outputs, graph.output, strict=True)
            ],
        }


def draw(
    module: nn.Module,
    example: Sequence[Tensor],
    axes: Sequence[Mapping[int, str]],
    inputs: Sequence[Port],
    outputs: Sequence[Port],
) -> Drawn:
    """Make the graph of a module in evaluation mode.

    Args:
        module: to be exported.
        example: inputs as it takes them; the sizes of axes that are not named stay as they are.
        axes: for each input its axes of any size, by number, each with a name. Axes of one name
            have one size.
        inputs: a port for each input.
        outputs: a port for each output.
    """
    sizes = {
        name: torch.export.Dim(name)
        for name in dict.fromkeys(n for of in axes for n in of.values())
    }
    # Of its passes, and of axes that share a name.
    with quiet("torch.onnx", "onnxscript", "onnx_ir"), torch.no_grad():
        program = torch.onnx.export(
            module.eval(),
            tuple(each.clone() for each in example),  # one tensor twice would be one input
            dynamo=True,
            opset_version=OPSET,
            input_names=[port.name for port in inputs],
            output_names=[port.name for port in outputs],
            dynamic_shapes=tuple({a: sizes[name] for a, name in of.items()} for of in axes),
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    forget_its_making(model)
    return Drawn(model, tuple(inputs), tuple(outputs))


@contextmanager
def quiet(*names: str) -> Iterator[None]:
    """Keep to themselves what loggers say below an error, and all warnings.

    Args:
        names: of the loggers; "" is the root, of those that have no logger of their own.
    """
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def forget_its_making(model: "ModelProto") -> None:
    """Remove notes and the metadata, in which the lines of the source stand."""
    model.doc_string = ""
    del model.metadata_props[:]
    graph = model.graph
    graph.doc_string = ""
    del graph.metadata_props[:]
    for each in (
        *graph.node,
        *graph.input,
        *graph.output,
        *graph.value_info,
        *graph.initializer,
    ):
        each.doc_string = ""
        del each.metadata_props[:]


def _told(port: Port, value: Any) -> dict[str, Any]:
    from onnx import TensorProto

    tensor = value.type.tensor_type
    return {
        "name": port.name,
        "type": TensorProto.DataType.Name(tensor.elem_type).lower(),
        "shape": [axis.dim_param or axis.dim_value for axis in tensor.shape.dim],
        "meaning": port.meaning,
    }
