"""`radtex.FewLabelClassifier`: the probe of `radtex transfer` as an estimator of scikit-learn."""

import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from radtex.classifiers.platt import Platt, fit_platt, out_of_fold
from radtex.statistics.thresholds import Thresholds, choose_thresholds
from radtex.transfer.protocols.probes import STRENGTHS, fit_probes, fit_probes_from_prior
from radtex.transfer.sampling.draws import Draw
from radtex.transfer.sampling.folds import every_fold_trains, grouped_folds

UNCALIBRATED = Platt(1.0, 0.0)
"""Logits as they are."""


class FewLabelClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A calibrated logistic probe on features, for few labels of two classes.

    As `radtex transfer` fits and `--save` calibrates it: features are standardised, C is chosen by
    stratified folds that keep each patient whole, and Platt's curve is fitted on the logits of the
    held-out folds. It follows scikit-learn's rules, so what it refuses is a ValueError.

    Args:
        calibrate: whether probabilities are calibrated. Without it, they are those of the logits.
        random_state: deals the patients to folds; an int, what `numpy.random.default_rng` takes, a
            `numpy.random.RandomState`, or None for other folds each time.

    Example:
        >>> import numpy as np
        >>> import radtex
        >>> rng = np.random.default_rng(0)
        >>> features, patients = rng.normal(size=(60, 8)), np.arange(60) // 2
        >>> labels = (features[:, 0] + rng.normal(size=60) > 0).astype(int)
        >>> classifier = radtex.FewLabelClassifier().fit(features, labels, groups=patients)
        >>> classifier.predict_proba(features).shape
        (60, 2)
        >>> classifier.classes_
        array([0, 1])
    """

    classes_: NDArray[Any]
    """The two labels, ascending; the second counts as positive."""
    coef_: NDArray[np.float64]
    """(1, D): of features as they come, before calibration."""
    intercept_: NDArray[np.float64]
    """(1,): likewise."""
    C_: float
    """The chosen one of `probes.STRENGTHS`."""
    prior_slope_: float
    """How much of the prior is added to the logit; 0 without one, or where it does not help."""
    platt_: Platt
    """From logits to probabilities."""
    thresholds_: Thresholds | None
    """Probabilities from which a yes may be said, chosen on held-out folds; None where nothing
    could be held out. `predict` takes one half, as scikit-learn has it."""

    def __init__(
        self,
        *,
        calibrate: bool = True,
        random_state: int | Sequence[int] | np.random.RandomState | None = 0,
    ) -> None:
        self.calibrate = calibrate
        self.random_state = random_state

    def fit(
        self,
        X: ArrayLike,  # noqa: N803
        y: ArrayLike,
        groups: ArrayLike | None = None,
        prior: ArrayLike | None = None,
    ) -> Self:
        """Fit to n labelled studies.

        Args:
            X: features, (n, D).
            y: labels, (n,), of two kinds.
            groups: (n,), tells patients apart. Without it, each row counts as a patient.
            prior: (n,), log odds that are known of each study without its label, such as those of
                a head on reports; `predict_proba` then takes those of its studies. The folds choose
                how much of them is used, if any.

        Raises:
            ValueError: if there are not two classes, or the arguments do not fit each other.
        """
        rows, stated = validate_data(self, X, y, dtype=[np.float64, np.float32])
        check_classification_targets(stated)
        kind = type_of_target(stated, input_name="y")
        self.classes_, labels = np.unique(stated, return_inverse=True)
        if kind != "binary":
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {kind}."
            )
        if len(self.classes_) < 2:
            raise ValueError("y holds one class; a classifier needs labels of two")
        positive = labels == 1
        patients = _patients(groups, len(stated))
        draw = Draw(
            target=0,
            repeat=0,
            budget=len(stated),
            studies=np.arange(len(stated)),
            positive=positive,
            folds=grouped_folds(positive, patients, _generator(self.random_state)),
            forced=False,
        )
        features, known = torch.from_numpy(np.array(rows)), _known(prior, len(stated))
        if known is None:
            fits = fit_probes(features, [draw], "", shown=False)
        else:
            start = torch.from_numpy(known).to(features)[:, None]
            _, fits = fit_probes_from_prior(features, [draw], "", start, shown=False)
        self.coef_ = fits.weights.numpy().astype(np.float64)
        self.intercept_ = fits.intercepts.numpy().astype(np.float64)
        self.C_ = STRENGTHS[int(fits.choices[0])]
        self.prior_slope_ = float(fits.slopes[0])
        self.platt_, self.thresholds_ = UNCALIBRATED, None
        if every_fold_trains(positive, draw.folds):
            offset = None if known is None else torch.from_numpy(self.prior_slope_ * known)
            logits = out_of_fold(features, positive, draw.folds, offset)
            if self.calibrate:
                self.platt_ = fit_platt(logits, positive)
            self.thresholds_ = choose_thresholds(self.platt_.probabilities(logits), positive)
        elif self.calibrate:
            warnings.warn(
                "the labels of one class come from too few patients to be held out, so "
                "probabilities are not calibrated, and C is the smallest",
                stacklevel=2,
            )
        return self

    def decision_function(
        self,
        X: ArrayLike,  # noqa: N803
        prior: ArrayLike | None = None,
    ) -> NDArray[np.float64]:
        """Calibrated log odds of the second class, (n,).

        Args:
            X: features, (n, D).
            prior: (n,), as `fit` took it.

        Raises:
            ValueError: if the features are not those of `fit`, or a prior is there in only one.
        """
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        logits: NDArray[np.float64] = rows @ self.coef_[0] + self.intercept_[0]
        known = _known(prior, len(logits))
        if known is None and self.prior_slope_:
            raise ValueError("it was fitted with a prior; give that of these studies, too")
        if known is not None:
            logits = logits + self.prior_slope_ * known
        return self.platt_.slope * logits + self.platt_.offset

    def predict_proba(
        self,
        X: ArrayLike,  # noqa: N803
        prior: ArrayLike | None = None,
    ) -> NDArray[np.float64]:
        """Probabilities of both classes, (n, 2); the arguments are those of `decision_function`."""
        positive = expit(self.decision_function(X, prior))
        return np.stack([1 - positive, positive], 1)

    def predict(
        self,
        X: ArrayLike,  # noqa: N803
        prior: ArrayLike | None = None,
    ) -> NDArray[Any]:
        """The likelier class of each study; the arguments are those of `decision_function`."""
        positive = self.decision_function(X, prior) > 0
        chosen: NDArray[Any] = self.classes_[positive.astype(int)]
        return chosen

    def __sklearn_tags__(self) -> Any:
        """Say to scikit-learn that there are two classes."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


def _patients(groups: ArrayLike | None, count: int) -> NDArray[np.int64]:
    if groups is None:
        return np.arange(count)
    _, patients = np.unique(column_or_1d(groups), return_inverse=True)
    if len(patients) != count:
        raise ValueError(f"groups has {len(patients)} entries and X {count} rows")
    return np.asarray(patients, np.int64)


def _known(prior: ArrayLike | None, count: int) -> NDArray[np.float64] | None:
    if prior is None:
        return None
    known = np.asarray(column_or_1d(prior), np.float64)
    if len(known) != count:
        raise ValueError(f"prior has {len(known)} entries and X {count} rows")
    if not np.isfinite(known).all():
        raise ValueError("prior holds values that are not finite; 0 says that nothing is known")
    return known


def _generator(
    state: int | Sequence[int] | np.random.RandomState | None,
) -> np.random.Generator:
    if isinstance(state, np.random.RandomState):
        return np.random.default_rng(state.randint(2**31))
    return np.random.default_rng(state)
