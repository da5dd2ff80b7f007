"""From the words of `radtex plan` to a table: the pilot's studies, their features, the plan."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from radtex.compute.allocation import keep_freed_memory
from radtex.corpus.corpus import Corpus, open_selection
from radtex.corpus.label_policies import label_policy as find_policy
from radtex.corpus.readings.label_sources import LabelSource
from radtex.errors import ProtocolError
from radtex.files import refuse_existing, write_text
from radtex.findings import target_names
from radtex.transfer.contestants.entries import contestants
from radtex.transfer.contestants.features import pooled_features
from radtex.transfer.evidence.result_tables import ESTIMAND
from radtex.transfer.leaks import refuse_seen_patients, unchecked_sentences
from radtex.transfer.planning.budgets import Plan, plan_budgets
from radtex.transfer.planning.learning_curve import learning_curve
from radtex.transfer.planning.learning_law import LAW
from radtex.transfer.sampling.studies import studies_of


def plan(
    pool: Path | str | Corpus,
    encoder: str,
    targets: Sequence[str],
    budgets: Sequence[int],
    *,
    pilot: int | None = None,
    repeats: int = 10,
    backbone: str | None = None,
    label_policy: str = "paper",
    label_sources: Sequence[LabelSource] = ("human", "archive"),
    seed: int = 0,
    out: Path | str | None = None,
) -> Plan:
    """Say what AUC to expect of an encoder with more labels than a pilot has.

    Args:
        pool: CORPUS[:SPLIT] that holds the pilot, `pool` by default; or a corpus that was opened.
        encoder: `[NAME=]WHAT`; see `contestants`.
        targets: names of labels or of target sets.
        budgets: numbers of labelled studies per target.
        pilot: studies that are taken at random; by default all with a label of any target.
        repeats: subsets per size, fold and target.
        backbone: of `random` and `imagenet`; by default that of the run.
        label_policy: what uncertain and blank labels count as.
        label_sources: whose labels count.
        seed: of the pilot, its subsets and the weights of `random`.
        out: a JSON file for the plan.

    Returns:
        The plan; printed, it is a table.

    Raises:
        ProtocolError: if the pilot has too few labels, or shares patients with the encoder's
            training.
        RadtexError: of the kind that `contestants` and `open_selection` raise.

    Example:
        >>> import radtex
        >>> radtex.plan("none", "random", ["Edema"], [500])  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        radtex.errors.CorpusError: none does not exist …
    """
    if out is not None:
        refuse_existing(Path(out))
    keep_freed_memory()
    policy, names = find_policy(label_policy), target_names(targets)
    if isinstance(pool, Corpus):
        corpus, rows = pool, pool.rows("pool")
    else:
        corpus, rows = open_selection(str(pool), "pool")
    contestant = contestants([encoder], corpus, seed, backbone)[0]
    if contestant.members or contestant.seeds or contestant.offered:
        raise ProtocolError(
            f"{contestant.name} joins several runs or layers; name one encoder to plan for"
        )
    unchecked = refuse_seen_patients(
        contestant.patients,
        corpus.patients[rows],
        seen_in=f"the training of {contestant.name}",
        tested_in="the pilot",
        remedy="choose a split that it was not trained on",
    )
    whole = studies_of(corpus, rows, names, policy, label_sources)
    definite = ~np.isnan(whole.labels).all(1)
    taught = int((definite & whole.proposed).sum()) if len(whole.proposed) else 0
    labelled = np.flatnonzero(definite & ~whole.proposed if taught else definite)
    if pilot is not None:
        if pilot > len(labelled):
            raise ProtocolError(
                f"a pilot of {pilot} studies was asked for, and {len(labelled)} have a label"
                + (f" that `radtex next` did not choose ({taught} others have)" if taught else "")
                + "; ask for fewer"
            )
        labelled = np.random.default_rng(seed).permutation(labelled)[:pilot]
    rows = rows[np.isin(whole.study_of_image, labelled)]
    if not len(rows):
        raise ProtocolError(f"no study of {corpus.path} has a label of {', '.join(names)}")
    studies = studies_of(corpus, rows, names, policy, label_sources)
    features = studies.average(pooled_features(contestant, corpus.images, rows))
    try:
        curve = learning_curve(
            features, studies, names, repeats, seed, f"probes on {contestant.name} in the pilot"
        )
    except ProtocolError as error:
        if not taught:
            raise
        raise ProtocolError(
            f"{error}; of `radtex next`, those that it chose for what they teach are no part of a "
            f"pilot ({taught} studies)"
        ) from error
    planned = plan_budgets(curve, budgets)
    said = unchecked_sentences(f"the training of {contestant.name}", "the pilot", unchecked)
    if taught:
        said.append(
            f"{taught} labelled studies that `radtex next` chose for what they teach are not in "
            "the pilot: an estimate from them would not be that of films as they come"
        )
    planned = replace(planned, flags=(*planned.flags, *said))
    if out is not None:
        write_text(Path(out), _as_json(planned))
    return planned


def _as_json(planned: Plan) -> str:
    curve = planned.curve
    content = {
        "targets": list(curve.targets),
        "excluded": curve.excluded,
        "pilot": curve.pilot,
        "measured": {
            f"{size:.0f}": float(value) for size, value in zip(curve.sizes, curve.mean, strict=True)
        },
        "law": {"form": LAW, **planned.laws.likeliest},
        "estimand": ESTIMAND,
        "mean_auc": {str(budget): asdict(value) for budget, value in planned.auc.items()},
        "gain": {str(budget): asdict(value) for budget, value in planned.gain.items()},
        "flags": list(planned.flags),
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
