"""Products in float32 by oneDNN, which torch holds, and asks for convolutions alone.

For other products torch asks MKL, which keeps to AVX2 on AMD's processors. oneDNN uses AVX-512
there: on two cores of an EPYC it multiplies at 390 to 460 GFLOP/s where MKL has 190 to 220
(docs/results.md). Which is faster is measured, once on a machine.
"""

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from radtex.compute.kept_choice import kept_choice
from radtex.compute.relative_speed import relative_speed

_LEAST_SPEED = 1.2
"""How many times as fast oneDNN must be: where both are about equal, the choice is torch's."""
_ROWS, _WIDTH = 128, 1024


@cache
def onednn_is_faster() -> bool:
    """Tell whether oneDNN plainly beats torch's own choice here; see `kept_choice`."""
    if not torch.backends.mkldnn.is_available():
        return False
    return kept_choice("onednn", lambda: speed_of_onednn() > _LEAST_SPEED)


@torch.inference_mode()
def speed_of_onednn() -> float:
    """How many times as fast as torch's own choice oneDNN multiplies on this CPU."""
    rows, weight = torch.ones(_ROWS, _WIDTH), torch.ones(_WIDTH, _WIDTH)
    return relative_speed(lambda: F.linear(rows, weight), lambda: product(rows, weight))


def product(rows: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Multiply (…, K) by a weight (N, K) and add `bias`: (…, N).

    All are float32 on a CPU. Both factors may lie in any order of memory; the weight may be packed.
    """
    result: Tensor = torch.ops.mkldnn._linear_pointwise(rows, weight, bias, "none", [], "")
    return result


def packed_weight(weight: Tensor, rows: int) -> Tensor:
    """Bring a weight (N, K) into the library's own order, for products with about `rows` rows.

    A product of few rows with a weight costs about as much as bringing that into this order, which
    is done anew for each product with a weight that is not packed.
    """
    packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight, rows)
    return packed
