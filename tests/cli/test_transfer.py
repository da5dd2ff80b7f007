"""`radtex transfer` and `radtex plan` as a user types them."""

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fixtures.commands import Radtex, Recorder
from radtex.classifiers.classifier import load_classifier, read_facts
from radtex.corpus.corpus import Corpus, write_corpus
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe


def test_plan_passes_on_what_was_given(
    radtex_command: Radtex, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = Recorder("a table")
    monkeypatch.setattr(import_module("radtex.transfer.planning.plan"), "plan", called)
    words = ["--encoder", "random", "--targets", "Edema", "--budgets", 200, 500, "--pilot", 80]
    assert radtex_command("plan", "c:pool", *words, "--out", "p.json").out == "a table\n"
    assert called.calls == [
        (("c:pool", "random", ["Edema"], [200, 500]), {"pilot": 80, "out": Path("p.json")})
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--seed", "-1"], 'Invalid value "-1" for --seed. Must be >= 0.'),
        (["--repeats", "0"], 'Invalid value "0" for --repeats. Must be >= 1.'),
        (["--finetune-steps", "0"], 'Invalid value "0" for --finetune-steps. Must be >= 1.'),
        (["--workers", "0"], 'Invalid value "0" for --workers. Must be >= 1.'),
        (["--sampling", "all"], 'Choose from: "per-target", "shared"'),
    ],
)
def test_wrong_words_are_refused(radtex_command: Radtex, words: list[str], message: str) -> None:
    given = ["transfer", "c", "--encoders", "random", "--targets", "Edema", "--out", "o", *words]
    ended = radtex_command(*given)
    assert ended.status == 2
    assert message in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ["--finetune-steps", "5"],
        ["--finetune-learning-rate", "0.1"],
        ["--early-stopping"],
        ["--workers", "2"],
        ["--scheduler", "tcp://localhost:1"],
    ],
)
def test_options_of_fine_tuning_are_for_fine_tuning_alone(
    radtex_command: Radtex, words: list[str]
) -> None:
    given = ["transfer", "c", "--encoders", "random", "--targets", "Edema", "--out", "o", *words]
    ended = radtex_command(*given, "--protocol", "knn")
    assert ended.status == 1
    assert ended.err == (
        "radtex: the protocol knn trains no encoder; leave out the options of fine-tuning, or name "
        "--protocol finetune [RTX-PROTOCOL]\n"
    )


@pytest.fixture(scope="module")
def read(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder: a `corpus` of 64 px with reports, a `run` that read them, and `own.yaml`."""
    folder = tmp_path_factory.mktemp("read")
    index = corpus.index.copy()
    number = index["patient_id"].str[1:].astype(int).to_numpy()
    index.loc[(index["split"] == "pool") & (number % 4 == 0), "split"] = "train"
    index["label.Rib Notching"] = index["label.Edema"]
    index["label_source.Rib Notching"] = "human"
    index["findings"] = [
        f"{'Rib notching is seen' if notched else 'Smooth ribs'}. "
        f"{'Small' if effusion else 'No'} pleural effusion."
        for notched, effusion in index[["label.Edema", "label.Effusion"]].to_numpy(dtype=int)
    ]
    (folder / "corpus").mkdir()
    large = np.kron(corpus.images, np.ones((1, 4, 4), np.uint8))
    info = {key: value for key, value in corpus.info.items() if key != "content_hash"}
    write_corpus(folder / "corpus", index, [large], info | {"size": 64})
    options = {
        "backbone": "test_resnet", "hidden": 16, "heads": 2, "feedforward": 32, "vocabulary": 300,
        "max_tokens": 24, "steps": 2, "batch_size": 8,
    }  # fmt: skip
    pretrain(Corpus.open(folder / "corpus"), folder / "run", load_recipe("radtex-small", options))
    (folder / "own.yaml").write_text("affirm: [rib notching]\ndeny: [smooth ribs]\n")
    return folder


def words_of(read: Path, *more: object) -> list[object]:
    words: list[object] = ["transfer", read / "corpus", "--encoders", f"text={read / 'run'}"]
    words += ["--targets", "Effusion", "Rib Notching", "--budgets", 20, 60, "--repeats", 2]
    return [*words, "--finding", f"Rib Notching={read / 'own.yaml'}", *more]


def test_a_prior_from_reports_is_measured_kept_and_predicts(
    radtex_command: Radtex, read: Path, tmp_path: Path
) -> None:
    out, saved = tmp_path / "evidence", tmp_path / "saved"
    ended = radtex_command(*words_of(read, "--prior", "reports", "--save", saved, "--out", out))
    assert ended.status == 0, ended.err
    assert "text+reports" in ended.out
    results = pd.read_csv(out / "results.csv")
    alone = results[results.budget == 0]
    assert set(alone.encoder) == {"text+reports"}
    # Untrained features tell bright halves of a film, and the reports name them.
    assert (alone.auc > 0.7).all()
    facts = read_facts(saved / "text+reports")
    notching = facts["targets"][1]["training"]
    assert notching["sources"] == {"human": 60, "archive": 0, "report": 0, "blank": 0}
    assert notching["prior"]["mined"] > 100
    card = (saved / "text+reports" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "Of the 120 labels of these heads, 60 are human" in card
    opened = Corpus.open(read / "corpus")
    films = opened.rows("test")[:12]
    paths = [tmp_path / f"{row}.png" for row in films]
    for path, row in zip(paths, films, strict=True):
        Image.fromarray(opened.images[row]).save(path)
    ended = radtex_command("predict", saved / "text+reports", *paths, "--out", tmp_path / "p.csv")
    assert ended.status == 0, ended.err
    predicted = pd.read_csv(tmp_path / "p.csv")
    classifier = load_classifier(saved / "text+reports")
    expected = classifier.probabilities(classifier.features(opened.images[films]))
    found = predicted[[target.name for target in classifier.targets]].to_numpy()
    answered = ~np.isnan(found).any(1)
    assert answered.sum() >= 6
    np.testing.assert_allclose(found[answered], expected[answered], atol=2e-3)


def test_a_decoder_is_asked_and_its_prior_is_not_kept(
    radtex_command: Radtex, read: Path, tmp_path: Path
) -> None:
    out = tmp_path / "evidence"
    ended = radtex_command(*words_of(read, "--prior", "ask", "--out", out))
    assert ended.status == 0, ended.err
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert 0 < summary["mean_auc"]["text+ask"]["0"]["mean"] < 1
    phrases = summary["protocol"]["prior"]["phrases"]["Rib Notching"]
    assert phrases["affirm"] == ["there is rib notching.", "rib notching is present."]
    assert "--prior ask" in summary["protocol"]["command"]
    kept = ["--save", tmp_path / "saved", "--out", tmp_path / "other"]
    ended = radtex_command(*words_of(read, "--prior", "ask", *kept))
    assert ended.status == 1
    assert ended.err == (
        "radtex: --save keeps heads on features, and --prior ask asks the decoder, which a "
        "classifier has not; leave out --save, or name --prior reports [RTX-PROTOCOL]\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evidence"]
