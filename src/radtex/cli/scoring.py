"""`radtex score`: from written reports to their scores."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from radtex.cli.defaults import shows_defaults_of
from radtex.cli.parameters import Count, Seed, given
from radtex.cli.terminal import show


@shows_defaults_of("radtex.scoring.score:score")
def score(
    files: Annotated[list[Path], Parameter(negative=())],
    /,
    *,
    run: Path | None = None,
    corpus: str | None = None,
    out: Path | None = None,
    per_report: Path | None = None,
    clinical: Path | None = None,
    replicates: Count = None,
    seed: Seed = None,
) -> None:
    """Score written reports against their references, beside two baselines.

    Args:
        files: Files that `radtex generate` wrote. Several are compared with each other, image by
            image.
        run: The run whose features choose the nearest training image. Without it, the run that
            wrote the first file.
        corpus: The corpus that the images belong to. CORPUS:SPLIT refuses reports of images of
            other splits. Without it, the one that the first file names.
        out: A JSON file to make, with every score.
        per_report: A CSV file to make, with the scores of each report.
        clinical: Folder of RadEval's weights; adds CheXbert and RadGraph F1.
        replicates: Bootstrap draws of patients, for intervals and p values.
        seed: Seed for the bootstrap draws.
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
    show(run_score(files, **options))
