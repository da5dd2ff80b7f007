import pytest

from radtex.corpus.pseudonyms.pseudonyms import NOBODY, KeyedPatients, Pseudonyms
from radtex.corpus.splits import patient_hash
from radtex.errors import ProtocolError
from radtex.transfer.leaks import (
    refuse_seen_patients,
    refuse_shared_patients,
    sentences_on_unchecked,
    unchecked_sentences,
)


def early(patients):
    """Those of a run of earlier versions."""
    return Pseudonyms.parse("".join(f"{patient_hash(patient)}\n" for patient in patients))


def test_shared_patients_are_counted_once_each_and_both_sides_named():
    one, other = frozenset("abc"), ["b", "c", "c", "d"]
    with pytest.raises(ProtocolError) as refusal:
        refuse_shared_patients(one, other, ones_in="the pool", others_in="the test")
    assert str(refusal.value) == (
        "2 patients are both in the pool and in the test; choose splits that share no patient"
    )
    with pytest.raises(ProtocolError) as refusal:
        refuse_seen_patients(early(one), other, seen_in="the pool", tested_in="the test")
    assert str(refusal.value).startswith("2 patients are both in the pool and in the test; choose")


def test_the_remedy_is_the_callers():
    with pytest.raises(ProtocolError, match="; score another split"):
        refuse_seen_patients(
            early("a"), "a", seen_in="this", tested_in="that", remedy="score another split"
        )


@pytest.mark.parametrize(("seen", "tested"), [("", ""), ("a", "b"), ("abc", "")])
def test_sides_that_share_no_patient_may_go_on(seen, tested):
    refuse_shared_patients(seen, tested, ones_in="this", others_in="that")
    assert refuse_seen_patients(early(seen), tested, seen_in="this", tested_in="that") == ()
    assert refuse_seen_patients(NOBODY, tested, seen_in="this", tested_in="that") == ()


def test_what_cannot_be_compared_is_returned_and_said():
    hidden = Pseudonyms({"0123456789abcdef": KeyedPatients(frozenset({"f" * 64}), None)})
    (reason,) = refuse_seen_patients(hidden, ["a"], seen_in="this", tested_in="that")
    assert "the site key 0123456789abcdef" in reason
    assert unchecked_sentences("this", "that", [reason]) == [
        f"No check could be made whether patients of that were in this: {reason}. If some were, "
        "the results are too good; bring that key here to find out."
    ]
    noted = [{"encoder": "text", "roles": ["pool", "test"], "reason": reason}]
    (said,) = sentences_on_unchecked(noted)
    assert f"patients of the pool and the test were in the training of text: {reason}." in said
    assert sentences_on_unchecked([]) == unchecked_sentences("this", "that", []) == []
