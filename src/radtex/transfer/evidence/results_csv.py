"""`results.csv`: the AUC of every encoder, target, budget and repeat."""

from pathlib import Path

from radtex.spreadsheet_cells import shielded_table
from radtex.transfer.results import Results


def write_results_csv(results: Results, out: Path) -> None:
    """Write a row per encoder, target, budget and repeat; the same results give the same bytes."""
    shielded_table(results.scores).to_csv(out, index=False, lineterminator="\n")
