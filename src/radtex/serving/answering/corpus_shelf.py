"""The films of a corpus: to choose from, and to find those that are like an upload."""

import io
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image

from radtex.corpus.corpus import Corpus
from radtex.errors import CorpusError, RadtexError, RunError
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.serving.answering.answers import Neighbour
from radtex.serving.answering.opened_models import OpenedModels
from radtex.serving.problems import ProblemError
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.contestants.features import BATCH, pooled_features

_log = logging.getLogger(__name__)

NEAREST = 5
"""Films that are shown beside an upload."""


@dataclass(frozen=True)
class _Known:
    rows: NDArray[np.int64]
    directions: torch.Tensor
    """(n, D), of length 1."""


class CorpusShelf:
    """A corpus that was opened for a server."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            CorpusError: if `path` is no corpus.
        """
        self.corpus = Corpus.open(path)
        self._known: _Known | None = None

    @property
    def knows_neighbours(self) -> bool:
        """Whether the features of the training films are known."""
        return self._known is not None

    def learn(self, models: OpenedModels) -> None:
        """Compute the features of the training films, as the encoder that is served sees them.

        They are kept for another time as those of `radtex transfer` are.
        """
        splits = ("train", "pool") if models.run else ("pool", "train")
        for split in splits:
            try:
                rows = self.corpus.rows(split)
            except CorpusError:
                continue
            try:
                features = self._features(models, rows)
            except RadtexError as error:
                _log.warning("no nearest films are shown: %s", error)
                return
            self._known = _Known(rows, F.normalize(features))
            return
        _log.warning("no nearest films are shown: the corpus has no split %s", " or ".join(splits))

    def nearest(self, features: NDArray[np.float32]) -> list[Neighbour] | None:
        """Return the training films most like one with these features (D,).

        None before they are known.
        """
        if self._known is None:
            return None
        likeness = self._known.directions @ F.normalize(torch.tensor(features), dim=0)
        best = likeness.topk(min(NEAREST, len(likeness)))
        return [
            Neighbour(
                film=(film := int(self._known.rows[place])),
                likeness=value,
                report=self.report(film),
                picture=f"/v1/corpus/films/{film}/film.png",
            )
            for value, place in zip(best.values.tolist(), best.indices.tolist(), strict=True)
        ]

    def report(self, film: int) -> str:
        """Return the report of a film: its findings and impression, else the whole."""
        row = self.corpus.index.iloc[self._checked(film)]
        parts = [row[name].strip() for name in ("findings", "impression") if row[name].strip()]
        return "\n".join(parts) or str(row["report"]).strip()

    def pixels(self, film: int) -> NDArray[np.uint8]:
        """Return a film, uint8 (S, S)."""
        return np.array(self.corpus.images[self._checked(film)])

    def png(self, film: int) -> bytes:
        """Return a film as PNG."""
        file = io.BytesIO()
        Image.fromarray(self.pixels(film)).save(file, "PNG", compress_level=1)
        return file.getvalue()

    def _features(self, models: OpenedModels, rows: NDArray[np.int64]) -> torch.Tensor:
        images = self.corpus.images
        found = _encoder_of(models)
        if found is not None:
            contestant = Contestant("the served model", "other", *found, {})
            return pooled_features(contestant, images, rows).cpu()
        side, (size,) = images.shape[1], {each.size for each in models.squares}
        if side != size:
            raise RunError(
                f"the export to ONNX takes images of {size} px, and the corpus has {side} px"
            )
        parts = [
            models.encode(np.asarray(images[rows[start : start + BATCH]]))
            for start in range(0, len(rows), BATCH)
        ]
        return torch.from_numpy(np.concatenate(parts))

    def _checked(self, film: int) -> int:
        if not 0 <= film < len(self.corpus.index):
            raise ProblemError(404, "no-film", "The corpus has no such film.")
        return film


def _encoder_of(models: OpenedModels) -> tuple[Encoder, EncoderInput] | None:
    if models.run:
        return models.run.model.encoder, models.run.model.takes
    assert models.classifier is not None
    networks = models.classifier.networks
    return (networks.encoder, networks.takes) if networks else None
