"""The encoder that a run begins with."""

from radtex.corpus.pseudonyms.pseudonyms import Pseudonyms
from radtex.errors import RecipeError
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.resolve import resolve_encoder
from radtex.models.encoders.vision_tower import VisionTower
from radtex.models.film_hashes import NO_FILMS, Hashes
from radtex.pretraining.recipe import Recipe


def initial_encoder(
    recipe: Recipe, takes: EncoderInput
) -> tuple[Encoder, Pseudonyms, Hashes | None]:
    """Build the encoder to start from.

    Args:
        recipe: its `init`, `backbone` and `seed` count.
        takes: what the run's encoder takes.

    Returns:
        The encoder, the patients that it has already learnt from, and hashes of their films; None
        where it is a run that kept none.

    Raises:
        RecipeError: if `init` does not suit the backbone or the size of the images.
        RunError: if `init` names nothing, or its weights cannot be had.
    """
    source = resolve_encoder(recipe.init, recipe.backbone, takes, recipe.seed)
    if isinstance(source.encoder, VisionTower):
        raise RecipeError(
            f"--init {recipe.init} is a network of transformers, and runs have networks of timm; "
            "name timm:NAME, or a weight file with its --backbone"
        )
    if source.encoder.backbone != recipe.backbone:
        raise RecipeError(
            f"--init {recipe.init} is a {source.encoder.backbone}, the recipe wants a "
            f"{recipe.backbone}; name the same --backbone"
        )
    encoder = Encoder(recipe.backbone, takes.size)
    try:
        encoder.load_state_dict(source.encoder.state_dict())
    except RuntimeError as error:  # positions of patches are learnt for one size
        raise RecipeError(
            f"--init {recipe.init} has weights for images of {source.takes.size} px alone; "
            f"set --image-size {source.takes.size}"
        ) from error
    films = source.films if source.source == "run" else NO_FILMS
    return encoder, source.patients, films
