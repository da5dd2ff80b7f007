import numpy as np
import pytest

from radtex.labelling.neighbourhoods import DIMENSIONS, groups, reduced


@pytest.fixture
def blobs() -> np.ndarray:
    """100, 30 and 10 films around three places, 200 features."""
    rng = np.random.default_rng(0)
    middles = rng.normal(0, 4, (3, 200))
    sizes = (100, 30, 10)
    return np.concatenate(
        [rng.normal(middle, 1, (n, 200)) for middle, n in zip(middles, sizes, strict=True)]
    ).astype(np.float32)


def test_points_have_length_one_and_few_dimensions(blobs: np.ndarray) -> None:
    points = reduced(np.concatenate([blobs, np.ones((140, 1), np.float32)], 1))
    assert points.shape == (140, DIMENSIONS)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1, rtol=1e-5)


def test_components_are_those_of_the_other_way_round(blobs: np.ndarray) -> None:
    """More films than features go by the covariance, fewer by singular values: same distances."""
    some = blobs[:, :139]
    one = reduced(some)
    other = reduced(np.concatenate([some, np.zeros((140, 2), np.float32)], 1))
    np.testing.assert_allclose(one @ one.T, other @ other.T, atol=1e-3)


def test_groups_do_not_mix_places(blobs: np.ndarray) -> None:
    found = groups(reduced(blobs), 8, 0)
    place = np.repeat([0, 1, 2], (100, 30, 10))
    assert all(len(set(place[found == number])) == 1 for number in np.unique(found))
    assert groups(reduced(blobs), 500, 0).tolist() == list(range(140))
