"""What systems reached in all the scores that were asked for, report by report."""

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from radtex.scoring.text_score import TextScore


class Scored:
    """The statistics of several scores side by side, so that one draw serves them all.

    Args:
        scores: in the order in which they are shown.
        statistics: those of each score: by system, (N, K) of its own K.
    """

    scores: Sequence[TextScore]
    """The scores, in the order in which they are shown."""
    names: Sequence[str]
    """Names of all their M values."""
    systems: Sequence[str]
    """What was scored, in order."""

    def __init__(
        self,
        scores: Sequence[TextScore],
        statistics: Sequence[Mapping[str, NDArray[np.float64]]],
    ) -> None:
        self.scores = scores
        self.names = [name for score in scores for name in score.names]
        self.systems = [*statistics[0]]
        self._statistics = {
            system: np.column_stack([of_score[system] for of_score in statistics])
            for system in self.systems
        }
        widths = [of_score[self.systems[0]].shape[1] for of_score in statistics]
        self._ends = np.cumsum(widths)[:-1]

    @classmethod
    def of(
        cls,
        scores: Sequence[TextScore],
        systems: Mapping[str, Sequence[str]],
        references: Sequence[str],
    ) -> Self:
        """Score the reports of each system against the same references."""
        return cls(scores, [score.statistics(systems, references) for score in scores])

    def statistics(self, system: str) -> NDArray[np.float64]:
        """Those of all scores, (N, K), additive over reports."""
        return self._statistics[system]

    def values(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values of all scores, in the order of `names`: sums (…, K) → (…, M)."""
        return np.concatenate([score.values(own) for score, own in self._each(sums)], axis=-1)

    def columns(self, system: str) -> Mapping[str, NDArray[np.generic]]:
        """What the scores say of each report: columns (N,) by name."""
        return {
            name: column
            for score, own in self._each(self._statistics[system])
            for name, column in score.columns(own).items()
        }

    def parts(self) -> Mapping[str, Mapping[str, Mapping[str, float]]]:
        """What the values are made of: section → system → part → value."""
        sections: dict[str, dict[str, Mapping[str, float]]] = {}
        for system in self.systems:
            for score, own in self._each(self._statistics[system].sum(0)):
                for section, values in score.parts(own).items():
                    sections.setdefault(section, {})[system] = values
        return sections

    def _each(self, statistics: NDArray[np.float64]) -> list[tuple[TextScore, NDArray[np.float64]]]:
        """Each score with its own statistics."""
        return [*zip(self.scores, np.split(statistics, self._ends, axis=-1), strict=True)]
