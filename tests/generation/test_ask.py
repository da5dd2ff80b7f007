"""Zero-shot probabilities against scoring one phrase of one image at a time."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score
from torch import Tensor

from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import LABEL_POLICIES
from radtex.errors import CorpusError, OutputError, RunError
from radtex.generation.ask import answer, auc_of_answers, probabilities
from radtex.models.decoder import Decoder, Direction
from radtex.models.pretrained import PretrainedModel
from radtex.models.run import load
from radtex.reports.phrases import Question
from radtex.transfer.sampling.studies import studies_of
from radtex.transfer.scorings import SCORINGS

LogLikelihood = Callable[[Decoder, Tensor, list[int], Direction], float]

EFFUSION = Question(("there is an effusion.", "large effusion."), ("no effusion.",))
NODULE = Question(("there is a nodule.",), ("no nodule or effusion.", "no effusion."))
PAPER = LABEL_POLICIES["paper"]


@pytest.fixture(scope="module")
def model(writing_run: Path) -> PretrainedModel:
    return load(writing_run)


def test_equals_a_naive_scoring(
    model: PretrainedModel, phantom_corpus: Corpus, naive_log_likelihood: LogLikelihood
) -> None:
    decoder, tokenizer = model.writer()

    def evidence(image: np.ndarray, phrase: str) -> float:
        memory, tokens = model.memory(image[None]), tokenizer.encode(phrase)
        total = naive_log_likelihood(decoder, memory, tokens, "forward")
        total += naive_log_likelihood(decoder, memory, tokens[::-1], "backward")
        return total / 2 / len(tokens)

    images = phantom_corpus.images[:3]
    found = probabilities(model, images, [EFFUSION, NODULE])
    for row, image in enumerate(images):
        for column, question in enumerate((EFFUSION, NODULE)):
            affirmed, denied = (
                np.mean([evidence(image, phrase) for phrase in side])
                for side in (question.affirm, question.deny)
            )
            expected = math.exp(affirmed) / (math.exp(affirmed) + math.exp(denied))
            assert found[row, column] == pytest.approx(expected, abs=1e-5)


def test_the_auc_is_that_of_studies_with_a_definite_label(phantom_corpus: Corpus) -> None:
    rows = phantom_corpus.rows("train")
    rng = np.random.default_rng(0)
    targets = ["Lung Opacity", "Pleural Effusion", "Hernia"]
    answers = pd.DataFrame({target: rng.random(len(rows)) for target in targets})
    studies = studies_of(phantom_corpus, rows, targets, PAPER)
    table = auc_of_answers(answers, studies, targets).set_index("target")
    labels = phantom_corpus.labels(targets, PAPER)[rows]
    for column, target in enumerate(targets):
        positive = labels[:, column] == 1
        assert table.loc[target, "positive"] == positive.sum()
        assert table.loc[target, "negative"] == (labels[:, column] == 0).sum()
        if len(set(phantom_corpus.patients[rows[positive]])) < 10:
            assert math.isnan(table.loc[target, "auc"])
        else:
            low, auc, high = table.loc[target, ["low", "auc", "high"]]
            assert auc == pytest.approx(roc_auc_score(positive, answers[target]))
            assert 0 <= low < auc < high <= 1
    assert math.isnan(table.loc["Hernia", "auc"])
    assert not math.isnan(table.loc["Lung Opacity", "auc"])


def test_answers_about_a_corpus_and_about_its_files_agree(
    writing_run: Path, phantom_corpus: Corpus, tmp_path: Path
) -> None:
    out = tmp_path / "answers.csv"
    words = answer(
        writing_run, ["Nodule"], targets=["chexpert5"], corpus=phantom_corpus.path, out=out
    )
    assert "Label policy paper" in str(words)
    noted = json.loads((phantom_corpus.path / SCORINGS).read_text().splitlines()[-1])
    assert (noted["what"], noted["splits"], noted["out"]) == ("ask", ["test"], "answers.csv")
    answers = pd.read_csv(out)
    rows = phantom_corpus.rows("test")
    assert list(answers["image_id"]) == list(phantom_corpus.index["image_id"].iloc[rows])
    film, damaged = tmp_path / "film.png", tmp_path / "damaged.png"
    Image.fromarray(phantom_corpus.images[rows[0]]).save(film)
    damaged.write_bytes(b"no film")
    alone = tmp_path / "alone.csv"
    answer(writing_run, [str(film), str(damaged), "nodule"], out=alone)
    first, second = pd.read_csv(alone).itertuples()
    assert first.nodule == pytest.approx(answers["Nodule"][0], abs=1e-5)
    assert math.isnan(second.nodule)
    assert "damaged" in second.error


def test_mistakes_are_named(writing_run: Path, phantom_corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="name a finding"):
        answer(writing_run, [], corpus=phantom_corpus.path)
    with pytest.raises(RunError, match="one of both"):
        answer(writing_run, ["effusion"])
    with pytest.raises(CorpusError, match="no labels Gallstones"):
        answer(writing_run, ["Gallstones"], corpus=phantom_corpus.path, split="validate")
    with pytest.raises(OutputError, match="already exists"):
        answer(writing_run, ["a.png", "nodule"], out=tmp_path)


def test_a_finding_of_ones_own_is_asked_by_its_phrases(
    writing_run: Path, phantom_corpus: Corpus, tmp_path: Path
) -> None:
    file, image, out = (tmp_path / name for name in ("x.yaml", "film.png", "answers.csv"))
    file.write_text(
        "affirm: [notching]\nask:\n"
        f"  affirm: {json.dumps([*EFFUSION.affirm])}\n  deny: {json.dumps(EFFUSION.deny)}\n"
    )
    Image.fromarray(phantom_corpus.images[0]).save(image)
    answer(writing_run, [str(image)], finding=[f"Rib Notching={file}"], out=out)
    found = pd.read_csv(out)
    expected = probabilities(load(writing_run), phantom_corpus.images[:1], [EFFUSION])[0, 0]
    assert list(found.columns) == ["image_id", "Rib Notching"]
    assert found["Rib Notching"][0] == pytest.approx(expected, abs=1e-5)
