"""What a film's own header refuses."""

import numpy as np
import pytest

from radtex.serving.answering.studying import refuse_other_films
from radtex.serving.film_workers.film_pool import DecodedFilm
from radtex.serving.problems import ProblemError


def film(view: str, chest: bool) -> DecodedFilm:
    return DecodedFilm((np.zeros((2, 2), np.uint8),), b"", 2, 2, view, chest, True, False)


@pytest.mark.parametrize("view", ["PA", "AP", "OTHER", ""])
def test_frontal_and_unknown_views_are_read(view: str) -> None:
    refuse_other_films(film(view, True))


@pytest.mark.parametrize(
    ("view", "chest", "kind"), [("LATERAL", True, "lateral-film"), ("PA", False, "no-chest")]
)
def test_other_films_are_refused(view: str, chest: bool, kind: str) -> None:
    with pytest.raises(ProblemError) as caught:
        refuse_other_films(film(view, chest))
    assert (caught.value.status, caught.value.kind) == (422, kind)
