"""The Evidence folder: results.csv, summary.json, curve.png and report.html."""

import json
from collections.abc import Sequence
from pathlib import Path

from radtex.files import whole_folder
from radtex.transfer.evidence.curve import draw_curve
from radtex.transfer.evidence.page import report
from radtex.transfer.evidence.results_csv import write_results_csv
from radtex.transfer.evidence.summary import summary
from radtex.transfer.results import Results


def write_evidence(results: Results, out: Path, beside: Sequence[str] = ()) -> None:
    """Write the folder whole; the same results give the same bytes.

    Args:
        results: what it says.
        out: the folder to make.
        beside: sentences on the page that are none of the results, such as how often the test was
            scored.

    Raises:
        OutputError: if `out` exists or cannot be written.
    """
    with whole_folder(out) as folder:
        write_results_csv(results, folder / "results.csv")
        text = json.dumps(summary(results), indent=2, ensure_ascii=False, allow_nan=False)
        (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
        draw_curve(results, folder / "curve.png")
        (folder / "report.html").write_text(report(results, beside), encoding="utf-8")
