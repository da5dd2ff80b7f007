"""What onnxruntime computes of an export is what torch computes of the original."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

import radtex
from fixtures.exports import RARE_WORD
from radtex.classifiers.classifier import load_classifier
from radtex.corpus.corpus import Corpus
from radtex.errors import RadtexError
from radtex.interchange.export import export
from radtex.models.decoding import beam_search
from radtex.models.decoding_options import DecodingOptions

CLOSE = 1e-4


def run_readme(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Run the lines of a README in its folder; return what they define."""
    (code,) = re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.S)
    monkeypatch.chdir(folder)
    names: dict[str, object] = {}
    exec(code, names)
    return names


def test_a_classifier_answers_all_films_of_a_test_split_alike(
    kept: Path, onnx_classifier: Path
) -> None:
    corpus = Corpus.open(kept / "corpus")
    films = np.array(corpus.images[corpus.rows("test")])
    classifier = load_classifier(kept / "classifier")
    session = onnxruntime.InferenceSession(onnx_classifier / "classifier.onnx")
    probabilities, distances, features = session.run(None, {"images": films})
    expected = classifier.features(films)
    assert len(films) > 300
    np.testing.assert_allclose(probabilities, classifier.probabilities(expected), atol=CLOSE)
    far = classifier.abstention.familiarity.distance(expected)
    np.testing.assert_allclose(distances, far, rtol=CLOSE)
    np.testing.assert_allclose(features, expected.numpy(), atol=CLOSE)
    (one, *_) = session.run(None, {"images": films[:1]})
    np.testing.assert_allclose(one, probabilities[:1], atol=CLOSE)


def test_the_lines_of_a_classifiers_readme_answer(
    kept: Path, onnx_classifier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    films = np.array(Corpus.open(kept / "corpus").images[:3])
    noise = np.random.default_rng(0).integers(0, 2, (1, 64, 64), dtype=np.uint8) * 255
    answers = run_readme(onnx_classifier, monkeypatch)["answer"](np.concatenate([films, noise]))
    classifier = load_classifier(kept / "classifier")
    expected = classifier.probabilities(classifier.features(films))
    assert [[*each.values()] for each in answers[:3]] == [
        pytest.approx(row, abs=CLOSE) for row in expected
    ]
    assert [*answers[0]] == ["Edema", "Effusion"]
    assert answers[3] is None


def test_a_run_encodes_and_writes_all_films_of_a_test_split_alike(
    hospital: Corpus, hospital_run: Path, onnx_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    films = np.array(hospital.images[hospital.rows("test")])
    model, lines = radtex.load(hospital_run), run_readme(onnx_run, monkeypatch)
    np.testing.assert_allclose(lines["encode"](films), model.encode(films), atol=CLOSE)
    decoder, _ = model.writer()
    captions = beam_search(decoder, model.memory(films), DecodingOptions(beams=1))
    assert lines["write"](films) == [[*found[0].tokens] for found in captions]


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_the_steps_score_as_the_decoder_does_that_reads_a_whole_text(
    direction, hospital: Corpus, hospital_run: Path, onnx_run: Path
) -> None:
    films = np.array(hospital.images[:3])
    model = radtex.load(hospital_run)
    decoder, _ = model.writer()
    tokens = np.random.default_rng(0).integers(4, 300, (3, 9))
    graphs = {
        name: onnxruntime.InferenceSession(onnx_run / f"{name}.onnx")
        for name in ("encoder", "memory", f"step_{direction}")
    }
    (grid,) = graphs["encoder"].run(["grid"], {"images": films})
    names = [f"memory_{what}_{direction}" for what in ("keys", "values")]
    keys, values = graphs["memory"].run(names, {"grid": grid})
    past = [np.zeros((2, 3, 2, 0, 16), np.float32)] * 2
    with torch.inference_mode():
        states = decoder(torch.from_numpy(tokens), model.memory(films), direction)
        expected = decoder.logits(states).numpy()
    for place in range(9):
        logits, *past = graphs[f"step_{direction}"].run(
            None,
            {
                "token": tokens[:, place],
                "position": np.full(3, place),
                "past_keys": past[0],
                "past_values": past[1],
                "memory_keys": keys,
                "memory_values": values,
            },
        )
        np.testing.assert_allclose(logits, expected[:, place], atol=CLOSE)


def test_no_byte_of_an_export_tells_who_was_learnt_from_or_where_it_was_made(
    hospital: Corpus, hospital_run: Path, onnx_run: Path, kept: Path, onnx_classifier: Path
) -> None:
    exports = [onnx_run, onnx_classifier]
    exports.append(export(hospital_run, "timm", hospital_run.parent / "timm"))
    files = {path: path.read_bytes() for each in exports for path in each.rglob("*")}
    assert {"tokenizer.json", "encoder.onnx", "model.safetensors"} <= {path.name for path in files}
    secrets = [*hospital.index["patient_id"], *hospital.index["source_path"]]
    secrets += [each.removeprefix("MRN") for each in hospital.index["patient_id"]]
    secrets += [*hospital.index["image_id"], *hospital.index["study_id"]]
    secrets += [RARE_WORD, RARE_WORD.lower(), RARE_WORD.upper(), "17.03.2019", "st-mary"]
    secrets += [str(kept), str(hospital.path.parent), str(Path(radtex.__file__).parent), "/site-pa"]
    found = {
        (path.name, secret)
        for path, content in files.items()
        for secret in set(secrets)
        if secret.encode() in content or secret.encode("utf-16-le") in content
    }
    assert not found


def test_the_description_names_what_is_in_the_folder(onnx_run: Path) -> None:
    told = json.loads((onnx_run / "export.json").read_text())
    assert {each["file"] for each in told["graphs"].values()} == {
        file.name for file in onnx_run.glob("*.onnx")
    }
    assert told["decoder"]["directions"] == ["forward", "backward"]
    step = told["graphs"]["step_forward"]
    assert [port["shape"] for port in step["inputs"]][2] == [2, "N", 2, "past", 16]


def test_a_missing_package_is_named_in_one_line(
    hospital_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(RadtexError, match=r"package onnxscript: pip install 'radtex\[onnx\]'"):
        export(hospital_run, "onnx", tmp_path / "out")
    assert not any(tmp_path.iterdir())
