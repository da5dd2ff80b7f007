"""Measure how well `label_report` agrees with the human MeSH coding of Open-i, and how fast it is.

By the baseline an observation is present where a sentence names it and holds no "no" or "without".
Both read findings and impression. Label 1 is compared with what indexers coded in `MeSH/major`.
Intervals are 95 % percentile bootstraps over reports. Support Devices stands beside the nine labels
of the means, because de-identification blanks many words for devices. RADTEX_DATA names the folder
that holds `openi/`. The rules were developed on the reports with an even number; `--odd` scores the
others. The last line is one JSON object.
"""

import json
import os
import re
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from radtex.reports import label_report

CODED = {
    "Atelectasis": ("Pulmonary Atelectasis",),
    "Cardiomegaly": ("Cardiomegaly",),
    "Pleural Effusion": ("Pleural Effusion",),
    "Lung Opacity": ("Opacity", "Infiltrate", "Airspace Disease"),
    "Pneumonia": ("Pneumonia",),
    "Pneumothorax": ("Pneumothorax",),
    "Consolidation": ("Consolidation",),
    "Edema": ("Pulmonary Edema",),
    "Fracture": ("Fractures, Bone",),
    "Support Devices": (
        "Implanted Medical Device",
        "Medical Device",
        "Catheters, Indwelling",
        "Tube, Inserted",
        "Surgical Instruments",
        "Stents",
    ),
}
SCORED = 9
"""How many labels of `CODED`, from the first on, the means are over."""

KEYWORDS = {
    "Atelectasis": r"atelecta",
    "Cardiomegaly": r"cardiomegaly|(heart|cardiac).*enlarge|enlarge.*(heart|cardiac)",
    "Pleural Effusion": r"effusion",
    "Lung Opacity": r"opacit|infiltrate|air ?space disease",
    "Pneumonia": r"pneumonia",
    "Pneumothorax": r"pneumothora",
    "Consolidation": r"consolidat",
    "Edema": r"edema",
    "Fracture": r"fracture",
    "Support Devices": r"catheter|tube|pacemaker|\bline|wire|clip|stent|prosthe|defibrillator",
}
DENIAL = re.compile(r"\bno\b|\bnot\b|without|negative|free of")

Flags = NDArray[np.bool_]


def read_reports(archive: Path, remainder: int) -> Iterator[tuple[str, set[str]]]:
    """Yield text and coded headings of the reports with an odd number (1) or an even one (0)."""
    with tarfile.open(archive) as files:
        for member in files:
            number = re.search(r"(\d+)\.xml$", member.name)
            file = files.extractfile(member)
            if number is None or file is None or int(number[1]) % 2 != remainder:
                continue
            root = ElementTree.parse(file).getroot()
            texts = {part.get("Label"): part.text or "" for part in root.iter("AbstractText")}
            headings = {(major.text or "").split("/")[0].strip() for major in root.iter("major")}
            yield f"{texts.get('FINDINGS', '')}\n\n{texts.get('IMPRESSION', '')}", headings


def keyword_labels(text: str) -> dict[str, bool]:
    """Label a report by the baseline's rule."""
    sentences = [s for s in re.split(r"[.;]\s", text.lower()) if not DENIAL.search(s)]
    return {
        label: any(re.search(pattern, sentence) for sentence in sentences)
        for label, pattern in KEYWORDS.items()
    }


def f1_scores(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return F1 from true positives, false positives and false negatives on the last axis."""
    hits, surplus, missed = np.moveaxis(counts, -1, 0)
    scores: NDArray[np.float64] = 2 * hits / np.maximum(2 * hits + surplus + missed, 1)
    return scores


def score(predicted: Flags, coded: Flags) -> dict[str, Any]:
    """Return all figures of one method, from flags (reports, labels)."""
    outcomes = np.stack([predicted & coded, predicted & ~coded, ~predicted & coded], axis=-1)
    rng = np.random.default_rng(0)
    times = rng.multinomial(len(coded), np.full(len(coded), 1 / len(coded)), size=2000)
    counts = np.concatenate(
        [outcomes.sum(axis=0)[None], np.tensordot(times, outcomes.astype(np.int64), axes=1)]
    )
    each = f1_scores(counts)
    micro = f1_scores(counts[:, :SCORED].sum(axis=1))
    macro = each[:, :SCORED].mean(axis=1)
    labels = {}
    for place, label in enumerate(CODED):
        hits, surplus, missed = (int(count) for count in counts[0, place])
        labels[label] = {
            "coded": hits + missed,
            "precision": round(hits / max(hits + surplus, 1), 3),
            "recall": round(hits / max(hits + missed, 1), 3),
            "f1": with_interval(each[:, place]),
        }
    return {"micro_f1": with_interval(micro), "macro_f1": with_interval(macro), "labels": labels}


def with_interval(values: NDArray[np.float64]) -> list[float]:
    """Return the first value, and the 2.5 and 97.5 percentiles of the others."""
    return [round(float(v), 3) for v in (values[0], *np.percentile(values[1:], [2.5, 97.5]))]


def main() -> None:
    """Print a table and one JSON object."""
    if "RADTEX_DATA" not in os.environ:
        raise SystemExit("RADTEX_DATA must name the folder that holds openi/")
    archive = Path(os.environ["RADTEX_DATA"]) / "openi" / "NLMCXR_reports.tgz"
    remainder = int("--odd" in sys.argv[1:])
    texts, headings = zip(*read_reports(archive, remainder), strict=True)
    coded = np.array(
        [[not found.isdisjoint(names) for names in CODED.values()] for found in headings]
    )
    start = time.process_time()
    labels = [label_report(text) for text in texts]
    seconds = time.process_time() - start
    rules = score(np.array([[row[label] == 1 for label in CODED] for row in labels]), coded)
    keywords = score(np.array([[*keyword_labels(text).values()] for text in texts]), coded)
    for name, figures in (("label_report", rules), ("keyword and no", keywords)):
        print(name, "micro", figures["micro_f1"], "macro", figures["macro_f1"])
        for label, row in figures["labels"].items():
            print(f"  {label:17}", *(f"{key} {value}" for key, value in row.items()))
    result = {
        "name": "labeling",
        "baseline": keywords["micro_f1"][0],
        "measured": rules["micro_f1"][0],
        "unit": "micro-F1",
        "ratio": round(rules["micro_f1"][0] / keywords["micro_f1"][0], 3),
        "reports": len(texts),
        "half": "odd" if remainder else "even",
        "reports_per_second_per_core": round(len(texts) / seconds),
        "rules": rules,
        "keywords": keywords,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
