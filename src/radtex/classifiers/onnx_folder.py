"""Folders of ONNX graphs that `radtex export` made: their description, and what runs them.

Reading one needs onnxruntime, and no torch.
"""

import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from numpy.typing import NDArray

from radtex.errors import RadtexError, RunError
from radtex.images import Fit, Intensity, Preprocessing
from radtex.inputs import read_input, read_text_input

DESCRIPTION = "export.json"
"""Describes an export of any format."""
TO = "onnx"
"""The format of these, as the description names it."""
LARGEST_GRAPH = 2**31
"""Bytes of a graph, at most: the format itself allows no more."""
FORMAT = 1
"""Version of the folder's layout."""
_SIZES = range(8, 4097)  # sides of images, in pixels, that a description may ask for
_EXPECTED = "a folder that `radtex export … --to onnx` made"


@dataclass(frozen=True)
class Graph:
    """An ONNX graph, ready to run."""

    session: Any
    """The session of onnxruntime."""

    def __call__(self, **inputs: NDArray[Any]) -> list[NDArray[Any]]:
        """Compute all outputs, in the order of the graph, of its inputs by name."""
        return list(self.session.run(None, inputs))


@dataclass(frozen=True)
class OnnxFolder:
    """An export that was opened: its description is read, and its graphs where they are needed."""

    path: Path
    """Its folder."""
    description: Mapping[str, Any]
    """The content of `export.json`."""

    @classmethod
    def open(cls, path: Path, kind: str) -> "OnnxFolder":
        """Read the description.

        Args:
            path: the folder.
            kind: `run` or `classifier`: what must have been exported.

        Raises:
            RunError: if `path` holds no such export, or its description is damaged.
        """
        file = path / DESCRIPTION
        if not file.is_file():
            raise RunError(f"{path} is no export: it has no {DESCRIPTION}; expected {_EXPECTED}")
        values = _read(file)
        if values.get("to") != TO:
            raise RunError(
                f"{path} is an export to {values.get('to')!r}, not to ONNX; expected {_EXPECTED}"
            )
        if values.get("format") != FORMAT:
            raise RunError(
                f"{file} has the format {values.get('format')!r}, and this radtex reads {FORMAT}; "
                "export again"
            )
        if values.get("kind") != kind:
            raise RunError(
                f"{path} is the export of a {values.get('kind')}; expected that of a {kind}"
            )
        return cls(path, values)

    @property
    def preprocessing(self) -> Preprocessing:
        """What makes a file the image that the graphs take.

        Raises:
            RunError: if the description is damaged.
        """
        with self.explain_damage():
            made = Preprocessing(**self.description["preprocessing"])
            if isinstance(made.size, bool) or made.size not in _SIZES:
                raise ValueError(f"a side of {made.size!r} pixels")
            if made.fit not in get_args(Fit) or made.intensity not in get_args(Intensity):
                raise ValueError(f"fit {made.fit!r}, intensity {made.intensity!r}")
            return made

    def graph(self, name: str) -> Graph:
        """Open a graph by its name in the description.

        Raises:
            RunError: if its file is missing, damaged, or not the one that was exported.
            RadtexError: if onnxruntime is missing.
        """
        with self.explain_damage():
            told = self.description["graphs"][name]
            file, expected = str(told["file"]), str(told["sha256"])
        if Path(file).name != file:
            raise RunError(f"{self.path / DESCRIPTION} names a file elsewhere, {file}; restore it")
        place = self.path / file
        try:
            content = read_input(place, LARGEST_GRAPH, RunError)
        except OSError as error:
            raise RunError(f"{place} cannot be read ({error.strerror}); restore it") from error
        if hashlib.sha256(content).hexdigest() != expected:
            raise RunError(
                f"{place} is not the file that was exported; restore it, or export again"
            )
        return Graph(session_of(content, place))

    @contextmanager
    def explain_damage(self) -> Iterator[None]:
        """Say of a description that lacks something, or has it wrong, that it is damaged.

        Raises:
            RunError: if the block finds that.
        """
        try:
            yield
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
            raise RunError(
                f"{self.path / DESCRIPTION} is damaged ({type(error).__name__}: {error}); restore "
                "it, or export again"
            ) from error


def is_onnx_folder(path: Path) -> bool:
    """Whether `path` is a folder that describes itself as an export to ONNX."""
    file = path / DESCRIPTION
    return file.is_file() and _read(file).get("to") == TO


def number(value: Any) -> float:
    """Read a finite number of a description.

    Raises:
        ValueError: if it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)


def _read(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(read_text_input(file, RunError)))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise RunError(f"{file} is damaged ({type(error).__name__}); restore it") from error


def session_of(content: bytes, place: Path | str) -> Any:
    """Open a session of onnxruntime.

    Args:
        content: a graph.
        place: what it is called in an error.

    Raises:
        RunError: if onnxruntime cannot run it.
        RadtexError: if onnxruntime is missing.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise RadtexError(f"{place} needs onnxruntime: pip install 'radtex[onnx]'") from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # its errors are raised
    threads = os.environ.get("OMP_NUM_THREADS", "")
    if threads.isdecimal():  # as torch does; without it, one for each core
        options.intra_op_num_threads = int(threads)
    try:
        return onnxruntime.InferenceSession(content, options, ["CPUExecutionProvider"])
    except Exception as error:  # its own kinds of errors have no common base
        said = " ".join(str(error).split())[:200]
        raise RunError(f"onnxruntime cannot run {place}: {said}") from error
