"""Measure how well `label_report` agrees with PadChest's physicians, on its stemmed Spanish text.

The wheel torchxrayvision brings PadChest's table. Its reports are stemmed: words are cut, accents
and articles are gone. Label 1 is compared with the labels that physicians gave, one report for each
study; studies whose labels exclude them or refer to an earlier report are left out. The rules were
developed on the studies with an even hash; `--odd` scores the others. Lung Opacity, which PadChest
codes by patterns, stands beside the micro-average. The last line is one JSON object.
"""

import ast
import hashlib
import json
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from radtex.corpus.sources.padchest import STANDARD, TABLE
from radtex.reports import label_report

CODED = {
    **{name: set(coded) for name, coded in STANDARD.items() if name != "No Finding"},
    "Fracture": {"fracture", "rib fracture", "clavicle fracture", "humeral fracture",
                 "vertebral fracture", "callus rib fracture"},
    "Lung Lesion": {"nodule", "multiple nodules", "pulmonary mass", "mass", "lung metastasis"},
    "Lung Opacity": {"infiltrates", "alveolar pattern", "interstitial pattern",
                     "ground glass pattern", "increased density"},
}  # fmt: skip
CODED["Support Devices"] |= {
    "suture material", "metal", "osteosynthesis material", "artificial heart valve",
    "artificial mitral heart valve", "artificial aortic heart valve", "prosthesis",
    "humeral prosthesis", "endoprosthesis", "aortic endoprosthesis", "sternotomy",
}  # fmt: skip
BESIDE = "Lung Opacity"


def read_studies(remainder: int) -> tuple[list[str], list[set[str]]]:
    """Return reports and names of labels of the studies with an even (0) or odd (1) hash."""
    spec = find_spec("torchxrayvision")
    if spec is None or spec.origin is None:
        raise SystemExit("pip install torchxrayvision, whose wheel holds PadChest's table")
    table = pd.read_csv(Path(spec.origin).parent / "data" / f"{TABLE}.gz", dtype=str)
    table = table[table["MethodLabel"] == "Physician"].dropna(subset=["Report", "Labels"])
    texts, names = [], []
    for row in table.drop_duplicates("StudyID").itertuples():
        digest = int(hashlib.sha256(row.StudyID.encode()).hexdigest(), 16)
        found = {name.strip().casefold() for name in ast.literal_eval(row.Labels)} - {""}
        if digest % 2 == remainder and found and found.isdisjoint({"exclude", "unchanged"}):
            texts.append(row.Report)
            names.append(found)
    return texts, names


def f1(hits: np.ndarray, surplus: np.ndarray, missed: np.ndarray) -> np.ndarray:
    """Return F1 from counts."""
    return 2 * hits / np.maximum(2 * hits + surplus + missed, 1)


def main() -> None:
    """Print a line for each label and one JSON object."""
    remainder = int("--odd" in sys.argv[1:])
    texts, names = read_studies(remainder)
    start = time.process_time()
    labels = [label_report(text) for text in texts]
    seconds = time.process_time() - start
    said = np.array([[row[label] == 1 for label in CODED] for row in labels])
    coded = np.array([[not found.isdisjoint(CODED[label]) for label in CODED] for found in names])
    outcomes = np.stack([said & coded, said & ~coded, ~said & coded])
    rows = {}
    for label, (hits, surplus, missed) in zip(CODED, outcomes.sum(axis=1).T, strict=True):
        rows[label] = {
            "coded": int(hits + missed),
            "precision": round(float(hits / max(hits + surplus, 1)), 3),
            "recall": round(float(hits / max(hits + missed, 1)), 3),
            "f1": round(float(f1(hits, surplus, missed)), 3),
        }
        print(f"{label:17}", *(f"{key} {value}" for key, value in rows[label].items()))
    scored = [label != BESIDE for label in CODED]
    counts = outcomes[:, :, scored].sum(axis=2)
    rng = np.random.default_rng(0)
    times = rng.multinomial(len(texts), np.full(len(texts), 1 / len(texts)), size=1000)
    drawn = f1(*(counts.astype(np.int64) @ times.T))
    result = {
        "name": "labeling_spanish",
        "half": "odd" if remainder else "even",
        "reports": len(texts),
        "micro_f1": [
            round(float(value), 3)
            for value in (f1(*counts.sum(axis=1)), *np.percentile(drawn, [2.5, 97.5]))
        ],
        "reports_per_second_per_core": round(len(texts) / seconds),
        "labels": rows,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
