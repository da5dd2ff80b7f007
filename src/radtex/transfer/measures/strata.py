"""The AUC of each target within strata that could stand for it: views, and devices.

A film with a chest drain is likely to show a pneumothorax, and one taken in bed an effusion. An
encoder that only knows drains from none, or AP from PA, has an AUC among all studies, and none
within a stratum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from radtex.statistics.intervals import Estimate
from radtex.transfer.measures.measured import within
from radtex.transfer.measures.subgroup_auc import SubgroupMeasured
from radtex.transfer.sampling.subgroups import STRATA


@dataclass(frozen=True)
class StratumAuc:
    """One target's AUC within one stratum."""

    stratum: str
    """Its name."""
    studies: int
    """In it, with a definite label."""
    positive: int
    """Those of them that have the finding."""
    auc: Estimate
    """Within it."""


@dataclass(frozen=True)
class TargetStrata:
    """One target within the two strata that a label or the view divides the test into."""

    target: str
    """Its name."""
    strata: tuple[StratumAuc, ...]
    """One or two: those with enough of each class."""
    difference: Estimate | None
    """The first minus the second; None where only one can be measured."""


def target_strata(
    targets: Sequence[str], measured: Sequence[Mapping[str, SubgroupMeasured]]
) -> tuple[TargetStrata, ...]:
    """Conclude on each target and each two of STRATA.

    Args:
        targets: T names.
        measured: T times what `subgroup_auc.measure_subgroups` returns.
    """
    found = []
    for target, groups in zip(targets, measured, strict=True):
        for pair in STRATA:
            there = [(name, groups[name]) for name in pair if name in groups]
            if not there:
                continue
            difference = None
            if len(there) == 2:
                one, other = (each.group for _, each in there)
                (difference,) = one.minus(other).estimates()
            strata = tuple(
                StratumAuc(
                    name,
                    each.studies,
                    each.positive,
                    within(each.group.estimates()[0]),
                )
                for name, each in there
            )
            found.append(TargetStrata(target, strata, difference))
    return tuple(found)
