import pytest

from radtex.errors import ProtocolError
from radtex.transfer.leaks import refuse_shared_patients


def test_shared_patients_are_counted_once_each_and_both_sides_named():
    seen, tested = frozenset("abc"), ["b", "c", "c", "d"]
    with pytest.raises(ProtocolError) as refusal:
        refuse_shared_patients(seen, tested, seen_in="the pool", tested_in="the test")
    assert str(refusal.value) == (
        "2 patients are both in the pool and in the test; choose splits that share no patient"
    )


def test_the_remedy_is_the_callers():
    with pytest.raises(ProtocolError, match="; score another split"):
        refuse_shared_patients(
            "a", "a", seen_in="this", tested_in="that", remedy="score another split"
        )


@pytest.mark.parametrize(("seen", "tested"), [("", ""), ("a", "b"), ("abc", "")])
def test_sides_that_share_no_patient_may_go_on(seen, tested):
    refuse_shared_patients(seen, tested, seen_in="this", tested_in="that")
