"""What more labels would buy: from a pilot to the expected AUC at larger budgets.

The curves that the pilot leaves possible (`learning_law`) are continued to the budgets.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from radtex.errors import ProtocolError
from radtex.text_tables import aligned
from radtex.transfer.evidence.result_tables import ESTIMAND
from radtex.transfer.planning.learning_curve import LearningCurve
from radtex.transfer.planning.learning_law import Expected, LearningLaws, fit_learning_laws

FAR = 4
"""Times the pilot up to which simulations checked the intervals."""
LACK_OF_FIT = 0.005
"""Deviation of a true AUC from the law's, at each size for itself."""


@dataclass(frozen=True)
class Plan:
    """What a pilot says of larger budgets."""

    curve: LearningCurve
    """What was measured inside the pilot."""
    laws: LearningLaws
    """The curves that it leaves possible."""
    auc: dict[int, Expected]
    """The mean AUC over targets, by budget."""
    gain: dict[int, Expected]
    """What it lies above the AUC with the whole pilot, by budget."""
    flags: tuple[str, ...]
    """What a reader must know beside the numbers, in sentences."""

    def __str__(self) -> str:
        """Say it for a terminal."""
        return plan_table(self)


def plan_budgets(curve: LearningCurve, budgets: Sequence[int]) -> Plan:
    """Continue a curve to larger budgets.

    Args:
        curve: what was measured inside the pilot.
        budgets: labelled studies per target.

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
    misfit = LACK_OF_FIT**2 * np.eye(len(curve.sizes))
    laws = fit_learning_laws(
        curve.scarcity(curve.sizes), curve.mean, curve.covariance + misfit, curve.freedom
    )
    reached = laws.at(curve.scarcity(np.array([curve.pilot, *ascending], np.float64)))
    with_pilot, auc = reached[:, :1], reached[:, 1:]
    return Plan(
        curve=curve,
        laws=laws,
        auc=dict(zip(ascending, laws.expected(auc), strict=True)),
        gain=dict(zip(ascending, laws.expected(auc - with_pilot), strict=True)),
        flags=tuple(_flags(curve, ascending)),
    )


def _flags(curve: LearningCurve, budgets: Sequence[int]) -> list[str]:
    flags = [
        f"{name} is left out of the mean: {reason}." for name, reason in curve.excluded.items()
    ]
    flags.append(
        f"The pilot shows {curve.sizes[0]:.0f} to {curve.sizes[-1]:.0f} labels. Beyond them the "
        "curve is assumed to be one of a family, and the intervals count that its bend is not "
        "known; they do not count that it may be of no such family."
    )
    far = [f"{budget:,}" for budget in budgets if budget > FAR * curve.pilot]
    if far:
        flags.append(
            f"More than {FAR} times the pilot's {curve.pilot:,} labels is beyond what simulations "
            f"checked, and a guess: {', '.join(far)}."
        )
    flags.append(
        f"Values are those {ESTIMAND}, with one encoder's weights and labels drawn as the pilot "
        "was."
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
    heading = (
        f"Mean AUC over targets ({len(curve.targets)}: {', '.join(curve.targets)}), {ESTIMAND}, "
        "with 95 % intervals"
    )
    return "\n\n".join(
        [aligned(measured), f"{heading}\n{aligned(expected)}", "\n".join(plan.flags)]
    )
