"""Features on disk, so that an encoder sees the same pixels once.

A file is named by a hash over all that its numbers depend on: the weights and the architecture,
the pixels themselves in their order, the preprocessing, and what rounding depends on (library,
device, threads, batch). So nothing is ever out of date, and any file may be removed at any time.
"""

import hashlib
import logging
import os
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from radtex.errors import OutputError
from radtex.files import whole_file

_log = logging.getLogger(__name__)

VARIABLE = "RADTEX_CACHE"
OFF = "none"
_CHUNK = 1024


def cache_folder() -> Path | None:
    """Return where features are kept, None for nowhere.

    In `$RADTEX_CACHE`, else `$XDG_CACHE_HOME/radtex`, else `~/.cache/radtex`; nowhere where
    `RADTEX_CACHE` is `none`.
    """
    named = os.environ.get(VARIABLE)
    if named == OFF:
        return None
    base = Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "radtex"
    return base.expanduser() / "features"


def device_of(encoder: nn.Module) -> torch.device:
    """Where an encoder runs; one without weights runs on the CPU."""
    return next((weight.device for weight in encoder.parameters()), torch.device("cpu"))


def features_key(
    encoder: nn.Module, images: NDArray[np.uint8], rows: NDArray[np.int64], *preprocessing: object
) -> str:
    """SHA-256, in hex, over all that features depend on.

    Args:
        encoder: gives them, on its own device.
        images: uint8 (N, S, S).
        rows: those that are encoded, in their order.
        preprocessing: values that say how images are made ready.
    """
    digest = hashlib.sha256()
    device = device_of(encoder).type
    facts = (torch.__version__, device, torch.get_num_threads(), *preprocessing)
    kind = f"{type(encoder).__qualname__} {getattr(encoder, 'backbone', '')}"
    digest.update(f"{facts} {kind} {encoder!r} {len(rows)} {images.shape[1:]}".encode())
    for name, tensor in encoder.state_dict().items():
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    for start in range(0, len(rows), _CHUNK):
        digest.update(np.ascontiguousarray(images[rows[start : start + _CHUNK]]).data)
    return digest.hexdigest()


def cached(folder: Path, key: str, count: int, compute: Callable[[], Tensor]) -> Tensor:
    """Features from a folder, or else computed and kept there.

    A damaged file is replaced, and a folder that cannot be written to does not end the run: both
    are said in the log.

    Args:
        folder: where features are kept.
        key: see `features_key`.
        count: images, the rows of the features.
        compute: gives the features where they are not kept.

    Returns:
        float32 (count, C).
    """
    path = folder / f"{key}.safetensors"
    if path.is_file():
        try:
            return _read(path, count)
        except (SafetensorError, OSError, ValueError) as error:
            _log.warning(
                "the cached features %s are damaged (%s); they are computed anew", path, error
            )
    features = compute()
    on_cpu = features.detach().cpu().contiguous()
    try:
        _make_private(folder)
        with whole_file(path) as aside:
            aside.write_bytes(save({"features": on_cpu}, {"sha256": _checksum(on_cpu)}))
    except (OutputError, OSError) as error:
        _log.warning("features are not kept for another time: %s", error)
    return features


def _make_private(folder: Path) -> None:
    """Make a folder that its owner alone may enter: features tell of patients."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid == os.geteuid() and stat.S_IMODE(folder.stat().st_mode) != 0o700:
        folder.chmod(0o700)


def _read(path: Path, count: int) -> Tensor:
    with safe_open(path, framework="pt") as file:
        features: Tensor = file.get_tensor("features")
        expected = (file.metadata() or {}).get("sha256")
    if features.dtype != torch.float32 or features.ndim != 2 or len(features) != count:
        raise ValueError(f"{features.dtype} {tuple(features.shape)} for {count} images")
    if _checksum(features) != expected:
        raise ValueError("the checksum differs")
    return features


def _checksum(features: Tensor) -> str:
    return hashlib.sha256(features.numpy().data).hexdigest()
