"""The README of an export to ONNX: what the graphs take and give, and lines that run them."""

from collections.abc import Mapping
from typing import Any

README = "README.md"


def onnx_readme(values: Mapping[str, Any]) -> str:
    """Write the README.

    Args:
        values: the content of `export.json`.
    """
    made, encoder = values["preprocessing"], values["encoder"]
    code = _ANSWERS if values["kind"] == "classifier" else _ENCODES
    if "decoder" in values:
        code += _WRITES.format(**values["decoder"])
    parts = [
        f"# {encoder['backbone']} for chest radiographs, as ONNX",
        f"Written by radtex {values['radtex']} from a {values['kind']}, with operators of opset "
        f"{values['opset']}. Not for diagnosis.",
        f"Images are frontal radiographs, grey levels 0 to 255 in uint8 (N, {made['size']}, "
        f"{made['size']}). The graph itself resizes and normalises them. From a DICOM file or a "
        "picture, radtex makes them by\n\n```\nradtex.images.Preprocessing("
        f'{made["size"]}, fit="{made["fit"]}", intensity="{made["intensity"]}").apply(data)\n```',
        f"```python\n{code}```",
        "`export.json` says the same for programs.",
        *(_table(name, graph) for name, graph in values["graphs"].items()),
    ]
    if values["kind"] == "classifier":
        parts.insert(
            4,
            "`radtex predict` takes this folder like the classifier itself, and needs no torch for "
            "it. A finding is present where its probability reaches its threshold; an image whose "
            "distance is above the limit is given no answer. `MODEL_CARD.md` says what the "
            "classifier is made of and what it reached.",
        )
    return "\n\n".join(parts) + "\n"


def _table(name: str, graph: Mapping[str, Any]) -> str:
    rows = [
        f"| {way} | `{port['name']}` | {port['type']} ({', '.join(map(str, port['shape']))}) "
        f"| {port['meaning']} |"
        for way, ports in (("in", graph["inputs"]), ("out", graph["outputs"]))
        for port in ports
    ]
    return "\n".join([f"## {name}\n", "| | name | type | |", "|---|---|---|---|", *rows])


_ANSWERS = '''\
import json

import onnxruntime

told = json.load(open("export.json"))
graph = onnxruntime.InferenceSession("classifier.onnx")


def answer(images):
    """A dict for each image: probabilities by finding; None for one that is unlike the pool's."""
    probabilities, distances, _ = graph.run(None, {"images": images})
    names = [target["name"] for target in told["targets"]]
    return [
        None if distance > told["abstention"]["limit"] else dict(zip(names, row))
        for row, distance in zip(probabilities.tolist(), distances)
    ]
'''
_ENCODES = '''\
import numpy as np
import onnxruntime

encoder = onnxruntime.InferenceSession("encoder.onnx")


def encode(images):
    """Features (N, D) of grey radiographs."""
    return encoder.run(["features"], {"images": images})[0]
'''
_WRITES = '''

memory = onnxruntime.InferenceSession("memory.onnx")
step = onnxruntime.InferenceSession("step_{directions[0]}.onnx")


def write(images):
    """Token ids of a report for each image, the likeliest token at each step."""
    (grid,) = encoder.run(["grid"], {{"images": images}})
    keys, values = memory.run(None, {{"grid": grid}})[:2]
    layers, count, heads, _, width = keys.shape
    past = [np.zeros((layers, count, heads, 0, width), np.float32)] * 2
    token, written = np.full(count, {tokens[start]}), []
    for position in range({max_tokens}):
        logits, *past = step.run(None, {{
            "token": token, "position": np.full(count, position),
            "past_keys": past[0], "past_values": past[1],
            "memory_keys": keys, "memory_values": values,
        }})
        logits[:, {never_written}] = -np.inf
        token = logits.argmax(1)
        written.append(token)
    texts = np.stack(written, 1).tolist()
    return [text[: text.index({tokens[end]})] if {tokens[end]} in text else text for text in texts]
'''
