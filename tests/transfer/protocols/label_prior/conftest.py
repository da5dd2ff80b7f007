"""A corpus whose reports tell its labels, and an encoder that learnt from them."""

from dataclasses import replace

import numpy as np
import pytest

from radtex.transfer.protocols.label_prior.reports_head import ReportsHead


def words(labels) -> str:
    """A report that affirms and denies."""
    edema, effusion = labels
    return f"{'Mild' if edema else 'No'} edema. {'Small' if effusion else 'No'} pleural effusion."


@pytest.fixture(scope="session")
def reporting(corpus):
    """The corpus of few labels, half of its pool's patients as a train split with reports."""
    index = corpus.index.copy()
    number = index["patient_id"].str[1:].astype(int).to_numpy()
    index.loc[(index["split"] == "pool") & (number % 4 == 0), "split"] = "train"
    truth = index[["label.Edema", "label.Effusion"]].to_numpy(dtype=int)
    index["findings"] = [words(labels) for labels in truth]
    return replace(corpus, index=index)


@pytest.fixture(scope="session")
def reader(contestant):
    """Make a contestant that learnt from the reports: `reader(name, seed=1, **recipe)`."""

    def make(name, seed=1, **recipe):
        plain = contestant(name, "radtex", seed)
        described = {"recipe": {"objective": "bicaptioning", **recipe}, "corpus": "0" * 64}
        return replace(plain, description=plain.description | described)

    return make


@pytest.fixture(scope="session")
def head(reporting):
    """Make the source of priors: `head(corruption=0.0, corpus=reporting)`."""

    def make(corruption=0.0, corpus=reporting):
        return ReportsHead(corpus, corpus.rows("train"), "blank-negative", corruption, 0)

    return make


@pytest.fixture(scope="session")
def measured(run, reporting, reader, head):
    """The results of an encoder with and without a prior from reports."""
    source = head()
    contestants = source.twins([reader("text")])
    from radtex.transfer.protocols.linear import Linear

    return run(
        contestants, pool_corpus=reporting, test_corpus=reporting, budgets=(20, 60),
        protocol=Linear().beginning_from(source), repeats=4,
    )  # fmt: skip


def dealt(corpus):
    """The same corpus with each train report dealt to another film."""
    index = corpus.index.copy()
    rows = corpus.rows("train")
    texts = index["findings"].to_numpy(object)
    texts[rows] = texts[np.random.default_rng(1).permutation(rows)]
    index["findings"] = texts
    return replace(corpus, index=index)
