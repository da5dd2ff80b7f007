"""The three files of a corpus: written, and read without trust in what they state."""

import hashlib
import json
import math
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeGuard, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radtex.corpus.readings.label_sources import LABEL_PREFIX
from radtex.corpus.splits import SPLITS
from radtex.errors import CorpusError
from radtex.images import Fit, Intensity
from radtex.inputs import read_input

INDEX_FILE, IMAGES_FILE, INFO_FILE = "index.parquet", "images.npy", "corpus.json"

INDEX_COLUMNS = (
    "image_id",
    "study_id",
    "patient_id",
    "patient_namespace",
    "split",
    "view",
    "age",
    "sex",
    "indication",
    "findings",
    "impression",
    "report",
    "boxes",
    "flags",
    "source_path",
    "sha256",
)
"""All are text but `age` (years, null where unknown); `label.<Name>` columns follow, and, where
labels are not the archive's alone, `label_source.<Name>` (see `readings.label_sources`).

`view` is PA, AP, LATERAL, OTHER or "" where unknown; `sex` is F, M or "". `boxes` (name, x, y,
width, height in fractions of the image) and `flags` are JSON lists, "[]" where there are none.
`source_path` is relative to the source's root. `accession` is there if any study has a number.
"""

INDEX_PIECE = 2**14
"""Rows of an index that a build holds as a table at a time; each piece is a row group."""

_LARGEST_INFO = 2**26
_TEXTS = tuple(name for name in INDEX_COLUMNS if name != "age")
_BOX = ("x", "y", "width", "height")


def read_corpus(path: Path) -> tuple[dict[str, Any], pd.DataFrame, NDArray[np.uint8]]:
    """Read a corpus folder.

    Returns:
        The content of `corpus.json`; the index, with a row for each image; and the images, a memory
        map, uint8 (N, S, S).

    Raises:
        CorpusError: if a file is missing or damaged, the files disagree, or one states what a build
            never writes.
    """
    if not path.exists():
        raise CorpusError(
            f"{path} does not exist, so it is no corpus: make one with `radtex corpus build`"
        )
    for name in (INFO_FILE, INDEX_FILE, IMAGES_FILE):
        if not (path / name).is_file():
            raise _no_corpus(path, f"it holds no {name}")
    try:
        info = json.loads(read_input(path / INFO_FILE, _LARGEST_INFO, CorpusError).decode())
        if wrong := _wrong_info(info):
            raise _no_corpus(path, f"{INFO_FILE} {wrong}")
        images = np.load(path / IMAGES_FILE, mmap_mode="r")
        if not isinstance(images, np.memmap) or images.ndim != 3 or not images.flags.c_contiguous:
            raise _no_corpus(path, f"{IMAGES_FILE} is no array of images")
        index = _read_index(path, len(images))
        if wrong := _wrong_index(index):
            raise _no_corpus(path, f"{INDEX_FILE} {wrong}")
    except PermissionError as error:  # pyarrow's names no file
        file = error.filename or path / INDEX_FILE
        raise CorpusError(f"{file} may not be read; ask its owner for permission") from error
    except (ValueError, OSError, EOFError, RecursionError, OverflowError) as error:
        raise _no_corpus(path, "one of its files is damaged") from error
    size = info["size"]
    if images.dtype != np.uint8 or images.shape != (len(index), size, size):
        raise _no_corpus(
            path,
            f"{IMAGES_FILE} holds {images.dtype} {images.shape}, but the other files state "
            f"uint8 {(len(index), size, size)}",
        )
    return info, index, images


def write_corpus(
    folder: Path,
    index: pd.DataFrame | Iterable[pd.DataFrame],
    images: Iterable[NDArray[np.uint8]],
    info: dict[str, Any],
) -> None:
    """Write the three files of a corpus; the same content gives the same bytes.

    Args:
        folder: an empty one.
        index: a row for each image; or pieces of that, with the same columns, each of which is
            written before the next is taken.
        images: in any number of pieces, uint8 (n, S, S), in the order of the index.
        info: all of `corpus.json` but the content hash, with the "size" S.
    """
    rows = _write_index(folder / INDEX_FILE, index)
    shape = (rows, info["size"], info["size"])
    with (folder / IMAGES_FILE).open("wb") as file:
        np.lib.format.write_array_header_1_0(
            file, {"descr": "|u1", "fortran_order": False, "shape": shape}
        )
        for piece in images:
            file.write(piece.tobytes())
    text = json.dumps(info | {"content_hash": content_hash(folder)}, indent=2, ensure_ascii=False)
    (folder / INFO_FILE).write_text(text + "\n", encoding="utf-8")


def _write_index(file: Path, index: pd.DataFrame | Iterable[pd.DataFrame]) -> int:
    """Write an index, each piece as a row group of its own, and return its number of rows."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    pieces = [index] if isinstance(index, pd.DataFrame) else index
    rows = 0
    with ExitStack() as stack:
        writer: ParquetWriter | None = None
        for piece in pieces:
            schema = None if writer is None else writer.schema
            table = pa.Table.from_pandas(piece, schema, preserve_index=False)
            if writer is None:
                opened = ParquetWriter(file, table.schema, compression="snappy")
                writer = stack.enter_context(opened)
            writer.write_table(table)
            rows += table.num_rows
    return rows


def content_hash(folder: Path) -> str:
    """Return the SHA-256, in hex, of the bytes of the index followed by those of the images."""
    digest = hashlib.sha256()
    for name in (INDEX_FILE, IMAGES_FILE):
        with (folder / name).open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _no_corpus(path: Path, why: str) -> CorpusError:
    return CorpusError(f"{path} is no corpus: {why}; make one with `radtex corpus build`")


def _read_index(path: Path, images: int) -> pd.DataFrame:
    """Read the index, after a look at its size: packed values that repeat take no room there."""
    from pyarrow.parquet import read_metadata

    rows = read_metadata(path / INDEX_FILE).num_rows
    if rows != images:
        raise _no_corpus(
            path, f"{IMAGES_FILE} holds {images:,} images, but {INDEX_FILE} has {rows:,} rows"
        )
    return pd.read_parquet(path / INDEX_FILE)


def _wrong_info(info: Any) -> str:
    """Return what is wrong with the content of `corpus.json`, or ""."""
    if not isinstance(info, dict):
        return "holds no object"
    options, source, flow = info.get("options"), info.get("source"), info.get("flow", [])
    mean, std = info.get("pixel_mean"), info.get("pixel_std")
    steps = flow if isinstance(flow, list) else [None]
    checks = {
        "size": _is_whole(info.get("size")) and info["size"] >= 1,
        "pixel_mean": _is_finite(mean) and 0 <= mean <= 255,
        "pixel_std": _is_finite(std) and 0 < std <= 255,
        "content_hash": isinstance(info.get("content_hash"), str),
        "source": isinstance(source, dict) and isinstance(source.get("name"), str),
        "options": isinstance(options, dict)
        and options.get("fit", "crop") in get_args(Fit)
        and options.get("intensity", "window") in get_args(Intensity),
        "flow": all(map(_is_step, steps)),
    }
    wrong = next((name for name, right in checks.items() if not right), None)
    return f"states no {wrong} as a build writes it" if wrong else ""


def _is_step(step: Any) -> bool:
    return (
        isinstance(step, dict)
        and isinstance(step.get("step"), str)
        and _is_whole(step.get("rows"))
        and isinstance(step.get("reason", ""), str)
        and _are_texts(step.get("examples", []))
    )


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_finite(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and math.isfinite(value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _wrong_index(index: pd.DataFrame) -> str:
    """Return what is wrong with an index, or ""."""
    if not index.columns.is_unique or not isinstance(index.index, pd.RangeIndex):
        return "names columns twice, or has names of rows"
    if missing := [name for name in INDEX_COLUMNS if name not in index.columns]:
        return f"lacks the columns {', '.join(missing)}"
    for name in _TEXTS:
        if pd.api.types.infer_dtype(index[name], skipna=False) not in ("string", "empty"):
            return f"holds something else than text in its column {name}"
    age = index["age"]
    if not pd.api.types.is_numeric_dtype(age) and (age != "").any():
        return "holds something else than numbers in its column age"
    for name in index.columns:
        numbers = pd.api.types.is_integer_dtype(index[name])
        if str(name).startswith(LABEL_PREFIX) and not numbers:
            return "holds something else than whole numbers in a column of labels"
    if not index["image_id"].is_unique:
        return "names an image twice"
    if not index["split"].isin(SPLITS).all():
        return f"has rows of other splits than {', '.join(SPLITS)}"
    if not all(map(_are_flags, index["flags"].unique())):
        return "holds no list of texts in its column flags"
    if not all(map(_are_boxes, index["boxes"].unique())):
        return "holds no list of boxes in its column boxes"
    return ""


def _are_flags(cell: str) -> bool:
    return cell in ("", "[]") or _are_texts(json.loads(cell))


def _are_boxes(cell: str) -> bool:
    if cell in ("", "[]"):
        return True
    boxes = json.loads(cell)
    return isinstance(boxes, list) and all(
        isinstance(box, dict)
        and isinstance(box.get("name"), str)
        and all(_is_finite(box.get(edge)) for edge in _BOX)
        for box in boxes
    )
