"""Keys that are ids."""

from hypothesis import given
from hypothesis import strategies as st

from radtex.corpus.joining.id_keys import CASE, ZEROS, pair_ids


def test_equal_ids_are_paired_and_others_are_not():
    pairing = pair_ids(["a", "b", ""], ["a", "c", ""])
    assert (pairing.meant, pairing.ways, pairing.ambiguous) == ({"a": "a"}, {}, {})


def test_case_and_spaces_and_lost_zeros_are_no_difference_where_one_id_fits():
    pairing = pair_ids(["ACC 1", "12", "7.0", '="09"'], ["acc1", "0012", "007", "09"])
    assert pairing.meant == {"ACC 1": "acc1", "12": "0012", "7.0": "007", '="09"': "09"}
    assert pairing.ways == {"ACC 1": CASE, "12": ZEROS, "7.0": ZEROS}


def test_a_key_without_zeros_that_fits_two_ids_means_none_not_even_its_equal():
    pairing = pair_ids(["12", "5"], ["0012", "12", "005"])
    assert pairing.meant == {"5": "005"}
    assert set(pairing.ambiguous) == {"12"}


def test_a_table_that_kept_its_zeros_tells_such_ids_apart():
    pairing = pair_ids(["12", "0012"], ["0012", "12"])
    assert pairing.meant == {"12": "12", "0012": "0012"}


def test_two_keys_that_would_mean_one_id_but_for_zeros_mean_none():
    assert pair_ids(["12", "012"], ["0012"]).meant == {}
    assert pair_ids(["12", "0012"], ["0012"]).meant == {"0012": "0012"}


@given(st.lists(st.sampled_from(["1", "01", "001", "a", "A", "1.0", "2"]), max_size=6))
def test_every_key_that_is_joined_is_so_but_for_case_and_zeros(keys):
    ids = ["1", "001", "a", "02"]
    pairing = pair_ids(keys, ids)
    assert set(pairing.meant.values()) <= set(ids)
    assert not pairing.meant.keys() & pairing.ambiguous.keys()
    assert pairing.ways.keys() <= pairing.meant.keys()
