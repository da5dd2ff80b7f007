"""The NLM's tuberculosis sets, in the layout of their archives."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from fixtures.archives import counted, write_film
from radtex.corpus.build import build
from radtex.corpus.record import Record
from radtex.corpus.sources import open_source
from radtex.corpus.sources.nlm_tb import read_reading
from radtex.errors import CorpusError

SHENZHEN, MONTGOMERY = "ChinaSet_AllFiles", "MontgomerySet"
READINGS = {
    f"{SHENZHEN}/CHNCXR_0001_0": "male 45yrs\nnormal\n",
    f"{SHENZHEN}/CHNCXR_0330_1": "female, 18 months\r\nleft upper PTB\r\n",
    f"{MONTGOMERY}/MCUCXR_0001_0": "Patient's Sex: F\nPatient's Age: 027Y\nnormal\n",
    f"{MONTGOMERY}/MCUCXR_0104_1": "Patient's Sex: M\nPatient's Age: 041Y\ncavity on the right\n",
}


def write_archive(root: Path, readings: Mapping[str, str] = READINGS) -> Path:
    for number, (name, text) in enumerate(readings.items()):
        folder, stem = name.split("/")
        write_film(root / folder / "CXR_png" / f"{stem}.png", seed=number)
        reading = root / folder / "ClinicalReadings" / f"{stem}.txt"
        reading.parent.mkdir(parents=True, exist_ok=True)
        reading.write_bytes(text.encode())
    return root


def test_both_sets_become_a_corpus(tmp_path):
    root = write_archive(tmp_path / "nlm")
    for side in ("leftMask", "rightMask"):
        write_film(root / MONTGOMERY / "ManualMask" / side / "MCUCXR_0001_0.png")
    (root / SHENZHEN / "NLM-ChinaCXRSet-ReadMe.docx").write_bytes(b"PK")
    corpus = build(open_source("nlm-tb", root=root), tmp_path / "c", size=16, workers=1)
    index = corpus.index
    assert index["image_id"].tolist() == [name.split("/")[1] for name in READINGS]
    assert index["label.Tuberculosis"].tolist() == [0, 1, 0, 1]
    assert index["sex"].tolist() == ["M", "F", "F", "M"]
    assert index["age"].tolist() == [45, 1.5, 27, 41]
    assert index["findings"].tolist() == [
        *("normal", "left upper PTB", "normal", "cavity on the right"),
    ]
    flow = counted(corpus)
    assert flow["mask of the lungs"] == 2
    assert flow["neither film nor reading"] == 1


@pytest.mark.parametrize("folder", [SHENZHEN, MONTGOMERY, f"{SHENZHEN}/CXR_png"])
def test_the_root_may_be_one_set_or_its_films(folder, tmp_path):
    entries = open_source("nlm-tb", root=write_archive(tmp_path) / folder).listing("utf-8").entries
    assert [entry.image_id for entry in entries if isinstance(entry, Record)] == [
        name.split("/")[1] for name in READINGS if name.startswith(folder.split("/", 1)[0])
    ]


def test_what_is_missing_is_counted(tmp_path):
    root = write_archive(tmp_path / "nlm")
    (root / SHENZHEN / "ClinicalReadings" / "CHNCXR_0001_0.txt").unlink()
    (root / SHENZHEN / "CXR_png" / "CHNCXR_0330_1.png").unlink()
    (root / MONTGOMERY / "ClinicalReadings" / "MCUCXR_0001_0.txt").write_bytes(b"\xff\xfe\xfa")
    flow = counted(build(open_source("nlm-tb", root=root), tmp_path / "c", size=16, workers=1))
    assert flow["reading missing"] == 1
    assert flow["reading without its film"] == 1
    assert flow["reading is not utf-8"] == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("male 45yrs\nnormal", ("M", 45, "normal")),
        ("Male,45 yrs old\nnormal", ("M", 45, "normal")),
        ("male45yr\n\n normal ", ("M", 45, "normal")),
        ("femal, 33yrs\nPTB in the right upper field", ("F", 33, "PTB in the right upper field")),
        ("mle 20 years\nnormal", ("M", 20, "normal")),
        ("female 9 mos\nnormal", ("F", 0.75, "normal")),
        ("male 45yrs, bilateral PTB", ("M", 45, "bilateral PTB")),
        ("female\nnormal", ("F", None, "normal")),
        ("Patient's Sex: F\nPatient's Age: 027Y\nnormal", ("F", 27, "normal")),
        ("Patient's Age: 027Y\nPatient's Sex: M\n1. Scar\n2. Rib", ("M", 27, "1. Scar\n2. Rib")),
        ("normal", ("", None, "normal")),
        ("mediastinal mass\n45 mm", ("", None, "mediastinal mass\n45 mm")),
        ("", ("", None, "")),
    ],
)  # fmt: skip
def test_a_reading_names_the_person_and_then_the_findings(text, expected):
    assert read_reading(text) == expected


def test_another_folder_is_refused(tmp_path):
    write_film(tmp_path / "a.png")
    with pytest.raises(CorpusError, match=r"no nlm-tb archive: it holds no film such as"):
        open_source("nlm-tb", root=tmp_path).listing("utf-8")
