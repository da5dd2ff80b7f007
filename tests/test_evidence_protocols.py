"""The protocols of `evidence/`: their commands exist, and the runner resumes."""

import csv
import importlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from itertools import takewhile
from pathlib import Path

import pytest
import steps
import yaml
from PIL import Image
from run import Running, called, listing, machine, visible_gpus
from run import run as go
from steps import Step, of_pieces, read_protocol, refuse_others, unfinished

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


def listed_steps(protocol: Path, **given: str) -> list[Step]:
    return read_protocol(protocol, given)


def blanks(protocol: Path) -> dict[str, str]:
    variables = yaml.safe_load(protocol.read_text(encoding="utf-8"))["variables"]
    return {name: f"some/{name}" for name, value in variables.items() if value is None}


def encoders(pairs: list[str]) -> set[str]:
    """Those that a family compares, whatever prior they begin from."""
    return {side.partition("+")[0] for pair in pairs for side in pair.split(":")}


def run(protocol: Path, *settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "evidence" / "run.py"), str(protocol), *settings]
    return subprocess.run(command, capture_output=True, text=True, cwd=protocol.parent)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda path: path.stem)
def test_every_command_of_a_protocol_can_be_parsed(protocol: Path) -> None:
    for step in listed_steps(protocol, **blanks(protocol)):
        command, words = app, list(step.words)
        if step.is_script:
            command = importlib.import_module(words.pop(0).removesuffix(".py")).app
        command.parse_args(words, exit_on_error=False, print_error=False)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda path: path.stem)
def test_no_piece_takes_more_than_two_hours(protocol: Path) -> None:
    of_pieces: dict[str, float] = {}
    for step in listed_steps(protocol, **blanks(protocol)):
        assert step.minutes is not None or protocol.stem in ("mimic", "objectives")
        of_pieces[step.piece] = of_pieces.get(step.piece, 0) + (step.minutes or 0)
    assert max(of_pieces.values()) <= 120


def test_radtex_and_each_primary_rival_have_five_seeds_at_64_px_and_three_at_128() -> None:
    protocol = ROOT / "evidence" / "protocol.yaml"
    tables = 0
    for step in listed_steps(protocol, **blanks(protocol)):
        if step.words[0] != "transfer" or "finetune" in step.words:
            continue
        tables += 1
        entries = dict(word.split("=", 1) for word in step.words if "=" in word)
        primary = step.words[step.words.index("--primary") + 1 :]
        pairs = list(takewhile(lambda word: not word.startswith("--"), primary))
        for name in encoders(pairs) - {"imagenet"}:
            runs = entries[name].split(",")
            assert len(set(runs)) == (5 if "/phantom/" in runs[0] else 3), (step.out, name)
            assert all(len(run.split("+")) == (3 if "leave" in name else 1) for run in runs)
    assert tables == 11


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda path: path.stem)
def test_every_run_that_is_measured_is_made_by_the_protocol(protocol: Path) -> None:
    listed = listed_steps(protocol, **blanks(protocol))
    made = {str(step.out) for step in listed}
    above = {str(folder) for step in listed for folder in step.out.parents}
    for step in listed:
        parts = {
            re.split("[:@]", part)[0] for word in step.words for part in re.split("[=+,]", word)
        }
        named = {part for part in parts if part.startswith("evidence/")}
        assert {part for part in named if str(Path(part).parent) not in made} <= made | above


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda path: path.stem)
def test_every_table_names_its_primary_family(protocol: Path) -> None:
    for step in listed_steps(protocol, **blanks(protocol)):
        if step.words[0] == "transfer":
            words = step.words[step.words.index("--primary") + 1 :]
            pairs = list(takewhile(lambda word: not word.startswith("--"), words))
            assert pairs
            named = {word.partition("=")[0].rpartition("/")[2] for word in step.words}
            assert encoders(pairs) <= named


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
    step = Step(("transfer", "corpus", "--out", str(tmp_path / "seen")))
    corpus = Step(("corpus", "build", "phantom", "--out", str(tmp_path / "corpus")))
    for each in (step, corpus):
        each.out.mkdir()
        each.note()
        kept = json.loads(each.record.read_text())
        assert {"command", "command_sha256", "commit"} <= kept.keys()
        each.record.write_text(json.dumps(kept | {"commit": "another"}))
        assert each.differs() is None
        each.record.write_text(json.dumps(kept | {"protocol_version": 1}))
    assert step.differs() == f"protocol_version was 1, and is {steps.PROTOCOL_VERSION}"
    assert corpus.differs() is None  # the rules of scoring did not make it
    step.record.unlink()
    with pytest.raises(SystemExit, match=r"seen\.step.json is missing"):
        refuse_others([step], adopt=True)


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
    assert "nowhere does not exist" in (tmp_path / "results" / "corpus.log").read_text()


def step_of(command: str, folder: Path, minutes: float | None = None, piece: str = "") -> Step:
    words = tuple(command.format(out=folder).split())
    return Step(words, tuple(command.format(out="{out}").split()), piece, minutes)


def test_what_only_finished_steps_have_used_is_not_made_again(tmp_path: Path) -> None:
    listed = [
        step_of("corpus build phantom --out {out}/corpus", tmp_path),
        step_of("pretrain {out}/corpus --out {out}/runs/a", tmp_path),
        step_of("transfer {out}/corpus --encoders a={out}/runs/a --out {out}/scores/a", tmp_path),
        step_of("pretrain {out}/corpus --out {out}/runs/b", tmp_path),
        step_of("real_pairs.py pool {out}/scores --out {out}/pooled", tmp_path),
    ]
    corpus, a, scored, b, pooled = listed
    assert pooled.needs(scored)  # which lies below the folder that it names
    assert not scored.needs(pooled)
    assert unfinished(listed) == listed
    scored.out.mkdir(parents=True)
    assert unfinished(listed) == [corpus, b, pooled]
    b.out.mkdir(parents=True)
    (b.out / "model.safetensors").touch()
    b.note()
    assert unfinished(listed) == [pooled]
    a.out.mkdir(parents=True)  # what is there, but was not finished, is
    assert unfinished(listed) == [corpus, a, pooled]


def test_another_folder_is_no_other_command_and_old_records_are_still_read(tmp_path: Path) -> None:
    here, there = (
        step_of("transfer {out}/corpus --out {out}/seen", tmp_path / name) for name in "ab"
    )
    here.out.parent.mkdir()
    here.note(minutes=2.5, threads=1, **machine())
    (tmp_path / "a").rename(tmp_path / "b")
    assert there.differs() is None
    assert {"processor", "cores", "torch", "on"} <= there.kept()["made"].keys()
    assert str(tmp_path) not in there.record.read_text()
    command = f"radtex transfer {tmp_path}/b/corpus --out {tmp_path}/b/seen"
    kept = {"command": command, "command_sha256": sha256(command.encode()).hexdigest()}
    there.record.write_text(json.dumps(kept | {"protocol_version": steps.PROTOCOL_VERSION}))
    assert there.differs() is None
    there.record.write_text(json.dumps(kept | {"command_sha256": "0"} | {"protocol_version": 2}))
    assert "changed by hand" in str(there.differs())


def test_pieces_are_listed_with_the_hours_that_are_left(tmp_path: Path) -> None:
    listed = [
        step_of("corpus build phantom --out {out}/corpus", tmp_path, 60, "corpora"),
        step_of("pretrain {out}/corpus --out {out}/a", tmp_path, 60, "a"),
        step_of("pretrain {out}/corpus --out {out}/b", tmp_path, None, "b"),
    ]
    assert listing(listed).splitlines()[1].split() == ["corpora", "0", "of", "1", "1.0"]
    with pytest.raises(SystemExit, match="a needs corpora; run them first"):
        of_pieces(listed, ["a"])
    with pytest.raises(SystemExit, match="no piece c; the pieces are: corpora, a, b"):
        of_pieces(listed, ["c"])
    listed[0].out.mkdir()
    listed[0].note(minutes=30, threads=1, **machine())  # half of what was expected
    lines = listing(listed).splitlines()
    assert lines[1].split()[:6] == ["corpora", "1", "of", "1", "0.0", "30"]
    assert lines[2].split() == ["a", "0", "of", "1", "0.5"]
    assert lines[3].split() == ["b", "0", "of", "1", "?"]
    assert of_pieces(listed, ["a"]) == [listed[1]]


def test_values_make_steps_pieces_and_minutes(tmp_path: Path) -> None:
    protocol = tmp_path / "protocol.yaml"
    protocol.write_text(
        "variables: {out: results, length: [--steps, 600]}\n"
        "steps:\n"
        '  - run: "pretrain {out}/{name} {length} --seed {seed} --out {out}/{name}-{seed}"\n'
        '    piece: "{name}: {part}"\n'
        '    seconds_per_step: "{seconds}"\n'
        "    each:\n"
        "      - {name: a, seed: [0, 1], part: all, seconds: 0.1}\n"
        '      - {name: b, seed: 0, part: "seed {seed}", seconds: 0.2}\n'
    )
    listed = read_protocol(protocol, {"out": "elsewhere"})
    assert [str(step.out) for step in listed] == [f"elsewhere/{x}" for x in ("a-0", "a-1", "b-0")]
    assert [step.piece for step in listed] == ["a: all", "a: all", "b: seed 0"]
    assert [step.minutes for step in listed] == [1, 1, 2]
    assert listed[0].identity()["command"].startswith("radtex pretrain '{out}/a' --steps 600")


def test_a_preempted_step_is_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = [75, 75, 0]
    monkeypatch.setattr(Running, "run", lambda *_: ends.pop(0))
    go([step_of("pretrain {out}/corpus --out {out}/a", tmp_path)], 2, 1)
    said = capsys.readouterr().out
    assert said.count("a was preempted after a checkpoint; resumes it") == 2
    assert "made" in said.splitlines()[-1]


def test_sigterm_reaches_the_pretraining_and_the_same_command_goes_on(tmp_path: Path) -> None:
    protocol = tmp_path / "protocol.yaml"
    protocol.write_text(MINIATURE.replace("--steps 2", "--steps 100000").replace("[3, 4]", "[3]"))
    command = [sys.executable, str(ROOT / "evidence" / "run.py"), str(protocol)]
    started = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    metrics = tmp_path / "results" / "run-3" / "metrics.jsonl"
    while started.poll() is None and not (metrics.exists() and metrics.stat().st_size):
        time.sleep(0.2)
    started.terminate()
    out, errors = started.communicate()
    assert started.returncode == 75, errors
    assert b"results/run-3, exit status 75" in out
    assert b"repeat the same command to go on" in errors
    assert (tmp_path / "results" / "run-3" / "checkpoint").exists()


def test_what_a_protocol_needs_and_does_not_know_is_said() -> None:
    protocol = ROOT / "evidence" / "protocol.yaml"
    lacking = run(protocol, "--dry-run")
    assert "needs nih=PATH, nih320=PATH" in lacking.stderr
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


def of(words: str) -> Step:
    return Step(tuple(words.split()))


def test_a_step_is_started_as_its_gpus_ask() -> None:
    small, large = (of(f"pretrain corpus --out run --recipe radtex-{n}") for n in ("small", "r50"))
    assert called(small, 0) == ["-m", "radtex", *small.words, "--resume"]
    assert called(large, 0) == ["-m", "radtex", *large.words, "--resume"]
    assert called(small, 1) == called(small, 0)
    fast = ["--precision", "bfloat16", "--compile", "true"]
    assert called(large, 1) == ["-m", "radtex", *large.words, *fast, "--resume"]
    exact = of("pretrain corpus --out run --recipe radtex-r50 --precision float32")
    assert called(exact, 1)[-4:] == ["float32", "--compile", "true", "--resume"]
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=4", "-m"]
    assert called(large, 4) == [*torchrun, "radtex", *large.words, *fast, "--resume"]
    assert called(of("transfer corpus --out seen"), 4)[:3] == ["-m", "radtex", "transfer"]


def test_gpus_are_dealt_and_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    class Started(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, _, env, **options):
            seen.append(env["CUDA_VISIBLE_DEVICES"])
            super().__init__([sys.executable, "-c", "import time; time.sleep(0.2)"], **options)

    monkeypatch.setattr("run.subprocess.Popen", Started)
    steps = [of(f"corpus build phantom --out {tmp_path}/{number}") for number in range(5)]
    go(steps, 2, 1, [["0", "1"], ["2", "3"]])
    assert sorted(seen[:2]) == ["0,1", "2,3"]
    assert len(seen) == 5
    assert {*seen} == {"0,1", "2,3"}
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,5")
    assert visible_gpus() == ["2", "5"]


def test_paths_that_are_not_given_are_asked_for_in_one_line(tmp_path: Path) -> None:
    protocol = tmp_path / "protocol.yaml"
    protocol.write_text(f"variables: {{out: {tmp_path}/out, mimic: , nih: }}\nsteps: []\n")
    ended = run(protocol, "mimic=", "nih=/nih")
    assert ended.returncode == 1
    assert ended.stderr == (
        "protocol.yaml needs mimic=PATH (for make in capitals, as in MIMIC=PATH)\n"
    )
    assert [*tmp_path.iterdir()] == [protocol]
