"""The one resolver of encoder names."""

from pathlib import Path

from radtex.compute.seeding import seeded
from radtex.errors import RunError
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.imagenet import imagenet_input, load_imagenet
from radtex.models.encoders.resolved import ResolvedEncoder
from radtex.models.encoders.timm_and_files import is_foreign, resolve_foreign
from radtex.models.run import Run


def resolve_encoder(what: str, backbone: str, takes: EncoderInput, seed: int) -> ResolvedEncoder:
    """Find the encoder that `what` names.

    Args:
        what: `random`, `imagenet`, the folder of a finished run, or an encoder that others
            trained (see `resolve_foreign`).
        backbone: of `random` and `imagenet`; tried first on a weight file.
        takes: what `random` takes; `imagenet` takes images of its size.
        seed: of the weights of `random`.

    Raises:
        RunError: if it names nothing, or the weights cannot be had.
    """
    if what in ("random", "imagenet"):
        with seeded(seed):
            encoder = Encoder(backbone, takes.size)
        weights = f"drawn with seed {seed}"
        if what == "imagenet":
            weights = load_imagenet(encoder)
            takes = imagenet_input(encoder)
        return ResolvedEncoder(
            encoder.eval(),
            what,
            takes,
            description={"architecture": backbone, "input_size": takes.size, "weights": weights},
        )
    if is_foreign(what):
        return resolve_foreign(what, backbone)
    if not Path(what).exists():
        raise RunError(
            f"no encoder {what!r}: it does not exist; expected `random`, `imagenet` or a run "
            "folder, timm:NAME, file:PATH, xrv:NAME, rad-dino or hf:ORG/NAME"
        )
    return _of_run(Run.open(what))


def _of_run(run: Run) -> ResolvedEncoder:
    return ResolvedEncoder(
        run.encoder(),
        "run",
        run.takes,
        run.objective,
        run.patients,
        {
            "architecture": run.description.backbone,
            "input_size": run.takes.size,
            "fit": run.description.fit,
            "intensity": run.description.intensity,
            "weights": f"run {run.path.name}",
            "objective": run.objective,
            "targets": run.targets,
            "init": run.init,
            "steps": run.steps,
            "seed": run.seed,
            "recipe": dict(run.recipe),
            "corpus": run.corpus_hash,
            "namespaces": run.namespaces,
        },
        run.films,
        run,
    )
