"""Pooled features of a frozen encoder."""

from dataclasses import astuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.errors import ProtocolError
from radtex.models.encoder import pool
from radtex.progress import progress_bar
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.contestants.feature_cache import cache_folder, cached, device_of, features_key

BATCH = 64


def pooled_features(
    contestant: Contestant, images: NDArray[np.uint8], rows: NDArray[np.int64]
) -> Tensor:
    """Features of images, the mean over the encoder's grid.

    The encoder runs on its own device and is put into evaluation mode: batch-norm statistics stay.
    Features are kept for another time (see `feature_cache`).

    Args:
        contestant: the encoder.
        images: uint8 (N, S, S), resized where the encoder was made for another size.
        rows: those that are encoded.

    Returns:
        float32 (len(rows), C).

    Raises:
        ProtocolError: if a feature is not finite.
    """
    encoder = contestant.encoder.eval()

    def extract() -> Tensor:
        return extracted_features(contestant, images, rows)

    folder = cache_folder()
    if folder is None:
        return extract()
    device = device_of(encoder)
    key = features_key(encoder, images, rows, *astuple(contestant.takes), BATCH)
    return cached(folder, key, len(rows), extract).to(device)


def extracted_features(
    contestant: Contestant, images: NDArray[np.uint8], rows: NDArray[np.int64]
) -> Tensor:
    """Compute features as `pooled_features` does, whether or not they are kept somewhere."""
    encoder = contestant.encoder.eval()
    device = device_of(encoder)
    batches = []
    with (
        torch.inference_mode(),
        progress_bar(f"features of {contestant.name}", len(rows), "images") as bar,
    ):
        for start in range(0, len(rows), BATCH):
            grey = torch.from_numpy(images[rows[start : start + BATCH]]).to(device)
            batches.append(pool(encoder(contestant.takes.prepare(grey))).float())
            bar.advance(len(grey))
    features = torch.cat(batches)
    if not features.isfinite().all():
        raise ProtocolError(
            f"the encoder {contestant.name} gives features that are not finite for "
            f"{int((~features.isfinite()).any(1).sum())} of {len(rows)} images; its weights are "
            "damaged or its training diverged, so leave it out or train it again"
        )
    return features
