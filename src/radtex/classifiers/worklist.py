"""Which films to look at first: probabilities, each times what its finding weighs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from radtex.classifiers.prediction import Prediction
from radtex.errors import ProtocolError


def read_weights(entries: Sequence[str], targets: Sequence[str]) -> dict[str, float]:
    """Read TARGET=WEIGHT entries.

    Args:
        entries: as they were typed.
        targets: that a classifier has.

    Raises:
        ProtocolError: if an entry is no such pair, names no target or one twice, a weight is no
            number of 0 or more, or none is above 0.
    """
    weights: dict[str, float] = {}
    for entry in entries:
        name, _, text = entry.rpartition("=")
        if name not in targets:
            raise ProtocolError(
                f"--worklist {entry!r} names no target of the classifier; expected TARGET=WEIGHT, "
                f"with a target of {', '.join(targets)}"
            )
        try:
            weight = float(text)
        except ValueError:
            weight = math.nan
        if not math.isfinite(weight) or weight < 0:
            raise ProtocolError(
                f"--worklist {entry!r} has no weight; expected a number of 0 or more, as {name}=2"
            )
        if name in weights:
            raise ProtocolError(f"--worklist names {name} twice; give it one weight")
        weights[name] = weight
    if not any(weights.values()):
        raise ProtocolError("--worklist has no weight above 0; expected one, as TARGET=2")
    return weights


def sorted_by_urgency(
    predictions: Sequence[Prediction], targets: Sequence[str], weights: Mapping[str, float]
) -> tuple[Prediction, ...]:
    """Give each prediction its urgency, and sort: the most urgent first.

    Urgency is the sum of probability times weight; targets without a weight count nothing. What
    has no answer comes first, since nobody knows that it can wait. Equals keep their order.

    Args:
        predictions: of T targets.
        targets: T names.
        weights: by target.
    """
    of_targets = [weights.get(name, 0.0) for name in targets]

    def urgency(each: Prediction) -> float | None:
        if each.probabilities is None:
            return None
        return sum(p * w for p, w in zip(each.probabilities, of_targets, strict=True))

    rated = [replace(each, urgency=urgency(each)) for each in predictions]
    return tuple(
        sorted(rated, key=lambda each: -math.inf if each.urgency is None else -each.urgency)
    )
