"""Splits by the hash of the patient."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.corpus.splits import SHARES, SPLITS, assign_splits, hash_split, refuse_unknown_split
from radtex.errors import CorpusError

PATIENTS = [f"nih:{number}" for number in range(20_000)]


def test_the_split_is_the_place_of_the_hash_among_the_shares():
    for patient in PATIENTS[:500]:
        place = int(hashlib.sha256(patient.encode()).hexdigest(), 16) / 2**256
        expected = "train" if place < 0.5 else "pool" if place < 0.75 else "validate"
        assert hash_split(patient) == (expected if place < 0.8 else "test")


@pytest.mark.parametrize("among", [SPLITS, ("train", "pool"), ("train", "pool", "validate")])
def test_shares_are_kept_among_the_splits_that_are_open(among):
    dealt = [hash_split(patient, among) for patient in PATIENTS]
    total = sum(SHARES[split] for split in among)
    for split in SPLITS:
        share = SHARES[split] / total if split in among else 0
        assert dealt.count(split) / len(dealt) == pytest.approx(share, abs=0.012)


@given(st.text(), st.sets(st.sampled_from(SPLITS), min_size=1))
def test_a_patient_keeps_the_split_of_all_other_corpora_wherever_it_is_open(patient, among):
    whole, dealt = hash_split(patient), hash_split(patient, among)
    assert dealt in among
    assert dealt == whole or whole not in among


def test_a_named_split_takes_every_row():
    assert assign_splits(["a:1", "a:2"], ["", "train"], "test") == ["test", "test"]


def test_official_splits_are_kept_and_pool_and_validate_carved_from_train():
    official = ["train"] * 15_000 + ["test"] * 4_000 + [""] * 1_000
    dealt = assign_splits(PATIENTS, official, "official")
    assert dealt[15_000:] == official[15_000:]
    assert set(dealt[:15_000]) == {"train", "pool", "validate"}
    assert dealt.count("pool") / (dealt.count("pool") + dealt.count("train")) == pytest.approx(
        1 / 3, abs=0.015
    )


def test_an_official_validate_is_left_as_it_is():
    official = ["train"] * 10_000 + ["validate"] * 10_000
    dealt = assign_splits(PATIENTS, official, "official")
    assert set(dealt[:10_000]) == {"train", "pool"}
    assert dealt[10_000:] == official[10_000:]


def test_patients_in_two_official_splits_are_refused_with_their_number():
    with pytest.raises(CorpusError, match="2 patients stand in two official splits"):
        assign_splits(
            ["a:1", "a:2", "a:3", "a:1", "a:2"],
            ["train", "train", "train", "test", "validate"],
            "official",
        )


def test_official_splits_that_do_not_exist_and_unknown_names_are_refused():
    with pytest.raises(CorpusError, match="no official splits"):
        assign_splits(["a:1"], [""], "official")
    with pytest.raises(CorpusError, match="unknown split 'tset'; expected hash, official, train"):
        assign_splits(["a:1"], ["train"], "tset")


@pytest.mark.parametrize("how", ["hash", "official", *SPLITS])
def test_what_a_split_may_be_is_known(how: str) -> None:
    refuse_unknown_split(how)


def test_an_unknown_split_is_refused():
    with pytest.raises(CorpusError, match="unknown split 'bogus'; expected hash, official, train"):
        refuse_unknown_split("bogus")
