"""Hostile and messy tables, recipes and corpora."""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from hostile.attack import Attack, Ended, Make, Stage
from hostile.files import circle, device, film, listening, pipe, sparse

SECRETS = ("Zbigniew", "Kowalczyk", "MRN4711", "pancreatic")
"""Of a patient whom no terminal may name."""
HEADLESS = (
    "films/Kowalczyk_1.png,MRN4711,Zbigniew,Kowalczyk,1957-03-02,Known pancreatic cancer. Clear.\n"
    "films/2.png,MRN4712,Anna,Nowak,1961-03-02,Clear.\n"
)
SMALL = ["--out", "c", "--workers", "1"]


def _films(place: Path, count: int = 3) -> None:
    for number in range(1, count + 1):
        film(place / f"{number}.png", number)


def _rows(count: int = 3) -> list[str]:
    return [
        "image,patient_id,findings",
        *(f"{number}.png,p{number},Clear." for number in range(1, count + 1)),
    ]


def _source(write: Callable[[Path], object], *more: str) -> Make:
    """A table that is the source of a build."""

    def attack(_stage: Stage, place: Path) -> list[object]:
        _films(place)
        write(place / "t.csv")
        size = [] if "--size" in more else ["--size", "16"]
        return ["corpus", "build", "table", "t.csv", *SMALL, *size, *more]

    return attack


def _joined(flag: str, write: Callable[[Path], object], *more: str) -> Make:
    """A table that is joined to a sound one."""

    def attack(_stage: Stage, place: Path) -> list[object]:
        _films(place)
        (place / "films.csv").write_text("\n".join(_rows()))
        write(place / "t.csv")
        return [
            "corpus",
            "build",
            "table",
            "films.csv",
            flag,
            "t.csv",
            *SMALL,
            "--size",
            "16",
            *more,
        ]

    return attack


def _brought(write: Callable[[Path], object]) -> Make:
    """A table of a reader's labels."""

    def attack(stage: Stage, place: Path) -> list[object]:
        shutil.copytree(stage.corpus, place / "corpus")
        write(place / "t.csv")
        return ["label", "corpus", "t.csv"]

    return attack


def _recipe(write: Callable[[Path], object]) -> Make:
    def attack(stage: Stage, place: Path) -> list[object]:
        write(place / "r.yaml")
        return ["pretrain", stage.corpus, "--recipe", "r.yaml", "--out", "run"]

    return attack


def _written(write: Callable[[Path], object]) -> Make:
    def attack(_stage: Stage, place: Path) -> list[object]:
        write(place / "reports.jsonl")
        return ["score", "reports.jsonl"]

    return attack


def _prompts(write: Callable[[Path], object]) -> Make:
    def attack(stage: Stage, place: Path) -> list[object]:
        film(place / "1.png")
        write(place / "p.txt")
        return ["generate", stage.run, "1.png", "--prompts", "p.txt", "--out", "out.jsonl"]

    return attack


def _finding(write: Callable[[Path], object]) -> Make:
    def attack(stage: Stage, place: Path) -> list[object]:
        film(place / "1.png")
        write(place / "f.yaml")
        return ["ask", stage.run, "1.png", "--finding", "Gout=f.yaml"]

    return attack


def _text(text: str | bytes) -> Callable[[Path], object]:
    data = text.encode() if isinstance(text, str) else text
    return lambda path: path.write_bytes(data)


def _long_cell(path: Path) -> None:
    lines = _rows()
    lines[2] = f"2.png,p2,{'x' * (2**24 + 1)}"
    path.write_text("\n".join(lines))


def _long_report(path: Path) -> None:
    lines = _rows()
    lines[2] = f"2.png,p2,{'clear ' * 40_000}"
    path.write_text("\n".join(lines))


def _closed(path: Path) -> None:
    path.write_text("\n".join(_rows()))
    path.chmod(0)


def _bomb(path: Path) -> None:
    with gzip.open(path, "wb", 9) as file:
        for _ in range(1100):
            file.write(bytes(2**20))


def _parquet_bomb(path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    cells = pa.DictionaryArray.from_arrays(pa.array([0] * 10_000_000, pa.int32()), ["x" * 1000])
    parquet.write_table(pa.table({f"c{n}": cells for n in range(8)}), path)


def _folder(path: Path) -> None:
    path.mkdir()


SPECIAL: dict[str, Callable[[Path], None]] = {
    "sparse terabyte": sparse,
    "pipe": pipe,
    "endless device": device,
    "link to itself": circle,
    "socket": listening,
    "folder": _folder,
}


def _of_corpus(change: Callable[[Path], object], *command: object) -> Make:
    """A corpus with a crafted file."""

    def attack(stage: Stage, place: Path) -> list[object]:
        shutil.copytree(stage.corpus, place / "crafted")
        change(place / "crafted")
        return [{"MODEL": stage.classifier, "RUN": stage.run}.get(w, w) for w in command]

    return attack


def _info(**changed: object) -> Callable[[Path], object]:
    def change(corpus: Path) -> None:
        file = corpus / "corpus.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | changed))

    return change


def _index(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], object]:
    def rewrite(corpus: Path) -> None:
        change(pd.read_parquet(corpus / "index.parquet")).to_parquet(corpus / "index.parquet")

    return rewrite


def _other_pixels(corpus: Path) -> None:
    with (corpus / "images.npy").open("r+b") as file:
        file.seek(-64, 2)
        file.write(b"radtex" * 10)


def _no_permission(corpus: Path) -> None:
    (corpus / "corpus.json").chmod(0)


CRAFTED: dict[str, Callable[[Path], object]] = {
    "pixel_std of 0": _info(pixel_std=0),
    "pixel_std of NaN": _info(pixel_std=float("nan")),
    "pixel_mean of text": _info(pixel_mean="x"),
    "size of text": _info(size="64"),
    "size of a list": _info(size=[64]),
    "no source": _info(source=None),
    "evil fit": _info(options={"fit": "evil"}),
    "flow of text": _info(flow="x"),
    "deep JSON": lambda corpus: (corpus / "corpus.json").write_text("[" * 100_000),
    "sparse corpus.json": lambda corpus: sparse(corpus / "corpus.json"),
    "numbers as texts": _index(lambda index: index.assign(findings=7)),
    "texts as ages": _index(lambda index: index.assign(age="old")),
    "texts as labels": _index(lambda index: index.assign(**{"label.Edema": "yes"})),
    "flags of another kind": _index(lambda index: index.assign(flags="{")),
    "one id for all": _index(lambda index: index.assign(image_id="i")),
    "fewer rows": _index(lambda index: index.iloc[:9]),
    "sparse images": lambda corpus: sparse(corpus / "images.npy"),
    "another split": _index(lambda index: index.assign(split="all")),
}


def _no_secret_kept(place: Path, _ended: Ended) -> None:
    text = (place / "c" / "corpus.json").read_text()
    assert "Kowalczyk" not in text
    assert "MRN4711" not in text


def _named_films(_stage: Stage, place: Path) -> list[object]:
    """A file that is missing, and named by its patient."""
    _films(place)
    (place / "t.csv").write_text(
        "\n".join([*_rows(), "Kowalczyk_MRN4711.png,MRN4711,Clear.", "2.png,,Clear."])
    )
    return ["corpus", "build", "table", "t.csv", *SMALL, "--size", "16"]


NO_CORPUS = "radtex: crafted(/corpus.json is larger than| is no corpus)"
DESCRIBE = ("corpus", "describe", "crafted")
TRANSFER = (
    *("transfer", "crafted", "--encoders", "random", "--backbone", "test_resnet"),
    *("--targets", "Cardiomegaly", "--budgets", "9", "--out", "ev"),
)

ATTACKS = (
    *(
        Attack(
            f"{name} as the table", "corpus build", _source(make), status=1, says="radtex: t.csv"
        )
        for name, make in SPECIAL.items()
    ),
    *(
        Attack(f"{name} as reports", "corpus build", _joined("--reports", make), status=1)
        for name, make in SPECIAL.items()
    ),
    *(
        Attack(f"{name} as labels", "corpus build", _joined("--labels", make), status=1)
        for name, make in SPECIAL.items()
    ),
    *(
        Attack(f"{name} as labels", "label", _brought(make), status=1, says="radtex: t.csv")
        for name, make in SPECIAL.items()
    ),
    *(
        Attack(f"{name} as the reports", "score", _written(make), status=1)
        for name, make in SPECIAL.items()
    ),
    *(
        Attack(f"{name} as the recipe", "pretrain", _recipe(make), status=1)
        for name, make in SPECIAL.items()
    ),
    *(
        Attack(f"{name} as prompts", "generate", _prompts(make), status=1)
        for name, make in SPECIAL.items()
    ),
    *(
        Attack(f"{name} as a finding", "ask", _finding(make), status=1)
        for name, make in SPECIAL.items()
    ),
    Attack(
        "cell beyond the limit",
        "corpus build",
        _source(_long_cell),
        status=0,
        says="1  dropped: row has a cell of more than 16,777,216 characters .line 3",
    ),
    Attack(
        "report of 240,000 characters",
        "corpus build",
        _source(_long_report),
        status=0,
        says="1  dropped: report has more than 100,000 characters .line 3",
    ),
    Attack(
        "table that may not be read",
        "corpus build",
        _source(_closed),
        status=1,
        says="t.csv may not be read",
        no_root=True,
    ),
    Attack(
        "bomb of gzip", "corpus build", _source(_bomb), status=1, says="more than", megabytes=3000
    ),
    Attack(
        "bomb of Parquet",
        "corpus build",
        _source(_parquet_bomb),
        status=1,
        says="unpacks to more than",
        megabytes=3000,
    ),
    Attack(
        "UTF-16 without a mark",
        "corpus build",
        _source(_text("\n".join(_rows()).encode("utf-16-le")), "--encoding", "utf-16"),
        status=1,
        says="try --encoding utf-16-le",
    ),
    Attack(
        "no UTF-8",
        "corpus build",
        _source(_text("\n".join(_rows()).encode() + b"\n\xff")),
        status=1,
        says=r"line 5",
    ),
    Attack("unknown encoding", "corpus build", _source(_text("a"), "--encoding", "x"), status=1),
    Attack(
        "images of 100,000 pixels",
        "corpus build",
        _source(_text("\n".join(_rows())), "--size", "100000"),
        status=1,
        says="the size must be",
    ),
    *(
        Attack(f"no line of names, as {kind}", command, make, status=1, never=SECRETS)
        for kind, command, make in (
            ("the table", "corpus build", _source(_text(HEADLESS))),
            ("reports", "corpus build", _joined("--reports", _text(HEADLESS))),
            ("labels", "corpus build", _joined("--labels", _text(HEADLESS))),
            ("labels", "label", _brought(_text(HEADLESS))),
            ("a recipe", "pretrain", _recipe(_text(HEADLESS))),
            ("reports", "score", _written(_text(HEADLESS))),
            ("a finding", "ask", _finding(_text(HEADLESS))),
        )
    ),
    Attack(
        "report as the recipe",
        "pretrain",
        _recipe(_text("Patient: Zbigniew Kowalczyk, MRN4711\nHistory: pancreatic cancer\n")),
        status=1,
        never=SECRETS,
    ),
    Attack(
        "text as the recipe",
        "pretrain",
        _recipe(_text("Zbigniew Kowalczyk has pancreatic cancer, MRN4711.")),
        status=1,
        never=SECRETS,
    ),
    Attack("deep recipe", "pretrain", _recipe(_text("[" * 50_000)), status=1),
    Attack("bytes as the recipe", "pretrain", _recipe(_text(b"\xff\xfe\0")), status=1),
    Attack(
        "missing film with a patient's name",
        "corpus build",
        _named_films,
        status=0,
        says=r"image file is missing or may not be read .line 5",
        never=SECRETS,
        check=_no_secret_kept,
    ),
    *(
        Attack(f"crafted corpus: {name}", command, _of_corpus(change, *words), status=1, says=says)
        for command, words, says in (
            ("corpus describe", DESCRIBE, NO_CORPUS),
            ("transfer", TRANSFER, NO_CORPUS),
        )
        for name, change in CRAFTED.items()
    ),
    Attack(
        "other pixels than were built",
        "transfer",
        _of_corpus(_other_pixels, *TRANSFER),
        status=1,
        says="was changed since it was built",
    ),
    Attack(
        "other pixels than were built",
        "corpus describe",
        _of_corpus(_other_pixels, *DESCRIBE, "--verify"),
        status=1,
        says="was changed since it was built",
    ),
    *(
        Attack(
            "corpus that may not be read",
            command,
            _of_corpus(_no_permission, *words),
            status=1,
            says="may not be read",
            no_root=True,
        )
        for command, words in (("corpus describe", DESCRIBE), ("transfer", TRANSFER))
    ),
)
