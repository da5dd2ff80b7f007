"""`radtex validate`: a kept classifier on another site's labelled films."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from radtex.classifiers.classifier import Classifier, digest_of, load_classifier, read_facts
from radtex.classifiers.validating.drift import measure_drift
from radtex.classifiers.validating.external import (
    External,
    compare,
    predictive_worth,
    target_scores,
)
from radtex.classifiers.validating.refit import Refit, refit
from radtex.classifiers.validating.site import Site, answer_site, features_of, site_results
from radtex.classifiers.validating.validation_json import validation_json
from radtex.classifiers.validating.validation_page import validation_page
from radtex.compute.allocation import keep_freed_memory
from radtex.corpus.corpus import open_selection
from radtex.errors import ProtocolError
from radtex.files import makes_alone, refuse_existing, whole_folder
from radtex.statistics.intervals import LEVEL, Interval
from radtex.transfer.code_version import code_version
from radtex.transfer.evidence.command import command_line
from radtex.transfer.evidence.thumbnails import missed_films
from radtex.transfer.measures.events import too_few_events
from radtex.transfer.sampling.studies import Selection
from radtex.transfer.scorings import note_scoring


@makes_alone("out")
def validate(
    classifier: Path | str,
    corpus: Path | str,
    out: Path | str,
    *,
    pool: Path | str | None = None,
    recalibrate: int | None = None,
    prevalences: Sequence[float] = (0.01, 0.05, 0.1, 0.2),
    with_films: bool = False,
    seed: int = 0,
) -> External:
    """Validate a kept classifier on a site's labelled films, and write a page and its numbers.

    Args:
        classifier: the folder that `transfer --save` made.
        corpus: CORPUS[:SPLIT] of the site, `test` by default.
        out: the folder to make, with `report.html` and `summary.json`.
        pool: CORPUS[:SPLIT] that the classifier was made from, to measure drift. Without
            it, only classifiers of earlier versions are measured, which name their corpus.
        recalibrate: labelled studies of the site that intercept and slope are fitted on.
        prevalences: shares of studies with a finding that predictive values are told for.
        with_films: whether the page shows small pictures of the worst misses.
        seed: orders the patients for `recalibrate`, and draws films to tell the source by.

    Returns:
        What was measured; `validation_text` says it for a terminal.

    Raises:
        RunError: if `classifier` is no classifier or is damaged.
        CorpusError: if a corpus or split is not there.
        ProtocolError: if the site is what the classifier was made from, its images are too small,
            or no target can be served.
        OutputError: if `out` exists or cannot be written.

    Example:
        >>> import radtex
        >>> radtex.validate(  # doctest: +IGNORE_EXCEPTION_DETAIL
        ...     "none", "site:test", "out", recalibrate=100
        ... )
        Traceback (most recent call last):
        radtex.errors.RunError: none is no classifier …
    """
    classifier, out, corpus = Path(classifier), Path(out), str(corpus)
    pool = None if pool is None else str(pool)
    refuse_existing(out)
    for prevalence in prevalences:
        if not 0 < prevalence < 1:
            raise ProtocolError(
                f"a prevalence of {prevalence:g} is impossible; name one between 0 and 1"
            )
    keep_freed_memory()
    kept, facts = load_classifier(classifier), read_facts(classifier)
    selection = open_selection(corpus, "test")
    _refuse_own_pool(facts, selection)
    site = answer_site(kept, facts, selection)
    name = str(facts["encoder"]["name"])
    command = command_line(
        "radtex validate",
        str(classifier),
        corpus,
        pool=pool,
        recalibrate=recalibrate,
        prevalences=tuple(map(str, prevalences)),
        with_films=with_films,
        seed=seed or None,
        out=out,
    )
    results = site_results(name, kept, site, _record(classifier, facts, selection, command, seed))
    if with_films:
        results = replace(results, films=missed_films(results, selection[0].images))
    people = site.studies.patients[site.studies.study_of_image]
    of_pool, why_not = _pool_features(kept, facts, pool)
    scores = target_scores(kept, site)
    refits: tuple[Refit, ...] = ()
    left_out: dict[str, str] = {}
    if recalibrate is not None:
        refits, left_out = refit(site, recalibrate, seed)
    external = External(
        name=name,
        results=results,
        scores=scores,
        compared=compare(scores, facts),
        worth=predictive_worth(scores, prevalences),
        drift=measure_drift(kept, site.features, people, of_pool, seed),
        card_refused=Interval(**facts["abstention"]["test_refused"]),
        refits=refits,
        flags=[
            *(f"{target} is left out: {why}." for target, why in site.excluded.items()),
            *(f"{target} is not recalibrated: {why}." for target, why in left_out.items()),
            *too_few_events(results.events),
            *_on_films(kept, facts, selection, site),
            *why_not,
        ],
        patients=site.studies.patient_count,
        images=len(people),
    )
    with whole_folder(out) as folder:
        said = note_scoring(
            selection, "validate", [name], out, targets=list(site.targets), recalibrate=recalibrate
        )
        text = json.dumps(validation_json(external), indent=2, ensure_ascii=False, allow_nan=False)
        (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
        (folder / "report.html").write_text(validation_page(external, [said]), encoding="utf-8")
    return external


def _record(
    path: Path, facts: Mapping[str, Any], selection: Selection, command: str, seed: int
) -> dict[str, Any]:
    corpus, rows = selection
    return {
        "command": command,
        "commit": code_version()["commit"],
        "classifier": {"sha256": digest_of(path), "encoder": facts["encoder"]},
        "pool": facts["pool"],
        "label_policy": facts["label_policy"],
        "test_label_policy": facts["test_label_policy"],
        "site": {
            "corpus": str(corpus.path),
            "content_hash": corpus.content_hash,
            "splits": _splits(selection),
            "images": len(rows),
            "patients": len(set(corpus.patients[rows])),
            "preprocessing": asdict(corpus.preprocessing),
        },
        "level": LEVEL,
        "seed": seed,
        "versions": {name: version(name) for name in ("radtex", "torch", "numpy", "scipy")},
    }


def _splits(selection: Selection) -> list[str]:
    corpus, rows = selection
    return sorted(corpus.index["split"].iloc[rows].unique().tolist())


def _refuse_own_pool(facts: Mapping[str, Any], selection: Selection) -> None:
    pool, (corpus, _) = facts["pool"], selection
    shared = set(pool["splits"]) & set(_splits(selection))
    if pool["content_hash"] == corpus.content_hash and shared:
        raise ProtocolError(
            f"the classifier was made from the split {', '.join(sorted(shared))} of this corpus, "
            "so it has seen these patients; name another split or another site"
        )


def _pool_features(
    classifier: Classifier, facts: Mapping[str, Any], pool: str | None
) -> tuple[tuple[Tensor, NDArray[np.int64]] | None, list[str]]:
    """Features and patients of the pool's images; else None, and why in a sentence."""
    recorded = facts["pool"]
    if pool is None:
        # Classifiers of earlier versions noted where their corpus lay.
        if not recorded.get("corpus") or not (Path(recorded["corpus"]) / "corpus.json").is_file():
            return None, [_NOT_AT_HAND]
        there = Path(recorded["corpus"])
        pool = f"{there}:{recorded['splits'][0]}"
    selection = open_selection(pool, "pool")
    corpus, rows = selection
    if corpus.content_hash != recorded["content_hash"]:
        other = f"{corpus.path} is not the corpus that the classifier was made from"
        return None, [f"{other}, so no film of that one was compared; name it with --pool."]
    _, patients = np.unique(corpus.patients[rows].astype(str), return_inverse=True)
    return (features_of(classifier, selection), patients.astype(np.int64)), []


_NOT_AT_HAND = (
    "The corpus that the classifier was made from is not at hand, so no film of it was compared; "
    "name it with --pool."
)


def _on_films(
    classifier: Classifier, facts: Mapping[str, Any], selection: Selection, site: Site
) -> list[str]:
    corpus, rows = selection
    said = []
    made, there = classifier.preprocessing, corpus.preprocessing
    for what in ("fit", "intensity"):
        ours, theirs = getattr(made, what), getattr(there, what)
        if ours != theirs:
            said.append(
                f"Images here were made with {what} {theirs}, and the classifier's with {ours}."
            )
    if corpus.size != made.size:
        said.append(f"Images here are {corpus.size} px wide, and were reduced to {made.size} px.")
    spaces = set(corpus.index["patient_namespace"].iloc[rows]) & set(facts["pool"]["namespaces"])
    if spaces and corpus.content_hash != facts["pool"]["content_hash"]:
        said.append(
            f"Patients of {', '.join(sorted(spaces))} are in both corpora, and a classifier keeps "
            "no list of its own: whether some are the same could not be checked."
        )
    if classifier.abstention.warning:
        said.append(f"Mind that {classifier.abstention.warning}.")
    refused = float((site.distances > classifier.abstention.limit).mean())
    if refused:
        said.append(
            f"All studies are scored, also the {refused:.1%} of images that would get no answer."
        )
    return said
