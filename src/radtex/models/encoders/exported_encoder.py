"""The encoder of an export of radtex, by its folder or its name on the hub."""

from pathlib import Path

from radtex.models.encoders.resolved import ResolvedEncoder
from radtex.models.encoders.weight_files import file_hash
from radtex.models.exported_run import facts_of, open_exported
from radtex.models.run import WEIGHTS


def exported_encoder(folder: Path, name: str) -> ResolvedEncoder:
    """Load the encoder of an export, in eval mode.

    An export keeps no list of patients, so its patients are unknown like those of every encoder
    that was trained elsewhere; the archives that they came from are known.

    Args:
        folder: where its files lie.
        name: what it is called in the results.

    Raises:
        RunError: if a file is missing, damaged or does not fit the others.
    """
    run, training = open_exported(folder), facts_of(folder)
    return ResolvedEncoder(
        run.encoder(),
        "hub",
        run.takes,
        description={
            "architecture": run.description.backbone,
            "input_size": run.takes.size,
            "fit": run.description.fit,
            "intensity": run.description.intensity,
            "weights": f"export {name}, SHA-256 {file_hash(folder / WEIGHTS)}",
            "trained": "elsewhere",
            **{key: training[key] for key in ("objective", "namespaces") if key in training},
        },
    )
