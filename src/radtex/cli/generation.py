"""What a run says of radiographs: generate, ask, score and explain."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from radtex.cli.parameters import Count, Names, Seed, given
from radtex.errors import RunError

Length = Annotated[int | None, Parameter(validator=Number(gte=0))]


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
    rerank: bool = False,
) -> None:
    """Write a report for each radiograph, as JSON lines; greedily unless told otherwise.

    Parameters
    ----------
    run
        A run that learnt to write reports.
    images
        PNG, JPEG or DICOM files, folders of them, or patterns; or else a --corpus.
    out
        The file to make: a line per image (and prompt), in their order.
    corpus
        A corpus, whose reports are written out beside as references.
    split
        Of the corpus; `test` by default.
    prompt
        How each report begins.
    prompts
        A text file of prompts, one a line; each image is given a report per prompt.
    beam
        Search with so many beams.
    nucleus
        Sample from the likeliest tokens that make up this share.
    temperature
        Of sampling: below 1 keeps to the likely, above 1 strays.
    seed
        Of sampling.
    length_penalty
        α: candidates compare by log-likelihood / length^α; 0 favours short reports.
    no_repeat
        No run of so many tokens comes twice.
    min_tokens
        No report ends before it has as many.
    rerank
        Choose among the beams by the likelihood of both directions.
    """
    from radtex.generation.generate import Writing
    from radtex.generation.generate import generate as write
    from radtex.generation.prompts import choose_prompts
    from radtex.generation.run_films import films_of
    from radtex.models.decoding import DecodingOptions

    options = given(
        beams=beam,
        top_p=nucleus,
        temperature=temperature,
        length_penalty=length_penalty,
        no_repeat=no_repeat,
        min_tokens=min_tokens,
    )
    writing = Writing(DecodingOptions(**options), reranked=rerank, **given(seed=seed))
    films = films_of(run, images, **given(corpus=corpus, split=split))
    write(run, films, out, writing, choose_prompts(prompt, prompts))
    print(out)


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
    """Ask a run whether radiographs show a finding: zero-shot, without any label.

    Parameters
    ----------
    run
        A run that learnt to write reports.
    words
        Image files, then the finding ("pleural effusion"); or images alone, with --targets; or
        nothing but findings, with --corpus.
    targets
        Findings, or a target set (radtex9, nih9, chexpert5).
    corpus
        A corpus with labels: how well do the answers tell its studies apart?
    split
        Of the corpus; `test` by default.
    label_policy
        What uncertain and blank labels count as: paper, blank-negative, u-ones, u-zeros.
    out
        A CSV file to make, of the probabilities of each image.
    """
    from radtex.generation.ask import answer

    options = given(targets=targets, corpus=corpus, split=split, label_policy=label_policy, out=out)
    print(answer(run, words, **options))


def score(
    files: Annotated[list[Path], Parameter(negative=())],
    /,
    *,
    run: Path | None = None,
    corpus: Path | None = None,
    out: Path | None = None,
    per_report: Path | None = None,
    clinical: Path | None = None,
    replicates: Count = None,
    seed: Seed = None,
) -> None:
    """Score written reports against their references, beside two baselines.

    Parameters
    ----------
    files
        JSON lines of `radtex generate`; several are compared with each other, paired by image.
    run
        Whose features choose the nearest training image; by default the run that wrote.
    corpus
        That the images belong to; by default the one they were taken from.
    out
        JSON file for everything.
    per_report
        CSV file for the scores of each report.
    clinical
        Folder of RadEval's weights: CheXbert and RadGraph F1 too.
    replicates
        Draws of patients for intervals and p values.
    seed
        Of these draws.
    """
    from radtex.scoring.score import score as run_score

    options = given(
        run=run,
        corpus=corpus,
        out=out,
        per_report=per_report,
        clinical=clinical,
        replicates=replicates,
        seed=seed,
    )
    print(run_score(files, **options))


def explain(
    run: Path,
    image: Path | None = None,
    /,
    *,
    out: Path | None = None,
    text: str | None = None,
    arrays: Path | None = None,
    corpus: str | None = None,
    words: Literal["reference", "generated"] | None = None,
    maps: Literal["attention", "gradient"] | None = None,
    seed: Seed = None,
    target: str | None = None,
    stride: Count = None,
) -> None:
    """Draw what in a film speaks for each finding of its report, or test that over a corpus.

    With --target: what in the film speaks for a finding, by Grad-CAM.

    Parameters
    ----------
    run
        A run that learnt to write reports; with --target a classifier, or a run that learnt from
        labels.
    image
        A PNG, JPEG or DICOM file, with --out; or else a --corpus.
    out
        The PNG to make.
    text
        The report to explain, instead of the one that the run writes.
    arrays
        The .npz to make, of the maps of words and findings.
    corpus
        CORPUS[:SPLIT] with boxes: do the maps point at the findings? The split is `test` by
        default.
    words
        Of a corpus: the words of the reference reports, or of those that the run generates.
    maps
        gradient (default): Grad-CAM, what in the film makes the words of a finding likely;
        attention: where the decoder looks while it writes them.
    seed
        Of a corpus: of the random weights that the run is compared with.
    target
        The finding to explain.
    stride
        With --target: pixels per cell of the layer to look at; by default the last layer of at
        least 4 x 4 cells.
    """
    from radtex.explaining.pointing_game import localise
    from radtex.explaining.report_map import explain as draw
    from radtex.explaining.target_map import explain_target

    on_corpus = given(words=words, seed=seed)
    on_image = given(out=out, text=text, arrays=arrays)
    if target is not None:
        if image is None or out is None or corpus or text is not None or on_corpus or maps:
            raise RunError("--target takes an image, --out, --arrays and --stride")
        print(explain_target(run, image, target, out, **given(arrays=arrays, stride=stride)))
    elif stride is not None:
        raise RunError("--stride is for a --target; name one")
    elif image is not None and out is not None and corpus is None and not on_corpus:
        print(draw(run, image, **on_image, **given(maps=maps)))
    elif corpus is not None and image is None and not on_image:
        print(localise(run, corpus, **on_corpus, **given(maps=maps)))
    else:
        raise RunError(
            "name an image with --out (--text, --arrays, --maps), or a --corpus (--words, --maps, "
            "--seed)"
        )
