"""Products in float32 by oneDNN, which torch holds, and asks for convolutions alone.

For other products torch asks MKL, which keeps to AVX2 on AMD's processors. oneDNN uses AVX-512
there: on two cores of an EPYC it multiplies at 390 to 460 GFLOP/s where MKL has 190 to 220
(docs/results.md).
"""

from functools import cache
from pathlib import Path

import torch
from torch import Tensor

_CPUINFO = Path("/proc/cpuinfo")


@cache
def onednn_is_faster() -> bool:
    """Tell whether this is a processor on which oneDNN was measured to beat MKL."""
    if not torch.backends.mkldnn.is_available() or not torch.backends.mkl.is_available():
        return False
    if "AVX512" not in torch.backends.cpu.get_cpu_capability() or not _CPUINFO.is_file():
        return False
    return "AuthenticAMD" in _CPUINFO.read_text(encoding="ascii", errors="replace")


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
