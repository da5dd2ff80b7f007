"""What `transfer --save` keeps, and what it refuses to keep."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import expit

from radtex.classifiers.classifier import load_classifier, read_facts
from radtex.classifiers.keep import Keeper
from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import LABEL_POLICIES
from radtex.errors import OutputError, ProtocolError
from radtex.transfer.contestants.entries import contestants
from radtex.transfer.contestants.features import pooled_features
from radtex.transfer.contestants.lineup import Lineup
from radtex.transfer.design import Design
from radtex.transfer.protocols.knn import Knn
from radtex.transfer.protocols.label_prior.reports_head import ReportsHead
from radtex.transfer.protocols.linear import Linear
from radtex.transfer.protocols.probes import fit_probes
from radtex.transfer.run_protocol import run_protocol
from radtex.transfer.sampling.experiment import draw_experiment
from radtex.transfer.sampling.studies import studies_of
from radtex.transfer.transfer import transfer

TARGETS = ["Edema", "Effusion"]


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


def test_what_cannot_be_kept_is_refused_before_anything_is_measured(
    kept: Path, contestant, tmp_path: Path
) -> None:
    corpus = Corpus.open(kept / "corpus")
    keeper = Keeper(tmp_path / "new")
    (fine,) = contestants(["seen=random"], corpus, 0, "test_resnet")
    keeper.refuse([fine])
    with pytest.raises(ProtocolError, match="joins 2 runs"):
        keeper.refuse([replace(fine, members=(fine, fine))])
    with pytest.raises(ProtocolError, match="no whole timm network"):
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


def test_a_kept_classifier_carries_its_prior_and_says_what_people_did_not_label(
    kept: Path, tmp_path: Path
) -> None:
    corpus = Corpus.open(kept / "corpus")
    index = corpus.index.copy()
    number = index["patient_id"].str[1:].astype(int).to_numpy()
    index.loc[(index["split"] == "pool") & (number % 4 == 0), "split"] = "train"
    index["findings"] = [
        f"{'Mild' if edema else 'No'} edema. {'Small' if effusion else 'No'} pleural effusion."
        for edema, effusion in index[["label.Edema", "label.Effusion"]].to_numpy(dtype=int)
    ]
    corpus = replace(corpus, index=index)
    (plain,) = contestants(["seen=random"], corpus, 0, "test_resnet")
    described = {"recipe": {"objective": "bicaptioning"}, "corpus": corpus.content_hash}
    reader = replace(plain, description=plain.description | described)
    source = ReportsHead(corpus, corpus.rows("train"), "blank-negative", 0.0, 0)
    keeper = Keeper(tmp_path / "both")
    pool, test = ((corpus, corpus.rows(split)) for split in ("pool", "test"))
    results = run_protocol(
        Linear().beginning_from(source), source.twins([reader]), pool, test,
        Design(tuple(TARGETS), (20, 60), 2), keeper=keeper,
    )  # fmt: skip
    with keeper.written(results, "command"):
        pass
    begun = load_classifier(tmp_path / "both" / "seen+reports")
    facts = read_facts(tmp_path / "both" / "seen+reports")
    slopes = [each["training"]["prior"]["slope"] for each in facts["targets"]]
    assert any(slopes)
    # The heads of the folder order films as the draw did that the evidence scored.
    rows = results.scores.query("encoder == 'seen+reports' and budget == 60 and repeat == 0")
    for each in facts["targets"]:
        (value,) = rows[rows.target == each["name"]].auc
        assert each["test"]["auc"]["value"] == pytest.approx(value, abs=1e-4)
    # Calibrated with the prior in it, the probabilities are about as high as the finding is common.
    found = begun.probabilities(begun.features(corpus.images[corpus.rows("test")]))
    common = index[["label.Edema", "label.Effusion"]].to_numpy(dtype=float)[corpus.rows("test")]
    np.testing.assert_allclose(found.mean(0), common.mean(0), atol=0.15)
    card = (tmp_path / "both" / "seen+reports" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "Reports were used at the labelling stage too" in card
    assert "the pool's own labels (source: human or archive)" in card
    mined = facts["targets"][0]["training"]["prior"]
    row = next(line for line in card.splitlines() if line.startswith("| Edema | 60 |"))
    assert f"| {mined['mined']} | {mined['mined_positive']} | {slopes[0]:g} |" in row
    other = (tmp_path / "both" / "seen" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "labelling stage" not in other.split("## Limits")[0]
    assert "prior" not in read_facts(tmp_path / "both" / "seen")["targets"][0]["training"]
