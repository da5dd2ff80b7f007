"""A run as a transformer: what `radtex.load` gives, from arrays, files and corpora."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import check_estimator

import radtex
from radtex import FewLabelClassifier, RadiographEncoder
from radtex.corpus.corpus import Corpus
from radtex.errors import ImageError, RunError
from radtex.models.run import Run

WITHOUT_ROWS_OF_NUMBERS = (
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_get_params_invariance",
    "check_no_attributes_set_in_init",
    "check_set_params",
    "check_mixin_order",
)
"""Checks of scikit-learn that give an estimator nothing to fit. The others give it rows of numbers,
where it takes radiographs: `check_estimator` leaves them out, by the tag that says so."""


def test_it_keeps_the_rules_of_scikit_learn_where_they_apply(writing_run: Path) -> None:
    told = check_estimator(RadiographEncoder(writing_run), on_skip=None)
    assert {each["status"] for each in told} == {"passed"}
    for name in WITHOUT_ROWS_OF_NUMBERS:
        getattr(estimator_checks, name)("RadiographEncoder", RadiographEncoder(writing_run))


def test_features_are_those_of_the_run(
    writing_run: Path, phantom_corpus: Corpus, tmp_path: Path
) -> None:
    images = phantom_corpus.images[:70]
    encoder = RadiographEncoder(writing_run)
    with pytest.raises(NotFittedError):
        encoder.transform(images)
    features = encoder.fit_transform(images)
    np.testing.assert_array_equal(features, radtex.load(writing_run).encode(images))
    names = encoder.get_feature_names_out()
    assert (names[0], len(names)) == ("radiographencoder0", features.shape[1])
    paths = []
    for row in range(5):
        paths.append(tmp_path / f"{row}.png")
        Image.fromarray(images[row]).save(paths[-1])
    for given in (paths, list(map(str, paths)), np.array(list(map(str, paths)))):
        np.testing.assert_allclose(encoder.transform(given), features[:5], atol=1e-5)
    of_corpus = encoder.transform(phantom_corpus)
    np.testing.assert_allclose(of_corpus[:70], features, atol=1e-5)
    paths[2].write_bytes(b"no film")
    with pytest.raises(ImageError, match=r"2.png cannot be read"):
        encoder.transform(paths)
    with pytest.raises(ValueError, match="name each file once"):
        encoder.transform([paths[0], paths[0]])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.zeros((2, 8, 8)), "found images of float64; expected grey levels"),
        (np.zeros((0, 8, 8), np.uint8), "found no image"),
        (np.zeros((3, 4)), "entries of ndarray"),
        ([], "found nothing"),
        ("film.png", "found str; expected images, or a list of paths"),
        (3, "found int"),
    ],
)
def test_what_is_no_image_is_refused(writing_run: Path, given: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RadiographEncoder(writing_run).fit(given)  # type: ignore[arg-type]


def test_a_copy_holds_the_path_and_not_the_weights(
    writing_run: Path, phantom_corpus: Corpus
) -> None:
    images = phantom_corpus.images[:3]
    encoder = RadiographEncoder(writing_run).fit(images)
    stored = pickle.dumps(encoder)
    assert len(stored) < 2000
    np.testing.assert_array_equal(
        pickle.loads(stored).transform(images),  # noqa: S301
        encoder.transform(images),
    )
    assert clone(encoder).run == writing_run
    with pytest.raises(RunError):
        RadiographEncoder("none").fit(images)


def test_it_is_a_step_of_a_search(writing_run: Path, phantom_corpus: Corpus) -> None:
    labels = (phantom_corpus.index["label.Cardiomegaly"] == 1).astype(int).to_numpy()
    _, patients = np.unique(phantom_corpus.patients.astype(str), return_inverse=True)
    pipeline = Pipeline(
        [("encode", RadiographEncoder(writing_run)), ("probe", FewLabelClassifier())]
    )
    search = GridSearchCV(pipeline, {"probe__calibrate": [True, False]}, cv=2, scoring="roc_auc")
    search.fit(phantom_corpus.images, labels, probe__groups=patients)
    assert search.best_score_ > 0.3
    assert search.predict_proba(phantom_corpus.images[:2]).shape == (2, 2)


def test_the_run_is_one_that_load_opens(writing_run: Path) -> None:
    encoder = RadiographEncoder(writing_run).fit(np.zeros((1, 64, 64), np.uint8))
    assert encoder.n_features_out_ == Run.open(writing_run).load().encoder.width
