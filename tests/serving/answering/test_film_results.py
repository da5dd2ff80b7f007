"""What is said of a film as DICOM objects for its study."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fixtures.orthanc import dicom_film, noise
from radtex.classifiers.prediction import Prediction
from radtex.errors import ImageError
from radtex.serving.answering.film_results import (
    film_report,
    film_source,
    said_of_target,
    sentence_picture,
    target_picture,
)
from radtex.serving.answering.kept_studies import KeptStudy
from radtex.serving.answering.map_pictures import FilmMap
from radtex.serving.answering.opened_models import ModelHolder, OpenedModels

SENTENCE = "there is edema."


def data_of(film: Any) -> bytes:
    file = BytesIO()
    film.save_as(file, enforce_file_format=True)
    return file.getvalue()


@pytest.fixture(scope="module")
def models(kept: Path) -> OpenedModels:
    holder = ModelHolder([kept / "classifier"])
    holder.load()
    return holder.models


@pytest.fixture
def study(models: OpenedModels) -> KeptStudy:
    assert models.classifier is not None
    count = len(models.classifier.model.targets)
    said = Prediction("film", (0.9,) * count, (True,) * count, False, 1.0, "")
    png = BytesIO()
    Image.fromarray(noise(1)).save(png, "PNG")
    return KeptStudy(
        models, (noise(1),), png.getvalue(), 64, 64, texts=(SENTENCE,), prediction=said
    )


def found(cells: Any) -> FilmMap:
    return FilmMap(np.float32(cells), 64, 64, "pad")


def test_pictures_show_the_film_the_map_and_the_words(study: KeptStudy) -> None:
    source = film_source(data_of(dicom_film(noise(1), 1)))
    corner, even = found([[1, 0], [0, 0]]), found([[0, 0], [0, 0]])
    pictures = [target_picture(study, 0, each, source) for each in (corner, even)]
    assert not np.array_equal(pictures[0].pixel_array, pictures[1].pixel_array)
    assert pictures[0].DerivationDescription.endswith(said_of_target(study, 0)[1])
    assert target_picture(study, 0, corner, source).SOPInstanceUID == pictures[0].SOPInstanceUID
    drawn = sentence_picture(study, 0, corner, source)
    assert drawn.DerivationDescription.endswith(SENTENCE)
    assert drawn.StudyInstanceUID == "1.2.1"


def test_a_finding_is_said_as_it_was_answered(study: KeptStudy) -> None:
    name, text = said_of_target(study, 0)
    assert text.startswith(f"{name}: probability 0.900, threshold 0.")
    assert text.endswith(": present.")
    silent = replace(study, prediction=Prediction("film", None, None, True, 9.0, "unlike"))
    assert said_of_target(silent, 0)[1] == f"{name}: the classifier abstains: unlike."


def test_another_operating_point_is_another_report(study: KeptStudy) -> None:
    source = film_source(data_of(dicom_film(noise(1), 1)))
    served, said = study.models.classifier, study.prediction
    assert served is not None
    assert said is not None
    uids = [film_report(served, said, point, source).SOPInstanceUID for point in
            ("youden", "sensitive", "youden")]  # fmt: skip
    assert uids[0] == uids[2] != uids[1]


@pytest.mark.parametrize(
    "data", [b"no film", data_of(dicom_film(noise(1), 1, StudyInstanceUID=""))]
)
def test_a_film_that_no_result_can_refer_to_is_refused(data: bytes) -> None:
    with pytest.raises(ImageError, match="study, series and instance UID"):
        film_source(data)
