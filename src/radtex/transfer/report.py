"""The report: one self-contained HTML page, made to be read and printed."""

import base64
import json
from collections.abc import Sequence
from html import escape

from radtex.transfer.protocol import Results
from radtex.transfer.tables import mean_auc_table, paired_table, target_table

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #111; background: #fff; max-width: 68rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0.3rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: 0.5rem; color: #333; }
th, td { text-align: left; padding: 0.3rem 0.9rem 0.3rem 0; border-bottom: 1px solid #ccc;
  vertical-align: top; white-space: nowrap; }
thead th { border-bottom: 2px solid #111; }
img { max-width: 100%; height: auto; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.8rem; background: #f5f5f5;
  padding: 1rem; }
@media print { body { font-size: 10pt; margin: 0; max-width: none; } table { font-size: 7pt; }
  .scroll { overflow: visible; }
  th, td { padding-right: 0.5rem; } tr, img { break-inside: avoid; } h2 { break-after: avoid; } }
"""


def report(results: Results, curve_png: bytes) -> str:
    """The page as HTML, the picture inside."""
    protocol = results.protocol
    repeats, targets = protocol["repeats"], protocol["targets"]
    policy = protocol["label_policy"]
    primary = [pair for pair in results.paired if pair.p_holm is not None]
    secondary = [pair for pair in results.paired if pair.p_holm is None]
    measured = (
        f"Linear probes on frozen encoders, {repeats} nested draws of labels per target. "
        f"Intervals are of 95 % and count test patients and draws. Targets: {', '.join(targets)}. "
        f"Label policy {policy['name']}: {policy['description']}."
    )
    picture = base64.b64encode(curve_png).decode("ascii")
    sections = [
        "<h1>How many labels does each encoder need?</h1>",
        f"<p>{escape(measured)}</p>",
        _table(mean_auc_table(results), "Mean AUC over targets, by labelled studies per target."),
        f'<img alt="{escape(_picture_in_words(results))}" src="data:image/png;base64,{picture}">',
        "<h2>Paired differences</h2>",
        _table(
            paired_table(primary),
            "Primary family, named before scoring: p values adjusted within it (Holm).",
        ),
        _table(paired_table(secondary), "Secondary comparisons: p values not adjusted."),
        "<h2>Each target</h2>",
        _table(target_table(results), "AUC by target and labelled studies."),
        "<h2>What to know beside the numbers</h2>",
        "<ul>" + "".join(f"<li>{escape(flag)}</li>" for flag in results.flags) + "</ul>",
        "<h2>How to repeat it</h2>",
        "<p>Everything below was fixed before the first score.</p>",
        f"<pre>{escape(json.dumps(protocol, indent=2, ensure_ascii=False))}</pre>",
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Few-label transfer</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(sections)
        + "\n</body>\n</html>\n"
    )


def _picture_in_words(results: Results) -> str:
    smallest, largest = results.protocol["budgets"][0], results.protocol["budgets"][-1]
    return "Mean AUC against the number of labels. " + "; ".join(
        f"{encoder}: {by_budget[smallest].mean:.2f} at {smallest}, "
        f"{by_budget[largest].mean:.2f} at {largest}"
        for encoder, by_budget in results.mean_auc.items()
    )


def _table(rows: Sequence[Sequence[str]], caption: str) -> str:
    """A table whose first row is its header and first column its row names; "" without rows."""
    header, *body = rows
    if not body:
        return ""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    lines = "\n".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for first, *cells in body
    )
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{lines}\n</tbody></table></div>"
    )
