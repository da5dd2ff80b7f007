"""`radtex.predict`, `radtex.generate`, `radtex.ask` and `radtex.explain`: what is said of films."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from radtex.classifiers.classifier import is_classifier, read_facts
from radtex.classifiers.predict import predictions
from radtex.classifiers.prediction_formats import Predictions, choose_format
from radtex.commands.given import given
from radtex.corpus.corpus import named_split
from radtex.errors import RunError
from radtex.explaining.pointing_game import localise
from radtex.explaining.report_map import explain as draw
from radtex.explaining.target_map import explain_target
from radtex.files import refuse_existing
from radtex.generation.ask import Answers, answer
from radtex.generation.generate import choose_prompts
from radtex.generation.generate import generate as write
from radtex.generation.run_films import films_of
from radtex.generation.writing import Writing
from radtex.models.decoding_options import DecodingOptions
from radtex.models.run import Run
from radtex.statistics.thresholds import OperatingPoint

Places = Sequence[Path | str] | Path | str


def predict(
    classifier: Path | str,
    images: Places = (),
    *,
    operating_point: OperatingPoint | None = None,
    answer_all: bool | None = None,
    per_study: bool | None = None,
    worklist: Sequence[str] | None = None,
    dicom_sr: Path | str | None = None,
    pacs: str | None = None,
    query: Sequence[str] | None = None,
    store: bool | None = None,
    out: Path | str | None = None,
) -> Predictions:
    """Predict findings on radiographs with a classifier that `radtex.transfer` saved.

    Args:
        classifier: its folder.
        images: DICOM files and pictures, folders of them, or patterns.
        operating_point: what makes a probability a yes, "youden" or "sensitive".
        answer_all: whether to give probabilities even where the classifier abstains.
        per_study: whether to give a row for each study, in place of each image.
        worklist: weights of targets, TARGET=WEIGHT each; the most urgent comes first.
        dicom_sr: a folder to make, with a DICOM structured report for each row.
        pacs: address of a DICOMweb service to read from, in place of images.
        query: what to ask it for, as StudyDate=20240301.
        store: whether to store a DICOM structured report for each row in it.
        out: a file to write, too (.csv, .json, .xlsx or .txt).

    Returns:
        The predictions: `frame()` is a table of them, and printed they are a text.

    Raises:
        RunError: if the folder is no classifier or is damaged.
        ImageError: if no image is named or none can be read.
        OutputError: if an output exists, cannot be written, or its suffix stands for no format.
        ProtocolError: if `worklist` has no weights of targets.
        PacsError: if the PACS cannot be asked, or does not keep a report.

    Example:
        >>> import radtex
        >>> radtex.predict("none", "film.png")  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        radtex.errors.RunError: none is no classifier …
    """
    if out is not None:
        refuse_existing(Path(out))
        chosen = choose_format(None, Path(out))
    options = given(
        operating_point=operating_point,
        answer_all=answer_all,
        per_study=per_study,
        worklist=worklist,
        dicom_sr=None if dicom_sr is None else Path(dicom_sr),
        pacs=pacs,
        query=query,
        store=store,
    )
    found = predictions(Path(classifier), _names(images), **options)
    if out is not None:
        found.write(Path(out), chosen)
    return found


def generate(
    run: Path | str,
    images: Places = (),
    *,
    out: Path | str,
    corpus: Path | str | None = None,
    split: str | None = None,
    prompt: str | None = None,
    prompts: Path | str | None = None,
    seed: int | None = None,
    rerank: bool | None = None,
    consistent: bool | None = None,
    refuse_beyond: float | None = None,
    nearest: int | None = None,
    train_corpus: Path | str | None = None,
    **decoding: Any,
) -> Path:
    """Write a report for each radiograph, as JSON lines.

    For images in memory, `radtex.load(run).report(images)` returns the texts.

    Args:
        run: a run that learnt to write reports.
        images: DICOM files and pictures, folders of them, or patterns; or name a corpus.
        out: the file to make.
        corpus: CORPUS[:SPLIT] to write reports for, beside its own; `test` by default.
        split: of the corpus, where `corpus` does not name it.
        prompt: how each report begins.
        prompts: a text file with a prompt on each line.
        seed: for sampling.
        rerank: whether both directions choose among the beams.
        consistent: whether sentences that contradict earlier ones are taken back.
        refuse_beyond: log odds from which a head on the training reports takes a sentence back.
        nearest: training reports of the nearest films that stand for choice beside the beams.
        train_corpus: the corpus that the run was trained on; by default `corpus`.
        **decoding: fields of `DecodingOptions`: beams, top_p, temperature, length_penalty,
            no_repeat, min_tokens.

    Returns:
        `out`.

    Raises:
        RunError: if the run has no decoder, or not what is asked of it.
        CorpusError: if a corpus is none, or has no such split.
        ImageError: if no image can be read.
        OutputError: if `out` exists or cannot be written.

    Example:
        >>> import radtex
        >>> radtex.generate("none", "film.png", out="r.jsonl")  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        radtex.errors.RunError: none is no run …
    """
    writing = Writing(
        **given(
            options=DecodingOptions(**decoding) if decoding else None,
            seed=seed,
            reranked=rerank,
            consistent=consistent,
            refuse_beyond=refuse_beyond,
            nearest=nearest,
        )
    )
    opened = Run.open(run)
    films = films_of(opened, _names(images), **given(corpus=corpus, split=split))
    learnt_from = train_corpus or (corpus and named_split(corpus)[0])
    asked = choose_prompts(prompt, _path(prompts))
    write(opened, films, Path(out), writing, asked, learnt_from)
    return Path(out)


def ask(
    run: Path | str,
    images: Places = (),
    findings: Sequence[str] | str = (),
    *,
    corpus: Path | str | None = None,
    split: str | None = None,
    label_policy: str | None = None,
    finding: Sequence[str] | None = None,
    out: Path | str | None = None,
) -> Answers:
    """Ask a run whether radiographs show findings, without any label (zero-shot).

    Args:
        run: a run that learnt to write reports.
        images: DICOM files and pictures, folders of them, or patterns; or name a corpus.
        findings: what to ask about: words, names of labels, or target sets.
        corpus: CORPUS[:SPLIT] with labels, `test` by default, to measure how well the answers
            tell its studies apart.
        split: of the corpus, where `corpus` does not name it.
        label_policy: what its uncertain and blank labels count as.
        finding: findings of one's own, NAME=PHRASES.yaml each.
        out: a CSV file to make, with the probabilities of each image.

    Returns:
        The answers: `probabilities` is a table, `auc` one for a corpus.

    Raises:
        RunError: if no finding is named, both or neither of images and a corpus are, or the run has
            no decoder.
        CorpusError: if the corpus is none, or lacks the split or the labels.
        ImageError: if none of the images can be read.
        OutputError: if `out` exists or cannot be written.

    Example:
        >>> import radtex
        >>> radtex.ask("none", "film.png", "edema")  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        radtex.errors.RunError: none is no run …
    """
    options = given(
        corpus=corpus,
        split=split,
        label_policy=label_policy,
        finding=finding,
        out=_path(out),
    )
    asked = [findings] if isinstance(findings, str) else list(findings)
    names = _names(images)
    if corpus is not None and names:
        raise RunError("name either image files or a corpus, one of both")
    return answer(Path(run), names, targets=asked, **options)


def explain(
    run: Path | str,
    image: Path | str | None = None,
    *,
    out: Path | str | None = None,
    text: str | None = None,
    arrays: Path | str | None = None,
    corpus: Path | str | None = None,
    words: Literal["reference", "generated"] | None = None,
    maps: Literal["attention", "gradient"] | None = None,
    seed: int | None = None,
    target: str | None = None,
    stride: int | None = None,
    dicom_sc: Path | str | None = None,
    pacs: str | None = None,
) -> str:
    """Draw which parts of a film support each finding of its report, or test that on a corpus.

    Args:
        run: a run that learnt to write reports; with `target`, a classifier or a run that learnt
            from labels.
        image: a DICOM file or a picture; or name a corpus.
        out: the PNG file to make.
        text: the report to explain, in place of the one that the run writes.
        arrays: an .npz file to make, with the maps.
        corpus: CORPUS[:SPLIT] with boxes, to test whether the maps point at the findings.
        words: with a corpus, "reference" or "generated".
        maps: "gradient" or "attention".
        seed: with a corpus, for the random weights that the run is compared with.
        target: the one finding to explain, by Grad-CAM.
        stride: with a target, pixels per cell of the layer to explain.
        dicom_sc: with a target and a DICOM file, a DICOM file to make: the picture as a Secondary
            Capture of the film's study.
        pacs: with a target and a DICOM file, address of a DICOMweb service to store that in.

    Returns:
        The report that was explained, the probability of the target, or tables of the test.

    Raises:
        RunError: if the arguments do not go together, or the run or classifier cannot serve.
        CorpusError: if the corpus is none.
        ImageError: if the image cannot be read.
        OutputError: if an output exists or cannot be written.

    Example:
        >>> import radtex
        >>> radtex.explain("runs/radtex", "film.png")  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        radtex.errors.RunError: name an image with --out …
    """
    run = Path(run)
    on_corpus = given(words=words, seed=seed)
    on_image = given(out=_path(out), text=text, arrays=_path(arrays))
    if target is None and image is not None and is_classifier(run):
        names = [each["name"] for each in read_facts(run)["targets"]]
        raise RunError(
            f"{run} is a classifier; name the finding to explain, as --target "
            f"{shlex.quote(names[0])} (it has {', '.join(names)})"
        )
    if target is not None:
        if image is None or out is None or corpus or text is not None or on_corpus or maps:
            raise RunError(
                "--target takes an image, --out, --arrays, --stride, --dicom-sc and --pacs"
            )
        options = given(arrays=_path(arrays), stride=stride, dicom_sc=_path(dicom_sc), pacs=pacs)
        return explain_target(run, Path(image), target, Path(out), **options)
    if of_target := given(stride=stride, dicom_sc=dicom_sc, pacs=pacs):
        flag = next(iter(of_target)).replace("_", "-")
        raise RunError(f"--{flag} is for a --target; name one")
    if image is not None and out is not None and corpus is None and not on_corpus:
        return draw(run, Path(image), **on_image, **given(maps=maps))
    if corpus is not None and image is None and not on_image:
        return localise(run, str(corpus), **on_corpus, **given(maps=maps))
    raise RunError(
        "name an image with --out (--text, --arrays, --maps), or a --corpus (--words, --maps, "
        "--seed)"
    )


def _names(images: Places) -> list[str]:
    return [str(images)] if isinstance(images, Path | str) else list(map(str, images))


def _path(place: Path | str | None) -> Path | None:
    return None if place is None else Path(place)
