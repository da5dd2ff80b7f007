import numpy as np

from radtex.corpus.readings.agreement import agreements
from radtex.corpus.readings.journal import Journal, Readings


def test_pairs_of_readers_are_compared_on_what_both_read() -> None:
    images = [f"i{n}" for n in range(40)]
    truth = [n % 2 for n in range(40)]
    other = [1 - value if n < 4 else value for n, value in enumerate(truth)]
    blank = [None] * 40
    told = Journal(
        [
            Readings(1, "anna", images, {"Edema": truth, "Mass": blank}, [""] * 40),
            Readings(1, "ben", images[:30], {"Edema": other[:30]}, [""] * 30),
            Readings(2, "cleo", images, {"Mass": truth}, [""] * 40),
        ]
    )
    number = np.arange(40)
    (found,) = agreements(np.array(images, object), number, number // 2, told)
    assert (found.label, found.readers) == ("Edema", ("anna", "ben"))
    assert (found.studies, found.agreed) == (30, 26)
    assert found.kappa.low < found.kappa.value < 1
    assert str(found).startswith("Edema, anna and ben: 26 of 30 studies alike, kappa 0.73 [")


def test_images_of_one_study_count_once() -> None:
    images = ["a", "b", "c"]
    told = Journal(
        [Readings(1, who, images, {"Edema": [1, 1, 0]}, [""] * 3) for who in ("anna", "ben")]
    )
    (found,) = agreements(np.array(images, object), np.array([0, 0, 1]), np.array([0, 0, 1]), told)
    assert (found.studies, found.agreed) == (2, 2)
