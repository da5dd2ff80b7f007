from dataclasses import replace

import pytest

from radtex.errors import ProtocolError
from radtex.transfer.contestants.primary_family import apart, primary_family


@pytest.fixture
def run_of(contestant):
    def make(name, role, seed, init="imagenet"):
        recipe = {"init": init, "seed": seed}
        made = contestant(name, role, seed)
        return replace(made, description={**made.description, "recipe": recipe, "seed": seed})

    return make


def test_by_default_it_is_one_radtex_against_imagenet_and_supervised(contestant):
    roles = ("radtex", "supervised", "imagenet", "random", "other", "control", "rival", "floor")
    family = primary_family([contestant(role, role) for role in roles])
    assert family == (("radtex", "supervised"), ("radtex", "imagenet"))
    assert primary_family([contestant("a", "control"), contestant("b", "imagenet")]) == ()


def test_of_several_seeds_the_first_stands_for_the_recipe(run_of, contestant):
    made = [
        contestant("imagenet", "imagenet"),
        *(run_of(f"supervised-{seed}", "supervised", seed) for seed in (0, 1, 2)),
        *(run_of(f"radtex-{seed}", "radtex", seed) for seed in (0, 1, 2)),
    ]
    assert primary_family(made) == (("imagenet", "radtex-0"), ("supervised-0", "radtex-0"))
    (sentence,) = apart(made)
    assert "stand supervised-1, supervised-2, radtex-1, radtex-2." in sentence
    assert apart(made[:2]) == []


def test_it_is_named_by_encoders_or_roles_and_a_name_wins(contestant):
    made = [
        contestant("mine", "control"),
        contestant("imagenet", "imagenet"),
        contestant("random", "imagenet"),
        contestant("a:b", "other"),
    ]
    assert primary_family(made, ["mine:imagenet"]) == (("mine", "imagenet"),)
    assert primary_family(made, ["control:random", "a:b:mine"]) == (
        ("mine", "random"),
        ("mine", "a:b"),
    )


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("mine", "is no pair A:B"),
        (
            "mine:yours",
            r"is no pair A:B .*; the encoders are mine \(control\), photos \(imagenet\)",
        ),
        ("mine:mine", "is no pair"),
        ("radtex:imagenet", "no encoder has the role radtex"),
    ],
)
def test_a_pair_that_names_nobody_is_refused(contestant, pair, message):
    made = [contestant("mine", "control"), contestant("photos", "imagenet")]
    with pytest.raises(ProtocolError, match=message):
        primary_family(made, [pair])


def test_it_is_in_the_results_and_alone_adjusted(run, contestant):
    made = [contestant("a", "control", 1), contestant("b", "other", 2), contestant("c", "rival", 3)]
    results = run(made, (20,), 2)
    assert results.protocol["primary_family"] == []
    assert any(flag.startswith("No comparison is primary") for flag in results.flags)
    assert all(pair.p_holm is None for pair in results.paired)
