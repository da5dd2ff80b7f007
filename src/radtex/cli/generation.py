"""What a run says of radiographs: `radtex generate` and `radtex ask`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from radtex.cli.defaults import shows_defaults_of
from radtex.cli.parameters import Count, Length, Names, Seed, given


@shows_defaults_of(
    "radtex.models.decoding:DecodingOptions",
    "radtex.generation.generate:Writing",
    "radtex.generation.run_films:films_of",
    beam="beams",
    nucleus="top_p",
    rerank="reranked",
)
def generate(
    run: Path,
    /,
    *images: str,
    out: Path,
    corpus: Path | None = None,
    split: str | None = None,
    prompt: str | None = None,
    prompts: Path | None = None,
    beam: Count = None,
    nucleus: Annotated[float | None, Parameter(validator=Number(gt=0, lte=1))] = None,
    temperature: Annotated[float | None, Parameter(validator=Number(gt=0))] = None,
    seed: Seed = None,
    length_penalty: Annotated[float | None, Parameter(validator=Number(gte=0))] = None,
    no_repeat: Length = None,
    min_tokens: Length = None,
    rerank: bool | None = None,
) -> None:
    """Write a report for each radiograph, as JSON lines.

    Args:
        run: A run that learnt to write reports.
        images: PNG, JPEG or DICOM files, folders of them, or patterns. Name images or a --corpus.
        out: The file to make, with a line for each image (and prompt), in their order.
        corpus: A corpus to write reports for. Its own reports are written beside them, as
            references.
        split: Split of the corpus.
        prompt: How each report begins.
        prompts: A text file with a prompt on each line. Each image gets a report for every prompt.
        beam: Beams to search with; 1 is greedy.
        nucleus: Sample instead of searching, from the likeliest tokens that make up this share of
            the probability.
        temperature: Temperature of sampling: below 1 keeps to likely words, above 1 strays.
        seed: Seed for sampling.
        length_penalty: The α by which candidates are compared: log-likelihood / length^α. 0 favours
            short reports.
        no_repeat: Never write the same run of this many tokens twice. 0 sets no limit.
        min_tokens: Tokens that a report has at least.
        rerank: Choose among the beams by their likelihood in both directions.
    """
    from radtex.generation.generate import Writing
    from radtex.generation.generate import generate as write
    from radtex.generation.prompts import choose_prompts
    from radtex.generation.run_films import films_of
    from radtex.models.decoding import DecodingOptions
    from radtex.models.run import Run

    options = given(
        beams=beam,
        top_p=nucleus,
        temperature=temperature,
        length_penalty=length_penalty,
        no_repeat=no_repeat,
        min_tokens=min_tokens,
    )
    writing = Writing(DecodingOptions(**options), **given(seed=seed, reranked=rerank))
    opened = Run.open(run)
    films = films_of(opened, images, **given(corpus=corpus, split=split))
    write(opened, films, out, writing, choose_prompts(prompt, prompts))
    print(out)


@shows_defaults_of("radtex.generation.ask:answer")
def ask(
    run: Path,
    /,
    *words: str,
    targets: Names = None,
    corpus: Path | None = None,
    split: str | None = None,
    label_policy: str | None = None,
    out: Path | None = None,
) -> None:
    """Ask a run whether radiographs show a finding, without any label (zero-shot).

    Args:
        run: A run that learnt to write reports.
        words: Image files, then the finding ("pleural effusion"). With --targets, image files
            alone. With --corpus, findings alone.
        targets: Findings to ask about: names of labels, or a target set (radtex9, nih9, chexpert5).
        corpus: A corpus with labels, to measure how well the answers tell its studies apart.
        split: Split of the corpus.
        label_policy: What uncertain and blank labels count as: paper, blank-negative, u-ones,
            u-zeros or uones-mixed.
        out: A CSV file to make, with the probabilities of each image.
    """
    from radtex.generation.ask import answer

    options = given(targets=targets, corpus=corpus, split=split, label_policy=label_policy, out=out)
    print(answer(run, words, **options))
