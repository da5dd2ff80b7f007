from dataclasses import replace

import pytest

from radtex.pretraining.recipe import load_recipe
from radtex.transfer.contestants.recipe_facts import recipe_facts, same_recipe


@pytest.fixture
def run_of(contestant):
    def make(**overrides):
        recipe = load_recipe(overrides=overrides).as_dict()
        made = contestant("it", "radtex")
        return replace(made, description={**made.description, "recipe": recipe, "corpus": "0"})

    return make


def test_what_is_no_run_has_no_facts(contestant):
    assert recipe_facts(contestant("noise", "random")) == {}
    assert not same_recipe(contestant("a", "random"), contestant("a", "random"))


def test_a_seed_and_what_changes_no_weights_make_no_other_recipe(run_of):
    assert same_recipe(run_of(), run_of(seed=3, checkpoint_every=7, compile=True))
    assert not same_recipe(run_of(), run_of(batch_size=8))
    assert not same_recipe(run_of(), run_of(init="imagenet"))
    corpus = replace(run_of(), description={**run_of().description, "corpus": "1"})
    assert not same_recipe(run_of(), corpus)


def test_what_an_earlier_version_did_not_know_has_its_default(run_of):
    old = run_of().description
    recipe = {name: value for name, value in old["recipe"].items() if name != "label_policy"}
    earlier = replace(run_of(), description={**old, "recipe": recipe})
    assert recipe_facts(earlier)["label_policy"] == "paper"
    assert same_recipe(run_of(), earlier)


def test_an_earlier_version_learnt_its_tokenizer_from_all_words(run_of):
    old = run_of().description
    text = {name: value for name, value in old["recipe"]["text"].items() if name != "word_patients"}
    recipe = {**old["recipe"], "text": text}
    earlier = replace(run_of(), description={**old, "recipe": recipe})
    assert recipe_facts(earlier)["word_patients"] == 1
    assert not same_recipe(run_of(), earlier)
    assert same_recipe(run_of(word_patients=1), earlier)
