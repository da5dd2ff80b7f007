import pytest

from radtex.errors import ProtocolError, RunError
from radtex.transfer.contestants.entries import contestants


def test_a_name_is_given_or_the_last_part_of_what_it_is(phantom_corpus):
    made = contestants(["random", "mine=random"], phantom_corpus, 0, "test_resnet")
    assert [each.name for each in made] == ["random", "mine"]
    assert {each.role for each in made} == {"random"}


def test_random_takes_the_size_and_grey_levels_of_the_corpus(phantom_corpus):
    (made,) = contestants(["random"], phantom_corpus, 0, "test_resnet")
    takes = made.takes
    assert (takes.size, takes.mean, takes.std) == (
        phantom_corpus.size, phantom_corpus.mean, phantom_corpus.std,
    )  # fmt: skip
    assert made.patients == frozenset()


def test_the_weights_of_random_depend_on_the_seed_alone(phantom_corpus):
    one, same, other = (
        contestants(["random"], phantom_corpus, seed, "test_resnet")[0].encoder.state_dict()
        for seed in (0, 0, 1)
    )
    assert all(one[name].equal(same[name]) for name in one)
    assert any(not one[name].equal(other[name]) for name in one)


def test_what_is_not_there_is_refused(phantom_corpus):
    with pytest.raises(RunError, match="nowhere"):
        contestants(["nowhere"], phantom_corpus, 0)


def test_only_runs_that_were_trained_on_labels_are_joined(phantom_corpus):
    with pytest.raises(ProtocolError, match="random was not trained on labels"):
        contestants(["unseen=random+random"], phantom_corpus, 0, "test_resnet")
