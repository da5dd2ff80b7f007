"""From files of written reports to their scores, beside two baselines that need no decoder."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radtex import __version__
from radtex.corpus.corpus import Corpus, named_split
from radtex.corpus.splits import patient_hash
from radtex.errors import CorpusError, ProtocolError
from radtex.files import makes_alone, refuse_existing
from radtex.generation.written import WrittenReports, match_by_image, read_written
from radtex.models.run import Run
from radtex.scoring.baselines import baselines
from radtex.scoring.comparison import Results, comparisons, scores, too_few_to_tell, verdict
from radtex.scoring.references import recurring_share, refuse_changed, rows_of
from radtex.scoring.score_registry import text_scores
from radtex.scoring.score_table import score_table, write_json, write_reports
from radtex.scoring.scored import Scored
from radtex.scoring.self_contradictions import DEFINITION, contradicted, shares
from radtex.scoring.text_score import TextScore
from radtex.statistics.bootstrap import Patients
from radtex.transfer.leaks import refuse_seen_patients, unchecked_sentences
from radtex.transfer.scorings import note_scoring


@makes_alone("out", "per_report")
def score(
    files: Sequence[Path | str] | Path | str,
    *,
    run: Path | str | None = None,
    corpus: Path | str | None = None,
    out: Path | str | None = None,
    per_report: Path | str | None = None,
    clinical: Path | str | None = None,
    replicates: int = 1000,
    seed: int = 0,
) -> str:
    """Score files of written reports against their references.

    Two baselines are scored beside them, from the train split: the report of the nearest image,
    and the most typical report; see `baselines`.

    Args:
        files: as `read_written` takes them; several are compared by pairs, over the same images.
        run: whose features say which image is near; that of the first file by default.
        corpus: CORPUS[:SPLIT] that the images belong to; that of the first file by default. Where
            a split is named, images of others are refused.
        out: JSON file of everything.
        per_report: CSV file of each report's scores.
        clinical: folder of RadEval's weights, for CheXbert and RadGraph F1.
        replicates: draws of patients, for intervals and p values.
        seed: of these draws.

    Returns:
        The table for the terminal.

    Raises:
        CorpusError: if a file or the corpus is damaged, the references are not the corpus's, or
            files differ in images or references.
        ProtocolError: if the references recur, a run has learnt from a patient, or there is one
            patient only.
        RunError: if a run cannot be read, or the clinical scores cannot be had.
        OutputError: if an output exists or cannot be written.

    Example:
        >>> import radtex
        >>> radtex.score("none.jsonl")  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        radtex.errors.CorpusError: cannot read none.jsonl …
    """
    paths = [Path(each) for each in ([files] if isinstance(files, Path | str) else files)]
    run, corpus, out, per_report, clinical = (
        None if place is None else Path(place) for place in (run, corpus, out, per_report, clinical)
    )
    for place in (out, per_report):
        if place is not None:
            refuse_existing(place)
    written = match_by_image([read_written(path) for path in paths])
    named = dict(zip(_names(paths), written, strict=True))
    first = next(iter(named.values()))
    place, split = named_split(_source(corpus, first.corpus, "corpus", first.path))
    opened = Corpus.open(place)
    chosen = Path(_source(run, first.run, "run", first.path))
    rows = rows_of(first, opened, split)
    refuse_changed(first, opened, rows)
    recurring = recurring_share(opened, rows)
    people = opened.patients[rows]
    learners = dict.fromkeys([chosen, *(Path(each.run) for each in written if each.run)])
    (near, *_), unchecked = _open_unlearnt(list(learners), people)
    # The order of their hashes decides what a seed draws.
    patient_ids, numbers = np.unique([patient_hash(each) for each in people], return_inverse=True)
    if len(patient_ids) < 2:
        raise ProtocolError("all reports are of one patient; an interval needs at least two")

    sections = near.reference_policy
    rivals = baselines(near.load(), opened, rows, sections, seed)
    texts = {name: each.texts for name, each in named.items()} | dict(rivals.texts)
    scored = Scored.of(text_scores(clinical), texts, first.references)
    inconsistent = contradicted(texts, first.references)
    patients = Patients(numbers, replicates, seed)
    paired = comparisons(scored, patients, list(named), list(rivals.texts))
    note_scoring((opened, rows), "score", list(named), out, seed=seed)

    settings = {
        "scorer": f"radtex {__version__}",
        "corpus": {"path": str(opened.path), "content_hash": opened.content_hash},
        "run": str(chosen),
        "files": {name: _description(each) for name, each in named.items()},
        "reports": len(rows),
        "patients": len(patient_ids),
        "sections": dict(Counter(" + ".join(s) or "not stated" for s in first.sections)),
        "recurring_references": recurring,
        **{name: value for each in scored.scores for name, value in each.settings.items()},
        "baselines": {
            "training_reports": rivals.training_reports,
            "sections": sections,
            "most_typical": rivals.typical_image,
        },
        "replicates": replicates,
        "seed": seed,
    }
    results = Results(
        scores(scored, patients),
        paired,
        scored.parts(),
        settings,
        [
            *(verdict(pair) for pair in paired if pair.b in rivals.texts),
            *too_few_to_tell(replicates, len(patient_ids), len(scored.names)),
            *unchecked,
            *_notes(settings, scored.scores),
        ],
        shares(inconsistent, numbers),
    )
    if out is not None:
        write_json(results, out)
    if per_report is not None:
        write_reports(scored, first.image_ids, inconsistent, per_report)
    return score_table(results)


def _source(given: Path | str | None, stated: str | None, what: str, file: Path) -> Path | str:
    if given is None and stated is None:
        raise CorpusError(
            f"{file} does not state its {what}, which the baselines are made from; name it with "
            f"--{what}"
        )
    return given or str(stated)


def _open_unlearnt(
    paths: Sequence[Path], patients: NDArray[np.object_]
) -> tuple[list[Run], list[str]]:
    """Open runs, which must not have learnt from the patients whose reports are scored.

    Returns:
        The runs, and in sentences what could not be checked.
    """
    runs, unchecked = [], []
    tested_in = "the reports that are scored"
    for path in paths:
        run, seen_in = Run.open(path), f"what {path} was trained or selected on"
        reasons = refuse_seen_patients(
            run.patients,
            patients,
            seen_in=seen_in,
            tested_in=tested_in,
            remedy="score a split that it has not seen, such as test",
        )
        runs.append(run)
        unchecked += unchecked_sentences(seen_in, tested_in, reasons)
    return runs, unchecked


def _names(files: Sequence[Path]) -> list[str]:
    """Names without folders and suffixes, where these tell the files apart."""
    stems = [path.stem for path in files]
    return stems if len(set(stems)) == len(stems) else [str(path) for path in files]


def _description(written: WrittenReports) -> dict[str, Any]:
    return {
        "path": str(written.path),
        "run": written.run,
        "unread": written.failed,
        "without_reference": written.unreferenced,
    }


def _notes(settings: Mapping[str, Any], scores: Sequence[TextScore]) -> list[str]:
    sections = ", ".join(f"{name} ({count})" for name, count in settings["sections"].items())
    left_out = [
        f"Left out of {name}: {file['unread']} images that could not be read, "
        f"{file['without_reference']} without a reference."
        for name, file in settings["files"].items()
        if file["unread"] or file["without_reference"]
    ]
    return [
        f"{settings['reports']} reports of {settings['patients']} patients. References untouched; "
        f"their sections: {sections}. {settings['recurring_references']:.1%} of them stand word "
        "for word with another patient of the train split.",
        *left_out,
        f"Baselines: of {settings['baselines']['training_reports']} training reports "
        f"({settings['baselines']['sections']}), that of the nearest image by the features of "
        f"{settings['run']}, and the one with the highest mean CIDEr over the others.",
        *_definitions(scores),
        DEFINITION,
        f"Intervals and p values: {settings['replicates']} draws of patients, seed "
        f"{settings['seed']}. Results are conditional on one pretraining run of each generator.",
        f"Scored by {settings['scorer']}.",
    ]


def _definitions(scores: Sequence[TextScore]) -> list[str]:
    """A note of the scores of words, and one of those of findings."""
    by_kind: dict[str, dict[str, None]] = {}
    for each in scores:
        if each.definition:
            by_kind.setdefault(each.compares, {})[each.definition] = None
    return [" ".join(definitions) for definitions in by_kind.values()]
