"""How a report is written: searched, sampled, kept consistent, or chosen among candidates."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.bounds import AtLeast
from radtex.compute.seeding import derived_seed
from radtex.errors import RunError
from radtex.generation.choice import choose, likelihood_per_token
from radtex.generation.refusal import Refusal, sentence_ends, written_language
from radtex.generation.rerank import rerank
from radtex.generation.training_reports import TrainingReports
from radtex.models.decoder import Decoder
from radtex.models.decoding import Caption, beam_search, decode
from radtex.models.decoding_options import DecodingOptions
from radtex.models.encoder import pool
from radtex.models.pretrained import PretrainedModel
from radtex.models.taking_back import decode_taking_back
from radtex.models.tokenizer import Tokenizer

Origin = Literal["written", "training report"]
"""Whether the decoder wrote a report, or it is that of a training film, word for word."""


@dataclass(frozen=True)
class Draft:
    """A report of a film."""

    tokens: tuple[int, ...]
    """Without start and end."""
    score: float
    """See `Caption`, `rerank` and `choose`, whichever made it."""
    origin: Origin = "written"
    """Where it comes from."""


@dataclass(frozen=True)
class Writing:
    """How reports are written.

    Raises:
        RunError: if parts of it cannot be had together.
    """

    options: DecodingOptions = field(default_factory=DecodingOptions)
    """How tokens are searched or sampled."""
    seed: int = 0
    """Seed for sampling: what is drawn for an image depends on it and on the image's id alone."""
    reranked: bool = False
    """Whether both directions of the decoder choose among the final beams."""
    consistent: bool = False
    """Whether a sentence is taken back that affirms what was denied, or denies what was affirmed;
    greedy."""
    refuse_beyond: Annotated[float | None, AtLeast(0)] = None
    """Log odds by which a head on the training reports may lean to the other side before a sentence
    is taken back for it, too."""
    nearest: Annotated[int, AtLeast(0)] = 0
    """Training reports, those of the nearest films, that stand for choice beside the beams. The one
    is chosen that is likely in both directions and agrees with a head on the training reports."""

    def __post_init__(self) -> None:
        if self.reranked and self.options.beams == 1:
            raise RunError("reranking chooses among beams; ask for several with --beam")
        if self.reranked and self.nearest:
            raise RunError("--nearest chooses by both directions already; leave --rerank out")
        if self.nearest and self.options.top_p is not None:
            raise RunError(
                "--nearest chooses among beams and training reports; leave --nucleus out"
            )
        if self.takes_back and not self.nearest and self.options != DecodingOptions():
            raise RunError(
                "sentences are taken back in greedy writing; leave --beam, --nucleus and their "
                "like out, or add --nearest, which chooses among both"
            )

    @property
    def takes_back(self) -> bool:
        """Whether sentences are taken back."""
        return self.consistent or self.refuse_beyond is not None

    @property
    def asks_training_reports(self) -> bool:
        """Whether the training reports must be there."""
        return self.nearest > 0 or self.refuse_beyond is not None

    def refuse_prompt(self) -> None:
        """Refuse a prompt where it does not go.

        Raises:
            RunError: if reports of other films are candidates, which do not begin with it.
        """
        if self.nearest:
            raise RunError("training reports do not begin with a prompt; leave --nearest out")

    def write(
        self,
        model: PretrainedModel,
        images: NDArray[np.uint8],
        image_ids: Sequence[str],
        prompts: Sequence[tuple[int, ...]] = ((),),
        training: TrainingReports | None = None,
    ) -> list[list[Draft]]:
        """Write a report for each of B images and each prompt.

        Args:
            model: of a run with a decoder.
            images: grey, uint8 (B, H, W).
            image_ids: of the images, for sampling.
            prompts: the tokens that reports begin with.
            training: the reports that the run learnt from, where `asks_training_reports`.

        Returns:
            For each image its reports, in the order of the prompts.
        """
        with torch.inference_mode():
            decoder, tokenizer = model.packed_decoder, model.writer()[1]
            grid = model.grid(images)
            memory, features = decoder.memory(grid), pool(grid).float().cpu()
        leanings = training.head.leanings(features) if training else None
        refusal = Refusal(tokenizer, written_language(tokenizer), leanings, self.refuse_beyond)
        if self.nearest and training is not None and leanings is not None:
            candidates = self._candidates(decoder, tokenizer, memory, refusal)
            near = training.nearest(features, self.nearest)
            return [[each] for each in _chosen(model, memory, candidates, training, near, leanings)]
        by_prompt = [
            self._written(decoder, tokenizer, memory, image_ids, prompt, refusal)
            for prompt in prompts
        ]
        return [
            [Draft(caption.tokens, caption.score) for caption in of_image]
            for of_image in zip(*by_prompt, strict=True)
        ]

    def _candidates(
        self, decoder: Decoder, tokenizer: Tokenizer, memory: Tensor, refusal: Refusal
    ) -> list[list[tuple[int, ...]]]:
        """The texts that the decoder offers for each image."""
        beams = beam_search(decoder, memory, self.options, wanted=self.options.beams)
        texts = [[caption.tokens for caption in found] for found in beams]
        if self.takes_back:
            ends = sentence_ends(tokenizer)
            consistent = decode_taking_back(decoder, memory, ends, refusal)
            texts = [[c.tokens, *found] for c, found in zip(consistent, texts, strict=True)]
        return texts

    def _written(
        self,
        decoder: Decoder,
        tokenizer: Tokenizer,
        memory: Tensor,
        image_ids: Sequence[str],
        prompt: tuple[int, ...],
        refusal: Refusal,
    ) -> list[Caption]:
        if self.takes_back:
            return decode_taking_back(decoder, memory, sentence_ends(tokenizer), refusal, prompt)
        if self.reranked:
            candidates = beam_search(decoder, memory, self.options, prompt, self.options.beams)
            return rerank(decoder, memory, candidates, self.options.length_penalty)
        generators = [self._generator(image_id) for image_id in image_ids]
        return decode(decoder, memory, self.options, prompt, generators)

    def _generator(self, image_id: str) -> torch.Generator:
        number = int.from_bytes(hashlib.sha256(image_id.encode()).digest())
        return torch.Generator().manual_seed(derived_seed(self.seed, number))


def _chosen(
    model: PretrainedModel,
    memory: Tensor,
    written: Sequence[Sequence[tuple[int, ...]]],
    training: TrainingReports,
    near: NDArray[np.int64],
    leanings: NDArray[np.float64],
) -> list[Draft]:
    """Choose among what was written of each image and the training reports of the nearest films."""
    decoder, tokenizer = model.writer()
    most = max(map(len, written))
    # An image with fewer texts repeats its first one, so that each has as many.
    own = [[*texts, *[texts[0]] * (most - len(texts))] for texts in written]
    encoded = {n: tuple(tokenizer.encode(training.texts[n])) for n in set(near.flatten().tolist())}
    tokens = [
        [*texts, *(encoded[n] for n in numbers)]
        for texts, numbers in zip(own, near.tolist(), strict=True)
    ]
    texts = [[tokenizer.decode(each) for each in of_image] for of_image in tokens]
    best, scores = choose(likelihood_per_token(decoder, memory, tokens), leanings, texts)
    return [
        Draft(of_image[place], float(score), "written" if place < most else "training report")
        for of_image, place, score in zip(tokens, best, scores, strict=True)
    ]
