"""Zero-shot answers: is a report that affirms a finding likelier than one that denies it?

The probability is the softmax over the two sides (see `models.zero_shot.phrase_odds`). It ranks
images by one finding, and is no calibrated risk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from radtex.compute.allocation import keep_freed_memory
from radtex.corpus.corpus import open_selection
from radtex.corpus.label_policies import label_policy as find_policy
from radtex.errors import RunError
from radtex.files import makes_alone, refuse_existing, write_text
from radtex.findings import target_names
from radtex.generation.run_films import films_of, films_of_corpus
from radtex.images.films import Films
from radtex.models.pretrained import PretrainedModel
from radtex.models.run import Run
from radtex.models.zero_shot.phrase_odds import images_at_once, phrase_odds
from radtex.models.zero_shot.unknown_words import refuse_unknown_words
from radtex.reports import OwnFinding, read_own_findings
from radtex.reports.phrases import Question, find_question
from radtex.spreadsheet_cells import shielded_table
from radtex.statistics.auc import auc, influence
from radtex.statistics.intervals import estimate
from radtex.transfer.sampling.eligibility import TEST_FLOOR, too_few_patients
from radtex.transfer.sampling.studies import Studies, studies_of
from radtex.transfer.scorings import note_scoring


@dataclass(frozen=True, repr=False)
class Answers:
    """What a run says of F findings on N images."""

    probabilities: pd.DataFrame
    """A row per image: `image_id`, a probability per finding, `error` where one was not read."""
    auc: pd.DataFrame | None = None
    """Of a corpus, a row per finding: target, positive, negative, auc, low, high."""
    on: str = ""
    """What the AUC is of, in a sentence."""

    def __str__(self) -> str:
        """Say them for a terminal: AUC where there are any, else probabilities."""
        shown = "{:.3f}".format
        if self.auc is None:
            return self.probabilities.to_string(index=False, float_format=shown, na_rep="")
        return (
            self.auc.to_string(index=False, float_format=shown, na_rep="too few") + f"\n\n{self.on}"
        )

    def __repr__(self) -> str:
        """Say how many, and nothing of any image."""
        return f"<Answers: {len(self.probabilities):,} images>"


@makes_alone("out")
def answer(
    run: Path,
    words: Sequence[str],
    *,
    targets: Sequence[str] = (),
    corpus: Path | str | None = None,
    split: str | None = None,
    label_policy: str = "paper",
    finding: Sequence[str] = (),
    out: Path | None = None,
) -> Answers:
    """Ask a run about image files, or about a split of a corpus with labels.

    Args:
        run: finished, with a decoder.
        words: without a corpus the image files (see `find_files`), and where there are no
            `targets` the finding, last; with one, findings.
        targets: findings or names of target sets.
        corpus: CORPUS[:SPLIT] with labels, `test` by default, to be asked about instead of files.
        split: of the corpus, where `corpus` does not name it.
        label_policy: what its uncertain and blank labels count as.
        finding: findings to ask about that phrases define, `NAME=PHRASES.yaml` each.
        out: a CSV file for the probabilities of each image.

    Returns:
        The answers; printed, they are a table of the probabilities, or of the AUC of each finding
        in the corpus.

    Raises:
        RunError: if no finding is named, or as `ask`.
        OutputError: if `out` exists or cannot be written.
        CorpusError: if the corpus is none, lacks the split or the labels, or has no such policy.
        ImageError: if none of the image files can be read.
    """
    if out is not None:
        refuse_existing(out)
    names, asked = ([], words) if corpus is not None else (words, ())
    own = read_own_findings(finding)
    if corpus is None and not (targets or own):
        names, asked = words[:-1], words[-1:]
    named = dict.fromkeys((*asked, *targets, *(each.name for each in own)))
    findings = target_names([*named])
    if not findings:
        raise RunError('name a finding, such as "pleural effusion", or --targets radtex9')
    policy = find_policy(label_policy)
    opened_run = Run.open(run)
    if corpus is None:
        answers = Answers(ask(opened_run, films_of(opened_run, names), findings, own))
    else:
        opened, of_split = open_selection(corpus, "test", split)
        split = str(opened.index["split"].iloc[of_split[0]])
        studies = studies_of(opened, of_split, findings, policy)
        given = ask(opened_run, films_of_corpus(opened, split, opened_run), findings, own)
        note_scoring((opened, of_split), "ask", [run.name], out, targets=findings)
        told = (
            f"Zero-shot AUC on {split}, 95 % intervals over patients. "
            f"Label policy {policy.name}: {policy.description}."
        )
        answers = Answers(given, auc_of_answers(given, studies, findings), told)
    if out is not None:
        write_text(out, shielded_table(answers.probabilities).to_csv(index=False))
    return answers


def probabilities(
    model: PretrainedModel, images: NDArray[np.uint8], questions: Sequence[Question]
) -> NDArray[np.float64]:
    """How likely each finding is by the run, 0..1: grey images (B, H, W) → (B, questions).

    Args:
        model: of a run.
        images: grey, (B, H, W).
        questions: a column each.

    Raises:
        RunError: if the run has no decoder.
    """
    leaning = phrase_odds(model, images, questions)
    answers: NDArray[np.float64] = torch.sigmoid(leaning).double().cpu().numpy()
    return answers


def ask(
    run: Run, films: Films, findings: Sequence[str], own: Sequence[OwnFinding] = ()
) -> pd.DataFrame:
    """Ask a run about films: a row per film with `image_id` and a probability per finding.

    Where a film cannot be read, its probabilities are NaN and a column `error` says why.

    Args:
        run: finished, with a decoder.
        films: that are asked about.
        findings: a column each.
        own: those of them that a user defined; the others are asked as `find_question` says.

    Raises:
        RunError: if the run has no decoder, or a word of a finding is unknown.
        ImageError: if no film can be read.
    """
    keep_freed_memory()
    model = run.load()
    _, tokenizer = model.writer()
    by_sentences = {each.name for each in own if each.question is not None}
    refuse_unknown_words([each for each in findings if each not in by_sentences], tokenizer)
    defined = {each.name: each.asked for each in own}
    questions = [defined.get(finding) or find_question(finding) for finding in findings]
    rows = []
    for batch in films.batches("questions", images_at_once(questions)):
        pixels = [film.pixels for film in batch if film.pixels is not None]
        answers = iter(probabilities(model, np.stack(pixels), questions) if pixels else ())
        for film in batch:
            row: dict[str, object] = {"image_id": film.image_id}
            if film.pixels is None:
                row["error"] = film.error
            else:
                row |= dict(zip(findings, next(answers), strict=True))
            rows.append(row)
    return pd.DataFrame(rows)


def auc_of_answers(
    answers: pd.DataFrame, studies: Studies, findings: Sequence[str]
) -> pd.DataFrame:
    """AUC of the answers for each finding, with 95 % intervals over patients.

    A study with a definite label counts, with the mean over its images; a finding with fewer than
    `TEST_FLOOR` patients of a class has no AUC.

    Args:
        answers: a row per image, as `ask` returns them.
        studies: of the same images, labelled in the order of `findings`.
        findings: columns of `answers`.

    Returns:
        Columns target, positive, negative, auc, low, high.
    """
    scores = studies.average(torch.tensor(answers[list(findings)].to_numpy()))
    rows = []
    for column, finding in enumerate(findings):
        definite = ~np.isnan(studies.labels[:, column])
        positive = studies.labels[definite, column] == 1
        counts = [int(positive.sum()), int((~positive).sum())]
        row = dict(zip(("target", "positive", "negative"), (finding, *counts), strict=True))
        patients = studies.patients[definite]
        if not too_few_patients(studies.labels[definite, column], patients, TEST_FLOOR):
            values, components = auc(scores[definite][:, [column]], positive)
            moved = influence(components.numpy(), positive, patients, studies.patient_count)
            value = estimate(values, moved[:, 0])
            row |= {"auc": value.mean, "low": max(value.low, 0.0), "high": min(value.high, 1.0)}
        rows.append(row)
    return pd.DataFrame(rows, columns=["target", "positive", "negative", "auc", "low", "high"])
