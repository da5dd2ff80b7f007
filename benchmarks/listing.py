"""Time the listing of an archive in MIMIC-CXR-JPG's layout against the loop that one writes first.

The archive is made here: tables of the published columns, and a zip of reports that are put
together from sentences, with as many images, studies and patients as the published one has. There
are no films, since a listing reads none. The baseline reads the same tables by pandas, joins them,
and takes findings and impression out of each report by one regular expression. Each contestant has
a process of its own, whose peak of memory is taken too; medians of seconds in interleaved rounds.

`index` is the index that a build writes: its seconds, and the peak of memory of a process that
lists and writes, at all images and at a quarter of them. The last line is one JSON object.
"""

import argparse
import gzip
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

IMAGES, STUDIES, PATIENTS = 377_110, 227_835, 65_379
LABELS = (
    "Atelectasis,Cardiomegaly,Consolidation,Edema,Enlarged Cardiomediastinum,Fracture,Lung Lesion,"
    "Lung Opacity,No Finding,Pleural Effusion,Pleural Other,Pneumonia,Pneumothorax,Support Devices"
)
METADATA = (
    "dicom_id,subject_id,study_id,PerformedProcedureStepDescription,ViewPosition,Rows,Columns,"
    "StudyDate,StudyTime,ProcedureCodeSequence_CodeMeaning,ViewCodeSequence_CodeMeaning,"
    "PatientOrientationCodeSequence_CodeMeaning"
)
SENTENCES = (
    "The lungs are well expanded.",
    "There is a small left pleural effusion with adjacent atelectasis.",
    "No focal consolidation, pleural effusion or pneumothorax is seen.",
    "The cardiac silhouette is mildly enlarged, and the mediastinal contours are unremarkable.",
    "A right internal jugular line ends in the lower superior vena cava.",
    "Mild interstitial edema has increased since ___.",
    "Degenerative changes of the thoracic spine are again noted.",
    "An opacity at the right base may reflect pneumonia in the proper clinical setting.",
    "The endotracheal tube ends 4.5 cm above the carina.",
    "Osseous structures are intact.",
)


def make_archive(root: Path, share: float) -> None:
    """Write the tables and the zip of reports, of a share of the published number of images."""
    draw = random.Random(0)
    images, studies, patients = (round(share * n) for n in (IMAGES, STUDIES, PATIENTS))
    subject_of = [10_000_032 + 100 * (study * patients // studies) for study in range(studies)]
    study_ids = draw.sample(range(50_000_000, 60_000_000), studies)
    study_of = sorted([*range(studies), *draw.choices(range(studies), k=images - studies)])
    with (
        gzip.open(root / "mimic-cxr-2.0.0-metadata.csv.gz", "wt", compresslevel=3) as metadata,
        gzip.open(root / "mimic-cxr-2.0.0-split.csv.gz", "wt", compresslevel=3) as splits,
    ):
        metadata.write(METADATA + "\n")
        splits.write("dicom_id,study_id,subject_id,split\n")
        for study in study_of:
            dicom = "-".join(f"{draw.getrandbits(32):08x}" for _ in range(5))
            subject, number = subject_of[study], study_ids[study]
            view = draw.choice(("AP", "PA", "LATERAL", ""))
            metadata.write(
                f"{dicom},{subject},{number},CHEST (PA AND LAT),{view},3056,2544,21800506,"
                "213014.531,CHEST (PA AND LAT),postero-anterior,Erect\n"
            )
            split = "test" if subject % 223 == 0 else "train"
            splits.write(f"{dicom},{number},{subject},{split}\n")
    with gzip.open(root / "mimic-cxr-2.0.0-chexpert.csv.gz", "wt", compresslevel=3) as labels:
        labels.write(f"subject_id,study_id,{LABELS}\n")
        for subject, number in zip(subject_of, study_ids, strict=True):
            cells = ",".join(draw.choice(("", "", "1.0", "0.0", "-1.0")) for _ in range(14))
            labels.write(f"{subject},{number},{cells}\n")
    with zipfile.ZipFile(root / "mimic-cxr-reports.zip", "w", zipfile.ZIP_DEFLATED) as reports:
        for subject, number in zip(subject_of, study_ids, strict=True):
            name = f"files/p{str(subject)[:2]}/p{subject}/s{number}.txt"
            reports.writestr(name, report(draw))


def report(draw: random.Random) -> str:
    """Return a report in the form of MIMIC-CXR's: two sections and what comes before them."""
    findings, impression = (" ".join(draw.sample(SENTENCES, k)) for k in (5, 2))
    parts = (
        "                                 FINAL REPORT",
        f" EXAMINATION:  CHEST (PA AND LAT)\n \n INDICATION:  ___ y.o. with {draw.random():.6f}",
        " TECHNIQUE:  Chest PA and lateral\n \n COMPARISON:  Radiograph ___",
        f" FINDINGS: \n \n {findings}",
        f" IMPRESSION: \n \n {impression}",
    )
    return "\n \n".join(parts) + "\n"


NAIVE = """
import re, sys, zipfile
import pandas as pd
root = sys.argv[1]
table = lambda name: pd.read_csv(f"{root}/mimic-cxr-2.0.0-{name}.csv.gz")
index = table("metadata").merge(table("split").drop(columns=["study_id", "subject_id"]), "left")
index = index.merge(table("chexpert").drop(columns="subject_id"), "left", on="study_id")
of_study = {}
sections = re.compile(r"(FINDINGS|IMPRESSION):(.*?)(?=\\n [A-Z ]+:|\\Z)", re.S)
with zipfile.ZipFile(f"{root}/mimic-cxr-reports.zip") as archive:
    for name in archive.namelist():
        text = archive.read(name).decode()
        of_study[int(name.rsplit("/s", 1)[1][:-4])] = (text, dict(sections.findall(text)))
index["report"] = [of_study[study][0] for study in index.study_id]
index["findings"] = [of_study[study][1].get("FINDINGS", "") for study in index.study_id]
index["impression"] = [of_study[study][1].get("IMPRESSION", "") for study in index.study_id]
"""

LISTING = """
import sys
from pathlib import Path
from radtex.corpus.sources import open_source
listing = open_source("mimic-cxr-jpg", root=Path(sys.argv[1])).listing("utf-8")
assert all(entry.texts.report for entry in listing.entries)
"""

PEAK = """
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
"""What each of the programs ends with, since the peak that the kernel tells of a child begins with
that of its parent."""

INDEX = """
import sys
from pathlib import Path
from unittest.mock import patch
import numpy as np
from radtex.corpus.build import build
from radtex.corpus.record import Decoded, FileSource
from radtex.corpus.sources import open_source
film = Decoded(np.arange(64, dtype=np.uint8).reshape(8, 8), "0" * 64, (8, 8))
with patch.object(FileSource, "pixels", lambda *_: film):
    root = Path(sys.argv[1])
    source = open_source("mimic-cxr-jpg", root=root)
    build(source, root / f"corpus-{sys.argv[2]}", size=8, workers=1, views="all", split="official")
"""


def measured(code: str, root: Path, number: int) -> tuple[float, float]:
    """Run a program; return its seconds and the peak of its memory in GiB."""
    start = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(
        [sys.executable, "-c", code + PEAK, str(root), str(number)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        text=True,
    )
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    memory = int(ended.stdout.split()[-1]) / 2**20
    print(
        f"{seconds:.1f} s, {work:.1f} s of processor time, {memory:.2f} GiB",
        file=sys.stderr,
        flush=True,
    )
    return seconds, memory


def main() -> None:
    """Make the archive, run the rounds and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--share", type=float, default=1.0, help="of the published images")
    parser.add_argument("--no-index", action="store_true", help="leave out the index of a build")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="radtex-benchmark-") as name:
        roots = {share: Path(name) / str(share) for share in (options.share, options.share / 4)}
        for share, root in roots.items():
            root.mkdir()
            make_archive(root, share)
        whole, quarter = roots.values()
        baseline, listing = [], []
        for number in range(options.rounds):
            baseline.append(measured(NAIVE, whole, number))
            listing.append(measured(LISTING, whole, number))
        index = {}
        if not options.no_index:
            (seconds, memory), (_, of_quarter) = (
                measured(INDEX, root, 0) for root in (whole, quarter)
            )
            rows = round(options.share * IMAGES)
            per_row = (memory - of_quarter) * 2**20 / (rows * 0.75)
            index = {
                "seconds": round(seconds, 1),
                "gib": round(memory, 2),
                "gib_at_a_quarter": round(of_quarter, 2),
                "kib_a_row": round(per_row, 2),
            }
    slow, fast = (statistics.median(s for s, _ in runs) for runs in (baseline, listing))
    result = {
        "name": "listing",
        "baseline": round(slow, 1),
        "measured": round(fast, 1),
        "unit": "s",
        "ratio": round(slow / fast, 3),
        "rounds": options.rounds,
        "images": round(options.share * IMAGES),
        "gib": round(max(memory for _, memory in listing), 2),
        "gib_of_baseline": round(max(memory for _, memory in baseline), 2),
        "index": index,
        "cores": os.cpu_count(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
