"""`radtex export … --to onnx`: graphs for any ONNX runtime, from grey levels to answers.

Grey levels go in as they are, 0 to 255: what the network wants of them is part of the graph, so
that nobody can forget it.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from radtex.classifiers.classifier import CARD, Classifier
from radtex.classifiers.onnx_classifier import GRAPH
from radtex.classifiers.onnx_folder import DESCRIPTION, FORMAT, TO
from radtex.errors import ProtocolError, RadtexError
from radtex.interchange.int8 import Films, films_of, in_int8
from radtex.interchange.int8_classifier import classifier_in_int8, told_in_card
from radtex.interchange.onnx_graphs import OPSET, Drawn, Port, draw
from radtex.interchange.onnx_parts import Answers, GreyEncoder, Memory, Step
from radtex.interchange.onnx_readme import README, onnx_readme
from radtex.interchange.original import Original
from radtex.models.decoder import Decoder
from radtex.models.run import TOKENIZER
from radtex.models.tokenizer import END, MASK, PAD, START

ENCODER = "encoder"
"""The graph of a run's encoder."""
_BATCH, _PAST = 2, 3  # of the examples that graphs are made with; any other number works too
_IMAGES = Port("images", "grey levels 0 to 255 of radiographs, made as `preprocessing` says")
_FEATURES = Port("features", "the mean of the encoder's grid")


def refuse_without_packages() -> None:
    """Refuse to begin where a package that makes or tries graphs is missing.

    Raises:
        RadtexError: if one is.
    """
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise RadtexError(
            f"exports to ONNX need the package {error.name}: pip install 'radtex[onnx]'"
        ) from error


def write(
    original: Original, folder: Path, int8: bool = False, calibrate: str | None = None
) -> None:
    """Write the graphs, what describes them, and all else that is needed to use them.

    Args:
        original: a run or a classifier.
        folder: to write into.
        int8: whether the graph of the encoder, or of the classifier, is quantised.
        calibrate: CORPUS[:SPLIT] with the films for that.

    Raises:
        ProtocolError: if films are named without int8, or none for it.
        CorpusError: if the corpus is not there, or has too few films.
    """
    films = _films(original, int8, calibrate)
    values = original.description() | {"to": TO, "format": FORMAT, "opset": OPSET}
    graphs = {}
    if original.classifier is not None:
        classifier, card = original.classifier, original.card
        if films is None:
            drawn = _of_classifier(classifier)
        else:
            drawn, classifier, told = classifier_in_int8(classifier, films, _of_classifier)
            values["int8"] = told
            card += told_in_card(classifier, told)
        values |= _classifier_values(original, classifier)
        (folder / CARD).write_text(card, encoding="utf-8")
        graphs[GRAPH] = _written(folder, GRAPH, drawn)
    elif original.model is not None and original.model.tokenizer is not None:
        assert original.model.decoder is not None
        values["decoder"] = _decoder_values(original.model.decoder)
        original.model.tokenizer.save(folder / TOKENIZER)
    for name, drawn in _of_run(original):
        if films is not None and name == ENCODER:
            drawn, values["int8"] = in_int8(drawn, films)
        graphs[name] = _written(folder, name, drawn)
    values["graphs"] = graphs
    text = json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / DESCRIPTION).write_text(text + "\n", encoding="utf-8")
    (folder / README).write_text(onnx_readme(values), encoding="utf-8")


def _films(original: Original, int8: bool, calibrate: str | None) -> Films | None:
    """The films that int8 needs; None without it."""
    if not int8:
        if calibrate is not None:
            raise ProtocolError(
                f"--calibrate {calibrate} names films for --int8, which was not given; add it"
            )
        return None
    if calibrate is None:
        raise ProtocolError(
            "--int8 needs films to calibrate; name them by --calibrate CORPUS[:SPLIT], such as the "
            "pool of the classifier"
        )
    return films_of(calibrate, original.preprocessing)


def _of_classifier(classifier: Classifier) -> Drawn:
    side = classifier.preprocessing.size
    images = torch.zeros(_BATCH, side, side, dtype=torch.uint8)
    answers = (
        Port("probabilities", "of each target, calibrated"),
        Port("distance", "how unlike the pool's films it is; no answer beyond the limit"),
        _FEATURES,
    )
    return draw(Answers(classifier), [images], [{0: "N"}], [_IMAGES], answers)


def _of_run(original: Original) -> Iterator[tuple[str, Drawn]]:
    if original.classifier is not None:
        return
    side = original.preprocessing.size
    images = torch.zeros(_BATCH, side, side, dtype=torch.uint8)
    grid = Port("grid", "of the encoder, what the decoder reads")
    encoder = GreyEncoder(original.encoder, original.takes, side)
    yield ENCODER, draw(encoder, [images], [{0: "N"}], [_IMAGES], [_FEATURES, grid])
    decoder = None if original.model is None else original.model.decoder
    if decoder is not None:
        yield from _writing(decoder, encoder(images)[1])


def _writing(decoder: Decoder, grid: torch.Tensor) -> Iterator[tuple[str, Drawn]]:
    """The graphs of a decoder that reads grids like `grid`."""
    memory = Memory(decoder)
    names = [f"memory_{what}" for what in ("keys", "values")]
    told = [
        Port(f"{name}_{direction}", f"of the image's cells, for step_{direction}")
        for direction in decoder.directions
        for name in names
    ]
    grids = Port("grid", "of the encoder")
    yield "memory", draw(memory, [grid], [{0: "N"}], [grids], told)
    with torch.inference_mode():
        of_image = memory(grid)[0].clone()
    layers, batch, heads, _, width = of_image.shape
    past = torch.zeros(layers, batch, heads, _PAST, width)
    numbers = torch.zeros(batch, dtype=torch.int64)
    example = [numbers, numbers, past, past, of_image, of_image]
    axes = [{0: "N"}, {0: "N"}, *[{1: "N", 3: "past"}] * 2, *[{1: "N"}] * 2]
    for direction in decoder.directions:
        inputs = (
            Port("token", "ids of one token of each text"),
            Port("position", "its place in its text; the start token is at 0"),
            Port("past_keys", "`keys` of the step before; at first with 0 tokens"),
            Port("past_values", "`values` of the step before; at first with 0 tokens"),
            *(Port(name, f"{name}_{direction} of the graph `memory`") for name in names),
        )
        outputs = (
            Port("logits", "scores of the next token"),
            Port("keys", "of the tokens so far, for the next step"),
            Port("values", "of the tokens so far, for the next step"),
        )
        yield f"step_{direction}", draw(Step(decoder, direction), example, axes, inputs, outputs)


def _written(folder: Path, name: str, drawn: Drawn) -> dict[str, Any]:
    content = drawn.model.SerializeToString(deterministic=True)
    file = f"{name}.onnx"
    (folder / file).write_bytes(content)
    return {
        "file": file,
        "sha256": hashlib.sha256(content).hexdigest(),
        **drawn.description(),
    }


def _classifier_values(original: Original, classifier: Classifier) -> dict[str, Any]:
    test = classifier.abstention
    return {
        "name": str(original.facts.get("encoder", {}).get("name", original.encoder.backbone)),
        "targets": [
            {"name": target.name, "thresholds": asdict(target.thresholds)}
            for target in classifier.targets
        ],
        "abstention": {
            "limit": test.limit,
            "held_out": test.held_out,
            "refused": dict(test.refused),
            "wrong_refused": dict(test.wrong_refused),
        },
    }


def _decoder_values(decoder: Decoder) -> dict[str, Any]:
    return {
        "max_tokens": decoder.max_tokens,
        "directions": list(decoder.directions),
        "layers": len(decoder.blocks(decoder.directions[0])),
        "tokens": {"pad": PAD, "start": START, "end": END, "mask": MASK},
        "never_written": [PAD, START, MASK],
    }
