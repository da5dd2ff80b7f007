"""The audit finds planted shortcuts, and none where there are none."""

from pathlib import Path

import pytest

from fixtures.shortcuts import NoiseCorpus, corner_mark, sharpened
from radtex.auditing.audit import audit
from radtex.auditing.cues import CUES
from radtex.errors import CorpusError


def test_a_mark_in_a_corner_is_found_and_named(noise_corpus: NoiseCorpus) -> None:
    found = audit(str(noise_corpus(corner_mark).path))
    cues = {score.cue.name: score for score in found.shortcuts}
    assert {score.label for score in found.shortcuts} == {"Edema"}
    assert {"corners", "top strip", "right strip"} <= set(cues)
    assert not {"bottom strip", "left strip", "spectrum"} & set(cues)
    assert cues["corners"].auc.mean > 0.95


def test_a_location_free_cue_is_found(noise_corpus: NoiseCorpus) -> None:
    found = audit(str(noise_corpus(sharpened).path))
    spectrum = found.scores[0]
    assert (spectrum.label, spectrum.cue.name) == ("Edema", "spectrum")
    assert found.is_shortcut(spectrum)
    assert spectrum.auc.mean > 0.95


def test_a_corpus_without_shortcuts_has_none(noise_corpus: NoiseCorpus) -> None:
    found = audit(str(noise_corpus().path))
    assert found.shortcuts == ()
    assert len(found.scores) == 2 * len(CUES)
    assert found.left_out == {"Hernia": "0 patients with it, 100 without"}


def test_patients_count_not_films(noise_corpus: NoiseCorpus) -> None:
    corpus = str(noise_corpus(rare=9).path)
    assert audit(corpus).left_out == {"Hernia": "9 patients with it, 91 without"}
    assert audit(str(noise_corpus(rare=10).path)).left_out == {}
    with pytest.raises(CorpusError, match=r"at least 10 patients .* Hernia: 9 patients with it"):
        audit(corpus, targets=["Hernia"])


def test_a_split_is_audited_alone(noise_corpus: NoiseCorpus) -> None:
    corpus = noise_corpus()
    whole = audit(str(corpus.path), targets=["Edema"])
    train = audit(f"{corpus.path}:train", targets=["Edema"])
    assert sum(whole.counts["Edema"]) == 200
    assert sum(train.counts["Edema"]) == len(corpus.rows("train"))
    assert (whole.split, train.split) == ("", "train")
    with pytest.raises(CorpusError, match="no split 'night'"):
        audit(f"{corpus.path}:night")


def test_the_same_seed_gives_the_same_audit(noise_corpus: NoiseCorpus) -> None:
    corpus = str(noise_corpus().path)
    assert audit(corpus) == audit(corpus)
    assert audit(corpus).scores != audit(corpus, seed=1).scores


def test_impossible_wishes_are_refused(noise_corpus: NoiseCorpus, tmp_path: Path) -> None:
    corpus = str(noise_corpus().path)
    with pytest.raises(CorpusError, match="--bound 65"):
        audit(corpus, bound=65)
    with pytest.raises(CorpusError, match="no labels Cough"):
        audit(corpus, targets=["Cough"])
    with pytest.raises(CorpusError, match="is no corpus"):
        audit(str(tmp_path))
