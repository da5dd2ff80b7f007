"""The Evidence folder: results.csv, summary.json, curve.png and report.html."""

import json
from pathlib import Path
from typing import Any

from radtex.files import whole_folder
from radtex.transfer.curve import draw_curve
from radtex.transfer.protocol import Results
from radtex.transfer.report import report
from radtex.transfer.statistics import Estimate


def write_evidence(results: Results, out: Path) -> None:
    """Write the folder whole; the same results give the same bytes.

    Raises `OutputError` if `out` exists or cannot be written.
    """
    with whole_folder(out) as folder:
        results.scores.to_csv(folder / "results.csv", index=False, lineterminator="\n")
        summary = json.dumps(_summary(results), indent=2, ensure_ascii=False, allow_nan=False)
        (folder / "summary.json").write_text(summary + "\n", encoding="utf-8")
        curve = folder / "curve.png"
        draw_curve(results, curve)
        page = report(results, curve.read_bytes())
        (folder / "report.html").write_text(page, encoding="utf-8")


def _summary(results: Results) -> dict[str, Any]:
    return {
        "mean_auc": {
            encoder: _by_budget(by_budget) for encoder, by_budget in results.mean_auc.items()
        },
        "paired": [
            {
                "a": pair.a,
                "b": pair.b,
                "budget": str(pair.budget),
                "difference": pair.estimate.mean,
                "low": pair.estimate.low,
                "high": pair.estimate.high,
                "p": pair.estimate.p,
                "family": "secondary" if pair.p_holm is None else "primary",
                "p_holm": pair.p_holm,
            }
            for pair in results.paired
        ],
        "target_auc": {
            encoder: {target: _by_budget(by_budget) for target, by_budget in by_target.items()}
            for encoder, by_target in results.target_auc.items()
        },
        "strengths": results.strengths,
        "neighbours": results.neighbours,
        "flags": list(results.flags),
        "protocol": results.protocol,
    }


def _by_budget(estimates: dict[int, Estimate]) -> dict[str, dict[str, float]]:
    return {
        str(budget): {"mean": value.mean, "low": value.low, "high": value.high}
        for budget, value in estimates.items()
    }
