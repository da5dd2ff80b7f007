"""Static int8: the weights and activations of an encoder in 8 bits, by films that calibrate them.

Nodes stay as they are, between pairs that quantise and dequantise (QDQ). Weights have a scale for
each channel, and 7 of the 8 bits: processors without VNNI saturate on 8. What follows the features,
heads and distance, stays in floats.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radtex.classifiers.onnx_folder import session_of
from radtex.corpus.corpus import open_selection
from radtex.errors import CorpusError, ProtocolError
from radtex.images.preprocessing import Preprocessing
from radtex.images.squaring import fit
from radtex.interchange.onnx_graphs import Drawn, forget_its_making, quiet

if TYPE_CHECKING:
    from onnx import ModelProto

FILMS = 256
"""Most films that calibrate, and most that are held out to tell what it costs."""
FEWEST = 16
"""Films of which half calibrate and half are held out, at least."""
KNOWN = 2000
"""Most films by which a limit of abstention is fitted anew."""
_BATCH = 16


@dataclass(frozen=True)
class Films:
    """Films of a corpus: every second one calibrates, the others tell what int8 costs."""

    calibrate: NDArray[np.uint8]
    """uint8 (n, S, S)."""
    held_out: NDArray[np.uint8]
    """uint8 (m, S, S)."""
    known: NDArray[np.uint8]
    """Up to KNOWN films, uint8 (k, S, S); those above are among them where all are."""
    patients: NDArray[np.int64]
    """Of the known films, (k,)."""
    content_hash: str
    """Of their corpus."""
    splits: tuple[str, ...]
    """That they are of."""


def films_of(corpus: str, preprocessing: Preprocessing) -> Films:
    """Take films of CORPUS[:SPLIT], `pool` by default, evenly over the split.

    Raises:
        CorpusError: if corpus or split is not there, or has fewer than FEWEST films.
        ProtocolError: if its images are smaller than those that are asked for.
    """
    opened, rows = open_selection(corpus, "pool")
    size = preprocessing.size
    if opened.size < size:
        raise ProtocolError(
            f"the images of {opened.path} are {opened.size} px wide, and {size} px are needed to "
            f"calibrate; build the corpus with --size {size}"
        )
    if len(rows) < FEWEST:
        raise CorpusError(
            f"{corpus} has {len(rows)} films; at least {FEWEST} are needed to calibrate"
        )
    films, known = (_evenly(rows, most) for most in (2 * FILMS, KNOWN))

    def images(of: NDArray[np.int64]) -> NDArray[np.uint8]:
        found = np.array(opened.images[of])
        if opened.size == size:
            return found
        return np.stack([fit(film, size, preprocessing.fit) for film in found])

    return Films(
        images(films[::2]),
        images(films[1::2]),
        images(known),
        np.unique(opened.patients[known].astype(str), return_inverse=True)[1],
        opened.content_hash,
        tuple(sorted(opened.index["split"].iloc[rows].unique().tolist())),
    )


def _evenly(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    places = np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(np.int64)
    return np.sort(rows[places])


def in_int8(drawn: Drawn, films: Films) -> tuple[Drawn, dict[str, Any]]:
    """Return a graph in int8, and what that costs on films it was not calibrated on.

    Args:
        drawn: of an encoder, or of a classifier.
        films: to calibrate, and to try it on.

    Returns:
        The graph, and facts for the description (JSON values): mean and largest change of the
        first output.
    """
    made = replace(drawn, model=quantised(drawn.model, films.calibrate))
    before, after = (outputs(each.model, films.held_out)[0] for each in (drawn, made))
    change = np.abs(after - before)
    return made, {
        "calibrated_on": len(films.calibrate),
        "held_out": len(films.held_out),
        "corpus": films.content_hash,
        "splits": list(films.splits),
        "of": drawn.outputs[0].name,
        "mean_change": float(change.mean()),
        "largest_change": float(change.max()),
    }


def outputs(model: "ModelProto", films: NDArray[np.uint8]) -> list[NDArray[Any]]:
    """What a graph gives for films, uint8 (n, S, S): each of its outputs in their order."""
    session = session_of(model.SerializeToString(), "the graph")
    found = [session.run(None, batch) for batch in _batches(films)]
    return [np.concatenate(each) for each in zip(*found, strict=True)]


def quantised(model: "ModelProto", films: NDArray[np.uint8]) -> "ModelProto":
    """Return the graph in int8.

    Args:
        model: has the input `images` and the output `features`.
        films: calibrate it, uint8 (n, S, S).
    """
    import onnx
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.calibrate import CalibrationDataReader
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self.batches = _batches(films)

        def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
            return next(self.batches, None)

    with quiet(""), TemporaryDirectory() as folder:  # a line for each channel of small weights
        plain, ready, made = (Path(folder) / f"{name}.onnx" for name in ("plain", "ready", "int8"))
        onnx.save(model, plain)
        quant_pre_process(plain, ready, skip_symbolic_shape=True)
        quantize_static(
            ready,
            made,
            Reader(),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_exclude=_kept_in_floats(onnx.load(ready)),
        )
        found = onnx.load(made)
    forget_its_making(found)
    used = {node.domain for node in found.graph.node}
    opsets = [each for each in found.opset_import if each.domain in used]
    del found.opset_import[:]
    found.opset_import.extend(opsets)
    return found


def _batches(films: NDArray[np.uint8]) -> Iterator[dict[str, NDArray[np.uint8]]]:
    for start in range(0, len(films), _BATCH):
        yield {"images": films[start : start + _BATCH]}


def _kept_in_floats(model: "ModelProto") -> list[str]:
    """Names of the nodes that normalise layers, or read, directly or not, the features."""
    known, names = {"features"}, []
    for node in model.graph.node:  # in the order in which they are computed
        if known & set(node.input):
            known |= set(node.output)
            names.append(node.name)
        elif node.op_type == "LayerNormalization":
            names.append(node.name)
    return names
