"""What an image processor of transformers does to a film, as an `EncoderInput`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from radtex.errors import RunError
from radtex.models.encoder_input import EncoderInput, Interpolation

_INTERPOLATIONS: dict[int, Interpolation] = {1: "bicubic", 2: "bilinear", 3: "bicubic"}
"""By Pillow's numbers. Processors on tensors take bicubic for Lanczos, 1."""
_LEVELS = 2.0
"""Grey levels by which another library's resizing may differ at a pixel."""
_CONVNEXT_WHOLE = 384
"""Side from which processors with a `crop_pct` cut nothing off."""


@dataclass(frozen=True)
class ProcessorInput:
    """What a processor does to a square grey film."""

    takes: EncoderInput
    """With mean and deviation averaged over the colours."""
    mean: tuple[float, ...]
    """Of red, green and blue, 0 to 1."""
    std: tuple[float, ...]
    """Deviation of red, green and blue, 0 to 1."""


def input_of(processor: Any, name: str) -> ProcessorInput:
    """Read an image processor of transformers, and check that nothing of it was missed.

    The processor itself is given drawn films of two sizes. What `EncoderInput` makes of these must
    be what the processor makes, within two grey levels.

    Args:
        processor: an image processor of transformers.
        name: what the model is called in an error.

    Raises:
        RunError: if it does something to a film that `EncoderInput` does not.
    """
    size, resized = _sizes(processor, name)
    resample = _value(processor, "resample", 2)
    if int(resample) not in _INTERPOLATIONS:
        raise RunError(
            f"the image processor of {name} resizes by Pillow's method {int(resample)}; radtex "
            "resizes bilinearly and bicubically"
        )
    mean, std = _colours(processor)
    takes = EncoderInput.of_colours(size, mean, std, _INTERPOLATIONS[int(resample)])
    found = ProcessorInput(
        EncoderInput(size, takes.mean, takes.std, takes.interpolation, resized), mean, std
    )
    _check(processor, found, name)
    return found


def _value(processor: Any, name: str, default: Any = None) -> Any:
    value = getattr(processor, name, None)
    return default if value is None else value


def _sizes(processor: Any, name: str) -> tuple[int, int]:
    """The side of what the network sees, and the side that a film is resized to before."""
    resized = _side(_value(processor, "size", {})) if _value(processor, "do_resize", True) else None
    size = resized
    share = _value(processor, "crop_pct")
    if share and resized is not None and resized < _CONVNEXT_WHOLE:
        resized = int(resized / share)
    if _value(processor, "do_center_crop", False):
        size = _side(_value(processor, "crop_size", {}))
        resized = size if resized is None else resized
    if size is None or resized is None or size > resized:
        raise RunError(
            f"the image processor of {name} states no one square size that films are resized to "
            f"(size {_value(processor, 'size')}, crop {_value(processor, 'crop_size')})"
        )
    return size, resized


def _side(size: Any) -> int | None:
    if isinstance(size, int):
        return size
    known = {key: value for key, value in dict(size).items() if value}
    sides = {value for key, value in known.items() if key in ("height", "width")}
    sides = sides or {known[key] for key in ("shortest_edge", "longest_edge") if key in known}
    return int(sides.pop()) if len(sides) == 1 else None


def _colours(processor: Any) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if not _value(processor, "do_normalize", False):
        return (0.0,) * 3, (1.0,) * 3
    mean, std = (_three(_value(processor, f"image_{each}", base)) for each, base in _BASES)
    return mean, std


_BASES = (("mean", 0.0), ("std", 1.0))


def _three(values: float | Sequence[float]) -> tuple[float, ...]:
    levels = (float(values),) * 3 if isinstance(values, int | float) else tuple(map(float, values))
    return levels * 3 if len(levels) == 1 else levels


def _check(processor: Any, found: ProcessorInput, name: str) -> None:
    takes = found.takes
    rng = np.random.default_rng(0)
    mean, std = (torch.tensor(each).view(1, 3, 1, 1) * 255 for each in (found.mean, found.std))
    for side in (takes.size, takes.size + takes.size // 3):
        coarse = rng.integers(0, 256, (2, side // 4 + 1, side // 4 + 1), dtype=np.uint8)
        films = np.kron(coarse, np.ones((1, 4, 4), np.uint8))[:, :side, :side]
        colours = [np.repeat(film[:, :, None], 3, axis=2) for film in films]
        try:
            theirs = processor(images=colours, return_tensors="pt")["pixel_values"]
        except Exception as error:  # other people's code raises many kinds
            raise RunError(
                f"the image processor of {name} cannot take a film ({type(error).__name__}: "
                f"{' '.join(str(error).split())[:120]})"
            ) from error
        grey = takes.prepare(films) * takes.std + takes.mean
        if theirs.shape != (2, 3, takes.size, takes.size):
            raise _unlike(name, f"images of the shape {tuple(theirs.shape[1:])}")
        difference = float((theirs * std + mean - grey).abs().max())
        if not difference <= _LEVELS:
            raise _unlike(name, f"grey levels that differ by {difference:.1f}")


def _unlike(name: str, how: str) -> RunError:
    return RunError(
        f"the image processor of {name} does more than resize, cut out the middle and normalise: "
        f"it makes {how} of a film; radtex cannot take this model"
    )
