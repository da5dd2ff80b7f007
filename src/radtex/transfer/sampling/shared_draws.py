"""One set of labelled studies for all targets together: nested, with a floor for every class."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from radtex.errors import ProtocolError
from radtex.transfer.sampling.draws import FLOOR, Draw, stream_of
from radtex.transfer.sampling.eligibility import drawable
from radtex.transfer.sampling.folds import grouped_folds

_STREAM = stream_of("\0shared")  # no target has this name


def draw_shared(
    names: Sequence[str],
    labels: NDArray[np.float32],
    patients: NDArray[np.int64],
    budgets: Sequence[int],
    repeats: int,
    seed: int,
) -> list[Draw]:
    """Draw nested sets of studies at every budget, each for all T targets.

    Only studies with a definite label for any target are drawn. The smallest set holds FLOOR
    studies of each class of each target, by exchange (see `_with_floors`), so all others do.

    Args:
        names: of the targets; the folds depend on them.
        labels: (n, T), 1, 0 or NaN, of the pool's studies.
        patients: (n,), tells their patients apart.
        budgets: ascending.
        repeats: sets at each budget.
        seed: of the draws.

    Returns:
        The draws by target, repeat and budget; those of one repeat and budget come from one set
        and differ in the studies whose label is not definite.

    Raises:
        ProtocolError: if the smallest budget cannot hold the floor.
    """
    studies = drawable(labels)
    orders = []
    for repeat in range(repeats):
        rng = np.random.default_rng([seed, _STREAM, repeat])
        orders.append(_with_floors(rng.permutation(studies), labels, budgets[0]))
    draws = []
    for target, name in enumerate(names):
        for repeat, (order, reach) in enumerate(orders):
            for budget in budgets:
                chosen = order[:budget]
                chosen = chosen[~np.isnan(labels[chosen, target])]
                positive = labels[chosen, target] == 1
                rng = np.random.default_rng([seed, stream_of(name), repeat, budget])
                folds = grouped_folds(positive, patients[chosen], rng)
                draws.append(Draw(target, repeat, budget, chosen, positive, folds, budget < reach))
    return draws


def _with_floors(
    order: NDArray[np.int64], labels: NDArray[np.float32], smallest: int
) -> tuple[NDArray[np.int64], int]:
    """Bring FLOOR of each class of each target into the first `smallest` places, by exchange.

    While a class lacks studies, the next study of the class that lacks most comes forward (of
    equals the first target's, positive before negative), for the last study without which no
    class has fewer than FLOOR. Also returns the number of places that the exchanges reached over.
    """
    order = order.copy()
    cells = np.concatenate([labels == 1, labels == 0], 1)  # (n, 2 T): the classes a study is in
    reach = 0
    while True:
        held = cells[order[:smallest]].sum(0)
        missing = FLOOR - held
        scarce = int(missing.argmax())
        if missing[scarce] <= 0:
            return order, reach
        coming = smallest + int(np.flatnonzero(cells[order[smallest:], scarce])[0])
        with_it = held + cells[order[coming]]
        spared = (~cells[order[:smallest]] | (with_it > FLOOR)).all(1)
        if not spared.any():
            raise ProtocolError(
                f"one set of {smallest} studies cannot hold {FLOOR} of each class of "
                f"{labels.shape[1]} targets; make the smallest budget larger, name fewer targets, "
                "or draw per target"
            )
        going = int(np.flatnonzero(spared)[-1])
        order[going], order[coming] = order[coming], order[going]
        reach = max(reach, coming + 1)
