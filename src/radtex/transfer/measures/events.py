"""Events of the test: how many studies, and patients, have each target, and how many do not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from radtex.transfer.sampling.experiment import Experiment

ENOUGH_EVENTS = 100
"""Studies of each class from which a validation is held to be large enough (Vergouwe et al. 2005,
J. Clin. Epidemiol. 58:475; Collins, Ogundimu and Altman 2016, Stat. Med. 35:214)."""


@dataclass(frozen=True)
class Events:
    """The test studies with a definite label of one target."""

    target: str
    """Its name."""
    events: int
    """Studies with the finding."""
    non_events: int
    """Studies without it."""
    patients_with: int
    """Patients of the former."""
    patients_without: int
    """Patients of the latter; a patient may be in both."""

    @property
    def studies(self) -> int:
        """All of them."""
        return self.events + self.non_events

    @property
    def prevalence(self) -> float:
        """The share with the finding."""
        return self.events / self.studies

    @property
    def enough(self) -> bool:
        """Whether both classes have ENOUGH_EVENTS."""
        return min(self.events, self.non_events) >= ENOUGH_EVENTS


def events_of(experiment: Experiment) -> tuple[Events, ...]:
    """Count the test of each target."""
    patients, counted = experiment.test.patients, []
    for target, labels in zip(experiment.targets, experiment.test.labels.T, strict=True):
        present, absent = labels == 1, labels == 0
        counted.append(
            Events(
                target,
                int(present.sum()),
                int(absent.sum()),
                len(np.unique(patients[present])),
                len(np.unique(patients[absent])),
            )
        )
    return tuple(counted)


def too_few_events(events: Sequence[Events]) -> list[str]:
    """Say in a sentence which targets have fewer than ENOUGH_EVENTS of a class."""
    few = [
        f"{each.target} {each.events} with and {each.non_events} without"
        for each in events
        if not each.enough
    ]
    if not few:
        return []
    return [
        f"Fewer than {ENOUGH_EVENTS} test studies of a class, so calibration, decision curves and "
        f"subgroups of these targets are uncertain: {', '.join(few)}."
    ]
