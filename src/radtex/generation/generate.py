"""From a run and radiographs to a file of reports, a JSON line each."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from radtex.compute.allocation import keep_freed_memory
from radtex.compute.devices import compute_device
from radtex.errors import RunError
from radtex.files import new_output, refuse_existing, whole_file
from radtex.generation.rerank import refuse_one_direction
from radtex.generation.training_reports import TrainingReports
from radtex.generation.writing import Draft, Writing
from radtex.images.films import Film, Films
from radtex.inputs import read_input, require_input
from radtex.models.pretrained import PretrainedModel, images_at_once
from radtex.models.run import Run
from radtex.reports import priors_rate

_log = logging.getLogger(__name__)

_MOST_BYTES = 2**20
"""Of a file of prompts."""


def generate(
    run: Run,
    films: Films,
    out: Path,
    writing: Writing,
    prompts: Sequence[str] = ("",),
    train_corpus: Path | str | None = None,
) -> None:
    """Write a report for each film and prompt to `out`: JSON lines, in the order of the films.

    A line has `image_id`, `prompt` where there is one, `text` (which begins with the prompt, in
    the tokenizer's lower case), `tokens` (ids, without start and end), `score` (see `Draft`),
    `origin` where training reports were candidates, `run`, and what is known of the film. That of a
    film that cannot be read has `image_id`, `error` and what is known of it.

    Args:
        run: finished, with a decoder.
        films: to write about.
        out: the file to make.
        writing: how.
        prompts: how the reports of each film begin; "" begins freely.
        train_corpus: that the run was trained on; needed where `writing` asks training reports.

    Raises:
        RunError: if the run has no decoder, or not what `writing` or a prompt asks of it.
        CorpusError: if `train_corpus` is no corpus.
        OutputError: if `out` exists or cannot be written.
        ImageError: if no film can be read.
    """
    keep_freed_memory()
    refuse_existing(out)
    model = run.load().to(compute_device())
    decoder, tokenizer = model.writer()
    if writing.reranked:
        refuse_one_direction(decoder)
    openings = [model.opening(prompt) for prompt in prompts]
    if any(openings):
        writing.refuse_prompt()
    training = _training_reports(run, model, writing, train_corpus)
    texts: list[str] = []
    references: list[str] = []
    with new_output(out), whole_file(out) as aside, aside.open("w", encoding="utf-8") as file:
        for batch in films.batches("reports", images_at_once(writing.options)):
            drafts = _drafts(model, batch, writing, openings, training)
            for film, of_film in zip(batch, drafts, strict=True):
                lines: list[dict[str, Any]] = [
                    {
                        **({"prompt": prompt} if prompt else {}),
                        "text": tokenizer.decode(draft.tokens),
                        "tokens": draft.tokens,
                        "score": draft.score,
                        **({"origin": draft.origin} if writing.nearest else {}),
                        "run": str(run.path),
                    }
                    for prompt, draft in zip(prompts, of_film, strict=False)
                ]
                for line in lines or [{"error": film.error}]:
                    whole = {"image_id": film.image_id, **line, **film.facts}
                    file.write(json.dumps(whole, ensure_ascii=False) + "\n")
                texts += [line["text"] for line in lines]
                references += [film.facts["reference"]] if "reference" in film.facts else []
    share = 100 * priors_rate(texts)
    _log.info("%.1f %% of %d reports refer to earlier studies", share, len(texts))
    if references:
        _log.info("of their references, %.1f %% do", 100 * priors_rate(references))


def choose_prompts(prompt: str | None, file: Path | None) -> list[str]:
    """The prompts of a file, or the one that was given, or "" for none.

    Raises:
        RunError: if both are given, or the file cannot be read.
    """
    if prompt is not None and file is not None:
        raise RunError("a prompt and a file of prompts were given; choose one of both")
    return read_prompts(file) if file is not None else [(prompt or "").strip()]


def read_prompts(path: Path) -> list[str]:
    """Read a file of prompts, one a line; blank lines are left out.

    Raises:
        RunError: if it is missing, no UTF-8 text, or empty.
    """
    require_input(path, RunError, "a UTF-8 text file of prompts")
    try:
        lines = read_input(path, _MOST_BYTES, RunError).decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"cannot read the prompts {path}: expected a UTF-8 text file") from error
    prompts = [line.strip() for line in lines if line.strip()]
    if not prompts:
        raise RunError(f"{path} holds no prompt; expected one a line")
    return prompts


def _drafts(
    model: PretrainedModel,
    films: Sequence[Film],
    writing: Writing,
    openings: Sequence[tuple[int, ...]],
    training: TrainingReports | None,
) -> list[list[Draft]]:
    """For each film a report per opening; none where it could not be read."""
    readable = [(film.image_id, film.pixels) for film in films if film.pixels is not None]
    if not readable:
        return [[] for _ in films]
    pixels = np.stack([pixels for _, pixels in readable])
    ids = [image_id for image_id, _ in readable]
    drafts = iter(writing.write(model, pixels, ids, openings, training))
    return [[] if film.pixels is None else next(drafts) for film in films]


def _training_reports(
    run: Run, model: PretrainedModel, writing: Writing, corpus: Path | str | None
) -> TrainingReports | None:
    if not writing.asks_training_reports:
        return None
    if corpus is None:
        raise RunError(
            "the reports that the run learnt from are asked; name its corpus with --train-corpus"
        )
    return TrainingReports(run, model, corpus)
