import pytest

from radtex.errors import ProtocolError
from radtex.transfer.protocols.registry import open_protocol


def test_each_seed_of_a_recipe_gets_the_prior(head, reader):
    from dataclasses import replace

    seeds = (reader("one", 1), reader("two", 2))
    whole = replace(reader("both"), seeds=seeds)
    plain, begun = head().twins([whole])
    assert plain is whole
    assert begun.name == "both+reports"
    assert [part.name for part in begun.parts] == ["one+reports", "two+reports"]
    assert all(part.prior == "reports" for part in begun.parts)


def test_seeds_with_a_prior_are_measured_alike(head, reader, run, reporting):
    from dataclasses import replace

    from radtex.transfer.protocols.linear import Linear

    source = head()
    whole = replace(reader("both"), seeds=(reader("one", 1), reader("two", 2)))
    results = run(
        source.twins([whole]), pool_corpus=reporting, test_corpus=reporting, budgets=(20,),
        repeats=2, protocol=Linear().beginning_from(source),
    )  # fmt: skip
    alone = run(
        source.twins(list(whole.seeds)), pool_corpus=reporting, test_corpus=reporting,
        budgets=(20,), repeats=2, protocol=Linear().beginning_from(source),
    )  # fmt: skip
    for budget in (0, 20):
        means = [alone.mean_auc[name][budget].mean for name in ("one+reports", "two+reports")]
        assert results.mean_auc["both+reports"][budget].mean == pytest.approx(sum(means) / 2)


@pytest.mark.parametrize("name", ["knn", "prototype", "finetune"])
def test_other_protocols_begin_from_no_prior(head, name):
    with pytest.raises(ProtocolError, match=f"the protocol {name} begins from no prior"):
        open_protocol(name).beginning_from(head())
