import numpy as np
import torch

from radtex.labelling.heads import heads_of, logits_of


def test_a_head_learns_from_labelled_studies_alone() -> None:
    rng = np.random.default_rng(0)
    features = torch.from_numpy(rng.normal(size=(300, 5)).astype(np.float32))
    labels = np.stack([features[:, 0] > 0, rng.random(300) < 0.5], 1).astype(np.float32)
    labels[:, 1] = 0
    labelled = np.arange(300) < 60
    heads = heads_of(features, labels, np.arange(300), labelled)
    logits = logits_of(heads, features)
    assert ((logits[60:, 0] > 0) == (labels[60:, 0] == 1)).mean() > 0.85
    assert np.isnan(logits[:, 1]).all()
    hidden = np.where(labelled[:, None], labels, np.nan)
    np.testing.assert_array_equal(
        logits, logits_of(heads_of(features, hidden, np.arange(300), labelled), features)
    )
