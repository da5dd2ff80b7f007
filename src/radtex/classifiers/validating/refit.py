"""Calibration on some of a site's labels: before and after, on the rest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radtex.classifiers.platt import Platt, fit_platt
from radtex.classifiers.validating.site import Site
from radtex.errors import ProtocolError
from radtex.statistics.intervals import Estimate, estimate
from radtex.transfer.measures.measured import DefiniteStudies
from radtex.transfer.measures.recalibration import recalibrate
from radtex.transfer.sampling.eligibility import TEST_FLOOR, too_few_patients

LEAST = 5
"""Patients of each class that intercept and slope are fitted on."""


@dataclass(frozen=True)
class Quality:
    """Calibration of one target on the studies that were not refitted on."""

    slope: Estimate | None
    """1 is right; None where there is none."""
    intercept: Estimate | None
    """0 is right."""
    brier: Estimate
    """0 is perfect."""


@dataclass(frozen=True)
class Refit:
    """Intercept and slope of one target, fitted anew on the site."""

    target: str
    """Its name."""
    curve: Platt
    """From the log odds of before to those of now."""
    labelled: int
    """Studies that it was fitted on."""
    rest: int
    """Studies that it is measured on."""
    before: Quality
    """With the classifier's own calibration."""
    after: Quality
    """With the new one."""


def refit(site: Site, number: int, seed: int = 0) -> tuple[tuple[Refit, ...], dict[str, str]]:
    """Fit intercept and slope on whole patients until NUMBER studies are labelled, each target.

    Args:
        site: the answers.
        number: of studies with a definite label that are fitted on.
        seed: orders the patients.

    Returns:
        The targets that could be refitted, and why the others could not.

    Raises:
        ProtocolError: if none could be.
    """
    order = np.random.default_rng(seed).permutation(site.studies.patient_count)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    done, excluded = [], {}
    for column, target in enumerate(site.targets):
        labels = site.studies.labels[:, column]
        definite = np.flatnonzero(~np.isnan(labels))
        first = definite[np.argsort(rank[site.studies.patients[definite]], kind="stable")][:number]
        chosen = np.isin(site.studies.patients, site.studies.patients[first])
        lacking = _lacking(labels, chosen, site.studies.patients)
        if lacking:
            excluded[target] = lacking
            continue
        done.append(_refitted(site, column, chosen))
    if not done:
        raise ProtocolError(
            f"--recalibrate {number} leaves no target to measure: "
            + "; ".join(f"{name}: {reason}" for name, reason in excluded.items())
        )
    return tuple(done), excluded


def _lacking(
    labels: NDArray[np.float32], chosen: NDArray[np.bool_], patients: NDArray[np.int64]
) -> str:
    sides = ((chosen, "the part to fit on", LEAST), (~chosen, "the rest", TEST_FLOOR))
    for side, where, floor in sides:
        lacking = too_few_patients(labels[side], patients[side], floor)
        if lacking:
            return f"{where} has {lacking}"
    return ""


def _refitted(site: Site, column: int, chosen: NDArray[np.bool_]) -> Refit:
    labels, logits = site.studies.labels[:, column], site.logits[:, column]
    definite = ~np.isnan(labels)
    fitted = definite & chosen
    curve = fit_platt(logits[fitted], labels[fitted] == 1)
    rest = definite & ~chosen
    tested = DefiniteStudies(
        labels[rest] == 1, site.studies.patients[rest], site.studies.patient_count
    )
    return Refit(
        site.targets[column],
        curve,
        int(fitted.sum()),
        int(rest.sum()),
        _quality(logits[rest], tested),
        _quality(curve.slope * logits[rest] + curve.offset, tested),
    )


def _quality(logits: NDArray[np.float64], tested: DefiniteStudies) -> Quality:
    found = recalibrate(logits[:, None], tested)
    errors = (1 / (1 + np.exp(-logits)) - tested.positive) ** 2
    shifts = tested.sum_by_patient(((errors - errors.mean()) / len(errors))[:, None])[:, 0]
    return Quality(
        None if found.slope is None else found.slope.estimates()[0],
        None if found.intercept is None else found.intercept.estimates()[0],
        estimate(errors.mean(keepdims=True), shifts),
    )
