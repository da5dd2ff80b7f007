"""What a limit says of a distance."""

from radtex.classifiers.onnx_classifier import OnnxLimit


def test_beyond_the_limit_there_is_a_reason() -> None:
    limit = OnnxLimit(2.0, 100, {"noise": 1.0}, {})
    assert limit.reason(2.0) == ""
    assert limit.reason(2.01) == (
        "unlike the radiographs it was made from: distance 2.01, limit 2.00"
    )
    assert limit.warning == ""


def test_what_lets_others_pass_says_so() -> None:
    some = OnnxLimit(2.0, 100, {"noise": 1.0, "text": 0.2}, {})
    assert some.missed == ("text",)
    assert some.warning.endswith("text (20% refused)")
    assert "hardly ever abstains" in OnnxLimit(2.0, 100, {"text": 0.2}, {}).warning
    assert "never tried" in OnnxLimit(2.0, 100, {}, {}).warning
