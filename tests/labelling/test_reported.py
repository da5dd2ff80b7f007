from dataclasses import replace

import numpy as np
import pandas as pd

from radtex.corpus.corpus import Corpus
from radtex.labelling.reported import reported_labels


def test_reports_are_read_where_the_build_did_not(phantom_corpus: Corpus) -> None:
    rows = np.arange(40)
    found = reported_labels(phantom_corpus, rows, ["Pleural Effusion", "Gout"])
    truth = phantom_corpus.index["label.Pleural Effusion"][:40].to_numpy(float)
    said = ~np.isnan(found[:, 0])
    assert said.sum() > 20
    assert (found[said, 0] == truth[said]).mean() > 0.9
    assert np.isnan(found[:, 1]).all()


def test_labels_that_the_build_read_are_taken(phantom_corpus: Corpus) -> None:
    index = phantom_corpus.index.assign(
        **{
            "label.Edema": pd.array([1, 0, -1, 1] + [None] * 116, dtype="Int8"),
            "label_source.Edema": ["report", "report", "report", "human"] + [""] * 116,
        }
    )
    found = reported_labels(replace(phantom_corpus, index=index), np.arange(5), ["Edema"])
    np.testing.assert_array_equal(found[:, 0], [1, 0, np.nan, np.nan, np.nan])
