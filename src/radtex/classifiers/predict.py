"""`radtex predict`: what a classifier says of image files."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import numpy as np

from radtex.classifiers.opening import Answering, open_classifier
from radtex.classifiers.pacs_films import PacsFilms
from radtex.classifiers.prediction import Prediction, by_study
from radtex.classifiers.prediction_formats import Format, Predictions, choose_format
from radtex.classifiers.structured_report import (
    Author,
    refuse_without_highdicom,
    source_of_file,
    structured_reports,
    write_structured_reports,
)
from radtex.classifiers.worklist import read_weights, sorted_by_urgency
from radtex.compute.allocation import keep_freed_memory
from radtex.errors import ImageError
from radtex.files import new_output, refuse_existing
from radtex.images.films import Film, Films, read_films
from radtex.statistics.thresholds import OperatingPoint

BATCH = 16
"""Images that are encoded at a time: as fast as 64 on a CPU, and the network begins sooner."""
_log = logging.getLogger(__name__)


def predict(
    path: Path,
    names: Sequence[str],
    format: Format | None = None,
    out: Path | None = None,
    operating_point: OperatingPoint = "youden",
    answer_all: bool = False,
    per_study: bool = False,
    worklist: Sequence[str] = (),
    dicom_sr: Path | None = None,
    pacs: str | None = None,
    query: Sequence[str] = (),
    store: bool = False,
) -> str:
    """Predict for the images that `names` mean: files, folders of them, or patterns.

    Or for the frontal chest radiographs of a PACS that a query chooses.

    Args:
        path: the folder of a classifier or of its export, or `hf:ORG/NAME` of one on the hub.
        names: see `find_files`.
        format: `table` for people, `csv` a row per image, `json` a list with an object per image,
            `xlsx` a sheet. By default what the suffix of `out` stands for, or a table.
        out: the file to write instead of returning the result.
        operating_point: which thresholds make a probability a yes.
        answer_all: also give the probabilities of images that it abstains on.
        per_study: join the images of each study (see `prediction.by_study`).
        worklist: TARGET=WEIGHT entries; the most urgent comes first (see `worklist`).
        dicom_sr: a folder to make, with a DICOM structured report for each row.
        pacs: address of a DICOMweb service, in place of `names`.
        query: what to ask it for, ATTRIBUTE=VALUE entries (see `radtex.pacs.Query`).
        store: store a structured report for each row in the PACS.

    Returns:
        The result, or the name of `out`.

    Raises:
        RunError: if `path` is no classifier or is damaged.
        ImageError: if none is named, a folder holds no image, or none can be read.
        OutputError: if an output exists or cannot be written, another process makes it, or its
            suffix stands for no format.
        ProtocolError: if `worklist` has no weights of targets.
        RadtexError: if structured reports are asked for, and highdicom is missing; or if `path` is
            an export, and onnxruntime is missing.
        PacsError: if the PACS cannot be asked, or does not keep a report.
    """
    if out is not None:
        refuse_existing(out)
    chosen = choose_format(format, out)
    with nullcontext() if out is None else new_output(out):
        shown = predictions(
            path,
            names,
            operating_point,
            answer_all,
            per_study,
            worklist,
            dicom_sr,
            pacs,
            query,
            store,
        )
        if out is None:
            return shown.text(chosen)
        shown.write(out, chosen)
    return str(out)


def predictions(
    path: Path,
    names: Sequence[str],
    operating_point: OperatingPoint = "youden",
    answer_all: bool = False,
    per_study: bool = False,
    worklist: Sequence[str] = (),
    dicom_sr: Path | None = None,
    pacs: str | None = None,
    query: Sequence[str] = (),
    store: bool = False,
) -> Predictions:
    """Predict for images; the arguments and errors are those of `predict`.

    Returns:
        What is predicted, before it is written in any format.
    """
    if dicom_sr is not None:
        refuse_existing(dicom_sr)
    if dicom_sr is not None or store:
        refuse_without_highdicom()
    _refuse_unclear(names, pacs, query, store)
    keep_freed_memory()
    opened = open_classifier(path)
    classifier = opened.classifier
    targets = tuple(target.name for target in classifier.targets)
    weights = read_weights(worklist, targets) if worklist else {}
    if classifier.abstention.warning:
        _log.warning("%s", classifier.abstention.warning)
    remote = PacsFilms(pacs, query) if pacs else None
    films = (remote.read if remote else partial(read_films, names))(classifier.preprocessing)
    found = tuple(predictions_of(classifier, films, operating_point, answer_all))
    thresholds = [target.thresholds.at(operating_point) for target in classifier.targets]
    if per_study:
        found = by_study(found, thresholds)
    if weights:
        found = sorted_by_urgency(found, targets, weights)
    author = Author.of(opened.name, opened.digest, operating_point, classifier.targets)
    source_of = remote.source_of if remote else source_of_file
    if dicom_sr is not None:
        write_structured_reports(found, author, dicom_sr, source_of)
    if remote and store:
        remote.store(structured_reports(found, author, source_of))
    return Predictions(targets, found, per_study, bool(weights))


def _refuse_unclear(
    names: Sequence[str], pacs: str | None, query: Sequence[str], store: bool
) -> None:
    if pacs is None and (query or store):
        raise ImageError("--query and --store are for a PACS; name it by --pacs URL")
    if pacs is not None and names:
        raise ImageError("name images or a --pacs, not both")
    if pacs is None and not names:
        raise ImageError("no image was named; name DICOM files or pictures, or a folder of them")


def predictions_of(
    classifier: Answering,
    films: Films,
    operating_point: OperatingPoint = "youden",
    answer_all: bool = False,
) -> Iterator[Prediction]:
    """Predict for each film, in their order.

    Args:
        classifier: that is asked.
        films: the images, made as its preprocessing says.
        operating_point: which thresholds make a probability a yes.
        answer_all: also give the probabilities of images that it abstains on.

    Yields:
        A prediction per film, also where it cannot be read.
    """
    for batch in films.batches("predicting", BATCH):
        yield from predict_batch(classifier, batch, operating_point, answer_all)


def predict_batch(
    classifier: Answering,
    films: Sequence[Film],
    operating_point: OperatingPoint = "youden",
    answer_all: bool = False,
) -> list[Prediction]:
    """Predict for some films together; arguments as of `predictions_of`."""
    thresholds = np.array([each.thresholds.at(operating_point) for each in classifier.targets])
    beside = classifier.abstention.warning if classifier.abstention.missed else ""
    readable = [film.pixels for film in films if film.pixels is not None]
    if readable:
        probabilities, distances = classifier.answer(np.stack(readable))
        answers = zip(probabilities, distances.tolist(), strict=True)
    predictions = []
    for film in films:
        if film.pixels is None:
            predictions.append(
                Prediction(
                    film.image_id,
                    None,
                    None,
                    False,
                    None,
                    film.error,
                    film.belongs_to,
                    (film.image_id,),
                )
            )
            continue
        said, distance = next(answers)
        refusal = classifier.abstention.reason(distance)
        answered = answer_all or not refusal
        predictions.append(
            Prediction(
                film.image_id,
                tuple(said.tolist()) if answered else None,
                tuple((said >= thresholds).tolist()) if answered else None,
                bool(refusal),
                distance,
                refusal or beside,
                film.belongs_to,
                (film.image_id,),
            )
        )
    return predictions
