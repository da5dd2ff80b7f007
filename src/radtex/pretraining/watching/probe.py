"""A linear probe on the validation split, logged while a run trains. It selects nothing."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import label_policy
from radtex.errors import RecipeError
from radtex.findings import target_names
from radtex.models.encoder import Encoder, pool
from radtex.pretraining.data.pixels import Pixels

FOLDS = 5
STRENGTH = 0.01
"""C of the logistic regression on standardised features. It is not tuned: nothing depends on it."""
BATCH = 64


@dataclass(frozen=True)
class Probe:
    """Reads labels of the split `validate` and of no other."""

    pixels: Pixels
    """Images of the corpus."""
    every: int
    """Steps between measurements."""
    rows: NDArray[np.int64]
    """(n,) rows of the corpus."""
    patients: NDArray[np.object_]
    """(n,) patients of the rows."""
    labels: NDArray[np.float32]
    """(n, L) 1, 0, or NaN where the label is not definite."""
    targets: tuple[str, ...]
    """L names of the labels."""

    def measure(self, encoder: Encoder) -> dict[str, float]:
        """AUC of each target, each study scored by a probe that saw no image of its patient.

        The encoder is used in eval mode and returned to its mode; no random number is drawn.

        Returns:
            `probe_auc`, the mean, and `probe_auc/TARGET` of each.
        """
        features = self._features(encoder)
        scores = {
            f"probe_auc/{target}": self._auc(features, labels)
            for target, labels in zip(self.targets, self.labels.T, strict=True)
        }
        return {"probe_auc": float(np.mean(list(scores.values()))), **scores}

    def _features(self, encoder: Encoder) -> NDArray[np.float32]:
        training = encoder.training
        encoder.eval()
        device = next(encoder.parameters()).device
        with torch.inference_mode():
            batches = [
                pool(encoder(self.pixels.plain(rows, device))).float().cpu().numpy()
                for rows in np.array_split(self.rows, -(-len(self.rows) // BATCH))
            ]
        encoder.train(training)
        return np.concatenate(batches)

    def _auc(self, features: NDArray[np.float32], labels: NDArray[np.float32]) -> float:
        from sklearn.linear_model import LogisticRegression
        from sklearn.metrics import roc_auc_score
        from sklearn.model_selection import StratifiedGroupKFold
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        definite = ~np.isnan(labels)
        x, y, patients = features[definite], labels[definite] == 1, self.patients[definite]
        scores = np.zeros(len(y))
        for fit, held in StratifiedGroupKFold(FOLDS).split(x, y, patients):
            if len(np.unique(y[fit])) == 1:  # the patients held out are all there are of a class
                scores[held] = 0.5
                continue
            model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=1000))
            scores[held] = model.fit(x[fit], y[fit]).predict_proba(x[held])[:, 1]
        return float(roc_auc_score(y, scores))


def probe_of(
    corpus: Corpus, pixels: Pixels, every: int | None, names: tuple[str, ...], policy: str
) -> Probe | None:
    """Build the probe that a recipe asks for.

    Targets with fewer than `FOLDS` patients of a class in `validate` are left out.

    Args:
        corpus: where the labels are.
        pixels: the images of the corpus.
        every: steps between measurements; there is no probe if None.
        names: labels, or target sets; all labels of the corpus if empty.
        policy: name of the label policy.

    Raises:
        CorpusError: if the corpus has no split `validate`, or lacks a label.
        RecipeError: if no target is left.
    """
    if every is None:
        return None
    rows = corpus.rows("validate")
    patients = corpus.patients[rows]
    targets = target_names(names) or corpus.label_names
    labels = corpus.labels(targets, label_policy(policy))[rows]
    kept = [
        column
        for column in range(len(targets))
        if all(len(set(patients[labels[:, column] == side])) >= FOLDS for side in (0, 1))
    ]
    if not kept:
        raise RecipeError(
            f"the split validate of {corpus.path}, {len(rows)} images, cannot serve a probe: no "
            f"target has {FOLDS} patients with it and {FOLDS} without; leave --probe-every out, or "
            "name other --probe-targets"
        )
    left = tuple(targets[column] for column in kept)
    return Probe(pixels, every, rows, patients, labels[:, kept], left)
