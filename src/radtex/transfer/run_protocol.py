"""A few-label experiment from images to results, by the protocol's rules."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from radtex.corpus.label_policies import label_policy, policy_of_test
from radtex.errors import ProtocolError, SmallPoolError
from radtex.findings import target_names
from radtex.transfer.contestants.contestant import (
    Contestant,
    refuse_equal_names,
    without_priors,
)
from radtex.transfer.contestants.leave_target_out import members_of_targets
from radtex.transfer.contestants.primary_family import primary_family
from radtex.transfer.design import Design
from radtex.transfer.evidence.flags import flags
from radtex.transfer.evidence.provenance import record_of
from radtex.transfer.evidence.thumbnails import missed_films
from radtex.transfer.leaks import refuse_seen_patients, refuse_shared_patients
from radtex.transfer.measures.scores import Scores, of_members, of_seeds
from radtex.transfer.protocols.protocol import Protocol, Taking
from radtex.transfer.results import Results, conclude
from radtex.transfer.sampling.by_chance import only_as_they_come
from radtex.transfer.sampling.experiment import Experiment, draw_experiment
from radtex.transfer.sampling.studies import Selection, studies_in_splits, studies_of

_log = logging.getLogger(__name__)


def run_protocol(
    protocol: Protocol[Any],
    contestants: Sequence[Contestant],
    pool: Selection,
    test: Selection,
    design: Design,
    *,
    folder: Path | None = None,
    keeper: Taking[Any] | None = None,
    with_films: bool = False,
    primary: Sequence[str] = (),
) -> Results:
    """Put encoders to use with few labels from `pool`, and score them once on `test`.

    Args:
        protocol: how an encoder is put to use, with its options.
        contestants: the encoders.
        pool: the corpus and rows that labels are drawn from.
        test: the corpus and rows that are scored.
        design: what is measured, on how many labels and how often.
        folder: where a protocol that resumes keeps what is finished, so that it can go on.
        keeper: is given the fits of each contestant and the features of its images.
        with_films: whether the results hold small pictures of the worst misses.
        primary: pairs A:B of the primary family (see `primary_family`).

    Raises:
        ProtocolError: if patients are on both sides of a boundary, names or budgets are given
            twice, a budget is larger than the pool, no target can be served, features or losses
            are not finite, or `folder` belongs to another experiment.
        CorpusError: if a corpus does not have the targets.
    """
    protocol.check()
    refuse_equal_names(contestants)
    protocol.refuse(contestants)
    family = primary_family(contestants, primary)
    if keeper is not None:
        keeper.refuse(contestants)
    unchecked = _refuse_leaks(without_priors(contestants), pool, test)
    if pool[0].size != test[0].size:
        raise ProtocolError(
            f"the pool's images are {pool[0].size} px wide and the test's {test[0].size} px; "
            "build both corpora with one --size"
        )
    policy, targets = label_policy(design.label_policy), target_names(design.targets)
    tested_by = policy_of_test(design.test_label_policy, policy)
    sources = design.label_sources
    try:
        experiment = draw_experiment(
            studies_of(*pool, targets, policy, sources),
            only_as_they_come(studies_of(*test, targets, tested_by, sources)),
            replace(design, targets=targets),
        )
    except SmallPoolError as error:
        elsewhere = studies_in_splits(*pool, targets, policy, sources)
        raise ProtocolError(f"{error}; {_where_more_labels_are(elsewhere)}") from error
    record = record_of(protocol, contestants, experiment, pool, test, family, unchecked)
    _log.info(
        "fixed before scoring: primary family %s at %s labels, Holm; targets: %d, repeats: %d; "
        "labels of the test: %s (%s)",
        ", ".join(f"{a} − {b}" for a, b in family) or "none",
        "/".join(map(str, experiment.budgets)),
        len(experiment.targets),
        design.repeats,
        tested_by.name,
        tested_by.description,
    )
    alone = [part for each in contestants for part in each.parts]
    for each in (one for contestant in contestants for one in contestant.seeds or (contestant,)):
        if each.members:  # refused before anything is measured
            members_of_targets(each, experiment.targets)
    measured = protocol.measure(
        alone, experiment, pool, test, record=record, folder=folder, keeper=keeper
    )
    scores = {each.name: _joined(each, experiment, measured) for each in contestants}
    said = flags(protocol, contestants, experiment, scores, record)
    results = replace(
        conclude(protocol, contestants, experiment, scores, record, said),
        rows_of_studies=tuple(test[1][experiment.test.first_images].tolist()),
    )
    if not with_films:
        return results
    return replace(results, films=missed_films(results, test[0].images))


def _where_more_labels_are(elsewhere: Mapping[str, int]) -> str:
    """Say where a pool's corpus has more labels, by split, and what to do."""
    if not elsewhere:
        return "no other split of its corpus has labels either: ask for less, or label more"
    places = ", ".join(f"{count:,} in {split}" for split, count in elsewhere.items())
    return (
        f"more labelled studies are elsewhere in its corpus: {places}; `corpus build --labelled "
        "pool` moves those of train to pool and test, or name CORPUS:train with encoders that were "
        "not trained on it"
    )


def _joined(contestant: Contestant, experiment: Experiment, measured: Iterator[Scores]) -> Scores:
    """Take the scores of a contestant's parts, and join them."""
    if contestant.seeds:
        return of_seeds([_joined(seed, experiment, measured) for seed in contestant.seeds])
    if contestant.members:
        of_each = [next(measured) for _ in contestant.members]
        return of_members(experiment, of_each, members_of_targets(contestant, experiment.targets))
    return next(measured)


def _refuse_leaks(
    contestants: Sequence[Contestant], pool: Selection, test: Selection
) -> list[dict[str, Any]]:
    """Return what could not be checked: JSON values with `encoder`, `roles` and `reason`."""
    in_pool, in_test = (frozenset(corpus.patients[rows]) for corpus, rows in (pool, test))
    refuse_shared_patients(in_pool, in_test, ones_in="the pool", others_in="the test")
    unchecked: dict[tuple[str, str], list[str]] = {}
    for contestant in contestants:
        trained = f"the training of {contestant.name}"
        for role, patients in (("pool", in_pool), ("test", in_test)):
            for reason in refuse_seen_patients(
                contestant.patients, patients, seen_in=trained, tested_in=f"the {role}"
            ):
                unchecked.setdefault((contestant.name, reason), []).append(role)
    return [
        {"encoder": name, "roles": roles, "reason": reason}
        for (name, reason), roles in unchecked.items()
    ]
