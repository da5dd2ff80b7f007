"""What a kept classifier says of the labelled studies of a site."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.special import logit
from torch import Tensor

from radtex.classifiers.classifier import Classifier
from radtex.corpus.label_policies import label_policy, policy_of_test
from radtex.errors import ProtocolError
from radtex.findings import EDEMA_COMPARISONS, EDEMA_SEVERITY
from radtex.images.squaring import fit
from radtex.progress import progress_bar
from radtex.transfer.design import Design
from radtex.transfer.measures.classifier_measures import classifier_results
from radtex.transfer.measures.events import events_of
from radtex.transfer.measures.scores import score, stored
from radtex.transfer.results import Results, mean_and_target_auc
from radtex.transfer.sampling.by_chance import only_as_they_come
from radtex.transfer.sampling.draws import Draw
from radtex.transfer.sampling.eligibility import TEST_FLOOR, too_few_patients
from radtex.transfer.sampling.experiment import Experiment
from radtex.transfer.sampling.studies import Selection, Studies, studies_of

BATCH = 64
"""Images that are encoded at a time."""


@dataclass(frozen=True)
class Site:
    """n studies of a site with a classifier's answers on T targets."""

    studies: Studies
    """Their labels (n, T), patients and groups."""
    targets: tuple[str, ...]
    """T targets that the site can serve."""
    places: tuple[int, ...]
    """(T,): the place of each among the classifier's."""
    excluded: Mapping[str, str]
    """Its other targets, and why."""
    logits: NDArray[np.float64]
    """(n, T): log odds of its calibrated probabilities."""
    distances: NDArray[np.float64]
    """(images,): how far each is from the films that the classifier was made from."""
    features: Tensor
    """(images, D)."""
    rows_of_studies: tuple[int, ...]
    """(n,): the row of each study's first image in the index of the corpus."""


def answer_site(classifier: Classifier, facts: Mapping[str, Any], selection: Selection) -> Site:
    """Ask a classifier about the studies of a site; labels count as those of its own test did.

    Raises:
        ProtocolError: if the site's images are smaller than those it was made from, or no target
            can be served.
        CorpusError: if its label policy is unknown.
    """
    corpus, rows = selection
    size = classifier.preprocessing.size
    if corpus.size < size:
        raise ProtocolError(
            f"the images of {corpus.path} are {corpus.size} px wide, and the classifier was made "
            f"from {size} px; build the corpus with --size {size}"
        )
    policy = policy_of_test(
        facts["test_label_policy"]["name"], label_policy(facts["label_policy"]["name"])
    )
    names = [target.name for target in classifier.targets]
    there = [name for name in names if _has_label(corpus.label_names, name)]
    excluded = {name: "the site has no such label" for name in names if name not in there}
    if not there:
        raise ProtocolError(
            f"{corpus.path} has no label of {', '.join(names)}; its labels are: "
            f"{', '.join(corpus.label_names) or 'none'}"
        )
    studies = only_as_they_come(studies_of(corpus, rows, there, policy))
    served = []
    for column, name in enumerate(there):
        lacking = too_few_patients(studies.labels[:, column], studies.patients, TEST_FLOOR)
        if lacking:
            excluded[name] = f"the site has {lacking}"
        else:
            served.append(column)
    if not served:
        raise ProtocolError(
            "no target can be validated: "
            + "; ".join(f"{name}: {reason}" for name, reason in excluded.items())
        )
    targets = tuple(there[column] for column in served)
    places = tuple(names.index(name) for name in targets)
    features = features_of(classifier, selection)
    probabilities = classifier.probabilities(studies.average(features))[:, places]
    return Site(
        studies=replace(studies, labels=studies.labels[:, served]),
        targets=targets,
        places=places,
        excluded=excluded,
        logits=logit(probabilities.clip(1e-12, 1 - 1e-12)),
        distances=classifier.abstention.familiarity.distance(features),
        features=features,
        rows_of_studies=tuple(rows[studies.first_images].tolist()),
    )


def features_of(classifier: Classifier, selection: Selection) -> Tensor:
    """Features (images, D) of the images of a selection, at the size that the classifier takes."""
    corpus, rows = selection
    preprocessing = classifier.preprocessing
    parts = []
    with progress_bar("validating", len(rows), "images") as bar:
        for start in range(0, len(rows), BATCH):
            images = corpus.images[rows[start : start + BATCH]]
            if corpus.size != preprocessing.size:
                images = np.stack([fit(each, preprocessing.size) for each in images])
            parts.append(classifier.features(images))
            bar.advance(len(images))
    return torch.cat(parts)


def site_results(
    name: str, classifier: Classifier, site: Site, protocol: Mapping[str, Any]
) -> Results:
    """Measure the answers as `transfer` measures scores, so that the page's sections can show them.

    Args:
        name: of the classifier.
        classifier: for its thresholds.
        site: its answers.
        protocol: what is needed to repeat it (JSON values).
    """
    experiment = _experiment(site)
    kept = [classifier.targets[place].thresholds for place in site.places]
    points = np.array([[each.youden, each.sensitive] for each in kept])  # `missed_share.POINTS`
    thresholds = logit(points.clip(1e-12, 1 - 1e-12))
    scores = score(
        experiment,
        stored(torch.from_numpy(site.logits.T.copy())),
        logits=True,
        thresholds=thresholds,
    )
    mean, by_target = mean_and_target_auc(experiment, scores)
    return Results(
        protocol=dict(protocol) | {"targets": list(site.targets), "budgets": [0]},
        scores=pd.DataFrame(),
        mean_auc={name: mean},
        target_auc={name: by_target},
        paired=(),
        flags=(),
        classifiers={name: classifier_results(experiment, scores.measures)},
        events=events_of(experiment),
        rows_of_studies=site.rows_of_studies,
        of_one_classifier=True,
    )


class _Kept(Experiment):
    """One classifier that is there already, as an experiment of one draw for each target."""

    @cached_property
    def pool_share(self) -> NDArray[np.float64]:
        """Nothing is drawn, and so no pool shared: the intervals count patients alone."""
        return np.zeros((len(self.targets), 1))


def _experiment(site: Site) -> Experiment:
    nothing = np.zeros(0, np.int64)
    return _Kept(
        design=Design(site.targets, (0,), 1),
        pool=site.studies,
        test=site.studies,
        targets=site.targets,
        excluded=dict(site.excluded),
        budgets=(0,),
        draws=tuple(
            Draw(place, 0, 0, nothing, nothing.astype(bool), nothing, False)
            for place in range(len(site.targets))
        ),
    )


def _has_label(labels: tuple[str, ...], name: str) -> bool:
    return name in labels or (name in EDEMA_COMPARISONS and EDEMA_SEVERITY in labels)
