"""What more labels would buy: from a pilot to the expected AUC at larger budgets.

The pilot's learning curve (`learning_curve`) is continued by an inverse power law (`power_law`).
Its interval is that of the law fitted to REPLICATES curves, in each of which the pilot's patients
are drawn anew (with exponential weights: Rubin 1981, Ann. Stat. 9:130, to first order), the curve's
level moves by the luck of who was trained on, and each size by the noise of its repeats.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radtex.errors import ProtocolError
from radtex.text_tables import aligned
from radtex.transfer.planning.learning_curve import LearningCurve
from radtex.transfer.planning.power_law import PowerLaw, fit_power_law

REPLICATES = 10_000
FAR = 10
"""Times the pilot beyond which a budget is called far."""
_AT_ONCE = 500


@dataclass(frozen=True)
class Expected:
    """An AUC, or a difference of two, with its 95 % interval."""

    mean: float
    """The point estimate."""
    low: float
    """Lower end of the interval."""
    high: float
    """Upper end of the interval."""


@dataclass(frozen=True)
class Plan:
    """What a pilot says of larger budgets."""

    curve: LearningCurve
    """What was measured inside the pilot."""
    law: PowerLaw
    """One curve, fitted to the measured one."""
    auc: dict[int, Expected]
    """The mean AUC over targets, by budget."""
    gain: dict[int, Expected]
    """What it lies above the AUC with the whole pilot, by budget."""
    flags: tuple[str, ...]
    """What a reader must know beside the numbers, in sentences."""


def plan_budgets(curve: LearningCurve, budgets: Sequence[int], seed: int) -> Plan:
    """Continue a curve to larger budgets.

    Args:
        curve: what was measured inside the pilot.
        budgets: labelled studies per target.
        seed: of the replicates.

    Raises:
        ProtocolError: if a budget is given twice or is below the curve's smallest size.
    """
    if not budgets or len(set(budgets)) != len(budgets):
        raise ProtocolError(
            f"the budgets are {' '.join(map(str, budgets)) or 'none'}; name each budget once"
        )
    ascending = sorted(budgets)
    if ascending[0] < curve.sizes[0]:
        raise ProtocolError(
            f"a budget of {ascending[0]} is below the smallest measured size, "
            f"{curve.sizes[0]:.0f} labels; name larger budgets"
        )
    count = len(curve.repeats)
    noise = curve.repeats.var(axis=0, ddof=1) / count if count > 1 else np.zeros(len(curve.sizes))
    variance = (curve.influence**2).sum(1) + noise
    law = fit_power_law(curve.sizes, curve.mean[None], variance)
    again = fit_power_law(curve.sizes, _replicates(curve, noise, seed), variance)
    places = np.array([*ascending, curve.pilot], np.float64)
    point, spread = law.at(places), again.at(places)
    return Plan(
        curve=curve,
        law=law,
        auc=_expected(ascending, point[:, :-1], spread[:, :-1]),
        gain=_expected(ascending, point[:, :-1] - point[:, -1:], spread[:, :-1] - spread[:, -1:]),
        flags=tuple(_flags(curve, ascending)),
    )


def _replicates(curve: LearningCurve, noise: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Curves (REPLICATES, m) that other pilots of as many patients might have given."""
    rng = np.random.default_rng(seed)
    patients = curve.influence.shape[1]
    curves = np.tile(curve.mean, (REPLICATES, 1))
    for start in range(0, REPLICATES, _AT_ONCE):
        weights = rng.standard_exponential((_AT_ONCE, patients))
        weights /= weights.mean(1, keepdims=True)
        curves[start : start + _AT_ONCE] += (weights - 1) @ curve.influence.T
    curves += np.sqrt(curve.luck) * rng.standard_normal((REPLICATES, 1))
    curves += np.sqrt(noise) * rng.standard_normal(curves.shape)
    return curves


def _expected(
    budgets: Sequence[int], point: NDArray[np.float64], spread: NDArray[np.float64]
) -> dict[int, Expected]:
    low, high = np.quantile(spread, (0.025, 0.975), axis=0)
    return {
        budget: Expected(float(point[0, place]), float(low[place]), float(high[place]))
        for place, budget in enumerate(budgets)
    }


def _flags(curve: LearningCurve, budgets: Sequence[int]) -> list[str]:
    flags = [
        f"{name} is left out of the mean: {reason}." for name, reason in curve.excluded.items()
    ]
    flags.append(
        f"The law was fitted to {curve.sizes[0]:.0f} to {curve.sizes[-1]:.0f} labels; it is an "
        "assumption beyond them, and the interval does not say whether it holds."
    )
    flags.append(
        "The law errs on the low side more often than not, and the interval of the gain does not "
        "count its error: read the gain as what can be expected at least."
    )
    far = [str(budget) for budget in budgets if budget > FAR * curve.pilot]
    if far:
        flags.append(
            f"More than {FAR} times the pilot's {curve.pilot} labels is a guess: {', '.join(far)}."
        )
    flags.append(
        "It speaks of patients like the pilot's, one encoder's weights and labels drawn as the "
        "pilot was."
    )
    return flags


def plan_table(plan: Plan) -> str:
    """The plan for a terminal: what was measured, what is expected, and what to know of it."""
    curve = plan.curve
    measured = [
        ["labels, inside the pilot", *(f"{size:,.0f}" for size in curve.sizes)],
        ["mean AUC, measured", *(f"{value:.3f}" for value in curve.mean)],
    ]
    expected = [["labels", "mean AUC, expected", f"more than with the pilot's {curve.pilot:,}"]]
    for budget, value in plan.auc.items():
        gain = plan.gain[budget]
        expected.append(
            [
                f"{budget:,}",
                f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]",
                f"{gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]",
            ]
        )
    law = plan.law
    formula = (
        f"AUC(n) = {law.ceiling[0]:.3f} − {law.gap[0]:.3f} · n^−{law.decay[0]:.2f}, "
        f"over {len(curve.targets)} targets: {', '.join(curve.targets)}"
    )
    return "\n\n".join([aligned(measured), aligned(expected), formula, "\n".join(plan.flags)])
