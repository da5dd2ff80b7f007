"""Records of a table from another machine."""

from pathlib import Path

from fixtures.archives import counted, write_film
from radtex.corpus.build import build
from radtex.corpus.record import Record, Rejection
from radtex.corpus.sources import open_source
from radtex.corpus.trees.moved_paths import MOVED, with_located_paths


def record(path: str) -> Record:
    return Record("i", "s", "p", path, flags=("odd",))


def test_records_get_the_path_here_and_a_flag_where_a_part_of_it_told(tmp_path):
    for number in (1, 2, 3):
        write_film(tmp_path / "films" / f"{number}.png", number)
    entries = [
        record("films/1.png"), Rejection("row 2", "why"), record(r"films\2.png"),
        record(r"D:\export\films\3.png"), record("none.png"),
    ]  # fmt: skip
    placed = with_located_paths(entries, tmp_path)
    assert placed[:2] == entries[:2]
    assert placed[4] == entries[4]
    assert [(r.source_path, r.flags) for r in placed[2:4] if isinstance(r, Record)] == [
        ("films/2.png", ("odd",)),
        ("films/3.png", ("odd", MOVED)),
    ]


def test_a_table_from_windows_is_built(tmp_path: Path):
    for number in (1, 2, 3):
        write_film(tmp_path / "films" / f"{number}.png", number)
    rows = [
        r"films\1.png,a", r"D:\export\films\2.PNG,b", r'"""D:\export\films\3.png""",c',
        r"D:\export\films\4.png,d", "https://host/films/1.png,e", "films/\0.png,f",
    ]  # fmt: skip
    (tmp_path / "t.csv").write_text("\n".join(["image,patient_id", *rows]), newline="")
    corpus = build(
        open_source("table", root=tmp_path / "t.csv"), tmp_path / "c", size=16, workers=1
    )
    assert corpus.index["source_path"].tolist() == ["films/1.png", "films/2.png", "films/3.png"]
    assert corpus.index["image_id"][0] == r"films\1.png"
    flow = counted(corpus)
    assert flow[MOVED] == 2
    assert flow["image file is missing or may not be read"] == 1
    assert flow["image path is a web address; fetch the image and name its file"] == 1
    assert flow["image path holds a NUL character, so it names no file"] == 1
