"""The protocols of `evidence/`: their commands exist, and the runner resumes."""

import csv
import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest
import yaml
from PIL import Image

from radtex import phantom
from radtex.cli import app

ROOT = Path(__file__).parents[1]
PROTOCOLS = sorted((ROOT / "evidence").glob("*.yaml"))
TINY = ["--steps", "2", "--batch-size", "8", "--backbone", "resnet10t", "--init", "random"]

MINIATURE = f"""
variables:
  out: results
steps:
  - run: >-
      pretrain {{out}}/corpus --out {{out}}/run-{{seed}} --seed {{seed}} --hidden 32
      --feedforward 64 --heads 2 --vocabulary 400 --max-tokens 16 {" ".join(TINY)}
    seed: [3, 4]
  - run: corpus build phantom --studies 40 --size 64 --seed 5 --out {{out}}/corpus
"""


def runner() -> object:
    spec = importlib.util.spec_from_file_location("evidence_run", ROOT / "evidence" / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def steps(protocol: Path, **given: str) -> list[object]:
    return runner().read_protocol(protocol, given)


def blanks(protocol: Path) -> dict[str, str]:
    variables = yaml.safe_load(protocol.read_text(encoding="utf-8"))["variables"]
    return {name: f"some/{name}" for name, value in variables.items() if value is None}


def run(protocol: Path, *settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "evidence" / "run.py"), str(protocol), *settings]
    return subprocess.run(command, capture_output=True, text=True, cwd=protocol.parent)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda path: path.stem)
def test_every_command_of_a_protocol_can_be_parsed(protocol: Path) -> None:
    for step in steps(protocol, **blanks(protocol)):
        app.parse_args(list(step.words), exit_on_error=False, print_error=False)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda path: path.stem)
def test_every_run_that_is_measured_is_made_by_the_protocol(protocol: Path) -> None:
    listed = steps(protocol, **blanks(protocol))
    made = {str(step.out) for step in listed}
    for step in listed:
        parts = {part.partition("@")[0] for word in step.words for part in re.split("[=+,]", word)}
        assert {part for part in parts if part.startswith("evidence/")} <= made


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda path: path.stem)
def test_every_table_names_its_primary_family(protocol: Path) -> None:
    for step in steps(protocol, **blanks(protocol)):
        if step.words[0] == "transfer":
            words = step.words[step.words.index("--primary") + 1 :]
            pairs = list(takewhile(lambda word: not word.startswith("--"), words))
            assert pairs
            named = {word.partition("=")[0].rpartition("/")[2] for word in step.words}
            assert {side for pair in pairs for side in pair.split(":")} <= named


def test_steps_wait_for_what_they_need_and_are_made_once(tmp_path: Path) -> None:
    protocol = tmp_path / "protocol.yaml"
    protocol.write_text(MINIATURE)
    first = run(protocol)
    assert first.returncode == 0, first.stderr
    weights = [tmp_path / "results" / f"run-{seed}" / "model.safetensors" for seed in (3, 4)]
    made = [path.stat().st_mtime_ns for path in weights]
    assert "0 of 3 steps are done" in first.stdout
    assert "3 of 3 steps are done" in run(protocol).stdout
    assert [path.stat().st_mtime_ns for path in weights] == made
    another = tmp_path / "another.yaml"
    another.write_text(MINIATURE.replace("--steps 2", "--steps 3").replace("--seed 5", "--seed 6"))
    refused = run(another)
    assert refused.returncode != 0
    for name, was, now in (("run-3", "--steps 2", "--steps 3"), ("corpus", "seed 5", "seed 6")):
        (line,) = (line for line in refused.stderr.splitlines() if f"results/{name}: " in line)
        before, _, after = line.partition(", and is ")
        assert was in before
        assert now in after
    (tmp_path / "results" / "run-3.step.json").unlink()
    (tmp_path / "results" / "corpus.step.json").unlink()
    assert "corpus.step.json is missing" in run(protocol).stderr
    adopted = run(protocol, "--adopt")
    assert "2 of 3 steps are done" in adopted.stdout, adopted.stderr  # the run compares itself
    assert [path.stat().st_mtime_ns for path in weights] == made
    assert "3 of 3 steps are done" in run(protocol).stdout


def test_results_of_other_rules_are_refused_and_of_another_commit_are_not(tmp_path: Path) -> None:
    module = runner()
    step = module.Step(("transfer", "corpus", "--out", str(tmp_path / "seen")))
    corpus = module.Step(("corpus", "build", "phantom", "--out", str(tmp_path / "corpus")))
    for each in (step, corpus):
        each.out.mkdir()
        each.note()
        kept = json.loads(each.record.read_text())
        assert {"command", "command_sha256", "commit"} <= kept.keys()
        each.record.write_text(json.dumps(kept | {"commit": "another"}))
        assert each.differs() is None
        each.record.write_text(json.dumps(kept | {"protocol_version": 1}))
    assert step.differs() == f"protocol_version was 1, and is {module.PROTOCOL_VERSION}"
    assert corpus.differs() is None  # the rules of scoring did not make it
    step.record.unlink()
    with pytest.raises(SystemExit, match=r"seen\.step.json is missing"):
        module.refuse_others([step], adopt=True)


def test_a_failing_step_ends_it_with_its_log(tmp_path: Path) -> None:
    protocol = tmp_path / "protocol.yaml"
    protocol.write_text(
        "variables: {out: results}\n"
        "steps:\n"
        "  - run: corpus build nih nowhere --out {out}/corpus\n"
        "  - run: corpus describe {out}/corpus --out never\n"
    )
    done = run(protocol)
    assert done.returncode != 0
    assert "results/corpus failed, see results/corpus.log" in done.stderr
    assert "is no nih archive" in (tmp_path / "results" / "corpus.log").read_text()


def test_what_a_protocol_needs_and_does_not_know_is_said() -> None:
    protocol = ROOT / "evidence" / "protocol.yaml"
    lacking = run(protocol, "--dry-run")
    assert "give nih=PATH" in lacking.stderr
    unknown = run(protocol, "what=1", "--dry-run")
    assert "no variable what" in unknown.stderr


def rows(count: int) -> Iterator[tuple[str, str, str, str, phantom.Study]]:
    """Image, patient, study and official split of `count` studies, one for each patient."""
    for number in range(count):
        split = ("train", "train", "train", "test")[number % 4]
        hexes = "-".join(f"{number:08x}" for _ in range(5))
        patient, study = f"{10_000_000 + number}", f"{50_000_000 + number}"
        yield hexes, patient, study, split, phantom.sample_study(8, number)


def write_csv(path: Path, header: str, lines: list[list[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header.split(","), *lines])


def write_mimic(root: Path, count: int) -> None:
    names = ("Atelectasis,Cardiomegaly,Consolidation,Edema,Enlarged Cardiomediastinum,Fracture,"
             "Lung Lesion,Lung Opacity,No Finding,Pleural Effusion,Pleural Other,Pneumonia,"
             "Pneumothorax,Support Devices")  # fmt: skip
    metadata, splits, labels = [], [], []
    for image, patient, study, split, drawn in rows(count):
        folder = root / "files" / f"p{patient[:2]}" / f"p{patient}"
        (folder / f"s{study}").mkdir(parents=True)
        Image.fromarray(phantom.render(drawn, 64)).save(folder / f"s{study}" / f"{image}.jpg")
        (folder / f"s{study}.txt").write_text(drawn.report.text)
        metadata.append([image, patient, study, "", drawn.view, 64, 64, 21800506, 1, "", "", ""])
        splits.append([image, study, patient, split])
        values = [drawn.labels.get(name, "") for name in names.split(",")]
        labels.append([patient, study, *values])
    write_csv(root / "mimic-cxr-2.0.0-metadata.csv",
              "dicom_id,subject_id,study_id,PerformedProcedureStepDescription,ViewPosition,Rows,"
              "Columns,StudyDate,StudyTime,ProcedureCodeSequence_CodeMeaning,"
              "ViewCodeSequence_CodeMeaning,PatientOrientationCodeSequence_CodeMeaning",
              metadata)  # fmt: skip
    write_csv(root / "mimic-cxr-2.0.0-split.csv", "dicom_id,study_id,subject_id,split", splits)
    write_csv(root / "mimic-cxr-2.0.0-chexpert.csv", f"subject_id,study_id,{names}", labels)


def write_chexpert(root: Path, count: int) -> None:
    names = ("No Finding,Enlarged Cardiomediastinum,Cardiomegaly,Lung Opacity,Lung Lesion,Edema,"
             "Consolidation,Pneumonia,Atelectasis,Pneumothorax,Pleural Effusion,Pleural Other,"
             "Fracture,Support Devices")  # fmt: skip
    lines: dict[str, list[list[object]]] = {"train": [], "valid": [], "test": []}
    for number in range(count):
        drawn = phantom.sample_study(9, number)
        split = ("train", "train", "test")[number % 3]
        path = Path(split) / f"patient{number:05}" / "study1" / "view1_frontal.jpg"
        (root / path).parent.mkdir(parents=True)
        Image.fromarray(phantom.render(drawn, 64)).save(root / path)
        values = [drawn.labels.get(name, "") for name in names.split(",")]
        named = path if split == "test" else Path("CheXpert-v1.0") / path
        lines[split].append([named.as_posix(), "Male", 50, "Frontal", "AP", *values])
    header = f"Path,Sex,Age,Frontal/Lateral,AP/PA,{names}"
    write_csv(root / "train.csv", header, lines["train"])
    write_csv(root / "valid.csv", header, lines["valid"])
    write_csv(root / "test_labels.csv", header, lines["test"])


@pytest.mark.soak
def test_the_reproduction_on_mimic_rehearsed_in_miniature(tmp_path: Path) -> None:
    """All its steps, from the archives' layouts to the tables, with networks of no use."""
    write_mimic(tmp_path / "mimic", 800)
    write_chexpert(tmp_path / "CheXpert-v1.0", 600)
    text = (ROOT / "evidence" / "mimic.yaml").read_text(encoding="utf-8")
    protocol = yaml.safe_load(text)
    small = [
        *("--hidden", "32", "--feedforward", "64", "--heads", "2"),
        *("--vocabulary", "400", "--max-tokens", "16"),
    ]
    tiny = ["--steps", "2", "--batch-size", "8", "--backbone", "resnet10t"]
    protocol["variables"] |= {
        "size": 64,
        "radtex": ["--recipe", "radtex-small", *small, *tiny],
        "supervised": ["--recipe", "supervised-small", *tiny],
        "init": ["--init", "random"],
        "backbone": "test_resnet",
        "budgets": [10, 20],
        "repeats": 2,
        "out": "results",
    }
    for step in protocol["steps"]:
        if step["run"].startswith("transfer"):
            step["run"] = (
                step["run"]
                .replace("random imagenet", "random")
                .replace("--backbone {backbone}", "")
            )
    file = tmp_path / "mimic.yaml"
    file.write_text(yaml.safe_dump(protocol))
    done = run(file, "mimic=mimic", "reports=mimic", "chexpert=CheXpert-v1.0")
    assert done.returncode == 0, done.stderr
    for scenario in ("seen", "unseen", "to-chexpert"):
        summary = json.loads((tmp_path / "results" / scenario / "summary.json").read_text())
        assert {"random", "radtex-0"} <= summary["mean_auc"].keys()
