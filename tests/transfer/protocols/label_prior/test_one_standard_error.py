import numpy as np
import torch

from radtex.transfer.protocols.label_prior.one_standard_error import gains_enough


def test_a_gain_must_exceed_its_standard_error():
    rng = np.random.default_rng(0)
    gains = rng.normal(0.1, 1, size=(200, 50))
    expected = gains.mean(1) > gains.std(1, ddof=1) / 50**0.5
    assert gains_enough(torch.tensor(gains)).tolist() == expected.tolist()
    assert 0 < expected.sum() < 200


def test_what_drowns_in_rounding_is_no_gain():
    assert gains_enough(torch.full((1, 9), 1e-6)).tolist() == [False]
    assert gains_enough(torch.full((1, 9), 1e-3)).tolist() == [True]
