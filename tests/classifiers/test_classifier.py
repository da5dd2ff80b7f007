"""What `transfer --save` keeps, and what loading it refuses."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file, save_file
from scipy.special import expit

from radtex.classifiers.classifier import load_classifier, read_facts
from radtex.classifiers.keep import Keeper
from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import LABEL_POLICIES
from radtex.errors import OutputError, ProtocolError, RunError
from radtex.transfer.contestants.entries import contestants
from radtex.transfer.contestants.features import pooled_features
from radtex.transfer.contestants.lineup import Lineup
from radtex.transfer.design import Design
from radtex.transfer.protocols.knn import Knn
from radtex.transfer.protocols.linear import Linear, fit_probes
from radtex.transfer.sampling.experiment import draw_experiment
from radtex.transfer.sampling.studies import studies_of
from radtex.transfer.transfer import transfer

TARGETS = ["Edema", "Effusion"]


@pytest.fixture
def copy(kept: Path, tmp_path: Path) -> Path:
    shutil.copytree(kept / "classifier", tmp_path / "copy")
    return tmp_path / "copy"


def edit(folder: Path, *keys: str | int, value: object) -> None:
    path = folder / "classifier.json"
    whole = part = json.loads(path.read_text())
    for key in keys[:-1]:
        part = part[key]
    part[keys[-1]] = value
    path.write_text(json.dumps(whole))


def test_a_kept_classifier_answers_as_the_probes_of_the_scores_do(kept: Path) -> None:
    corpus = Corpus.open(kept / "corpus")
    (contestant,) = contestants(["seen=random"], corpus, 0, "test_resnet")
    pool, test = (
        studies_of(corpus, corpus.rows(split), TARGETS, LABEL_POLICIES["paper"])
        for split in ("pool", "test")
    )
    experiment = draw_experiment(pool, test, Design(tuple(TARGETS), (20, 60), 2))
    features = pooled_features(contestant, corpus.images, corpus.rows("pool"))
    probes = fit_probes(pool.average(features), experiment.draws, "probes")
    classifier = load_classifier(kept / "classifier")
    images = corpus.images[corpus.rows("test")[:20]]
    mine = classifier.features(images)
    torch.testing.assert_close(
        mine, pooled_features(contestant, corpus.images, corpus.rows("test")[:20])
    )
    found = classifier.probabilities(mine)
    for number, target in enumerate(classifier.targets):
        (place,) = (
            place
            for place, draw in enumerate(experiment.draws)
            if (draw.target, draw.repeat, draw.budget) == (number, 0, 60)
        )
        logits = (mine @ probes.weights[place] + probes.intercepts[place]).numpy()
        expected = expit(target.platt.slope * logits + target.platt.offset)
        np.testing.assert_allclose(found[:, number], expected, rtol=1e-3)


def test_the_card_and_the_facts_state_the_scores_of_the_evidence(kept: Path) -> None:
    facts = read_facts(kept / "classifier")
    summary = json.loads((kept / "evidence" / "summary.json").read_text())
    rows = pd.read_csv(kept / "evidence" / "results.csv")
    card = (kept / "classifier" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert [each["name"] for each in facts["targets"]] == TARGETS
    for each in facts["targets"]:
        of_draw = rows[
            (rows.target == each["name"]) & (rows.budget == 60) & (rows.repeat == 0)
        ].iloc[0]
        assert each["test"]["auc"]["value"] == pytest.approx(of_draw.auc, abs=1e-4)
        assert each["training"]["positive"] == of_draw.n_positive
        expected = summary["target_auc"]["seen"][each["name"]]["60"]
        assert each["auc_over_repeats"] == {
            "value": expected["mean"],
            "low": expected["low"],
            "high": expected["high"],
        }
        auc = each["test"]["auc"]
        assert f"{auc['value']:.2f} [{auc['low']:.2f}, {auc['high']:.2f}]" in card
    assert "Hernia has no head" in card
    assert "uncertain and blank labels are left out" in card
    assert str(kept) not in card
    assert facts["pool"]["content_hash"] == Corpus.open(kept / "corpus").content_hash
    refused = facts["abstention"]["test_refused"]["value"]
    assert refused < 0.06
    assert f"{refused:.1%}" in card


def test_several_encoders_become_a_folder_of_classifiers(kept: Path, tmp_path: Path) -> None:
    transfer(
        str(kept / "corpus"),
        Lineup(("a=random", "b=random"), "test_resnet"),
        Design(("Edema",), (20,), 1),
        tmp_path / "evidence",
        keeper=Keeper(tmp_path / "both"),
    )
    assert load_classifier(tmp_path / "both" / "a").targets[0].name == "Edema"
    with pytest.raises(RunError, match="several classifiers; name one: a, b"):
        load_classifier(tmp_path / "both")
    with pytest.raises(RunError, match="it holds one: classifier"):
        load_classifier(kept)


def test_what_cannot_be_kept_is_refused_before_anything_is_measured(
    kept: Path, contestant, tmp_path: Path
) -> None:
    corpus = Corpus.open(kept / "corpus")
    keeper = Keeper(tmp_path / "new")
    (fine,) = contestants(["seen=random"], corpus, 0, "test_resnet")
    keeper.refuse([fine])
    with pytest.raises(ProtocolError, match="joins 2 runs"):
        keeper.refuse([replace(fine, members=(fine, fine))])
    with pytest.raises(ProtocolError, match="no timm network"):
        keeper.refuse([contestant("grid", "other")])
    for name in ("../up", "", "a/b", ".."):
        with pytest.raises(ProtocolError, match="cannot name a folder"):
            keeper.refuse([replace(fine, name=name)])
    with pytest.raises(OutputError, match="already exists"):
        Keeper(kept / "classifier")
    for protocol, prevalence, reason in (
        (Knn(), "natural", "knn makes none"),
        (Linear(), "balanced", "lack the prevalence"),
    ):
        with pytest.raises(ProtocolError, match=reason):
            transfer(
                str(corpus.path),
                Lineup(("seen=random",)),
                Design(tuple(TARGETS), prevalence=prevalence),
                tmp_path / "evidence",
                protocol=protocol,
                keeper=keeper,
            )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("format",), 7, "has the format 7"),
        (("encoder", "backbone"), "no_such_net", "unknown backbone"),
        (("encoder", "backbone"), "resnet18", "heads.weight has the shape"),
        (("encoder", "input_size"), 10**9, "a side of 1000000000 pixels"),
        (("encoder", "std"), 0, "not above 0"),
        (("encoder", "mean"), "much", "no number"),
        (("preprocessing", "size"), -1, "a side of -1 pixels"),
        (("preprocessing", "fit"), "squeeze", "fit 'squeeze'"),
        (("preprocessing",), {"width": 3}, "TypeError"),
        (("targets",), [], "the targets"),
        (("targets", 0, "platt", "slope"), float("nan"), "no number"),
        (("targets", 1, "name"), "Edema", "the targets"),
        (("abstention",), {}, "KeyError"),
        (("facts",), None, "no facts"),
    ],
)
def test_a_damaged_description_is_one_line(copy: Path, keys, value, message) -> None:
    edit(copy, *keys, value=value)
    with pytest.raises(RunError, match=message) as error:
        load_classifier(copy)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, "\x00", "3"])
def test_a_description_that_is_none_is_one_line(copy: Path, text: str) -> None:
    (copy / "classifier.json").write_text(text)
    with pytest.raises(RunError, match="is damaged"):
        load_classifier(copy)


def test_weights_that_do_not_fit_are_refused(copy: Path) -> None:
    path = copy / "model.safetensors"
    whole = load_file(path)
    some = next(name for name in whole if name.startswith("encoder.") and whole[name].ndim == 4)
    damages = [
        ({"heads.bias": torch.zeros(3)}, "heads.bias has the shape"),
        ({"heads.bias": torch.tensor([0.0, torch.inf])}, "no finite numbers"),
        ({"abstention.variances": torch.ones(2)}, "components have 2 variances"),
        ({some: torch.zeros(1, 1)}, "size mismatch"),
    ]
    for change, message in damages:
        save_file(whole | change, path)
        with pytest.raises(RunError, match=message):
            load_classifier(copy)
    for missing in ("heads.weight", some):
        save_file({name: value for name, value in whole.items() if name != missing}, path)
        with pytest.raises(RunError, match=missing.removeprefix("encoder.").replace(".", r"\.")):
            load_classifier(copy)
    path.write_bytes(b"\x80\x04pickled")
    with pytest.raises(RunError, match="cannot read the weights"):
        load_classifier(copy)
    path.unlink()
    with pytest.raises(RunError, match="cannot read the weights"):
        load_classifier(copy)


def test_a_folder_that_is_no_classifier_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(RunError, match=r"is no classifier: it has no classifier\.json"):
            load_classifier(path)
