"""Studies that are kept in memory for a while, for their film, maps and questions."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radtex.classifiers.prediction import Prediction
from radtex.serving.answering.opened_models import OpenedModels
from radtex.serving.problems import ProblemError
from radtex.statistics.thresholds import OperatingPoint


@dataclass(frozen=True)
class KeptStudy:
    """A film that was read."""

    models: OpenedModels
    """That read it."""
    squares: tuple[NDArray[np.uint8], ...]
    """One for each of the models' `squares`."""
    png: bytes
    """The film to be shown."""
    height: int
    """Of the film, in pixels."""
    width: int
    """Of the film, in pixels."""
    tokens: tuple[int, ...] = ()
    """Of its report."""
    sentences: tuple[tuple[int, int], ...] = ()
    """The tokens of each sentence, first and behind the last."""
    texts: tuple[str, ...] = ()
    """The sentences."""
    prediction: Prediction | None = None
    """What the classifier said; None without one."""
    operating_point: OperatingPoint = "youden"
    """At which it was asked."""
    place: str = ""
    """Where in the PACS the film is, as of `PacsShelf.file`; "" for another film."""


class KeptStudies:
    """Some studies by numbers that cannot be guessed; the oldest are forgotten."""

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Keep `most` studies for so long, by a clock that only goes forward."""
        self._most, self._seconds, self._clock = most, seconds, clock
        self._studies: OrderedDict[str, tuple[float, KeptStudy]] = OrderedDict()

    def __len__(self) -> int:
        """Studies that are kept."""
        self._forget_old()
        return len(self._studies)

    def keep(self, study: KeptStudy, name: str | None = None) -> str:
        """Keep a study.

        Args:
            study: that was read.
            name: under which it is kept already, if it is.

        Returns:
            The name under which it is kept.
        """
        name = name or secrets.token_urlsafe(24)
        self._studies.pop(name, None)
        self._studies[name] = (self._clock(), study)
        self._forget_old()
        return name

    def find(self, name: str) -> KeptStudy:
        """Return a study.

        Raises:
            ProblemError: if it is not kept (any more).
        """
        self._forget_old()
        if name not in self._studies:
            raise ProblemError(
                404,
                "study-gone",
                "This film is not kept any more. Please upload or choose it again.",
            )
        return self._studies[name][1]

    def forget(self, name: str) -> None:
        """Forget a study now, if it is kept."""
        self._studies.pop(name, None)

    def _forget_old(self) -> None:
        oldest = self._clock() - self._seconds
        while self._studies:
            name, (since, _) = next(iter(self._studies.items()))
            if since >= oldest and len(self._studies) <= self._most:
                return
            del self._studies[name]
