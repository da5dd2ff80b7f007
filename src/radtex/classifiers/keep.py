"""`radtex transfer --save`: the probes of one draw become a classifier that can be kept."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.classifiers.abstention import QUANTILE, fit_abstention
from radtex.classifiers.card_scores import TargetScores, score_target
from radtex.classifiers.classifier import CARD, Classifier, Target, write_classifier
from radtex.classifiers.model_card import model_card
from radtex.classifiers.non_radiographs import non_radiographs, wrong_films
from radtex.classifiers.platt import fit_platt, out_of_fold
from radtex.classifiers.shareable import shareable
from radtex.errors import ProtocolError
from radtex.files import (
    explain_write_errors,
    new_output,
    refuse_existing,
    sole_writer,
    whole_folder,
)
from radtex.images.preprocessing import Preprocessing
from radtex.models.encoder import Encoder
from radtex.statistics.intervals import Interval
from radtex.statistics.proportion import proportion
from radtex.statistics.thresholds import choose_thresholds
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.contestants.features import extracted_features
from radtex.transfer.protocols.label_prior.label_prior import LabelPrior
from radtex.transfer.protocols.probes import STRENGTHS, Probes
from radtex.transfer.results import Results
from radtex.transfer.sampling.by_chance import as_they_come, lacks_a_class
from radtex.transfer.sampling.draws import Draw
from radtex.transfer.sampling.experiment import Experiment
from radtex.transfer.sampling.folds import every_fold_trains

UNFINISHED = ".unfinished"
"""A file of a folder that a command has not yet done with: the hash of the command."""

REPEAT = 0
"""The repeat whose labels, at the largest budget, a classifier is made of."""


@dataclass(frozen=True)
class _Kept:
    classifier: Classifier
    training: list[dict[str, Any]]
    """By target: what its head was trained on."""
    scores: list[TargetScores]
    refused: Interval
    """The share of the test's images that it abstains on."""
    images: int
    """Of the test."""
    excluded: dict[str, str]


class Keeper:
    """Makes a classifier of each contestant while an experiment has its features at hand.

    Raises:
        OutputError: if `out` exists, and is not what a killed command left.
    """

    out: Path
    """Becomes one classifier, or a folder of them by the contestants' names."""

    def __init__(self, out: Path) -> None:
        if not (out / UNFINISHED).is_file():
            refuse_existing(out)
        self.out = out
        self._kept: dict[str, _Kept] = {}

    def begin(self, command: str) -> None:
        """Remove what the same command left when it was killed before it was done.

        Args:
            command: the command, whose other output does not exist.

        Raises:
            OutputError: if `out` exists otherwise, or another process is at work on it.
        """
        with sole_writer(self.out), explain_write_errors(self.out):
            mark = self.out / UNFINISHED
            if not mark.is_file() or mark.read_bytes() != _mark(command):
                refuse_existing(self.out)
                return
            aside = tempfile.mkdtemp(".partial", f".{self.out.name}.", self.out.parent)
            self.out.rename(aside)
            shutil.rmtree(aside)

    def refuse(self, contestants: Sequence[Contestant]) -> None:
        """Refuse contestants that cannot be kept, before any is measured.

        Raises:
            ProtocolError: if one joins several runs, is no timm network, or has a name that is
                none of a folder.
        """
        if all(contestant.role == "floor" for contestant in contestants):
            raise ProtocolError("the grey levels alone make no classifier; name an encoder")
        for contestant in contestants:
            if contestant.role == "floor":
                continue
            joined = contestant.members or contestant.seeds
            if joined:
                raise ProtocolError(
                    f"{contestant.name} joins {len(joined)} runs, and a classifier has "
                    "one encoder; save from a comparison without it"
                )
            if contestant.offered or not isinstance(contestant.encoder, Encoder):
                raise ProtocolError(
                    f"{contestant.name} is no whole timm network, and only those can be saved; "
                    "save from a comparison without it"
                )
            if contestant.name in ("", "..") or Path(contestant.name).name != contestant.name:
                raise ProtocolError(
                    f"{contestant.name!r} cannot name a folder to save to; name it, as NAME=WHAT"
                )

    def take(
        self,
        contestant: Contestant,
        experiment: Experiment,
        fits: Probes,
        pool: Tensor,
        test: Tensor,
        preprocessing: Preprocessing,
        films: NDArray[np.uint8],
        prior: LabelPrior | None = None,
    ) -> None:
        """Make the classifier of a contestant.

        Args:
            contestant: whose encoder made the features.
            experiment: that was measured.
            fits: one probe per draw of the experiment.
            pool: features (n, D) of the images of the experiment's pool.
            test: features (m, D) of those of its test.
            preprocessing: how the pool's images were made.
            films: some of them, uint8 (k, S, S): they are inverted and turned to try the limit.
            prior: from which the probes began; its weights become part of the heads.

        Raises:
            ProtocolError: if no target can be calibrated.
        """
        assert isinstance(contestant.encoder, Encoder)
        pool, test = pool.cpu(), test.cpu()
        studies = experiment.pool.average(pool)
        chosen = [
            place
            for place, draw in enumerate(experiment.draws)
            if draw.repeat == REPEAT and draw.budget == experiment.budgets[-1]
        ]
        excluded = dict(experiment.excluded)
        places, targets, training, heads, intercepts = [], [], [], [], []
        for place in chosen:
            draw = experiment.draws[place]
            name = experiment.targets[draw.target]
            if not every_fold_trains(draw.positive, draw.folds):
                excluded[name] = (
                    "the labels of one class come from too few patients to be held out, so its "
                    "head cannot be calibrated"
                )
                continue
            by_chance = as_they_come(draw, experiment.pool.proposed)
            if lacking := lacks_a_class(draw.positive[by_chance]):
                excluded[name] = (
                    f"without the labels that `radtex next` chose for what they teach, {lacking}, "
                    "so its head cannot be calibrated; label more of those it chose at random"
                )
                continue
            places.append(place)
            offset = None
            head, intercept = fits.weights[place].cpu(), fits.intercepts[place].cpu()
            slope = float(fits.slopes[place])
            if prior is not None and prior.weights is not None and prior.intercepts is not None:
                known, shift = (
                    slope * each[draw.target].cpu() for each in (prior.weights, prior.intercepts)
                )
                offset = studies[draw.studies] @ known + shift
                head, intercept = head + known, intercept + shift
            heads.append(head)
            intercepts.append(intercept)
            targets.append(_target(name, studies, draw, by_chance, offset))
            training.append(
                _training(draw, STRENGTHS[int(fits.choices[place])])
                | {"sources": experiment.pool.count_sources(draw.studies, draw.target)}
            )
            if prior is not None:
                training[-1]["prior"] = {"slope": slope, **prior.facts[draw.target]}
        if not places:
            raise ProtocolError(
                "no classifier can be saved: "
                + "; ".join(f"{name}: {reason}" for name, reason in excluded.items())
            )
        people = experiment.pool.patients[experiment.pool.study_of_image]
        rng = np.random.default_rng(experiment.design.seed)
        classifier = Classifier(
            encoder=contestant.encoder,
            takes=contestant.takes,
            preprocessing=preprocessing,
            targets=tuple(targets),
            weights=torch.stack(heads).float(),
            intercepts=torch.stack(intercepts).float(),
            abstention=fit_abstention(
                pool,
                people,
                rng,
                _encoded(contestant, non_radiographs(preprocessing.size, preprocessing.fit)),
                _encoded(contestant, wrong_films(films)),
            ),
        )
        probabilities = classifier.probabilities(experiment.test.average(test))
        columns = [experiment.draws[place].target for place in places]
        self._kept[contestant.name] = _Kept(
            classifier=classifier,
            training=training,
            scores=[
                _score(experiment, column, probabilities[:, number], target)
                for number, (column, target) in enumerate(zip(columns, targets, strict=True))
            ],
            refused=_refused(classifier, experiment, test),
            images=len(test),
            excluded=excluded,
        )

    @contextmanager
    def written(self, results: Results, command: str) -> Iterator[None]:
        """Write all that were taken; they appear, whole, before the block and go if it fails.

        So the command can be repeated: after a failure, since nothing is left, and after a kill,
        since the folder is marked as unfinished until the block has ended.

        Args:
            results: those of the experiment.
            command: that makes them, and the files of the block.

        Raises:
            OutputError: if the place exists or cannot be written, or another process is at work
                on it.
        """
        with new_output(self.out), explain_write_errors(self.out):
            with whole_folder(self.out) as folder:
                for name, kept in self._kept.items():
                    own = folder if len(self._kept) == 1 else folder / name
                    own.mkdir(exist_ok=True)
                    facts = _facts(name, kept, results)
                    write_classifier(own, kept.classifier, facts)
                    card = model_card(kept.classifier, facts)
                    (own / CARD).write_text(card, encoding="utf-8")
                (folder / UNFINISHED).write_bytes(_mark(command))
            try:
                yield
            except BaseException:
                shutil.rmtree(self.out)
                raise
            (self.out / UNFINISHED).unlink()


def _mark(command: str) -> bytes:
    return hashlib.sha256(command.encode()).hexdigest().encode()


def _encoded(
    contestant: Contestant, kinds: Iterable[tuple[str, NDArray[np.uint8]]]
) -> dict[str, Tensor]:
    """Features of images by kind."""
    return {
        kind: extracted_features(contestant, images, np.arange(len(images))).cpu()
        for kind, images in kinds
    }


def _target(
    name: str, studies: Tensor, draw: Draw, by_chance: NDArray[np.bool_], offset: Tensor | None
) -> Target:
    logits = out_of_fold(studies[draw.studies], draw.positive, draw.folds, offset)[by_chance]
    positive = draw.positive[by_chance]
    platt = fit_platt(logits, positive)
    return Target(name, platt, choose_thresholds(platt.probabilities(logits), positive))


def _training(draw: Draw, strength: float) -> dict[str, Any]:
    return {
        "budget": draw.budget,
        "repeat": draw.repeat,
        "labelled": len(draw.studies),
        "positive": int(draw.positive.sum()),
        "forced": bool(draw.forced),
        "c": strength,
        "studies_sha256": hashlib.sha256(draw.studies.astype("<i8").tobytes()).hexdigest(),
    }


def _score(
    experiment: Experiment, column: int, probabilities: NDArray[np.float64], target: Target
) -> TargetScores:
    labels = experiment.test.labels[:, column]
    definite = np.flatnonzero(~np.isnan(labels))
    return score_target(
        probabilities[definite],
        labels[definite] == 1,
        experiment.test.patients[definite],
        target.thresholds,
    )


def _refused(classifier: Classifier, experiment: Experiment, test: Tensor) -> Interval:
    far = classifier.abstention.familiarity.distance(test) > classifier.abstention.limit
    return proportion(far, experiment.test.patients[experiment.test.study_of_image])


def _facts(name: str, kept: _Kept, results: Results) -> dict[str, Any]:
    protocol = results.protocol
    (encoder,) = (each for each in protocol["encoders"] if each["name"] == name)
    largest = protocol["budgets"][-1]
    facts = {
        "encoder": encoder,
        "label_policy": protocol["label_policy"],
        "test_label_policy": protocol["test_label_policy"],
        "label_sources": protocol["label_sources"],
        "protocol": {
            key: protocol[key]
            for key in ("name", "sampling", "budgets", "repeats", "seed", "level", "folds")
        },
        "pool": protocol["pool"],
        "test": protocol["test"],
        "targets": [
            {
                "name": target.name,
                "training": training,
                "test": asdict(scores),
                "auc_over_repeats": asdict(Interval(mean.mean, mean.low, mean.high)),
            }
            for target, training, scores in zip(
                kept.classifier.targets, kept.training, kept.scores, strict=True
            )
            for mean in (results.target_auc[name][target.name][largest],)
        ],
        "excluded": kept.excluded,
        "abstention": {
            "quantile": QUANTILE,
            "test_images": kept.images,
            "test_refused": asdict(kept.refused),
        },
        **({"prior": protocol["prior"]} if "prior" in encoder else {}),
        "flags": list(results.flags),
        "versions": protocol["versions"],
        "threads": protocol["threads"],
    }
    return shareable(facts)
