"""`radtex.RadiographEncoder`: a run as a transformer of scikit-learn."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from radtex.corpus.corpus import Corpus
from radtex.errors import ImageError
from radtex.images.films import read_films
from radtex.models.pretrained import PretrainedModel
from radtex.models.run import Run

BATCH = 64
"""Images that are read from files at a time."""
Images = NDArray[np.uint8] | Sequence[Path | str] | Corpus


class RadiographEncoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Radiographs in, the pooled features of a run's encoder out.

    It learns nothing from what it is given. A copy or a pickle holds the run's path, not its
    weights.

    Args:
        run: the folder of a finished run.

    Example:
        >>> import radtex
        >>> encoder = radtex.RadiographEncoder("runs/radtex")
        >>> encoder
        RadiographEncoder(run='runs/radtex')
    """

    n_features_out_: int
    """D, the width of the features."""

    def __init__(self, run: Path | str) -> None:
        self.run = run

    def fit(self, X: Images, y: object = None) -> Self:  # noqa: N803
        """Open the run.

        Args:
            X: images, as `transform` takes them. They are looked at, not learnt from.
            y: not used.

        Raises:
            RunError: if there is no such run, or it is unfinished.
            ValueError: if X holds no images.
        """
        del y
        _refuse_what_is_no_images(X)
        self._model = Run.open(self.run).load()
        self.n_features_out_ = self._n_features_out = self._model.encoder.width
        return self

    def transform(self, X: Images) -> NDArray[np.float32]:  # noqa: N803
        """Encode N images.

        Args:
            X: grey images, uint8 (N, H, W), made as those of a corpus were (`corpus.images[rows]`);
                or N paths of DICOM files and pictures, which are read as the run's images were; or
                a corpus, all of whose images are encoded in its order.

        Returns:
            Shape (N, D).

        Raises:
            ValueError: if X is none of these.
            ImageError: if a file cannot be read.
        """
        check_is_fitted(self)
        _refuse_what_is_no_images(X)
        if isinstance(X, Corpus):
            return self._opened().encode(X.images)
        if isinstance(X, np.ndarray) and X.ndim == 3:
            return self._opened().encode(X)
        return self._of_files([str(path) for path in X])

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the weights."""
        return {key: value for key, value in super().__getstate__().items() if key != "_model"}

    def __sklearn_tags__(self) -> Any:
        """Say to scikit-learn what it takes."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.input_tags.string = True
        return tags

    def _opened(self) -> PretrainedModel:
        if not hasattr(self, "_model"):
            self._model = Run.open(self.run).load()
        model: PretrainedModel = self._model
        return model

    def _of_files(self, paths: Sequence[str]) -> NDArray[np.float32]:
        model, made = self._opened(), Run.open(self.run).preprocessing
        found = []
        for batch in read_films(paths, made).batches("encoding", BATCH):
            for film in batch:
                if film.pixels is None:
                    raise ImageError(f"{film.image_id} cannot be read: {film.error}")
            found.append(model.encode(np.stack([f.pixels for f in batch if f.pixels is not None])))
        features: NDArray[np.float32] = np.concatenate(found)
        if len(features) != len(paths):
            raise ValueError(
                f"{len(paths)} paths stand for {len(features)} images; name each file once, and "
                "no folder"
            )
        return features


def _refuse_what_is_no_images(images: object) -> None:
    """Refuse what is neither grey images, nor paths, nor a corpus."""
    if isinstance(images, Corpus):
        return
    if isinstance(images, np.ndarray) and images.ndim == 3:
        if images.dtype != np.uint8:
            raise ValueError(
                f"found images of {images.dtype}; expected grey levels, uint8 (N, H, W), as "
                "`radtex.read_image` gives them"
            )
        if not len(images):
            raise ValueError("found no image: 0 sample(s)")
        return
    if isinstance(images, str) or not isinstance(images, Iterable):
        raise ValueError(f"found {type(images).__name__}; expected images, or a list of paths")
    paths = list(images)
    if not paths or not all(isinstance(path, Path | str) for path in paths):
        raise ValueError(
            "expected grey images, uint8 (N, H, W), a list of paths, or a corpus; found "
            + (f"entries of {type(paths[0]).__name__}" if paths else "nothing")
        )
