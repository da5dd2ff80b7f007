"""One film explained: its report, and what in the film speaks for each finding of it."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radtex.explaining.attention import Spans, TextMaps, look, present_findings
from radtex.explaining.film_map import FittedFilm
from radtex.explaining.overlay import Panel
from radtex.explaining.word_gradient import Maps, word_gradient
from radtex.files import makes_alone, refuse_existing
from radtex.models.decoding import decode
from radtex.models.decoding_options import DecodingOptions
from radtex.models.pretrained import PretrainedModel
from radtex.models.run import Run

_NOTE = (
    "Tint: Grad-CAM, what raises the likelihood of the words of the finding there. Line: where it "
    "is even. Cross: its highest cell."
)


@makes_alone("out", "arrays")
def explain(
    run: Path,
    image: Path,
    out: Path,
    text: str | None = None,
    arrays: Path | None = None,
    maps: Maps = "gradient",
) -> str:
    """Draw what in a film speaks for each finding of a report, in the eyes of a run.

    The maps are drawn on the film as it was read, before it was made square for the run.

    Args:
        run: finished, with a decoder.
        image: a DICOM file or a picture.
        out: the PNG to write.
        text: the report; by default the one that the run writes, greedily.
        arrays: a NumPy archive (.npz) to write: `text`; `words` (n,) and their `word_maps`
            (n, h, w); `findings` (m,) that are said to be present and their `finding_maps`
            (m, h, w); `extent` (4,), the left, right, bottom and top edge of the maps in pixels of
            the film as it was read, whose `shape` (2,) is height and width. The cells of a map sum
            to 1, or are all 0.
        maps: of the findings: Grad-CAM (`word_gradient`), or the decoder's attention, which
            `word_maps` always are.

    Returns:
        The report, as the run reads it.

    Raises:
        RunError: if `run` cannot be loaded, has no decoder, or `text` exceeds its context.
        ImageError: if the image cannot be read.
        OutputError: if an output exists or cannot be written.
    """
    for output in (out, arrays):
        if output is not None:
            refuse_existing(output)
    opened = Run.open(run)
    model = opened.load()
    film = FittedFilm.read(image, opened.preprocessing)
    pixels = film.square[None]
    decoder, tokenizer = model.writer()
    if text is None:
        (caption,) = decode(decoder, model.memory(pixels), DecodingOptions())
        tokens = list(caption.tokens)
    else:
        tokens = tokenizer.encode(text)
    (looked,) = look(model, pixels, [tokens])
    panels = [
        Panel(finding, spans, _heat(model, pixels, tokens, looked, spans, maps))
        for finding, spans in present_findings(looked.text).items()
    ]
    film.draw(looked.text, panels, out, _NOTE if panels and maps == "gradient" else None)
    if arrays is not None:
        _save(looked, panels, film, arrays)
    return looked.text


def _heat(
    model: PretrainedModel,
    pixels: NDArray[np.uint8],
    tokens: Sequence[int],
    looked: TextMaps,
    spans: Spans,
    maps: Maps,
) -> NDArray[np.float32]:
    if maps == "attention":
        return looked.over(spans)
    heat = word_gradient(model, pixels, [tokens], [looked.touching(spans)])[0]
    total: np.float32 = heat.sum()
    shares: NDArray[np.float32] = heat / total if total > 0 else heat
    return shares


def _save(looked: TextMaps, panels: Sequence[Panel], film: FittedFilm, arrays: Path) -> None:
    words = [match.span() for match in re.finditer(r"\S+", looked.text)]
    film.save(
        arrays,
        text=looked.text,
        words=[looked.text[slice(*span)] for span in words],
        word_maps=np.stack([looked.over((span,)) for span in words]),
        findings=np.array([panel.finding for panel in panels], dtype=str),
        finding_maps=np.array([panel.heat for panel in panels], dtype=np.float32).reshape(
            -1, *(panels[0].heat.shape if panels else looked.maps.shape[1:])
        ),
    )
