from dataclasses import replace

from radtex.models.encoder_input import EncoderInput
from radtex.transfer.contestants.conditions import inequalities, mismatches, reservations


def test_what_differs_between_encoders_is_said(contestant):
    a, b, c = (contestant(name, "radtex") for name in "abc")
    assert inequalities([a, b, c], 16) == []
    b = replace(b, description={"architecture": "other", "steps": 10})
    c = replace(
        c, takes=EncoderInput(224, 100.0, 40.0), description={"architecture": "grid", "steps": 20}
    )
    sentences = inequalities([a, b, c], 16)
    assert sentences[0] == "Encoders differ in architecture: a grid, b other, c grid."
    assert sentences[1] == "Encoders differ in steps: a 10, b 10, c 20."
    assert sentences[2] == "Encoders differ in input size: a 16, b 16, c 224."
    assert "c 224" in sentences[3]
    assert "a 16" not in sentences[3]


def test_images_made_another_way_and_patients_that_may_be_shared_are_said(contestant):
    made = {"fit": "crop", "intensity": "window"}
    it = replace(contestant("it", "radtex"), description={**made, "namespaces": ["nih"]})
    own = {**made, "shares_patients_with": []}
    assert mismatches([it, contestant("noise", "random")], {"pool": own, "test": own}) == []
    other = {"fit": "crop", "intensity": "equalize", "shares_patients_with": ["nih"]}
    intensity, shared = mismatches([it], {"pool": own, "test": other})
    assert intensity == (
        "The test's images were made with intensity equalize, those that encoders learnt from "
        "otherwise: it window."
    )
    assert shared.startswith("Patients of the test may have been seen")


def test_fewer_than_three_runs_are_conditional(contestant):
    known = frozenset({"hash"})
    runs = [contestant(name, "radtex", patients=known) for name in "abc"]
    assert reservations(runs[:1]) == ["Results for radtex are conditional on one pretraining run."]
    assert "two pretraining runs" in reservations(runs[:2])[0]
    assert reservations(runs) == []


def test_a_run_of_unknown_patients_is_named_and_a_random_one_is_not(contestant):
    sentences = reservations([contestant("it", "other"), contestant("noise", "random")])
    assert len(sentences) == 1
    assert "it." in sentences[0]


def test_what_was_trained_elsewhere_and_is_resized_otherwise_is_said(contestant):
    own = contestant("own", "radtex")
    made = {"architecture": "grid", "trained": "elsewhere", "weights": "timm grid.a1"}
    it = replace(
        contestant("it", "other"), takes=EncoderInput(224, 100.0, 40.0, "bicubic"), description=made
    )
    sized = replace(own, name="sized", takes=EncoderInput(32, 100.0, 40.0))
    differ, sizes, resized, elsewhere = inequalities([own, it, sized], 16)
    assert differ == "Encoders differ in input size: own 16, it 224, sized 32."
    assert "it 224, sized 32" in sizes
    assert resized == "They are resized each as its maker does: it bicubic, sized bilinear."
    assert elsewhere.endswith("that are not those of the other encoders: it (timm grid.a1).")


def test_patients_that_foreign_weights_may_have_seen_are_said(contestant):
    of_nih = {"fit": "crop", "intensity": "window", "shares_patients_with": []}
    of_nih["namespaces"] = ["nih"]
    foreign = replace(contestant("foreign", "other"), description={"namespaces": ["nih"]})
    own = replace(
        contestant("own", "radtex", patients=frozenset({"hash"})),
        description={"namespaces": ["nih"], "init": "xrv:densenet121-res224-nih"},
    )
    (seen,) = mismatches([foreign, own], {"test": of_nih})
    assert seen.endswith("no public table tells which: foreign.")
    (*_, unknown) = reservations([foreign, own])
    assert unknown.endswith("pool or the test: foreign, own.")
