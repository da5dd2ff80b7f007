"""Whether a run looks at what it writes about: the pointing game over a corpus with boxes.

Does the highest point of a map lie in the box of its finding? After Zhang et al. (2018), "Top-down
neural attention by excitation backprop", section 4.1, without their tolerance of 15 pixels: the
point is the centre of the map's highest cell.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radtex.compute.seeding import seeded
from radtex.corpus.corpus import Corpus, open_selection
from radtex.errors import CorpusError
from radtex.explaining.attention import look
from radtex.explaining.boxes_and_points import (
    Box,
    Point,
    cell_centres,
    is_hit,
    likeliest_point,
    mean_centre,
    peak,
)
from radtex.explaining.hit_rates import hit_rates, table_by_finding, table_by_pointer, told_apart
from radtex.explaining.pointing_cases import (
    Case,
    Words,
    boxes_by_finding,
    cases_of,
    tokens_of_texts,
)
from radtex.explaining.word_gradient import Maps, word_gradient
from radtex.models.pretrained import PretrainedModel
from radtex.models.run import Run
from radtex.progress import progress_bar
from radtex.transfer.leaks import refuse_seen_patients, unchecked_sentences
from radtex.transfer.scorings import note_scoring

Heat = NDArray[np.float32]
"""A map, (h, w)."""

_FEWEST = 10
"""Patients from whose cases the rate of a finding is estimated, at least."""
_DRAWS = 3
"""Of random weights."""
_BATCH = 32

_CEILING = "best cell"


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
    unchecked = refuse_seen_patients(
        trained.patients,
        opened.patients[rows],
        seen_in=f"the training of {run}",
        tested_in=corpus,
        remedy="choose a split that shares no patient with it",
    )
    boxes = boxes_by_finding(opened, opened.rows("train"))
    with_boxes = rows[opened.index["boxes"].to_numpy()[rows] != "[]"]
    texts = tokens_of_texts(model, trained, opened, with_boxes, words)
    cases = cases_of(model.writer()[1], opened, texts, set(boxes))
    patients = opened.patients
    counts = Counter(name for name, _ in {(case.finding, patients[case.row]) for case in cases})
    few = [f"{name} ({counts[name]})" for name in sorted(boxes) if counts[name] < _FEWEST]
    cases = [case for case in cases if counts[case.finding] >= _FEWEST]
    if not cases:
        raise CorpusError(
            f"no finding has {_FEWEST} patients in {corpus} with a box and a text that says it is "
            "present; choose a corpus with boxes and reports"
        )
    networks = [model, *(_untrained(model, trained, seed, draw) for draw in range(_DRAWS))]
    found = hit_rates(
        [case.finding for case in cases],
        list(patients[[case.row for case in cases]]),
        _hits(networks, maps, opened, texts, cases, boxes),
    )
    notes = [
        f"{len(cases):,} findings in {len({case.row for case in cases}):,} images; the map is the "
        f"{maps} of the words of the {words} text. 95 % intervals, by patient.",
    ]
    notes += unchecked_sentences(f"the training of {run}", corpus, unchecked)
    if few:
        notes.append(f"Left out, with fewer than {_FEWEST} patients: {', '.join(few)}.")
    note_scoring((opened, rows), "explain", [run.name], None, maps=maps, words=words)
    rivals = {name: gain for name, gain in found.gains.items() if name != _CEILING}
    return "\n\n".join(
        [
            table_by_finding(found),
            table_by_pointer(found),
            "\n".join([told_apart(rivals), *notes]),
        ]
    )


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
