"""The texts that a recipe's section `text` makes of a corpus: of its rows, and of its samples."""

import logging

import numpy as np
from numpy.typing import NDArray

from radtex.corpus.corpus import Corpus
from radtex.pretraining.data.text_options import TextOptions
from radtex.reports.laterality import swap_sides
from radtex.reports.priors import priors_rate
from radtex.reports.training_text import SAMPLED, TextPolicy, training_texts

_log = logging.getLogger(__name__)


def sample_texts(options: TextOptions, corpus: Corpus, flip: bool, seed: int) -> list[list[str]]:
    """Return the texts of the samples, as blocks of one per row: each text, then its mirrored one.

    Args:
        options: which texts, and what is done to them.
        corpus: where the reports are.
        flip: whether images are mirrored; if not, the mirrored texts are left empty.
        seed: of the order of `shuffle_reports`.

    Returns:
        Lists of as many texts as the corpus has rows; without mirroring and drawing, one list.
    """
    policies = SAMPLED if options.text_policy == "sampled" else (options.text_policy,)
    whole = _row_texts(options, corpus, policies[0], seed, logged=True)
    blocks = []
    for policy in policies:
        texts = whole
        if policy != policies[0]:
            part = _row_texts(options, corpus, policy, seed, logged=False)
            # Without its references to earlier studies, a section may be empty, the whole not.
            texts = [text or both for text, both in zip(part, whole, strict=True)]
        blocks += [texts, [swap_sides(text) if flip else "" for text in texts]]
    return blocks if flip or len(policies) > 1 else blocks[:1]


def rows_of_texts(options: TextOptions, corpus: Corpus, seed: int) -> NDArray[np.int64]:
    """Return the row whose report the text of each row is; its own, unless reports are shuffled.

    Args:
        options: whether they are.
        corpus: where the reports are.
        seed: of their order.
    """
    order = np.arange(len(corpus.index))
    if options.shuffle_reports:
        rng = np.random.default_rng(seed)
        for split in sorted(set(corpus.index["split"])):
            rows = corpus.rows(split)
            order[rows] = rng.permutation(rows)
    return order


def _row_texts(
    options: TextOptions, corpus: Corpus, policy: TextPolicy, seed: int, logged: bool
) -> list[str]:
    texts = training_texts(corpus.index, policy, options.remove_priors)
    if options.remove_priors and logged:
        _log.info(
            "texts that refer to earlier studies: %.1f %% before, %.1f %% after removal",
            100 * priors_rate(training_texts(corpus.index, policy)),
            100 * priors_rate(texts),
        )
    if options.shuffle_reports:
        texts = [texts[row] for row in rows_of_texts(options, corpus, seed)]
    return texts
