"""A sweep of fine-tuning: every encoder on every draw, in parallel, resumable.

Each finished fit is one file, whole, in a folder that tells which experiment it belongs to. joblib
runs the fits, on the backend that the caller has set (`joblib.parallel_config`): on a Dask cluster
the workers must see the corpora by the same paths. The results do not depend on how many run at
once, on where, or on interruptions.
"""

import hashlib
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.corpus.corpus import Corpus
from radtex.corpus.on_disk.corpus_files import IMAGES_FILE
from radtex.errors import ProtocolError, RunError
from radtex.files import write_text
from radtex.models.encoder_input import EncoderInput
from radtex.models.storage import load_weights, save_weights
from radtex.progress import progress_bar
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.protocols.finetuned_network import Fit, StudyImages, finetune
from radtex.transfer.protocols.finetuning_options import FinetuningOptions
from radtex.transfer.sampling.draws import stream_of
from radtex.transfer.sampling.experiment import Experiment
from radtex.transfer.sampling.folds import grouped_folds
from radtex.transfer.sampling.studies import Studies

_ABOUT = "sweep.json"


@dataclass(frozen=True)
class Finetuned:
    """How each draw was fine-tuned."""

    steps: NDArray[np.int64]
    """(draws,): steps whose weights were kept."""
    held_out: NDArray[np.bool_]
    """(draws,): whether a fold of its own studies chose the steps."""


def sweep(
    contestants: Sequence[Contestant],
    experiment: Experiment,
    pool: tuple[Corpus, NDArray[np.int64]],
    test: tuple[Corpus, NDArray[np.int64]],
    options: FinetuningOptions,
    record: Mapping[str, Any],
    folder: Path,
    workers: int | None = None,
) -> list[tuple[Tensor, Finetuned]]:
    """Fine-tune each contestant on each draw.

    With shared draws one network with a head per target serves all targets of a repeat and
    budget, otherwise each draw has its own.

    Args:
        contestants: the encoders.
        experiment: what is measured.
        pool: the corpus and rows that the experiment's pool was gathered from.
        test: the same of its test.
        options: what may be chosen of the recipe.
        record: what defines the experiment (JSON values).
        folder: of the finished fits; those of an interrupted sweep are not repeated.
        workers: processes; all cores by default.

    Returns:
        Of each contestant the logits (draws, test studies) and how the draws were fitted.

    Raises:
        ProtocolError: if the folder holds another experiment's fits or a damaged one, or a loss is
            not finite.
    """
    options.check()
    _claim(folder, {**record, "weights": [_digest(each.encoder) for each in contestants]})
    fits = list(_fits(experiment, _images(*pool, experiment.pool), options.early_stopping))
    scored = _images(*test, experiment.test)
    files = [
        [folder / f"{number:03}-{place:06}.safetensors" for place in range(len(fits))]
        for number in range(len(contestants))
    ]
    missing = [
        (number, place)
        for number, of_contestant in enumerate(files)
        for place, file in enumerate(of_contestant)
        if not file.exists()
    ]
    done = len(contestants) * len(fits) - len(missing)
    with progress_bar("fine-tuning", done + len(missing), "fits", start=done) as bar:
        if missing:
            parallel = joblib.Parallel(
                n_jobs=min(workers or joblib.cpu_count(), len(missing)),
                return_as="generator_unordered",
            )
            tasks = (
                joblib.delayed(_one)(
                    number,
                    place,
                    contestants[number].encoder,
                    contestants[number].takes,
                    fits[place][1],
                    scored,
                    options,
                )
                for number, place in missing
            )
            with warnings.catch_warnings(), closing(parallel(tasks)) as outcomes:
                # joblib warns of unused results where a fit fails
                warnings.filterwarnings("ignore", category=UserWarning, module="joblib")
                for number, place, scores, steps in outcomes:
                    fitted = torch.tensor([steps, int(fits[place][1].held_out.any())])
                    save_weights(
                        files[number][place], {"scores": torch.from_numpy(scores), "fitted": fitted}
                    )
                    bar.advance()
    shape = (len(experiment.draws), len(experiment.test.labels))
    places = [places for places, _ in fits]
    return [_gather(shape, places, of_contestant) for of_contestant in files]


def _claim(folder: Path, about: Mapping[str, Any]) -> None:
    """Make the folder, or find that it belongs to this very experiment."""
    text = json.dumps(about, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    written = folder / _ABOUT
    if written.exists() and written.read_text(encoding="utf-8") != text:
        raise ProtocolError(
            f"{folder} holds the finished fits of another sweep (other encoders, labels, options "
            "or versions); repeat the command that began it, choose another --out, or remove it"
        )
    if not written.exists():
        write_text(written, text)


def _digest(encoder: nn.Module) -> str:
    """SHA-256, in hex, of the names and bytes of an encoder's weights and statistics."""
    digest = hashlib.sha256()
    for name, tensor in encoder.state_dict().items():
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _fits(
    experiment: Experiment, labelled: StudyImages, early_stopping: bool
) -> Iterator[tuple[list[int], Fit]]:
    """The networks to train, each with the places of the draws it serves."""
    by_set: dict[tuple[int, ...], list[int]] = {}
    for place, draw in enumerate(experiment.draws):
        own = (draw.target,) if experiment.design.sampling == "per-target" else ()
        by_set.setdefault((*own, draw.repeat, draw.budget), []).append(place)
    for places in by_set.values():
        draws = [experiment.draws[place] for place in places]
        studies = np.unique(np.concatenate([draw.studies for draw in draws]))
        labels = np.full((len(studies), len(draws)), np.nan, np.float32)
        for column, draw in enumerate(draws):
            labels[np.searchsorted(studies, draw.studies), column] = draw.positive
        name = experiment.targets[draws[0].target] if len(draws) == 1 else "\0shared"
        key = (experiment.design.seed, stream_of(name), draws[0].repeat, draws[0].budget)
        held_out = np.zeros(len(studies), np.bool_)
        if early_stopping:
            held_out = _held_out(labels, experiment.pool.patients[studies], key)
        yield places, Fit(labelled.of(studies), labels, held_out, key)


def _held_out(
    labels: NDArray[np.float32], patients: NDArray[np.int64], key: tuple[int, ...]
) -> NDArray[np.bool_]:
    """A fold of the studies by patient, or none if a class of a target were then not trained on."""
    folds = grouped_folds((labels == 1).any(1), patients, np.random.default_rng(key))
    trained = labels[folds != 0]
    if not ((trained == 1).any(0) & (trained == 0).any(0)).all():
        return np.zeros(len(labels), np.bool_)
    held_out: NDArray[np.bool_] = folds == 0
    return held_out


def _images(corpus: Corpus, rows: NDArray[np.int64], studies: Studies) -> StudyImages:
    """The images of an experiment's studies; those of a corpus on disk stay there."""
    file = corpus.path / IMAGES_FILE
    images = file.resolve() if isinstance(corpus.images, np.memmap) else corpus.images
    return StudyImages(images, rows, studies.study_of_image)


def _one(
    number: int,
    place: int,
    encoder: nn.Module,
    takes: EncoderInput,
    fit: Fit,
    test: StudyImages,
    options: FinetuningOptions,
) -> tuple[int, int, NDArray[np.float32], int]:
    scores, steps = finetune(encoder, takes, fit, test, options)
    return number, place, scores.numpy(), steps


def _gather(
    shape: tuple[int, int], places: Sequence[Sequence[int]], files: Sequence[Path]
) -> tuple[Tensor, Finetuned]:
    scores = torch.empty(shape)
    finetuned = Finetuned(np.empty(shape[0], np.int64), np.empty(shape[0], np.bool_))
    for its_places, file in zip(places, files, strict=True):
        try:
            fit = load_weights(file)
            scores[list(its_places)] = fit["scores"].T
            steps, held_out = fit["fitted"].tolist()
        except (RunError, KeyError, RuntimeError, ValueError) as error:
            raise ProtocolError(
                f"{file} is damaged; remove it, and repeat the command to make it again"
            ) from error
        finetuned.steps[list(its_places)] = steps
        finetuned.held_out[list(its_places)] = bool(held_out)
    return scores, finetuned
