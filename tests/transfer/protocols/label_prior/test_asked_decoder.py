from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from radtex.corpus.label_policies import LABEL_POLICIES
from radtex.errors import ProtocolError
from radtex.generation.ask import probabilities
from radtex.reports import OwnFinding
from radtex.reports.phrases import Question, find_question
from radtex.transfer.contestants.entries import contestants
from radtex.transfer.evidence.result_tables import table
from radtex.transfer.protocols.label_prior import asked_decoder
from radtex.transfer.protocols.label_prior.asked_decoder import AskedDecoder
from radtex.transfer.protocols.linear import Linear
from radtex.transfer.sampling.studies import studies_of

TARGETS = ("Edema", "Pleural Effusion")


@pytest.fixture(scope="module")
def writer(writing_run, phantom_corpus):
    (contestant,) = contestants([f"text={writing_run}"], phantom_corpus, 0)
    return contestant


@pytest.fixture(scope="module")
def asked(writer, phantom_corpus):
    """Ask about the pool and the test of the phantom: `asked(source, targets, contestant)`."""

    def ask(source, targets=TARGETS, contestant=writer):
        selections = [(phantom_corpus, phantom_corpus.rows(split)) for split in ("pool", "test")]
        pool, test = (studies_of(*each, TARGETS, LABEL_POLICIES["paper"]) for each in selections)
        return source.of(
            contestant, SimpleNamespace(pool=pool, test=test, targets=targets),
            *((each, torch.zeros(1)) for each in selections),
        )  # fmt: skip

    return ask


def test_the_prior_is_what_the_run_answers_on_one_scale(asked, writing_run, phantom_corpus):
    prior = asked(AskedDecoder(TARGETS))
    from radtex.models.run import load

    rows = {split: phantom_corpus.rows(split) for split in ("pool", "test")}
    questions = [find_question(target) for target in TARGETS]
    answers = {
        split: probabilities(load(writing_run), phantom_corpus.images[own], questions)
        for split, own in rows.items()
    }
    odds = {
        split: studies_of(phantom_corpus, rows[split], TARGETS, LABEL_POLICIES["paper"])
        .average(torch.logit(torch.tensor(each)))
        .numpy()
        for split, each in answers.items()
    }
    mean, deviation = odds["pool"].mean(0), odds["pool"].std(0, ddof=1)
    for found, split in ((prior.pool, "pool"), (prior.test, "test")):
        np.testing.assert_allclose(found.numpy(), (odds[split] - mean) / deviation, atol=2e-2)
    assert prior.facts[0] == {"affirm": len(questions[0].affirm), "deny": len(questions[0].deny)}
    assert prior.weights is None


def test_what_was_asked_once_is_kept(asked, monkeypatch, tmp_path):
    monkeypatch.setenv("RADTEX_CACHE", str(tmp_path))
    before = asked(AskedDecoder(TARGETS))
    assert len(list(tmp_path.rglob("*.safetensors"))) == 2
    monkeypatch.setattr(asked_decoder, "phrase_odds", None)
    again = asked(AskedDecoder(TARGETS))
    assert torch.equal(before.pool, again.pool)
    own = OwnFinding("Edema", ("edema",), (), Question(("edema.",), ("no edema.",)))
    with pytest.raises(TypeError, match="not callable"):  # other sentences are other answers
        asked(AskedDecoder(TARGETS, [own]))


def test_a_target_of_unknown_words_is_told_nothing(asked):
    targets = ("Edema", "Rib Zylophony")
    prior = asked(AskedDecoder(targets), targets)
    assert prior.facts[1] == {"reason": 'the run and the labeller do not know "zylophony"'}
    assert (prior.pool[:, 1] == 0).all()
    assert prior.pool[:, 0].std() == pytest.approx(1, abs=1e-4)
    own = OwnFinding(targets[1], ("zylophony",), (), Question(("there is.",), ("clear.",)))
    assert "affirm" in asked(AskedDecoder(targets, [own]), targets).facts[1]


def test_a_decoder_that_does_not_look_tells_nothing(asked, monkeypatch):
    monkeypatch.setattr(
        asked_decoder, "phrase_odds", lambda _, grey, *__: torch.full((len(grey), 2), 0.3)
    )
    monkeypatch.setenv("RADTEX_CACHE", "none")
    prior = asked(AskedDecoder(TARGETS))
    assert (prior.pool == 0).all()
    assert (prior.test == 0).all()


def test_answers_that_are_no_numbers_are_refused(asked, monkeypatch):
    monkeypatch.setenv("RADTEX_CACHE", "none")
    monkeypatch.setattr(
        asked_decoder,
        "phrase_odds",
        lambda _, grey, *__: torch.full((len(grey), 2), torch.nan),
    )
    with pytest.raises(ProtocolError, match="likelihoods that are not finite"):
        asked(AskedDecoder(TARGETS))


def test_only_runs_with_a_decoder_are_asked(writer, contestant):
    source = AskedDecoder(TARGETS)
    assert source.refusal(writer) is None
    assert source.refusal(contestant("random", "random")) == "has no decoder to ask"
    seeds = replace(writer, run=None, seeds=(writer, replace(writer, name="other")))
    assert source.refusal(seeds) is None
    assert "must not know" in source.refusal(replace(writer, members=(writer, writer)))
    with pytest.raises(ProtocolError, match="--prior ask suits no encoder: random has no decoder"):
        source.twins([contestant("random", "random")])


@pytest.fixture
def results(run, reporting, contestant, monkeypatch, writer):
    """Results where the decoder's answers are made: `results(answers of the truth)`."""
    reader = replace(contestant("text", "radtex", 1), run=writer.run)
    truth = reporting.index[["label.Edema", "label.Effusion"]].to_numpy(dtype=float)

    def measure(answers, **options):
        monkeypatch.setattr(
            AskedDecoder, "_odds",
            lambda _, *asked: torch.tensor(
                answers(truth[asked[2][1]]), dtype=torch.float32
            ),
        )  # fmt: skip
        source = AskedDecoder(("Edema", "Effusion", "Hernia"))
        return run(
            source.twins([reader]), pool_corpus=reporting, test_corpus=reporting, budgets=(20,),
            repeats=8, protocol=Linear().beginning_from(source), **options,
        )  # fmt: skip

    return measure


def test_answers_that_tell_the_targets_help_and_stand_alone_at_0_labels(results):
    noise = np.random.default_rng(0)
    found = results(lambda truth: truth + noise.normal(size=truth.shape))
    means = found.mean_auc
    assert list(means) == ["text", "text+ask"]
    assert means["text+ask"][0].mean > 0.7
    assert means["text+ask"][20].mean > means["text"][20].mean + 0.02
    said = "Reports were used at the labelling stage too: text+ask begin from what the run's own"
    assert said in table(found)
    phrases = found.protocol["prior"]["phrases"]["Edema"]
    assert phrases["affirm"] == list(find_question("Edema").affirm)


def test_answers_that_tell_nothing_are_seldom_used_and_cost_nothing(results):
    noise = np.random.default_rng(1)
    found = results(lambda truth: noise.normal(size=truth.shape))
    assert found.chosen["prior_slopes"].get("text+ask", {"0": 1.0})["0"] > 0.7
    (pair,) = (each for each in found.paired if each.budget == 20)
    assert abs(pair.estimate.mean) < 0.02
