"""From a run and radiographs to a file of reports, a JSON line each."""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from radtex.compute.allocation import keep_freed_memory
from radtex.compute.seeding import derived_seed
from radtex.errors import RunError
from radtex.files import refuse_existing, whole_file
from radtex.generation.rerank import refuse_one_direction, rerank
from radtex.images.films import Film, Films
from radtex.models.decoder import Decoder
from radtex.models.decoding import Caption, beam_search, decode
from radtex.models.decoding_options import DecodingOptions
from radtex.models.pretrained import BATCH, PretrainedModel
from radtex.models.run import Run
from radtex.reports import priors_rate

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Writing:
    """How reports are written.

    Raises:
        RunError: if there is nothing to choose from when `reranked`.
    """

    options: DecodingOptions = field(default_factory=DecodingOptions)
    """How tokens are searched or sampled."""
    seed: int = 0
    """Seed for sampling: what is drawn for an image depends on it and on the image's id alone."""
    reranked: bool = False
    """Whether both directions of the decoder choose among the final beams."""

    def __post_init__(self) -> None:
        if self.reranked and self.options.beams == 1:
            raise RunError("reranking chooses among beams; ask for several with --beam")

    def write(
        self, decoder: Decoder, memory: Tensor, image_ids: Sequence[str], prompt: tuple[int, ...]
    ) -> list[Caption]:
        """Write a report for each of B images.

        Args:
            decoder: in eval mode.
            memory: the cells of the images, (B, cells, H).
            image_ids: of the images, for sampling.
            prompt: the tokens that each report begins with.
        """
        if self.reranked:
            candidates = beam_search(decoder, memory, self.options, prompt, self.options.beams)
            return rerank(decoder, memory, candidates, self.options.length_penalty)
        generators = [self._generator(image_id) for image_id in image_ids]
        return decode(decoder, memory, self.options, prompt, generators)

    def _generator(self, image_id: str) -> torch.Generator:
        number = int.from_bytes(hashlib.sha256(image_id.encode()).digest())
        return torch.Generator().manual_seed(derived_seed(self.seed, number))


def generate(
    run: Run,
    films: Films,
    out: Path,
    writing: Writing,
    prompts: Sequence[str] = ("",),
) -> None:
    """Write a report for each film and prompt to `out`: JSON lines, in the order of the films.

    A line has `image_id`, `prompt` where there is one, `text` (which begins with the prompt, in
    the tokenizer's lower case), `tokens` (ids, without start and end), `score` (see `Caption` and
    `rerank`), `run`, and what is known of the film. That of a film that cannot be read has
    `image_id`, `error` and what is known of it.

    Args:
        run: finished, with a decoder.
        films: to write about.
        out: the file to make.
        writing: how.
        prompts: how the reports of each film begin; "" begins freely.

    Raises:
        RunError: if the run has no decoder, or not what `writing` or a prompt asks of it.
        OutputError: if `out` exists or cannot be written.
        ImageError: if no film can be read.
    """
    keep_freed_memory()
    refuse_existing(out)
    model = run.load()
    decoder, tokenizer = model.writer()
    if writing.reranked:
        refuse_one_direction(decoder)
    openings = [model.opening(prompt) for prompt in prompts]
    texts: list[str] = []
    references: list[str] = []
    with whole_file(out) as aside, aside.open("w", encoding="utf-8") as file:
        for batch in films.batches("reports", BATCH):
            captions = _captions(model, batch, writing, openings)
            for film, of_film in zip(batch, captions, strict=True):
                lines: list[dict[str, Any]] = [
                    {
                        **({"prompt": prompt} if prompt else {}),
                        "text": tokenizer.decode(caption.tokens),
                        "tokens": caption.tokens,
                        "score": caption.score,
                        "run": str(run.path),
                    }
                    for prompt, caption in zip(prompts, of_film, strict=False)
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
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"cannot read the prompts {path}: expected a UTF-8 text file") from error
    prompts = [line.strip() for line in lines if line.strip()]
    if not prompts:
        raise RunError(f"{path} holds no prompt; expected one a line")
    return prompts


def _captions(
    model: PretrainedModel,
    films: Sequence[Film],
    writing: Writing,
    openings: Sequence[tuple[int, ...]],
) -> list[list[Caption]]:
    """For each film a caption per opening; none where it could not be read."""
    readable = [(film.image_id, film.pixels) for film in films if film.pixels is not None]
    if not readable:
        return [[] for _ in films]
    decoder, _ = model.writer()
    memory = model.memory(np.stack([pixels for _, pixels in readable]))
    ids = [image_id for image_id, _ in readable]
    by_opening = [writing.write(decoder, memory, ids, opening) for opening in openings]
    by_film = iter(zip(*by_opening, strict=True))
    return [[] if film.pixels is None else list(next(by_film)) for film in films]
