"""How reports are written: consistent ones, and those chosen among candidates."""

from pathlib import Path

import numpy as np
import pytest
import torch

from radtex.corpus.corpus import Corpus
from radtex.errors import RunError
from radtex.generation.choice import agreement, likelihood_per_token
from radtex.generation.label_head import stated_labels
from radtex.generation.training_reports import TrainingReports
from radtex.generation.writing import Writing
from radtex.models.decoding import beam_search
from radtex.models.decoding_options import DecodingOptions
from radtex.models.run import Run
from radtex.reports.consistency.contradictions import find_contradictions


@pytest.fixture(scope="module")
def run(writing_run: Path) -> Run:
    return Run.open(writing_run)


def test_a_consistent_report_that_does_not_contradict_itself_is_the_greedy_one(
    run: Run, phantom_corpus: Corpus
) -> None:
    model, images = run.load(), phantom_corpus.images[:6]
    _, tokenizer = model.writer()
    ids = [str(number) for number in range(6)]
    greedy = Writing().write(model, images, ids)
    consistent = Writing(consistent=True).write(model, images, ids)
    for (one,), (other,) in zip(greedy, consistent, strict=True):
        if not find_contradictions(tokenizer.decode(one.tokens), "english"):
            assert other.tokens == one.tokens
        assert not find_contradictions(tokenizer.decode(other.tokens), "english")


def test_the_chosen_report_has_the_best_sum_of_likelihood_and_agreement(
    run: Run, phantom_corpus: Corpus
) -> None:
    model, images = run.load(), phantom_corpus.images[:3]
    decoder, tokenizer = model.writer()
    training = TrainingReports(run, model, phantom_corpus.path)
    writing = Writing(DecodingOptions(beams=2), nearest=4)
    found = writing.write(model, images, ["a", "b", "c"], training=training)
    memory = model.memory(images)
    beams = beam_search(decoder, memory, writing.options, wanted=2)
    features = pooled(run, images)
    leanings = training.head.leanings(features)
    near = training.nearest(features, 4)
    for image, (draft,) in enumerate(found):
        own = [caption.tokens for caption in beams[image]]
        copied = [tuple(tokenizer.encode(training.texts[number])) for number in near[image]]
        texts = [tokenizer.decode(tokens) for tokens in (*own, *copied)]
        scores = 2 * likelihood_per_token(
            decoder, memory[image : image + 1], [[*own, *copied]]
        ) + agreement(leanings[[image]], stated_labels(texts)[None])
        torn = [bool(find_contradictions(text)) for text in texts]
        best = int(np.where(torn, -np.inf, scores[0]).argmax())
        assert draft.tokens == [*own, *copied][best]
        assert draft.score == pytest.approx(scores[0, best], abs=1e-3)
        assert draft.origin == ("written" if best < len(own) else "training report")


def pooled(run: Run, images: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(run.load().encode(images))


@pytest.mark.parametrize(
    ("options", "how", "message"),
    [
        (DecodingOptions(beams=2), {"consistent": True}, "in greedy writing"),
        (DecodingOptions(top_p=0.9), {"refuse_beyond": 2.0}, "in greedy writing"),
        (DecodingOptions(top_p=0.9), {"nearest": 3}, "leave --nucleus out"),
        (DecodingOptions(beams=2), {"nearest": 3, "reranked": True}, "leave --rerank out"),
        (DecodingOptions(), {"reranked": True}, "with --beam"),
    ],
)
def test_what_cannot_be_had_together_is_refused(
    options: DecodingOptions, how: dict, message: str
) -> None:
    with pytest.raises(RunError, match=message):
        Writing(options, **how)


def test_training_reports_do_not_begin_with_a_prompt() -> None:
    Writing(consistent=True).refuse_prompt()
    with pytest.raises(RunError, match="leave --nearest out"):
        Writing(nearest=3).refuse_prompt()
