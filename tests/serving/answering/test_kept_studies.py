"""Studies in memory, for a while."""

import numpy as np
import pytest

from radtex.serving.answering.kept_studies import KeptStudies, KeptStudy
from radtex.serving.answering.opened_models import OpenedModels
from radtex.serving.problems import ProblemError


def study(png: bytes = b"") -> KeptStudy:
    return KeptStudy(OpenedModels(None, None), (np.zeros((2, 2), np.uint8),), png, 2, 2)


def test_names_cannot_be_guessed_and_the_oldest_are_forgotten() -> None:
    kept = KeptStudies(3, 100, lambda: 0.0)
    names = [kept.keep(study(bytes([n]))) for n in range(5)]
    assert len(set(names)) == 5
    assert min(map(len, names)) >= 32
    assert len(kept) == 3
    assert kept.find(names[4]).png == b"\4"
    with pytest.raises(ProblemError, match="not kept any more"):
        kept.find(names[1])


def test_time_forgets_too_and_a_study_kept_again_is_new() -> None:
    now = 0.0
    kept = KeptStudies(3, 10, lambda: now)
    first, second = kept.keep(study()), kept.keep(study())
    now = 8
    assert kept.keep(study(b"new"), first) == first
    now = 12
    assert kept.find(first).png == b"new"
    with pytest.raises(ProblemError):
        kept.find(second)
    kept.forget(first)
    kept.forget("never there")
    assert len(kept) == 0
