"""Crafted runs, classifiers and weights: each is refused in one line, before it costs memory."""

import json
import pickle
import shutil
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors.torch import load_file, save_file

from hostile.attack import Attack, Stage
from hostile.files import device, pipe, sparse

GIANT = "vit_giant_patch14_clip_224"
Edit = Callable[[Path], None]


def film(folder: Path) -> Path:
    """The bytes of no image, which is read only after the model."""
    path = folder / "film.png"
    path.write_bytes(b"")
    return path


def of_yaml(*keys: str, value: object) -> Edit:
    """Change a value of the config of a run."""

    def edit(run: Path) -> None:
        config = yaml.safe_load((run / "config.yaml").read_text())
        put(config, keys, value)
        (run / "config.yaml").write_text(yaml.safe_dump(config))

    return edit


def of_json(file: str, *keys: str | int, value: object) -> Edit:
    """Change a value of a JSON file; NaN stays NaN."""

    def edit(folder: Path) -> None:
        whole = json.loads((folder / file).read_text())
        put(whole, keys, value)
        (folder / file).write_text(json.dumps(whole))

    return edit


def put(part: Any, keys: Sequence[str | int], value: object) -> None:
    for key in keys[:-1]:
        part = part[key]
    part[keys[-1]] = value


def text(file: str, content: str) -> Edit:
    """Write a file anew."""
    return lambda folder: (folder / file).write_text(content) and None


def weights(change: Callable[[dict[str, torch.Tensor]], None]) -> Edit:
    """Change the tensors of a model."""

    def edit(folder: Path) -> None:
        tensors = load_file(folder / "model.safetensors")
        change(tensors)
        save_file(tensors, folder / "model.safetensors")

    return edit


def not_a_number(tensors: dict[str, torch.Tensor]) -> None:
    name = next(name for name in tensors if name.startswith("encoder.") and name.endswith("weight"))
    tensors[name].view(-1)[0] = float("nan")


def infinite(tensors: dict[str, torch.Tensor]) -> None:
    name = next(name for name in tensors if name.startswith("encoder.") and name.endswith("weight"))
    tensors[name].view(-1)[-1] = float("inf")


def one_less(tensors: dict[str, torch.Tensor]) -> None:
    del tensors[next(name for name in tensors if name.startswith("encoder."))]


def one_more(tensors: dict[str, torch.Tensor]) -> None:
    tensors["encoder.backdoor"] = torch.zeros(1)


def long_header(folder: Path) -> None:
    """A header of weights that says that it is larger than the file."""
    (folder / "model.safetensors").write_bytes((2**62).to_bytes(8, "little") + b"{}")


def sparse_tensor(folder: Path) -> None:
    """A terabyte of weights, of which none is on the disk."""
    header = json.dumps({"x": {"dtype": "F32", "shape": [2**38], "data_offsets": [0, 2**40]}})
    with (folder / "model.safetensors").open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header.encode())
        file.truncate(8 + len(header) + 2**40)


def doubling() -> str:
    """YAML of lists that hold the last one twice."""
    lists = (f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))
    return "\n".join(["a0: &a0 [x]", *lists])


RUNS: dict[str, Edit] = {
    "deep YAML": text("config.yaml", "[" * 100_000),
    "deep YAML of mappings": text("config.yaml", "".join(" " * n + "a:\n" for n in range(500))),
    "YAML of a megabyte": text("config.yaml", "a: [" + "1, " * 400_000 + "1]"),
    "YAML that doubles": text(
        "config.yaml",
        "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]),
    ),
    "YAML that makes an object": text("config.yaml", "!!python/object/apply:os.system [echo]"),
    "empty config": text("config.yaml", ""),
    "config of a list": text("config.yaml", "[1, 2]"),
    "mean that is a word": of_yaml("model", "mean", value="x"),
    "mean that is no number": of_yaml("model", "mean", value=float("nan")),
    "deviation of 0": of_yaml("model", "std", value=0),
    "deviation that is infinite": of_yaml("model", "std", value=float("inf")),
    "evil fit": of_yaml("model", "fit", value="evil"),
    "evil intensity": of_yaml("model", "intensity", value="evil"),
    "max_tokens that are many": of_yaml("model", "decoder", "max_tokens", value="many"),
    "max_tokens without end": of_yaml("model", "decoder", "max_tokens", value=10**9),
    "a billion layers": of_yaml("model", "decoder", "options", "layers", value=10**9),
    "width of a billion": of_yaml("model", "decoder", "options", "hidden", value=2**30),
    "feedforward of a billion": of_yaml("model", "decoder", "options", "feedforward", value=2**30),
    "half a head": of_yaml("model", "decoder", "options", "heads", value=2.5),
    "no head": of_yaml("model", "decoder", "options", "heads", value=0),
    "dropout of 7": of_yaml("model", "decoder", "options", "dropout", value=7),
    "vocabulary of a billion": of_yaml("model", "decoder", "vocabulary", value=10**9),
    "sideways direction": of_yaml("model", "decoder", "directions", value=["sideways"]),
    "unknown option": of_yaml("model", "decoder", "options", "evil", value=1),
    "decoder that is a word": of_yaml("model", "decoder", value="evil"),
    "giant backbone": of_yaml("model", "backbone", value=GIANT),
    "unknown backbone": of_yaml("model", "backbone", value="evil"),
    "backbone that is a list": of_yaml("model", "backbone", value=["a"]),
    "side of a million": of_yaml("model", "input_size", value=10**6),
    "side that is a word": of_yaml("model", "input_size", value="wide"),
    "weights that are no numbers": weights(not_a_number),
    "weights that are infinite": weights(infinite),
    "weights of which one is missing": weights(one_less),
    "weights with one too many": weights(one_more),
    "weights with a header beyond the file": long_header,
    "weights of a sparse terabyte": sparse_tensor,
    "tokenizer that is none": text("tokenizer.json", "{}"),
    "tokenizer of deep JSON": text("tokenizer.json", "[" * 100_000),
}

DESCRIPTION = "classifier.json"
CLASSIFIERS: dict[str, Edit] = {
    "deep JSON": text(DESCRIPTION, "[" * 100_000),
    "description of a list": text(DESCRIPTION, "[]"),
    "mean that is a word": of_json(DESCRIPTION, "encoder", "mean", value="x"),
    "mean that is no number": of_json(DESCRIPTION, "encoder", "mean", value=float("nan")),
    "deviation of 0": of_json(DESCRIPTION, "encoder", "std", value=0),
    "evil fit": of_json(DESCRIPTION, "preprocessing", "fit", value="evil"),
    "giant backbone": of_json(DESCRIPTION, "encoder", "backbone", value=GIANT),
    "unknown backbone": of_json(DESCRIPTION, "encoder", "backbone", value="evil"),
    "side of a million": of_json(DESCRIPTION, "encoder", "input_size", value=10**6),
    "targets that are a word": of_json(DESCRIPTION, "targets", value="evil"),
    "threshold that is a word": of_json(
        DESCRIPTION, "targets", 0, "thresholds", "youden", value="x"
    ),
    "weights that are no numbers": weights(not_a_number),
    "weights of which one is missing": weights(one_less),
    "weights with a header beyond the file": long_header,
    "weights of a sparse terabyte": sparse_tensor,
}


def a_run(edit: Edit, *words: str) -> Callable[[Stage, Path], list[object]]:
    def make(stage: Stage, folder: Path) -> list[object]:
        run = Path(shutil.copytree(stage.run, folder / "run"))
        edit(run)
        film(folder)
        return [folder if word == "." else word for word in words]

    return make


def special(file: str, make: Callable[[Path], object]) -> Edit:
    """Put something else in the place of a file."""

    def edit(folder: Path) -> None:
        (folder / file).unlink()
        make(folder / file)

    return edit


def a_classifier(edit: Edit) -> Callable[[Stage, Path], list[object]]:
    def make(stage: Stage, folder: Path) -> list[object]:
        edit(Path(shutil.copytree(stage.classifier, folder / "classifier")))
        return ["predict", "classifier", film(folder)]

    return make


def bomb(path: Path) -> None:
    """A file of weights whose tensor unpacks from kilobytes to hundreds of megabytes."""
    torch.save({"conv1.weight": torch.zeros(2)}, path)
    with zipfile.ZipFile(path) as plain:
        parts = {name: plain.read(name) for name in plain.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            if not name.endswith("data/0"):
                packed.writestr(name, content)
                continue
            with packed.open(zipfile.ZipInfo(name), "w", force_zip64=True) as part:
                for _ in range(256):
                    part.write(bytes(2**20))


def program(path: Path) -> None:
    class Run:
        def __reduce__(self) -> tuple[Any, ...]:
            return print, ("executed",)

    path.write_bytes(pickle.dumps({"conv1.weight": Run()}))


def giant_view(path: Path) -> None:
    """A tensor of one number that claims to be a stem of gigabytes."""
    torch.save({"conv1.weight": torch.zeros(1).expand(2**20, 3, 64, 64)}, path)


WEIGHTS: dict[str, Callable[[Path], None]] = {
    "weights that unpack to far more": bomb,
    "weights that are a program": program,
    "weights of one number seen as gigabytes": giant_view,
    "weights that are empty": lambda path: path.write_bytes(b"") and None,
    "weights that are a text": lambda path: path.write_text("evil") and None,
}


def a_file(write: Callable[[Path], None]) -> Callable[[Stage, Path], list[object]]:
    def make(stage: Stage, folder: Path) -> list[object]:
        write(folder / "weights.pth")
        return [
            "transfer", stage.corpus, "--encoders", "file:weights.pth", "--targets", "Edema",
            "--budgets", 20, "--repeats", 2, "--backbone", "resnet18", "--out", "evidence",
        ]  # fmt: skip

    return make


REFUSED = "radtex: .*(damaged|not fit|cannot read|no finite|no readable|larger)"
COMMANDS = {
    "generate": ("generate", "run", "film.png", "--out", "reports.jsonl"),
    "ask": ("ask", "run", "film.png", "pleural effusion"),
    "explain": ("explain", "run", "film.png", "--out", "map.png"),
    "export": ("export", "run", "--to", "timm", "--out", "exported"),
}
_generate = [
    Attack(name, "generate", a_run(edit, *COMMANDS["generate"]), 1, REFUSED)
    for name, edit in RUNS.items()
]
_elsewhere = [
    Attack(name, command, a_run(RUNS[name], *words), 1, REFUSED)
    for command, words in COMMANDS.items()
    if command != "generate"
    for name in ("deep YAML", "giant backbone", "weights that are no numbers", "evil fit")
]
_predict = [
    Attack(f"classifier: {name}", "predict", a_classifier(edit), 1, REFUSED)
    for name, edit in CLASSIFIERS.items()
]
_weights = [
    Attack(name, "transfer", a_file(write), 1, "radtex: ", never=("executed",))
    for name, write in WEIGHTS.items()
]


def wide(columns: int) -> Callable[[Stage, Path], list[object]]:
    """A table of labels with more columns than any archive has."""

    def make(_stage: Stage, folder: Path) -> list[object]:
        names = [f"label {number}" for number in range(columns)]
        lines = [",".join(["path", "patient_id", *names])]
        lines += [",".join([f"{row}.png", str(row), *["1"] * columns]) for row in range(50)]
        (folder / "wide.csv").write_text("\n".join(lines))
        return ["corpus", "build", "table", "wide.csv", "--out", "corpus", "--workers", "1"]

    return make


_wide = [
    Attack("50,000 labels", "corpus build", wide(50_000), 1, "has 50,002 columns"),
    Attack("4,000 labels", "corpus build", wide(4000), 1, "4,000 labels were found"),
]

_special = [
    *(
        Attack(f"{kind} as {file}", "generate", a_run(special(file, make), *COMMANDS["generate"]),
               1, "radtex: run")
        for file in ("config.yaml", "tokenizer.json")
        for kind, make in (("sparse terabyte", sparse), ("pipe", pipe), ("endless device", device))
    ),
    *(
        Attack(f"{kind} as classifier.json", "predict", a_classifier(special(DESCRIPTION, make)),
               1, "radtex: classifier")
        for kind, make in (("sparse terabyte", sparse), ("pipe", pipe), ("endless device", device))
    ),
    *(
        Attack(f"{kind} as metrics.jsonl", "runs", a_run(special("metrics.jsonl", make),
               "runs", "."), 0, "run")
        for kind, make in (("sparse terabyte", sparse), ("pipe", pipe), ("endless device", device))
    ),
]  # fmt: skip

ATTACKS = [*_generate, *_elsewhere, *_predict, *_weights, *_wide, *_special]
