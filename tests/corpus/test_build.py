"""From an archive to a corpus."""

import errno
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from fixtures.archives import counted
from radtex.corpus.build import build
from radtex.corpus.record import FileSource, Listing, Record
from radtex.corpus.sources import open_source
from radtex.corpus.splits import hash_split
from radtex.errors import CorpusError, OutputError
from radtex.images import fit

FILES = ("index.parquet", "images.npy", "corpus.json")


def digests(corpus: Path) -> list[str]:
    return [hashlib.sha256((corpus / name).read_bytes()).hexdigest() for name in FILES]


def table(file: Path):
    return open_source("table", root=file)


def test_a_corpus_holds_what_the_archive_says(make_table, tmp_path):
    file = make_table(5)
    corpus = build(table(file), tmp_path / "out", size=32, workers=1, namespace="here")
    record = corpus.index.iloc[2]
    assert record["image_id"] == "i2"
    assert record["source_path"] == "films/0002.png"
    assert record["split"] == hash_split("here:p1")
    assert record["label.Pneumonia"] == -1
    assert (record["boxes"], record["flags"]) == ("[]", "[]")
    film = file.parent / "films" / "0002.png"
    assert record["sha256"] == hashlib.sha256(film.read_bytes()).hexdigest()
    assert np.array_equal(corpus.images[2], fit(np.asarray(Image.open(film)), 32))


def test_mean_and_deviation_are_those_of_the_train_images(make_table, tmp_path):
    corpus = build(table(make_table(30)), tmp_path / "out", size=16, workers=1)
    train = corpus.images[corpus.rows("train")].astype(float)
    assert corpus.mean == pytest.approx(train.mean())
    assert corpus.std == pytest.approx(train.std())
    tested = build(table(make_table(30)), tmp_path / "tested", size=16, workers=1, split="test")
    assert tested.mean == pytest.approx(tested.images.mean())


def test_a_film_is_kept_whole_unless_a_crop_is_asked_for(make_table, tmp_path):
    """The films of the table are wider than high, by a sixth of their width."""
    file = make_table(3)
    whole = build(table(file), tmp_path / "whole", size=32, workers=1)
    cut = build(table(file), tmp_path / "cut", size=32, fit="crop", workers=1)
    assert (whole.info["options"]["fit"], cut.info["options"]["fit"]) == ("pad", "crop")
    assert not whole.images[:, 0].any()
    assert cut.images[:, 0].any()
    assert set(whole.index["flags"]) == {"[]"}
    assert set(cut.index["flags"]) == {'["17 % cropped at left and right"]'}
    assert "cropped" not in str(whole.info["flow"])
    assert counted(cut)["cropped: films lost 17 % of their area on average, at most 17 %"] == 3


def test_two_builds_give_the_same_bytes_whatever_the_number_of_workers(make_table, tmp_path):
    file = make_table(300, {7: {"image": "films/none.png"}})
    build(table(file), tmp_path / "one", size=16, workers=1)
    build(table(file), tmp_path / "two", size=16, workers=2)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "one", "two"]


DAMAGE = {
    "kept": {},
    "view is lateral": {"view": "L"},
    "view is neither frontal nor lateral": {"view": "Axial"},
    "patient id is empty": {"patient_id": ""},
    "image id is empty": {"image_id": " "},
    "Edema: a label is none of 1, 0, −1, yes, no and blank, but another number": {"Edema": "2"},
    "image file is missing or may not be read": {"image": "films/none.png"},
    "the image is damaged, truncated, or no DICOM, PNG, JPEG, TIFF, BMP or WebP": {
        "image": "studies.csv"
    },
    "the image holds one colour only; a radiograph was expected": {"image": "black.png"},
    "image id appears again, its first row was taken": {"image_id": "i0"},
}
CLEAN = {"kept", "view is lateral", "view is neither frontal nor lateral"}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(sorted(DAMAGE)), max_size=12))
def test_every_row_is_kept_or_dropped_for_its_reason(make_table, tmp_path_factory, fates):
    fates = ["kept", *fates]
    file = make_table(len(fates), {row: DAMAGE[fate] for row, fate in enumerate(fates)})
    Image.new("L", (30, 30)).save(file.parent / "black.png")
    out = tmp_path_factory.mktemp("corpora") / "out"
    corpus = build(table(file), out, size=8, workers=1)
    flow = counted(corpus)
    assert flow.pop("in") == len(fates)
    assert flow == Counter(fates)
    kept = [f"i{row}" for row, fate in enumerate(fates) if fate == "kept"]
    assert corpus.index["image_id"].tolist() == kept


@pytest.mark.parametrize("fate", sorted(set(DAMAGE) - CLEAN))
def test_a_strict_build_refuses_what_is_wrong_and_leaves_nothing(make_table, tmp_path, fate):
    file = make_table(3, {1: DAMAGE[fate]})
    Image.new("L", (30, 30)).save(file.parent / "black.png")
    with pytest.raises(CorpusError, match=r"mend the row.*, or build without --strict"):
        build(table(file), tmp_path / "out", size=8, workers=1, strict=True)
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


@pytest.mark.filterwarnings("error")
def test_a_strict_build_stops_its_workers_quietly(make_table, tmp_path):
    file = make_table(400, {1: {"image": "films/none.png"}})
    with pytest.raises(CorpusError, match=r"^line 3: image file is missing"):
        build(table(file), tmp_path / "out", size=8, workers=2, strict=True)
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


def test_all_views_are_kept_on_demand(make_table, tmp_path):
    file = make_table(3, {1: {"view": "L"}, 2: {"view": ""}})
    assert build(table(file), tmp_path / "a", size=8, workers=1).index["view"].tolist() == [
        "PA",
        "",
    ]
    everything = build(table(file), tmp_path / "b", size=8, workers=1, views="all")
    assert everything.index["view"].tolist() == ["PA", "LATERAL", ""]


def test_a_build_without_a_row_left_fails_with_the_main_reason(make_table, tmp_path):
    file = make_table(3, {row: {"image": "none.png"} for row in range(3)})
    with pytest.raises(
        CorpusError, match="no row is left of 3; the main reason: image file is mis"
    ):
        build(table(file), tmp_path / "out", size=8, workers=1)
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


def test_texts_may_be_empty_or_long(make_table, tmp_path):
    long = "effusion " * 5_556
    file = make_table(2, {0: {"findings": "", "impression": ""}, 1: {"findings": long}})
    corpus = build(table(file), tmp_path / "out", size=8, workers=1)
    assert corpus.index["findings"].tolist() == ["", long.strip()]
    assert json.loads(corpus.index["flags"][0]) == ["no report"]
    assert counted(corpus)["no report"] == 1


def test_official_splits_of_a_table(make_table, tmp_path):
    change = {row: {"split": "val" if row < 4 else "test"} for row in range(8)}
    file = make_table(10, change | {8: {"split": "fold"}, 9: {"split": ""}})
    corpus = build(table(file), tmp_path / "out", size=8, workers=1, split="official")
    assert corpus.index["split"].tolist() == ["validate"] * 4 + ["test"] * 4
    assert counted(corpus)["image is in no official split"] == 2


def test_a_patient_in_two_official_splits_is_refused(make_table, tmp_path):
    change = {row: {"split": "train"} for row in range(4)} | {1: {"split": "test"}}
    with pytest.raises(CorpusError, match="1 patients stand in two official splits"):
        build(table(make_table(4, change)), tmp_path / "out", split="official")


def test_an_output_that_exists_is_refused(make_table, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(OutputError, match="already exists"):
        build(table(make_table(2)), tmp_path / "out")


@pytest.mark.parametrize(
    "place", ["numpy.savez", "radtex.corpus.on_disk.corpus_files.content_hash"]
)
def test_a_full_disk_is_one_error_and_the_build_goes_on_later(
    make_table, tmp_path, monkeypatch, place
):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    file = make_table(3)
    with monkeypatch.context() as patch:
        patch.setattr(place, full)
        with pytest.raises(OutputError, match="the disk is full"):
            build(table(file), tmp_path / "out", size=8, workers=1)
    assert not (tmp_path / "out").exists()
    build(table(file), tmp_path / "out", size=8, workers=1)
    build(table(file), tmp_path / "again", size=8, workers=1)
    assert digests(tmp_path / "out") == digests(tmp_path / "again")


def test_a_real_table_keeps_its_frontal_films(real_data, tmp_path):
    corpus = build(table(real_data / "covid" / "metadata.csv"), tmp_path / "out", size=64)
    flow = counted(corpus)
    assert flow.pop("report not understood") < 20
    assert flow == {"in": 445, "view is lateral": 42, "kept": 403, "no report": 118}
    assert corpus.info["source"]["columns"]["report"] == "text"


@dataclass(frozen=True)
class Pictures(FileSource):
    """Pictures that nothing is known of."""

    name = "pictures"
    namespace = "pictures"
    expects = "PNG files"
    origin = "a test"
    patients: tuple[str, ...] = ()

    def listing(self, encoding: str) -> Listing:  # noqa: ARG002
        return Listing(
            [
                Record(f"{number}", "", patient, f"films/{number:04}.png")
                for number, patient in enumerate(self.patients)
            ]
        )


def test_an_image_without_a_patient_is_left_out_and_one_without_a_study_is_its_own(
    make_table, tmp_path
):
    source = Pictures(make_table(3).parent, ("a", "", "b"))
    corpus = build(source, tmp_path / "out", size=8, workers=1)
    assert corpus.index["study_id"].tolist() == ["0", "2"]
    assert counted(corpus)["patient id is empty: pictures take theirs from a table"] == 1


def test_joined_tables_may_be_workbooks_and_show_how_they_were_read(make_table, tmp_path):
    file = make_table(3)
    reports, labels = tmp_path / "reports.xlsx", tmp_path / "labels.csv"
    texts = ["Clear.", "nan", "Large effusion."]
    pd.DataFrame({"study_id": ["s0", "s1", "s2"], "findings": texts}).to_excel(reports, index=False)
    labels.write_text("study_id;Mass\ns0;yes\ns1;absent\ns2;maybe\n")
    corpus = build(
        table(file), tmp_path / "out", size=16, workers=1, reports=reports, labels=labels
    )
    assert corpus.index["label.Mass"].tolist() == [1, 0, -1]
    assert corpus.index["findings"].tolist()[::2] == ["Clear.", "Large effusion."]
    assert corpus.info["source"]["labels_separator"] == "semicolon"


def test_a_path_that_names_no_file_is_a_missing_image(make_table, tmp_path):
    file = make_table(3, {1: {"image": "films/0001.png\0"}})
    flow = counted(build(table(file), tmp_path / "out", size=16, workers=1))
    assert (flow["in"], flow["kept"]) == (3, 2)
