"""The phrases by which findings are affirmed and denied."""

from importlib.resources import files

import pytest
import yaml

from radtex.findings import CHEXPERT_LABELS, NIH_LABELS
from radtex.reports.phrases import find_question


@pytest.mark.parametrize("label", [*CHEXPERT_LABELS, *NIH_LABELS, "Scoliosis"])
def test_each_known_label_has_several_phrases_of_its_own(label: str) -> None:
    question = find_question(label)
    assert min(len(question.affirm), len(question.deny)) >= 3
    assert question != find_question("tubercle")
    assert not set(question.affirm) & set(question.deny)
    assert all(p.endswith(".") and p == p.lower() for p in question.affirm + question.deny)


def test_any_other_finding_is_asked_in_general_terms() -> None:
    question = find_question("Azygos  Lobe")
    assert "there is azygos lobe." in question.affirm
    assert "there is no azygos lobe." in question.deny
    assert find_question("pleural_effusion") == find_question("Pleural Effusion")


def test_the_file_holds_nothing_but_names_with_two_sides_of_text() -> None:
    text = (files("radtex.reports") / "phrases.yaml").read_text(encoding="utf-8")
    for sides in yaml.safe_load(text).values():
        assert list(sides) == ["affirm", "deny"]
        assert all(isinstance(phrase, str) for side in sides.values() for phrase in side)
