"""The reports that a run learnt from: those of the nearest films, and the head they teach."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from radtex.corpus.corpus import open_whole
from radtex.errors import RunError
from radtex.generation.label_head import LabelHead, fit_label_head, stated_labels
from radtex.models.pretrained import PretrainedModel
from radtex.models.run import Run
from radtex.reports import training_texts
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.contestants.features import pooled_features


class TrainingReports:
    """The train split of the corpus that a run was trained on, with the run's features of it."""

    texts: Sequence[str]
    """N reports, as the run is scored on them; films without one are left out."""

    def __init__(self, run: Run, model: PretrainedModel, corpus: Path | str) -> None:
        """Read the reports, and encode their films.

        Args:
            run: finished.
            model: of the run.
            corpus: that it was trained on.

        Raises:
            CorpusError: if it is no corpus.
            RunError: if the run was trained on another one, or its reports are empty.
        """
        opened = open_whole(corpus, "train", "runs learn from")
        if opened.content_hash != run.corpus_hash:
            raise RunError(
                f"{run.path} was trained on another corpus than {corpus}; name the one it was "
                "trained on with --train-corpus"
            )
        rows = opened.rows("train")
        texts = training_texts(opened.index.iloc[rows], run.reference_policy)
        there = [place for place, text in enumerate(texts) if text]
        if not there:
            raise RunError(f"the train split of {corpus} has no reports to learn from")
        self.texts = [texts[place] for place in there]
        rows = rows[there]
        contestant = Contestant("the run", "other", model.encoder, model.takes, {})
        self._features = pooled_features(contestant, opened.images, rows)
        self._patients = opened.patients[rows]

    @cached_property
    def head(self) -> LabelHead:
        """What features say that a report states."""
        return fit_label_head(self._features, stated_labels(self.texts), self._patients)

    @cached_property
    def _directions(self) -> Tensor:
        return F.normalize(self._features)

    def nearest(self, features: Tensor, count: int) -> NDArray[np.int64]:
        """The numbers of the reports of the nearest films, the nearest first.

        Likeness is the cosine between pooled features. Of equal reports the nearest is taken.

        Args:
            features: of B films, (B, D).
            count: how many different reports each gets, at most.

        Returns:
            (B, K), K the lesser of `count` and the different reports there are.
        """
        alike = F.normalize(features) @ self._directions.T
        order = alike.argsort(dim=1, descending=True, stable=True).cpu().numpy()
        number = {text: place for place, text in enumerate(dict.fromkeys(self.texts))}
        of_text = np.array([number[text] for text in self.texts])
        found = []
        for row in order:
            _, first = np.unique(of_text[row], return_index=True)
            found.append(row[np.sort(first)[:count]])
        return np.stack(found)
