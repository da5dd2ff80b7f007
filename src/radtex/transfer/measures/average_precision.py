"""Average precision: the area under the curve of precision against recall."""

import torch
from torch import Tensor

from radtex.statistics.auc import small_sample
from radtex.transfer.measures.measured import DefiniteStudies, Measured


def average_precision(scores: Tensor, tested: DefiniteStudies) -> Measured:
    """Measure the mean, over positives, of the precision where each is the last one called.

    It depends on the prevalence, and is as large as that for scores that tell nothing. Studies
    with equal scores are called together. A study moves it by its own precision, if it is positive,
    and by being called where others are: the derivative with respect to the study's weight.

    Args:
        scores: (n, R), at one budget; of any scale.
        tested: the n studies, of both classes.
    """
    positive = torch.from_numpy(tested.positive).to(scores.device)
    columns = scores.T.contiguous()
    ordered = columns.sort(1).values
    theirs = columns[:, positive].contiguous()
    least = theirs.sort(1).values
    count, positives = columns.shape[1], least.shape[1]
    called = (count - torch.searchsorted(ordered, least)).double()
    precision = (positives - torch.searchsorted(least, least)) / called
    values = precision.mean(1, keepdim=True)

    reached = torch.searchsorted(least, columns, right=True)
    moved = positive * _sum_up_to(1 / called, reached) - _sum_up_to(precision / called, reached)
    moved[:, positive] += precision.gather(1, torch.searchsorted(least, theirs)) - values
    mean = moved.mean(0).cpu().numpy()[:, None] / positives
    influence = tested.sum_by_patient(mean * small_sample(tested.patients)).T
    return Measured(values.cpu().numpy(), influence)


def _sum_up_to(parts: Tensor, places: Tensor) -> Tensor:
    """Of each row, the sum of the parts before each of `places`."""
    sums = torch.nn.functional.pad(parts.cumsum(1), (1, 0))
    return sums.gather(1, places)
