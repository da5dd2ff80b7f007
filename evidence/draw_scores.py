"""Score one encoder with few labels, and keep the scores of its draws as text (`kept_scores.py`).

The rules are those of `radtex transfer` with linear probes. Encoders that are scored one by one, on
one corpus with one seed, get the same draws and the same test, so their kept scores can be paired.
"""

from pathlib import Path
from typing import Annotated

import cyclopts
from cyclopts import Parameter
from kept_scores import keep

from radtex.compute.allocation import keep_freed_memory
from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import label_policy
from radtex.files import refuse_existing
from radtex.findings import target_names
from radtex.transfer.code_version import PROTOCOL_VERSION, code_version
from radtex.transfer.contestants.entries import contestants
from radtex.transfer.design import Design
from radtex.transfer.leaks import refuse_seen_patients, refuse_shared_patients
from radtex.transfer.protocols.linear import Linear
from radtex.transfer.sampling.experiment import draw_experiment
from radtex.transfer.sampling.studies import studies_of
from radtex.transfer.scorings import note_scoring

Several = Parameter(consume_multiple=True)
app = cyclopts.App(help=__doc__)


@app.default
def main(
    corpus: Path,
    encoder: str,
    /,
    *,
    targets: Annotated[list[str], Several],
    budgets: Annotated[list[int], Several],
    repeats: int = 10,
    seed: int = 0,
    split: str = "test",
    test_patients: int = Design.test_patients,
    each_target: bool = False,
    out: Path,
) -> None:
    """Score an encoder, and keep the scores.

    Args:
        corpus: Its pool gives the labels.
        encoder: The encoder, WHAT[@SIZE][@LAYER]; no joined ones.
        targets: Targets, or names of target sets.
        budgets: Numbers of labelled studies.
        repeats: Draws of labels for each budget.
        seed: Seed for drawing labels and for the weights of `random`.
        split: The split that is scored.
        test_patients: Patients of each class whom a target needs in it.
        each_target: Keep what each target's intervals need too, beside that of their mean.
        out: The folder to make.
    """
    refuse_existing(out)
    keep_freed_memory()
    opened = Corpus.open(corpus)
    pool, test = ((opened, opened.rows(name)) for name in ("pool", split))
    names, policy = target_names(targets), label_policy(Design.label_policy)
    (contestant,) = contestants([encoder], opened, seed)
    if len(contestant.parts) > 1:
        raise SystemExit(f"{encoder} is several runs; score them one by one")
    of_pool, of_test = (frozenset(opened.patients[rows]) for _, rows in (pool, test))
    refuse_shared_patients(of_pool, of_test, ones_in="the pool", others_in="the test")
    trained = f"the training of {contestant.name}"
    for where, patients in (("the pool", of_pool), ("the test", of_test)):
        refuse_seen_patients(contestant.patients, patients, seen_in=trained, tested_in=where)
    design = Design(names, tuple(budgets), repeats, seed, test_patients=test_patients)
    experiment = draw_experiment(
        studies_of(*pool, names, policy), studies_of(*test, names, policy), design
    )
    (scores,) = Linear().measure([contestant], experiment, pool, test, record={})
    note_scoring(
        test,
        "draw_scores",
        [contestant.name],
        out,
        targets=experiment.targets,
        budgets=experiment.budgets,
        repeats=repeats,
        seed=seed,
    )
    about = {
        "encoder": contestant.name,
        "description": contestant.description,
        "content_hash": opened.content_hash,
        "split": split,
        "targets": list(experiment.targets),
        "left_out": experiment.excluded,
        "budgets": list(experiment.budgets),
        "repeats": repeats,
        "seed": seed,
        "test_patients": experiment.test.patient_count,
        "pool_share": experiment.pool_share.round(4).tolist(),
        "protocol_version": PROTOCOL_VERSION,
        **code_version(),
    }
    keep(out, experiment, scores, about, each_target)
    by_budget = zip(experiment.budgets, scores.auc.mean((0, 1)), strict=True)
    print(contestant.name, *(f"{budget}: {auc:.4f}" for budget, auc in by_budget))


if __name__ == "__main__":
    app()
