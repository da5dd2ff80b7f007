"""`radtex predict`, from files of every kind to every format."""

import csv
import io
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from radtex import cli
from radtex.classifiers.classifier import load_classifier
from radtex.classifiers.predict import predict
from radtex.corpus.corpus import Corpus
from radtex.errors import ImageError, OutputError, RunError

TARGETS = ["Edema", "Effusion"]


def write_dicom(path: Path, pixels: np.ndarray) -> None:
    data = Dataset()
    data.SOPClassUID = SecondaryCaptureImageStorage
    data.SOPInstanceUID = "1.2.3"
    data.Rows, data.Columns = pixels.shape
    data.PhotometricInterpretation = "MONOCHROME2"
    data.SamplesPerPixel, data.PixelRepresentation = 1, 0
    data.BitsAllocated, data.BitsStored, data.HighBit = 8, 8, 7
    data.WindowCenter, data.WindowWidth = 128, 256
    data.PixelData = pixels.tobytes()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    data.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    data.save_as(path, enforce_file_format=True)


@pytest.fixture(scope="module")
def films(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """a.png, b.jpg and c.dcm from the test split, noise.png, and broken.png."""
    corpus = Corpus.open(kept / "corpus")
    rows = corpus.rows("test")
    folder = tmp_path_factory.mktemp("films")
    Image.fromarray(corpus.images[rows[0]]).save(folder / "a.png")
    Image.fromarray(corpus.images[rows[1]]).save(folder / "b.jpg", quality=95)
    write_dicom(folder / "c.dcm", corpus.images[rows[2]])
    noise = np.random.default_rng(0).integers(0, 2, (90, 90), dtype=np.uint8) * 255
    Image.fromarray(noise).save(folder / "noise.png")
    (folder / "broken.png").write_bytes((folder / "a.png").read_bytes()[:200])
    (folder / "notes.txt").write_text("no image")
    return folder


def read_json(kept: Path, *names: Path | str, **options) -> dict[str, dict]:
    text = predict(kept / "classifier", [str(name) for name in names], "json", **options)
    return {Path(each["image"]).name: each for each in json.loads(text)}


def test_png_jpeg_and_dicom_are_answered_like_their_pixels(kept: Path, films: Path) -> None:
    corpus = Corpus.open(kept / "corpus")
    classifier = load_classifier(kept / "classifier")
    features = classifier.features(corpus.images[corpus.rows("test")[:3]])
    expected = classifier.probabilities(features)
    found = read_json(kept, films / "a.png", films / "b.jpg", films / "c.dcm", answer_all=True)
    assert list(found) == ["a.png", "b.jpg", "c.dcm"]
    for row, name, tolerance in ((0, "a.png", 1e-6), (1, "b.jpg", 0.1), (2, "c.dcm", 1e-6)):
        answers = list(found[name]["probabilities"].values())
        np.testing.assert_allclose(answers, expected[row], atol=tolerance)
        assert list(found[name]["positive"].values()) == [
            answer >= target.thresholds.youden
            for answer, target in zip(answers, classifier.targets, strict=True)
        ]


def test_folders_and_patterns_mean_their_images(kept: Path, films: Path) -> None:
    assert set(read_json(kept, films)) == {"a.png", "b.jpg", "broken.png", "c.dcm", "noise.png"}
    assert set(read_json(kept, f"{films}/?.*")) == {"a.png", "b.jpg", "c.dcm"}


def test_a_broken_file_has_its_line_and_the_rest_goes_on(kept: Path, films: Path) -> None:
    found = read_json(kept, films / "broken.png", films / "a.png")
    assert found["broken.png"]["probabilities"] is None
    assert "damaged" in found["broken.png"]["reason"]
    assert not found["broken.png"]["abstained"]
    assert set(found["a.png"]["probabilities"]) == set(TARGETS)


def test_noise_is_given_no_answer_unless_asked_for(kept: Path, films: Path) -> None:
    noise = read_json(kept, films / "noise.png")["noise.png"]
    assert noise["abstained"]
    assert noise["probabilities"] is noise["positive"] is None
    limit = load_classifier(kept / "classifier").abstention.limit
    assert noise["distance"] > limit
    assert f"limit {limit:.2f}" in noise["reason"]
    answered = read_json(kept, films / "noise.png", answer_all=True)["noise.png"]
    assert answered["abstained"]
    assert 0 <= answered["probabilities"]["Edema"] <= 1


def test_the_sensitive_point_says_yes_at_least_as_often(kept: Path, films: Path) -> None:
    classifier = load_classifier(kept / "classifier")
    found = read_json(kept, films / "a.png", operating_point="sensitive", answer_all=True)
    for target in classifier.targets:
        answer = found["a.png"]["probabilities"][target.name]
        assert found["a.png"]["positive"][target.name] == (answer >= target.thresholds.sensitive)


def test_csv_and_table_say_the_same(kept: Path, films: Path, tmp_path: Path) -> None:
    names = [str(films)]
    expected = read_json(kept, films)
    out = tmp_path / "predictions.csv"
    assert predict(kept / "classifier", names, "csv", out) == str(out)
    with out.open(newline="", encoding="utf-8") as file:
        rows = {Path(row["image"]).name: row for row in csv.DictReader(file)}
    table = {
        Path(line.split()[0]).name: line
        for line in predict(kept / "classifier", names).splitlines()[1:]
    }
    assert set(rows) == set(table) == set(expected)
    for name, each in expected.items():
        assert rows[name]["abstained"] == str(int(each["abstained"]))
        assert rows[name]["reason"] == each["reason"]
        if each["probabilities"] is None:
            assert rows[name]["Edema"] == rows[name]["Edema positive"] == ""
            assert each["reason"] in table[name]
        else:
            for target in TARGETS:
                probability, positive = each["probabilities"][target], each["positive"][target]
                assert float(rows[name][target]) == probability
                assert rows[name][f"{target} positive"] == str(int(positive))
                assert f"{probability:.3f} {'yes' if positive else 'no'}" in table[name]
    with pytest.raises(OutputError, match="already exists"):
        predict(kept / "classifier", names, "csv", out)


def test_nothing_to_read_is_one_line(kept: Path, films: Path, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no image was named"):
        predict(kept / "classifier", [])
    with pytest.raises(ImageError, match="holds no image"):
        predict(kept / "classifier", [str(tmp_path)])
    out = tmp_path / "none.csv"
    with pytest.raises(ImageError, match="none of the 2 images could be read"):
        predict(kept / "classifier", [str(films / "broken.png"), "nowhere.png"], "csv", out)
    assert not out.exists()
    with pytest.raises(RunError, match="is no classifier"):
        predict(films, [str(films / "a.png")])


def test_the_command(
    kept: Path, films: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["radtex", "predict", str(kept / "classifier"), str(films), "--format", "csv"]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 0
    printed = capsys.readouterr()
    assert len(list(csv.DictReader(io.StringIO(printed.out)))) == 5
    assert "predicting" in printed.err
    monkeypatch.setattr(sys, "argv", [*words[:3], str(films / "broken.png")])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 1


def test_a_suffix_chooses_the_format_and_files_say_whose_they_are(
    kept: Path, films: Path, tmp_path: Path
) -> None:
    out = tmp_path / "predictions.json"
    predict(kept / "classifier", [str(films / "c.dcm")], out=out)
    (found,) = json.loads(out.read_text())
    assert (found["study"], found["patient"], found["accession"]) == ("", "", "")
    with pytest.raises(OutputError, match="has no suffix that says how to write it"):
        predict(kept / "classifier", [str(films / "c.dcm")], out=tmp_path / "predictions.dat")


def test_a_worklist_begins_with_what_has_no_answer(kept: Path, films: Path) -> None:
    found = json.loads(
        predict(kept / "classifier", [str(films)], "json", worklist=["Edema=2", "Effusion=1"])
    )
    urgencies = [each["urgency"] for each in found]
    silent = urgencies.count(None)
    assert silent >= 2
    assert urgencies[:silent] == [None] * silent
    assert urgencies[silent:] == sorted(urgencies[silent:], reverse=True)


def test_a_limit_that_was_tried_and_lets_images_pass_is_told_at_every_prediction(
    kept: Path, films: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    loose = tmp_path / "loose"
    shutil.copytree(kept / "classifier", loose)
    description = json.loads((loose / "classifier.json").read_text())
    description["abstention"]["limit"] = 1e9
    description["abstention"]["refused"] = dict.fromkeys(description["abstention"]["refused"], 0.0)
    (loose / "classifier.json").write_text(json.dumps(description))
    for each in json.loads(predict(loose, [str(films)], "json")):
        assert each["probabilities"] is None or "hardly ever abstains" in each["reason"]
    assert "hardly ever abstains" in caplog.text
