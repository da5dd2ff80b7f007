"""Images of one study are joined as `transfer` joins them."""

import numpy as np
import pytest
from scipy.special import expit

from radtex.classifiers.prediction import Prediction, by_study
from radtex.images.films import Belonging


def of(name: str, logit: float | None, reason: str = "", **header: str) -> Prediction:
    probabilities = None if logit is None else (float(expit(logit)), float(expit(-logit)))
    positive = None if probabilities is None else tuple(p >= 0.5 for p in probabilities)
    return Prediction(
        name,
        probabilities,
        positive,
        logit is None and reason.startswith("unlike"),
        1.0 if logit is not None else None,
        reason,
        Belonging(**header),
        (name,),
    )


def test_a_study_has_the_mean_log_odds_of_its_images() -> None:
    joined = by_study(
        [of("a", 2.0, study="1"), of("b", 0.5, study="2"), of("c", -1.0, study="1")], (0.5, 0.5)
    )
    assert [each.image for each in joined] == ["a", "b"]
    assert joined[0].files == ("a", "c")
    assert joined[0].answered == 2
    np.testing.assert_allclose(joined[0].probabilities, expit([0.5, -0.5]))
    assert joined[0].positive == (True, False)
    assert joined[1].answered == 1


def test_images_without_an_answer_are_left_out_and_told() -> None:
    (joined,) = by_study([of("a", None, "unlike", study="1"), of("b", 1.0, study="1")], (0.5, 0.5))
    assert joined.probabilities == pytest.approx(expit([1.0, -1.0]))
    assert joined.reason == "1 of 2 images have no answer"
    assert (joined.image, joined.answered) == ("a", 1)
    (none,) = by_study([of("a", None, "unlike", study="1"), of("b", None, "cut", study="1")], ())
    assert none.probabilities is None
    assert none.abstained
    assert none.reason == "unlike; cut"


def test_what_names_no_study_goes_by_accession_and_patient_else_alone() -> None:
    joined = by_study(
        [
            of("a", 1.0, accession="7", patient="p"),
            of("b", 1.0, accession="7", patient="p"),
            of("c", 1.0, accession="7", patient="q"),
            of("d", 1.0),
            of("e", 1.0),
        ],
        (0.5, 0.5),
    )
    assert [each.files for each in joined] == [("a", "b"), ("c",), ("d",), ("e",)]


def test_certain_answers_of_both_kinds_cancel() -> None:
    (joined,) = by_study([of("a", 1e4, study="1"), of("b", -1e4, study="1")], (0.5, 0.5))
    assert joined.probabilities == (0.5, 0.5)
