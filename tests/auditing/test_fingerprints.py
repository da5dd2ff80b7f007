"""Drawn signs are not told by cues that are free of location.

The bound is 0.65. On some hundreds of studies, with 30 positives or more, the deviation of an AUC
is about 0.05, so the point estimate may reach 0.73. Films drawn without regard to their spectrum
had 0.8 to 0.94 for pneumothorax, emphysema, consolidation or edema.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from radtex import phantom
from radtex.auditing.cues import CUES
from radtex.auditing.held_out import held_out_auc

LARGEST = 0.65 + 0.08
FINDINGS = (
    "Cardiomegaly",
    "Consolidation",
    "Edema",
    "Emphysema",
    "Pneumothorax",
    "Scoliosis",
    "Support Devices",
)
Drawn = tuple[NDArray[np.uint8], list[dict[str, int]], list[str]]


@pytest.fixture(scope="module")
def phantoms() -> Drawn:
    studies = [phantom.sample_study(62, number) for number in range(540)]
    films = np.stack([phantom.render(study, 64) for study in studies])
    return films, [study.labels for study in studies], [study.patient_id for study in studies]


@pytest.fixture(scope="module")
def composites() -> Drawn:
    studies = (phantom.sample_study(8, number) for number in range(240))
    bare = [phantom.render(study, 64) for study in studies if not study.signs]
    chests = [phantom.fit_chest(film) for film in bare]
    usable = [pair for pair in zip(bare, chests, strict=True) if pair[1].fit > 0.7]
    films, labels, patients = [], [], []
    for number in range(480):
        at = number % len(usable)
        film, chest = usable[at]
        signs = phantom.sample_signs(1, number, chest, "PA")
        rng = np.random.default_rng([1, number])
        films.append(phantom.composite(film, chest, signs, rng))
        labels.append(phantom.labels_of(signs))
        patients.append(str(at))
    return np.stack(films), labels, patients


@pytest.mark.parametrize("kind", ["phantoms", "composites"])
def test_no_location_free_cue_tells_a_drawn_sign(kind: str, request: pytest.FixtureRequest) -> None:
    films, labels, names = request.getfixturevalue(kind)
    patients = np.unique(names, return_inverse=True)[1]
    free = [cue for cue in CUES if cue.location_free]
    features = [cue.measure(films) for cue in free]
    found = {}
    for finding in FINDINGS:
        positive = np.array([each[finding] for each in labels]) == 1
        assert positive.sum() >= 30
        scores = held_out_auc(features, positive, patients)
        found |= {(finding, c.name): round(s.mean, 2) for c, s in zip(free, scores, strict=True)}
    over = {key: value for key, value in found.items() if value > LARGEST}
    assert not over, f"told by location-free cues: {over}"
