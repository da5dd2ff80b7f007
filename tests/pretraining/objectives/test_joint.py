"""The joint loss against its parts, and joint runs from the first step to what is made of them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import radtex
from fixtures.objectives import (
    CONTEXT,
    OPTIONS,
    ROWS,
    TEXTS,
    cross_entropy,
    images,
    scrambled,
    stream,
)
from fixtures.recipes import LEAN
from radtex.compute.seeding import seeded
from radtex.corpus.corpus import Corpus
from radtex.errors import RecipeError
from radtex.explaining.report_map import explain
from radtex.explaining.target_map import explain_target
from radtex.findings import CHEXPERT_LABELS
from radtex.generation.ask import probabilities
from radtex.generation.rerank import rerank
from radtex.models.decoding import beam_search
from radtex.models.decoding_options import DecodingOptions
from radtex.models.encoder import Encoder, pool
from radtex.models.model_description import DecoderDescription
from radtex.models.run import Run
from radtex.models.tokenizer import Tokenizer
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.objectives.captioning import Bicaptioning
from radtex.pretraining.objectives.joint import Joint
from radtex.pretraining.objectives.parallel_guesses import ParallelGuesses
from radtex.pretraining.objectives.pooled_term import LabelTerm, TokenTerm
from radtex.pretraining.objectives.token_bag import TokenBag
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe
from radtex.reports.phrases import find_question

LABELS = np.array([[1, np.nan], [0, 1], [np.nan, np.nan], [1, 0]], dtype=np.float32)
EVERYTHING = {
    "assertions": True,
    "occurrence_weight": 2.0,
    "parallel_share": 0.5,
    "labels_weight": 0.5,
    "label_source": "reports",
    "flip": 0.5,
}
"""All switches of the objective."""


def joint(share: float = 0.5, weight: float = 2.0, labels_weight: float = 0.5) -> Joint:
    torch.manual_seed(0)
    tokenizer = Tokenizer.train(TEXTS * 3, 320)
    texts = Captions(TEXTS, tokenizer, CONTEXT, assertions=True)
    description = DecoderDescription(len(tokenizer), CONTEXT, ("forward", "backward"), OPTIONS)
    objective = Joint(
        Encoder("resnet10t", 64), description, texts, ParallelGuesses(texts, share, CONTEXT)
    )
    if weight:
        bag = TokenBag(texts, ROWS)
        head = torch.nn.Linear(objective.encoder.width, bag.classes)
        objective.add(TokenTerm(weight, head, bag))
    if labels_weight:
        objective.add(LabelTerm(labels_weight, objective.encoder.width, LABELS))
    return objective


def written(objective: Joint, row: int, direction: str) -> float:
    """The loss of a text that is written, token by token, each from those before it."""
    tokens = stream(objective, row)
    if direction == "backward":
        text = objective.captions.tokenizer.encode(TEXTS[row])
        tokens = [tokens[0], *text[::-1], 2][: CONTEXT + 1]
    memory = objective.decoder.memory(objective.encoder(images()[row : row + 1]))
    total = 0.0
    for place in range(1, len(tokens)):
        states = objective.decoder(torch.tensor([tokens[:place]]), memory, direction)
        total += cross_entropy(objective.decoder.logits(states)[0, -1].tolist(), tokens[place])
    return total


def test_equals_a_loop_over_its_parts() -> None:
    objective = joint()
    scrambled(objective)
    objective.train()
    with seeded(1):
        targets = objective.targets(ROWS)
    objective.eval()
    guessed = len(targets["parallel_numbers"])
    assert guessed == 2
    expected = {}
    for direction in ("forward", "backward"):
        masks = objective.parallel.targets(ROWS[:guessed], ("forward", "backward"))
        memory = objective.decoder.memory(objective.encoder(images()[:guessed]))
        at_once = objective.parallel.losses(objective.decoder, memory, masks, direction).sum()
        one_by_one = sum(written(objective, row, direction) for row in ROWS[guessed:])
        expected[direction] = at_once.item() + one_by_one
    tokens, labels = objective.pooled
    pooled = pool(objective.encoder(images()))
    expected["tokens"] = 2.0 * tokens.bag(tokens.head(pooled), tokens.bag.targets(ROWS)).item()
    expected["labels"] = 0.0
    scores = labels.head(pooled)
    for row, column in np.ndindex(LABELS.shape):
        if not np.isnan(LABELS[row, column]):
            score = scores[row, column] * (1 if LABELS[row, column] else -1)
            expected["labels"] -= 0.5 * torch.nn.functional.logsigmoid(score).item()
    found = objective(images(), targets)
    assert objective.terms == tuple(expected)
    assert found.tolist() == pytest.approx(list(expected.values()), rel=1e-4)
    tokens_there = objective.captions.lengths.sum()
    assert objective.counts(ROWS).tolist() == [tokens_there, tokens_there, 4, 5]


def test_a_validation_has_every_text_written() -> None:
    objective = joint(share=0.9).eval()
    scrambled(objective)
    sums = objective(images(), objective.targets(ROWS))
    for term, direction in enumerate(("forward", "backward")):
        expected = sum(written(objective, row, direction) for row in ROWS)
        assert sums[term].item() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("rows", [ROWS[:1], ROWS[:3]])
def test_a_micro_batch_may_be_all_written_or_all_guessed(rows: np.ndarray) -> None:
    objective = joint(share=0.5).train()
    kinds = set()
    for seed in range(20):
        with seeded(seed):
            targets = objective.targets(rows)
        kinds.add(("parallel_numbers" in targets, "forward" in targets))
        sums = objective(images(len(rows)), targets)
        assert sums.isfinite().all()
    assert kinds == ({(True, False), (False, True)} if len(rows) == 1 else {(True, True)})


def test_with_nothing_beside_it_is_bicaptioning_to_the_byte() -> None:
    plain = joint(share=0.0, weight=0.0, labels_weight=0.0)
    other = Bicaptioning(plain.encoder, plain.decoder_description, plain.captions)
    other.load_state_dict(plain.state_dict())
    assert plain.terms == other.terms
    assert torch.equal(plain(images(), plain.targets(ROWS)), other(images(), other.targets(ROWS)))
    assert plain.counts(ROWS).tolist() == other.counts(ROWS).tolist()


def test_the_decoder_begins_as_that_of_bicaptioning(phantom_corpus: Corpus, tmp_path: Path) -> None:
    weights = []
    for name in ("bicaptioning-small", "radtex-small"):
        torch.manual_seed(0)
        recipe, encoder = load_recipe(name, LEAN), Encoder("resnet10t", 64)
        kind = Joint if name.startswith("radtex") else Bicaptioning
        weights.append(kind.from_recipe(recipe, phantom_corpus, encoder, tmp_path).state_dict())
    for name, value in weights[0].items():
        assert torch.equal(value, weights[1][name]), name


def test_the_queries_are_as_many_as_the_longest_training_text_has_targets(
    phantom_corpus: Corpus, encoder: Encoder, tmp_path: Path
) -> None:
    recipe = load_recipe("radtex-small", LEAN | {"max_tokens": 512, "flip": 0.5})
    objective = Joint.from_recipe(recipe, phantom_corpus, encoder, tmp_path)
    rows, train = len(phantom_corpus.images), phantom_corpus.rows("train")
    lengths = [objective.captions.lengths[row + side] for row in train for side in (0, rows)]
    assert objective.parallel.places == max(lengths) < 512


@pytest.mark.parametrize("options", [{"targets": ["radtex9"]}, {"label_source": "reports"}])
def test_labels_without_a_weight_are_refused(
    phantom_corpus: Corpus, encoder: Encoder, tmp_path: Path, options: dict[str, object]
) -> None:
    recipe = load_recipe("radtex-small", LEAN | options)
    with pytest.raises(RecipeError, match="set --labels-weight 1"):
        Joint.from_recipe(recipe, phantom_corpus, encoder, tmp_path)


def flags(options: dict[str, object]) -> list[str]:
    named = {name.replace("_", "-"): str(value).lower() for name, value in options.items()}
    return [word for name, value in named.items() for word in (f"--{name}", value)]


def trained(corpus: Corpus, out: Path, processes: int = 1) -> Path:
    """A run of every switch, by this process or by several."""
    options = LEAN | EVERYTHING | {
        "batch_size": 8, "micro_batches": 4, "steps": 4, "checkpoint_every": 2, "validate_every": 2,
    }  # fmt: skip
    if processes == 1:
        recipe = load_recipe("radtex-mined-small", options)
        return pretrain(corpus, out, recipe, resume=True)
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    subprocess.run(
        [
            sys.executable, *launcher, "-m", "radtex", "pretrain", str(corpus.path),
            "--out", str(out), "--resume", "--recipe", "radtex-mined-small", *flags(options),
        ],
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
    )  # fmt: skip
    return out


def kept(run: Path) -> list[bytes]:
    names = ("model.safetensors", "metrics.jsonl", "config.yaml", "tokenizer.json")
    return [(run / name).read_bytes() for name in names]


@pytest.fixture(scope="module")
def run(phantom_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(phantom_corpus, tmp_path_factory.mktemp("joint") / "run")


@pytest.mark.soak
def test_two_processes_give_the_bytes_of_one(
    phantom_corpus: Corpus, run: Path, tmp_path: Path
) -> None:
    assert kept(trained(phantom_corpus, tmp_path / "two", processes=2)) == kept(run)


def test_a_resumed_run_gives_the_bytes_of_a_whole_one(
    phantom_corpus: Corpus, run: Path, tmp_path: Path
) -> None:
    cut = Path(shutil.copytree(run, tmp_path / "cut"))
    (cut / "model.safetensors").unlink()
    shutil.rmtree(cut / "checkpoint" / "00000004")
    assert kept(trained(phantom_corpus, cut)) == kept(run)


def test_its_metrics_name_every_term(run: Path) -> None:
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    terms = {"forward", "backward", "tokens", "labels"}
    for line in lines:
        before = "val_" if "val_loss" in line else ""
        parts = [line[before + term] for term in terms]
        assert line[f"{before}loss"] == pytest.approx(sum(parts))
        assert np.isfinite(parts).all()


def test_its_run_writes_answers_and_explains_as_one_of_bicaptioning_does(
    phantom_corpus: Corpus, run: Path, tmp_path: Path
) -> None:
    model = radtex.load(run)
    films = phantom_corpus.images[:2]
    assert len(model.report(films)) == 2
    decoder, _ = model.writer()
    memory = model.memory(films)
    options = DecodingOptions(beams=2)
    assert len(rerank(decoder, memory, beam_search(decoder, memory, options, wanted=2))) == 2
    asked = probabilities(model, films, [find_question("Edema")])
    assert ((asked > 0) & (asked < 1)).all()
    film = tmp_path / "film.png"
    Image.fromarray(films[0]).save(film)
    explain(run, film, tmp_path / "map.png", text="pleural effusion")
    said = explain_target(run, film, "Edema", tmp_path / "target.png")
    assert said.startswith("Edema: probability ")
    assert Run.open(run).targets == list(CHEXPERT_LABELS)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_it_trains_in_half_precision(
    phantom_corpus: Corpus, tmp_path: Path, precision: str
) -> None:
    options = LEAN | EVERYTHING | {"precision": precision}
    made = pretrain(phantom_corpus, tmp_path / "run", load_recipe("radtex-small", options))
    lines = [json.loads(line) for line in (made / "metrics.jsonl").read_text().splitlines()]
    assert all(np.isfinite(line["loss"]) for line in lines if "loss" in line)
