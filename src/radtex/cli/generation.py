"""What a run says of radiographs: `radtex generate` and `radtex ask`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from radtex.cli.defaults import shows_defaults_of
from radtex.cli.parameters import Names, Seed, as_flags, given
from radtex.cli.terminal import show
from radtex.models.decoding_options import DecodingOptions
from radtex.printable import one_line

DecodingFlags = as_flags(
    lambda field: {"beams": "beam", "top_p": "nucleus"}.get(field, field).replace("_", "-")
)


@shows_defaults_of(
    "radtex.generation.writing:Writing",
    "radtex.generation.run_films:films_of",
    rerank="reranked",
)
def generate(
    run: Path,
    /,
    *images: str,
    out: Path,
    corpus: str | None = None,
    split: str | None = None,
    prompt: str | None = None,
    prompts: Path | None = None,
    decoding: Annotated[DecodingOptions | None, DecodingFlags] = None,
    seed: Seed = None,
    rerank: bool | None = None,
    consistent: bool | None = None,
    refuse_beyond: Annotated[float | None, Parameter(validator=Number(gte=0))] = None,
    nearest: Annotated[int | None, Parameter(validator=Number(gte=0))] = None,
    train_corpus: str | None = None,
) -> None:
    """Write a report for each radiograph, as JSON lines.

    Args:
        run: A run that learnt to write reports.
        images: DICOM files and pictures, folders of them, or patterns. Name images or a --corpus.
        out: The file to make, with a line for each image (and prompt), in their order.
        corpus: A corpus to write reports for. CORPUS:SPLIT names a split, CORPUS alone means
            `test`. Its own reports are written beside them, as references.
        split: Split of the corpus. CORPUS:SPLIT says the same.
        prompt: How each report begins.
        prompts: A text file with a prompt on each line. Each image gets a report for every prompt.
        decoding: How each report is chosen.
        seed: Seed for sampling.
        rerank: Choose among the beams by their likelihood in both directions.
        consistent: Take back a sentence that affirms a finding which was denied, or denies one that
            was affirmed, and write the next best one. Greedy.
        refuse_beyond: Take back, too, a sentence that says the opposite of a head on the training
            reports, if its log odds lie so far on the other side.
        nearest: Choose among the beams and the reports of so many training films, the nearest, by
            the likelihood in both directions and a head on the training reports. The report may
            then be another patient's, word for word.
        train_corpus: The corpus that the run was trained on, for the two flags above. Without it,
            the --corpus.
    """
    from radtex.commands.about_films import generate as write

    written = write(
        run,
        images,
        out=out,
        corpus=corpus,
        split=split,
        prompt=prompt,
        prompts=prompts,
        seed=seed,
        rerank=rerank,
        consistent=consistent,
        refuse_beyond=refuse_beyond,
        nearest=nearest,
        train_corpus=train_corpus,
        **(vars(decoding) if decoding else {}),
    )
    show(one_line(written))


@shows_defaults_of("radtex.generation.ask:answer")
def ask(
    run: Path,
    /,
    *words: str,
    targets: Names = None,
    corpus: str | None = None,
    split: str | None = None,
    label_policy: str | None = None,
    finding: Names = None,
    out: Path | None = None,
) -> None:
    """Ask a run whether radiographs show a finding, without any label (zero-shot).

    Args:
        run: A run that learnt to write reports.
        words: Image files, then the finding ("pleural effusion"). With --targets, image files
            alone. With --corpus, findings alone.
        targets: Findings to ask about: names of labels, or a target set.
        corpus: A corpus with labels, to measure how well the answers tell its studies apart.
            CORPUS:SPLIT names a split, CORPUS alone means `test`.
        split: Split of the corpus. CORPUS:SPLIT says the same.
        label_policy: What uncertain and blank labels count as.
        finding: Findings of your own to ask about, NAME=PHRASES.yaml each: by what words they are
            affirmed and denied (docs/labels.md).
        out: A CSV file to make, with the probabilities of each image.
    """
    from radtex.generation.ask import answer

    options = given(
        targets=targets,
        corpus=corpus,
        split=split,
        label_policy=label_policy,
        finding=finding,
        out=out,
    )
    show(str(answer(run, words, **options)))
