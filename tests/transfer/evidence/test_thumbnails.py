import io

import numpy as np
from PIL import Image

from radtex.transfer.evidence.thumbnails import SIDE, missed_films, thumbnail


def test_a_thumbnail_is_small_grey_and_always_the_same():
    image = np.random.default_rng(0).integers(0, 256, (400, 300), np.uint8)
    made = thumbnail(image)
    with Image.open(io.BytesIO(made)) as picture:
        assert (picture.mode, picture.size) == ("L", (SIDE * 3 // 4, SIDE))
    assert made == thumbnail(image)


def test_a_small_film_stays_as_it_is():
    image = np.arange(256, dtype=np.uint8).reshape(16, 16)
    with Image.open(io.BytesIO(thumbnail(image))) as picture:
        np.testing.assert_array_equal(np.asarray(picture), image)


def test_the_films_are_those_of_the_missed_studies(results, corpus):
    films = missed_films(results, corpus.images)
    study, png = next(iter(films.items()))
    with Image.open(io.BytesIO(png)) as picture:
        row = results.rows_of_studies[study]
        np.testing.assert_array_equal(np.asarray(picture), corpus.images[row])
