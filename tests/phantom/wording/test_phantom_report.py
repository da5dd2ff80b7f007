"""Reports say nothing false: by the generator's own bookkeeping, and by reading the words."""

import re
from collections import Counter
from functools import cache

import numpy as np
import pytest

from radtex.phantom import FINDINGS, Study, sample_study
from radtex.phantom.wording.phantom_report import HEDGED, OMITTED, present_findings


@cache
def some_studies() -> list[Study]:
    return [sample_study(4, number) for number in range(3000)]


SEEN = {
    "Atelectasis": r"atelectasis",
    "Cardiomegaly": r"cardiomegaly|enlarge",
    "Consolidation": r"consolidation",
    "Edema": r"edema|congestion",
    "Lung Opacity": r"opacit|hazy|consolidation|atelectasis|pneumonia|infiltrate|airspace|nodul",
    "Pleural Effusion": r"effusion",
    "Pneumonia": r"pneumonia",
    "Pneumothorax": r"pneumothorax",
    "Support Devices": r"tube|catheter|central line|pacer|pacemaker|wire",
    "Nodule": r"nodul",
    "Fracture": r"fracture",
    "Scoliosis": r"scoliosis",
    "Hernia": r"hernia",
    "Emphysema": r"emphysema",
}
DEGREE = {"mild": 0, "moderate": 1, "severe": 2}
LUNGS = ("Atelectasis", "Consolidation", "Edema", "Lung Opacity", "Pneumonia")
ACUTE = (*LUNGS, "Pleural Effusion", "Pneumothorax")
NORMAL = {
    r"lungs are clear": (*LUNGS, "Nodule"),
    r"costophrenic angles are sharp": ("Pleural Effusion",),
    r"heart size (is|within) normal": ("Cardiomegaly",),
    r"cardiac silhouette is within normal": ("Cardiomegaly",),
    r"cardiomediastinal silhouette is unremarkable": ("Cardiomegaly", "Hernia"),
    r"lung volumes are normal": ("Emphysema",),
    r"bones are unremarkable": ("Fracture", "Scoliosis"),
    r"spine is straight": ("Scoliosis",),
    r"no acute|evidence of acute": ACUTE,
}


def sentences(study: Study) -> list[str]:
    text = f"{study.report.findings} {study.report.impression}".lower()
    return [part for part in re.split(r"\.\s*(?:\d\.)?\s*", text) if part and not part.isdigit()]


def test_statements_agree_with_the_labels() -> None:
    for study in some_studies():
        for statement in study.report.statements:
            assert all(study.labels[name] == 1 for name in statement.affirms)
            assert all(study.labels[name] == 0 for name in statement.denies)


def test_words_agree_with_the_labels() -> None:
    read: Counter[str] = Counter()
    for study in some_studies():
        for sentence in sentences(study):
            normal = [names for words, names in NORMAL.items() if re.search(words, sentence)]
            denied = [name for names in normal for name in names]
            negative = re.search(r"\bno\b", sentence) is not None
            if negative and not normal:
                denied = [
                    name
                    for name, words in SEEN.items()
                    if re.search(words, sentence) and name != "Lung Opacity"
                ]
                assert denied, sentence
            affirmed = [
                name
                for name, words in SEEN.items()
                if re.search(words, sentence) and not negative and not normal
            ]
            assert denied or affirmed or sentence == "findings as above", sentence
            assert all(study.labels[name] == 0 for name in denied), sentence
            assert all(study.labels[name] == 1 for name in affirmed), sentence
            read.update(f"+{name}" for name in affirmed)
            read.update(f"-{name}" for name in denied)
    assert {f"+{name}" for name in FINDINGS} <= set(read)
    assert {f"-{name}" for name in FINDINGS if name != "Support Devices"} <= set(read)


def test_sides_and_zones_in_the_words_are_those_of_a_sign() -> None:
    zones = {"upper": r"upper", "mid": r"\bmid\b", "lower": r"lower|base|basilar|bibasilar"}
    checked = 0
    for study in some_studies():
        for sentence in sentences(study):
            if re.search(r"\bno\b|clear|sharp|emphysema|right ventricle", sentence):
                continue
            names = [name for name, words in SEEN.items() if re.search(words, sentence)]
            signs = [sign for sign in study.signs if sign.name in names]
            for side in ("right", "left"):
                if re.search(rf"\b{side}", sentence) or re.search(
                    r"\b(both|bilat|bibas)", sentence
                ):
                    assert any(sign.side == side for sign in signs), sentence
                    checked += 1
            for zone, words in zones.items():
                if re.search(words, sentence):
                    assert any(sign.zone == zone for sign in signs), sentence
                    checked += 1
    assert checked > 1000


def test_sizes_in_the_words_are_those_of_a_sign() -> None:
    for study in some_studies():
        for sentence in sentences(study):
            for word, severity in (("large ", "severe"), ("small", "mild")):
                if word in sentence:
                    names = [name for name, words in SEEN.items() if re.search(words, sentence)]
                    assert any(
                        sign.name in names and sign.severity == severity for sign in study.signs
                    ), sentence


def test_comparisons_need_a_prior_study() -> None:
    earlier: dict[str, Study] = {}
    compared = 0
    for study in some_studies():
        words = re.search(
            r"\bnew\b|unchanged|similar|stable|increased|worse|decreased|improved",
            study.report.findings,
        )
        if study.patient_id not in earlier:
            assert not words
            assert re.search(r"COMPARISON: (None|No prior)", study.report.text)
        compared += bool(words)
        for statement in study.report.statements:
            if not (
                change := re.search(
                    r", (new|unchanged|similar|stable|increased|worse|dec|imp)", statement.text
                )
            ):
                continue
            name, before = statement.affirms[0], earlier[study.patient_id]
            assert before.labels[name] == (change[1] != "new")
            if change[1] != "new":
                sense = {"increased": 1, "worse": 1, "dec": -1, "imp": -1}.get(change[1], 0)
                differences = {
                    np.sign(DEGREE[new.severity] - DEGREE[old.severity])
                    for new in study.signs
                    for old in before.signs
                    if (new.name, new.side) == (name, old.side) and old.name == name
                }
                assert differences == {sense}
        earlier[study.patient_id] = study
    assert compared > 100


def test_reports_have_four_sections_whose_bodies_are_the_fields() -> None:
    for study in some_studies()[:500]:
        parts = re.split(r"(INDICATION|COMPARISON|FINDINGS|IMPRESSION): ", study.report.text)
        assert parts[1::2] == ["INDICATION", "COMPARISON", "FINDINGS", "IMPRESSION"]
        bodies = [part.strip() for part in parts[2::2]]
        assert all(bodies)
        assert [bodies[0], *bodies[2:]] == [
            study.report.indication,
            study.report.findings,
            study.report.impression,
        ]


def test_reports_are_twenty_to_a_hundred_and_twenty_words() -> None:
    lengths = [
        len(f"{s.report.indication} {s.report.findings} {s.report.impression}".split())
        for s in some_studies()
    ]
    assert min(lengths) >= 20
    assert max(lengths) <= 120
    assert np.std(lengths) > 8


def test_wording_varies_and_blanks_occur() -> None:
    assert len({study.report.findings for study in some_studies()}) > 0.9 * len(some_studies())
    assert 0.1 < np.mean(["___" in study.report.text for study in some_studies()]) < 0.95


@pytest.mark.parametrize("severity", ["mild", "moderate", "severe"])
def test_findings_are_omitted_and_hedged_at_the_stated_rates(severity: str) -> None:
    """Cardiomegaly has at most one sign, so that its mentions can be counted."""
    said = []
    for study in some_studies():
        own = [sign for sign in study.signs if sign.name == "Cardiomegaly"]
        if len(study.signs) <= 4 and own and own[0].severity == severity:
            said.append([s for s in study.report.statements if "Cardiomegaly" in s.affirms])
    omitted = np.mean([not mentions for mentions in said])
    hedged = np.mean([mentions[0].hedged for mentions in said if mentions])
    for rate, stated in ((omitted, OMITTED[severity]), (hedged, HEDGED[severity])):
        assert abs(rate - stated) < 4 * (stated * (1 - stated) / len(said)) ** 0.5 + 1e-9


def test_the_parent_is_present_with_any_child() -> None:
    study = next(study for study in some_studies() if study.labels["Edema"])
    assert present_findings(study.signs) >= {"Edema", "Lung Opacity"}
    assert present_findings(()) == set()
