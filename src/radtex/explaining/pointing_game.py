"""Whether a run looks at what it writes about: the pointing game over a corpus with boxes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from radtex.compute.seeding import seeded
from radtex.corpus.corpus import Corpus, open_selection
from radtex.errors import CorpusError
from radtex.explaining.attention import Spans, look, present_findings
from radtex.explaining.boxes_and_points import (
    Box,
    Point,
    PointingGame,
    cell_centres,
    is_hit,
    likeliest_point,
    mean_centre,
    peak,
    pointing_game,
    read_boxes,
)
from radtex.explaining.word_gradient import Maps, word_gradient
from radtex.findings import CHEXPERT_LABELS
from radtex.models.decoding import decode
from radtex.models.decoding_options import DecodingOptions
from radtex.models.pretrained import PretrainedModel
from radtex.models.run import Run
from radtex.models.tokenizer import Tokenizer
from radtex.progress import progress_bar
from radtex.reports import training_texts
from radtex.statistics.intervals import Interval
from radtex.text_tables import aligned, signed_with_interval
from radtex.transfer.leaks import refuse_shared_patients

Words = Literal["reference", "generated"]
Heat = NDArray[np.float32]

_FEWEST = 10
"""Cases that the rate of a finding is estimated from, at least."""
_DRAWS = 3
"""Of random weights."""
_BATCH = 32

_CEILING = "best cell"

_SAID_AS = {
    "Effusion": "Pleural Effusion",
    "Infiltration": "Lung Opacity",
    "Mass": "Lung Lesion",
    "Nodule": "Lung Lesion",
    "Nodule/Mass": "Lung Lesion",
}
"""What the labeler calls the boxes that have another name."""


@dataclass(frozen=True)
class Case:
    """A finding that the text of an image says is present, and that has boxes."""

    row: int
    finding: str
    spans: Spans
    boxes: tuple[Box, ...]


def localise(
    run: Path,
    corpus: str,
    words: Words = "reference",
    maps: Maps = "gradient",
    seed: int = 0,
) -> str:
    """Play the pointing game with the maps of the words of a run's decoder.

    A case is a finding that an image has boxes of and that its text says is present. The map on
    trial is that of the words that say so. Over the same cases it is compared with

    - the whole text: the map of all its words;
    - random weights: the same words read by the same architecture, untrained, three times;
    - pointers that see no image: its centre, and the mean centre and the likeliest point of the
      finding's boxes in the train split of the corpus;
    - the best cell, which hits wherever some cell of the map would.

    Args:
        run: finished, with a decoder.
        corpus: CORPUS[:SPLIT], `test` by default.
        words: of the reference report, as the run learnt to write it, or of the report that the
            run generates, and so only of the findings that it found.
        maps: the decoder's attention (`attention.text_maps`), or Grad-CAM (`word_gradient`).
        seed: of the random weights.

    Returns:
        Tables for the terminal.

    Raises:
        RunError: if `run` cannot be loaded or has no decoder.
        ProtocolError: if it was trained or selected on patients of the split.
        CorpusError: if the corpus has no such split, no train split, or too few cases.
    """
    trained = Run.open(run)
    model = trained.load()
    opened, rows = open_selection(corpus, "test")
    refuse_shared_patients(
        trained.patients,
        opened.patient_hashes()[rows],
        seen_in=f"the training of {run}",
        tested_in=corpus,
        remedy="choose a split that shares no patient with it",
    )
    boxes = _boxes_by_finding(opened, opened.rows("train"))
    with_boxes = rows[opened.index["boxes"].to_numpy()[rows] != "[]"]
    texts = _texts(model, trained, opened, with_boxes, words)
    cases = _cases(model.writer()[1], opened, texts, set(boxes))
    counts = Counter(case.finding for case in cases)
    few = [f"{name} ({counts[name]})" for name in sorted(boxes) if counts[name] < _FEWEST]
    cases = [case for case in cases if counts[case.finding] >= _FEWEST]
    if not cases:
        raise CorpusError(
            f"no finding has {_FEWEST} images in {corpus} with a box and a text that says it is "
            "present; choose a corpus with boxes and reports"
        )
    networks = [model, *(_untrained(model, trained, seed, draw) for draw in range(_DRAWS))]
    game = pointing_game(
        [case.finding for case in cases],
        list(opened.patients[[case.row for case in cases]]),
        _hits(networks, maps, opened, texts, cases, boxes),
    )
    notes = [
        f"{len(cases):,} findings in {len({case.row for case in cases}):,} images; the map is the "
        f"{maps} of the words of the {words} text. 95 % intervals, by patient.",
    ]
    if few:
        notes.append(f"Left out, with fewer than {_FEWEST} cases: {', '.join(few)}.")
    return "\n\n".join([_by_finding(game), _by_pointer(game), "\n".join([_verdict(game), *notes])])


def _boxes_by_finding(corpus: Corpus, rows: NDArray[np.int64]) -> dict[str, list[Box]]:
    found: dict[str, list[Box]] = {}
    for cell in corpus.index["boxes"].iloc[rows]:
        for box in read_boxes(cell):
            finding = _SAID_AS.get(box.name, box.name)
            if finding in CHEXPERT_LABELS:
                found.setdefault(finding, []).append(box)
    return found


def _texts(
    model: PretrainedModel, run: Run, corpus: Corpus, rows: NDArray[np.int64], words: Words
) -> dict[int, list[int]]:
    """The tokens of the text of each row, of those that have one and fit the context."""
    decoder, tokenizer = model.writer()
    if words == "reference":
        texts = training_texts(corpus.index.iloc[rows], run.reference_policy, run.removes_priors)
        tokens = [tokenizer.encode(text) for text in texts]
    else:
        tokens = []
        with progress_bar("writing", len(rows), "images") as bar:
            for start in range(0, len(rows), _BATCH):
                batch = corpus.images[rows[start : start + _BATCH]]
                captions = decode(decoder, model.memory(batch), DecodingOptions())
                tokens += [list(caption.tokens) for caption in captions]
                bar.advance(len(batch))
    return {
        int(row): text
        for row, text in zip(rows, tokens, strict=True)
        if 0 < len(text) <= decoder.max_tokens
    }


def _cases(
    tokenizer: Tokenizer, corpus: Corpus, texts: Mapping[int, list[int]], findings: set[str]
) -> list[Case]:
    cases = []
    for row, tokens in texts.items():
        boxes = _boxes_by_finding(corpus, np.array([row]))
        cases += [
            Case(row, finding, spans, tuple(boxes[finding]))
            for finding, spans in present_findings(tokenizer.decode(tokens)).items()
            if finding in boxes and finding in findings
        ]
    return cases


def _untrained(model: PretrainedModel, run: Run, seed: int, draw: int) -> PretrainedModel:
    """The architecture of a run with random weights."""
    assert run.description.decoder is not None
    with seeded(seed, draw):
        encoder = run.description.build_encoder()
        decoder = run.description.decoder.build(encoder)
    return replace(model, encoder=encoder.eval(), decoder=decoder.eval())


def _hits(
    networks: Sequence[PretrainedModel],
    maps: Maps,
    corpus: Corpus,
    texts: Mapping[int, list[int]],
    cases: Sequence[Case],
    boxes: Mapping[str, Sequence[Box]],
) -> dict[str, NDArray[np.float64]]:
    """Hits of each pointer, in the order of `cases`; the first network is the one on trial."""
    blind = {
        "image centre": dict.fromkeys(boxes, (0.5, 0.5)),
        "mean centre": {finding: mean_centre(drawn) for finding, drawn in boxes.items()},
        "likeliest point": {finding: likeliest_point(drawn) for finding, drawn in boxes.items()},
    }
    found: list[dict[str, float]] = []
    with progress_bar("looking", len(cases), "findings") as bar:
        for start in range(0, len(cases), _BATCH):
            batch = cases[start : start + _BATCH]
            looks = [_looks(network, maps, corpus, texts, batch) for network in networks]
            for case, looked in zip(batch, zip(*looks, strict=True), strict=True):
                found.append(_case_hits(case, looked, blind))
            bar.advance(len(batch))
    return {name: np.array([hits[name] for hits in found]) for name in found[0]}


def _looks(
    network: PretrainedModel,
    maps: Maps,
    corpus: Corpus,
    texts: Mapping[int, list[int]],
    cases: Sequence[Case],
) -> list[tuple[Heat, Heat]]:
    """For each case the map of its words and that of its whole text, (h, w) each."""
    images = corpus.images[[case.row for case in cases]]
    tokens = [texts[case.row] for case in cases]
    looked = look(network, images, tokens)
    if maps == "attention":
        return [
            (one.over(case.spans), one.maps.mean(axis=0))
            for one, case in zip(looked, cases, strict=True)
        ]
    words = [one.touching(case.spans) for one, case in zip(looked, cases, strict=True)]
    everything = [np.ones_like(chosen) for chosen in words]
    of_words, of_text = (
        word_gradient(network, images, tokens, chosen) for chosen in (words, everything)
    )
    return list(zip(of_words, of_text, strict=True))


def _case_hits(
    case: Case,
    looked: Sequence[tuple[Heat, Heat]],
    blind: Mapping[str, Mapping[str, Point]],
) -> dict[str, float]:
    (words, text), *untrained = looked
    return {
        "map": is_hit(peak(words), case.boxes),
        "whole text": is_hit(peak(text), case.boxes),
        "random weights": float(np.mean([is_hit(peak(heat), case.boxes) for heat, _ in untrained])),
        **{name: is_hit(points[case.finding], case.boxes) for name, points in blind.items()},
        _CEILING: any(is_hit(centre, case.boxes) for centre in cell_centres(*words.shape)),
    }


def _by_finding(game: PointingGame) -> str:
    pointers = list(game.means)
    rows = [["finding", "cases", *pointers]]
    for finding, rates in game.rates.items():
        first, *others = (rates[pointer] for pointer in pointers)
        rows.append(
            [
                finding,
                f"{game.cases[finding]:,}",
                _with_interval(first),
                *(f"{rate.value:.2f}" for rate in others),
            ]
        )
    return "Share of findings whose box holds the pointer\n" + aligned(rows)


def _by_pointer(game: PointingGame) -> str:
    rows = [["pointer", "mean hit rate", "map − pointer"]]
    for pointer, rate in game.means.items():
        gain = game.gains.get(pointer)
        rows.append(
            [pointer, _with_interval(rate), "" if gain is None else signed_with_interval(gain)]
        )
    return f"Mean over {len(game.rates)} findings\n" + aligned(rows)


def _verdict(game: PointingGame) -> str:
    rivals = {name: gain for name, gain in game.gains.items() if name != _CEILING}
    better = [name for name, gain in rivals.items() if gain.low > 0]
    not_better = [name for name in rivals if name not in better]
    return (
        f"The map points better than: {', '.join(better) or 'nothing'}; "
        f"not better than: {', '.join(not_better) or 'nothing'}."
    )


def _with_interval(rate: Interval) -> str:
    return f"{rate.value:.2f} [{rate.low:.2f}, {rate.high:.2f}]"
