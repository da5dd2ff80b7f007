"""What a text score is: a comparison of written reports with their references."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray


class TextScore(ABC):
    """A score, or several that are read from the same statistics.

    Statistics are additive over reports, so that a set is scored by its sums alone, and a draw of
    its patients by theirs. `radtex.scoring.score_registry` lists the scores.
    """

    names: ClassVar[Sequence[str]]
    """Of the M values, as the table and the JSON file show them."""
    compares: ClassVar[Literal["words", "findings"]]
    """What it takes from the texts; the definitions of one kind make one note."""
    definition: ClassVar[str] = ""
    """A sentence for the notes: how it reads the texts, or what it leaves out."""
    settings: ClassVar[Mapping[str, str]] = {}
    """What the JSON file says of it, by name."""

    @abstractmethod
    def statistics(
        self, systems: Mapping[str, Sequence[str]], references: Sequence[str]
    ) -> Mapping[str, NDArray[np.float64]]:
        """Compare the reports of each system with the same N references.

        Args:
            systems: by name, N written reports in the order of the references.
            references: the N references.

        Returns:
            By system, (N, K): a row per report, whose columns are the score's own.
        """

    @abstractmethod
    def values(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """The scores of sets of reports, from the sums of their statistics.

        Args:
            sums: (…, K).

        Returns:
            (…, M), in the order of `names`; NaN where a score is undefined.
        """

    def columns(self, statistics: NDArray[np.float64]) -> Mapping[str, NDArray[np.generic]]:
        """What the CSV file says of each report: columns (N,) by name, from statistics (N, K)."""
        del statistics
        return {}

    def parts(self, sums: NDArray[np.float64]) -> Mapping[str, Mapping[str, float]]:
        """What the values of a set are made of, for the JSON file, from sums (K,).

        Returns:
            By section of the file, the value of each part by its name.
        """
        del sums
        return {}


class MeanScore(TextScore):
    """A score of single reports, whose value for a set is the mean."""

    column: ClassVar[str]
    """Its name in the CSV file."""

    @abstractmethod
    def of_reports(self, texts: Sequence[str], references: Sequence[str]) -> Sequence[float]:
        """Score N written reports, each against its reference."""

    def statistics(
        self, systems: Mapping[str, Sequence[str]], references: Sequence[str]
    ) -> Mapping[str, NDArray[np.float64]]:
        """Count the reports and keep the score of each: (N, 2) by system."""
        return {
            system: np.column_stack([np.ones(len(texts)), self.of_reports(texts, references)])
            for system, texts in systems.items()
        }

    def values(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean over the reports: (…, 2) → (…, 1)."""
        return sums[..., 1:] / sums[..., :1]

    def columns(self, statistics: NDArray[np.float64]) -> Mapping[str, NDArray[np.generic]]:
        """The score of each report."""
        return {self.column: statistics[:, 1]}
