"""From a recipe and a corpus to the objective that the recipe names."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import label_policy
from radtex.errors import RecipeError
from radtex.findings import CHEXPERT_LABELS, target_names
from radtex.models.adopted_tokenizer import adopt_tokenizer
from radtex.models.decoder import Direction
from radtex.models.encoder import Encoder
from radtex.models.storage import TOKENIZER, DecoderDescription
from radtex.models.tokenizer import Tokenizer
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.data.texts import sample_texts
from radtex.pretraining.objectives.captioning import Captioning
from radtex.pretraining.objectives.contrastive import Contrastive
from radtex.pretraining.objectives.contrastive_captioning import ContrastiveCaptioning
from radtex.pretraining.objectives.masked import Masked
from radtex.pretraining.objectives.objective import Objective
from radtex.pretraining.objectives.supervised import Supervised
from radtex.pretraining.objectives.token_classification import TokenClassification
from radtex.pretraining.recipe import Recipe
from radtex.reports import label_reports
from radtex.reports.training_text import training_texts


def _bicaptioning(recipe: Recipe, corpus: Corpus, encoder: Encoder, run: Path) -> Objective:
    captions = _captions(recipe, corpus, run)
    return Captioning(encoder, _decoder(recipe, captions, "forward", "backward"), captions)


def _captioning(recipe: Recipe, corpus: Corpus, encoder: Encoder, run: Path) -> Objective:
    captions = _captions(recipe, corpus, run)
    return Captioning(encoder, _decoder(recipe, captions, "forward"), captions)


def _masked(recipe: Recipe, corpus: Corpus, encoder: Encoder, run: Path) -> Objective:
    return Masked(encoder, recipe.decoder, _captions(recipe, corpus, run))


def _contrastive(recipe: Recipe, corpus: Corpus, encoder: Encoder, run: Path) -> Objective:
    return Contrastive(encoder, recipe.decoder, _captions(recipe, corpus, run))


def _contrastive_captioning(
    recipe: Recipe, corpus: Corpus, encoder: Encoder, run: Path
) -> Objective:
    captions = _captions(recipe, corpus, run)
    return ContrastiveCaptioning(encoder, _decoder(recipe, captions, "forward"), captions)


def _token_classification(recipe: Recipe, corpus: Corpus, encoder: Encoder, run: Path) -> Objective:
    return TokenClassification(encoder, _captions(recipe, corpus, run))


def _supervised(recipe: Recipe, corpus: Corpus, encoder: Encoder, _run: Path) -> Objective:
    targets, policy = supervised_targets(recipe, corpus), label_policy(recipe.label_policy)
    if recipe.label_source == "corpus":
        return Supervised(encoder, corpus.labels(targets, policy))
    texts = training_texts(corpus.index, "findings+impression")
    mined = label_reports(texts)[list(targets)].to_numpy(dtype=np.float32, na_value=np.nan)
    return Supervised(encoder, policy.definite(mined, targets))


OBJECTIVES: dict[str, Callable[[Recipe, Corpus, Encoder, Path], Objective]] = {
    "bicaptioning": _bicaptioning,
    "captioning": _captioning,
    "masked": _masked,
    "contrastive": _contrastive,
    "contrastive-captioning": _contrastive_captioning,
    "token-classification": _token_classification,
    "supervised": _supervised,
}
"""Name in a recipe → what builds the objective around an encoder, for a run at a path."""


def _captions(recipe: Recipe, corpus: Corpus, run: Path) -> Captions:
    """The texts of the samples, in the tokens of the run or, before it exists, of its own."""
    blocks = sample_texts(recipe.text, corpus, recipe.augmentation.flip > 0, recipe.seed)
    if (run / TOKENIZER).is_file():
        tokenizer = Tokenizer.load(run / TOKENIZER)
    elif recipe.text.tokenizer is not None:
        tokenizer = adopt_tokenizer(Path(recipe.text.tokenizer))
    else:
        own = (blocks[0][row] for row in corpus.rows("train"))
        tokenizer = Tokenizer.train(own, recipe.text.vocabulary)
    texts = [text for block in blocks for text in block]
    return Captions(texts, tokenizer, recipe.text.max_tokens, (len(blocks) + 1) // 2)


def _decoder(recipe: Recipe, captions: Captions, *directions: Direction) -> DecoderDescription:
    return DecoderDescription(
        vocabulary=len(captions.tokenizer),
        max_tokens=recipe.text.max_tokens,
        directions=directions,
        options=recipe.decoder,
    )


def supervised_targets(recipe: Recipe, corpus: Corpus) -> tuple[str, ...]:
    """Names of the labels that the supervised objective learns.

    Raises:
        RecipeError: if the corpus, or the labeler of reports, does not have them.
    """
    there = corpus.label_names if recipe.label_source == "corpus" else CHEXPERT_LABELS
    if not there:
        raise RecipeError(
            f"{corpus.path} has no labels, which the supervised objective needs; set "
            "--label-source reports to take them from the texts"
        )
    targets = target_names(recipe.targets) or there
    unknown = [name for name in targets if name not in there]
    if unknown:
        raise RecipeError(
            f"there are no labels {', '.join(unknown)} in the {recipe.label_source}; "
            f"there are: {', '.join(there)}"
        )
    return targets
