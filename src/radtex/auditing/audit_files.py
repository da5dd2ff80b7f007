"""An audit as files: JSON, and a picture of all scores."""

import json
from pathlib import Path

from matplotlib.figure import Figure

from radtex.auditing.audit import Audit
from radtex.auditing.audit_text import audit_record
from radtex.auditing.cues import CUES
from radtex.files import refuse_existing, whole_folder, write_text

_LOCATED, _FREE, _OVER = "#0072B2", "#009E73", "#D55E00"


def write_audit(audit: Audit, out: Path) -> None:
    """Write `out` if its name ends in .json, else a folder with `audit.json` and `audit.png`.

    Raises:
        OutputError: if `out` exists or cannot be written.
    """
    text = json.dumps(audit_record(audit), indent=2, ensure_ascii=False) + "\n"
    if out.suffix.lower() == ".json":
        refuse_existing(out)
        write_text(out, text)
        return
    with whole_folder(out) as folder:
        (folder / "audit.json").write_text(text, encoding="utf-8")
        audit_figure(audit).savefig(folder / "audit.png", dpi=130, metadata={"Software": None})


def audit_figure(audit: Audit) -> Figure:
    """Draw the AUC of each label by each cue, with its interval; a panel for each cue."""
    labels = list(audit.counts)
    figure = Figure(figsize=(13, 1.3 + 0.28 * len(labels)), layout="constrained")
    panels = figure.subplots(1, len(CUES), sharey=True, squeeze=False)[0]
    for axes, cue in zip(panels, CUES, strict=True):
        usual = _FREE if cue.location_free else _LOCATED
        for score in audit.scores:
            if score.cue is not cue:
                continue
            place, value = labels.index(score.label), score.auc
            colour = _OVER if audit.is_shortcut(score) else usual
            axes.plot((value.low, value.high), (place, place), color=colour, linewidth=1.4)
            marker = "D" if audit.is_shortcut(score) else "o"
            axes.plot(value.mean, place, marker, color=colour, markersize=5)
        axes.axvline(0.5, color="#111111", linewidth=0.8)
        axes.axvline(audit.bound, color="#777777", linewidth=0.8, linestyle="--")
        axes.set_xlim(0.3, 1)
        axes.set_xticks((0.5, 0.75, 1), ("0.5", "0.75", "1"), fontsize=8)
        axes.set_title(cue.name, fontsize=9, color=usual)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", color="#eeeeee", linewidth=0.6)
    panels[0].set_yticks(range(len(labels)))
    panels[0].set_yticklabels(labels, parse_math=False)
    panels[0].invert_yaxis()
    figure.supxlabel(
        "AUC of one cue alone, patients held out, with 95 % intervals. Green: free of location. "
        f"Orange diamonds: {audit.bound:g} or more.",
        fontsize=9,
    )
    return figure
