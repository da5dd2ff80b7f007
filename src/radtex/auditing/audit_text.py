"""An audit as a table, in sentences and as JSON."""

from typing import Any

from radtex.auditing.audit import LEAST_PATIENTS, Audit, CueScore
from radtex.auditing.cues import CUES
from radtex.auditing.held_out import FOLDS
from radtex.text_tables import aligned, with_interval

_FREE = "location-free"


def audit_text(audit: Audit) -> str:
    """Return the table of all scores, the labels left out, and what is suspicious."""
    rows = [("label", "cue", "", "AUC [95 % interval]", "bound")]
    for score in audit.scores:
        first = score.cue is CUES[0]
        kind = _FREE if score.cue.location_free else ""
        name = score.label if first else ""
        rows.append((name, score.cue.name, kind, with_interval(score.auc), verdict(audit, score)))
    parts = [aligned(rows)]
    if audit.left_out:
        parts.append("\n".join(_left_out(audit)))
    parts.append("\n".join(sentences(audit)))
    return "\n\n".join(parts)


def verdict(audit: Audit, score: CueScore) -> str:
    """Return where an AUC stands: "over" or "under" the bound, or "unsure"."""
    if audit.is_shortcut(score):
        return f"over {audit.bound:g}"
    if score.auc.high < audit.bound:
        return f"under {audit.bound:g}"
    return "unsure"


def sentences(audit: Audit) -> list[str]:
    """Return a sentence for each shortcut, the strongest first; or one that there is none."""
    found = [_sentence(score) for score in audit.shortcuts]
    if found:
        return found
    return [
        f"No cue tells a label with an AUC of {audit.bound:g} or more that is not explained by "
        "chance."
    ]


def audit_record(audit: Audit) -> dict[str, Any]:
    """Return all of an audit as JSON holds it."""
    return {
        "corpus": str(audit.corpus),
        "content_hash": audit.content_hash,
        "split": audit.split or None,
        "label_policy": audit.label_policy,
        "bound": audit.bound,
        "folds": FOLDS,
        "seed": audit.seed,
        "labels": {
            name: {"positive": positive, "negative": negative}
            for name, (positive, negative) in audit.counts.items()
        },
        "left_out": dict(audit.left_out),
        "scores": [
            {
                "label": score.label,
                "cue": score.cue.name,
                "location_free": score.cue.location_free,
                "auc": score.auc.mean,
                "low": score.auc.low,
                "high": score.auc.high,
                "p": score.auc.p,
                "p_holm": score.p_holm,
                "bound": verdict(audit, score).split()[0],
            }
            for score in audit.scores
        ],
        "shortcuts": [_sentence(score) for score in audit.shortcuts],
    }


def _sentence(score: CueScore) -> str:
    kind = f" ({_FREE})" if score.cue.location_free else ""
    return (
        f"{score.label}: the {score.cue.name}{kind} alone tells it, AUC {with_interval(score.auc)}."
    )


def _left_out(audit: Audit) -> list[str]:
    head = f"Left out, with fewer than {LEAST_PATIENTS} patients of a class:"
    return [head, *(f"  {name}: {why}" for name, why in audit.left_out.items())]
