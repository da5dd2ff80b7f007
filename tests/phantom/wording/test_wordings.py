"""The tables of words are complete, and hold no template that nothing fills."""

import re
from collections.abc import Callable

import pytest

from radtex.phantom import FINDINGS
from radtex.phantom.anatomy import ZONES
from radtex.phantom.signs import Sign
from radtex.phantom.wording import wordings
from radtex.phantom.wording.wordings import ALL_CLEAR, DENIALS, WORDINGS, Wording


def templates(wording: Wording) -> list[str]:
    return [*wording.one, *wording.both, *wording.clauses, *wording.clauses_both]


def test_every_form_that_is_drawn_has_words(signs_of: Callable[..., list[Sign]]) -> None:
    drawn = [
        sign
        for name in FINDINGS
        for supine in (False, True)
        for sign in signs_of(name, supine=supine)
    ]
    assert {(sign.name, sign.form) for sign in drawn} == set(WORDINGS)
    for sign in drawn:
        fields = {
            field
            for template in templates(WORDINGS[sign.name, sign.form])
            for field in re.findall(r"{(\w+)}", template)
        }
        assert fields <= {"size", "side", "zone", "region"}
        assert sign.severity or "size" not in fields
        assert sign.side or "side" not in fields
        assert sign.zone or not fields & {"zone", "region"}


def test_a_finding_that_may_be_on_both_sides_has_words_for_both(
    signs_of: Callable[..., list[Sign]],
) -> None:
    for name in ("Atelectasis", "Edema", "Pleural Effusion", "Pneumonia"):
        for form in {sign.form for sign in signs_of(name)}:
            assert WORDINGS[name, form].both


def test_denials_name_known_findings_only() -> None:
    denied = {name for _, _, names in DENIALS for name in names}
    assert denied <= set(FINDINGS)
    assert {name for _, names in ALL_CLEAR for name in names} <= set(FINDINGS)
    assert "Support Devices" not in denied
    assert all(weight > 0 for weight, _, _ in DENIALS)


def test_the_most_general_clear_statement_comes_first_and_one_is_always_true() -> None:
    sizes = [len(names) for _, names in ALL_CLEAR]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 0


@pytest.mark.parametrize("regions", [wordings.REGIONS, wordings.BOTH_REGIONS])
def test_every_zone_has_a_name(regions: dict[str, wordings.Words]) -> None:
    assert set(regions) == set(ZONES)
    one_side = regions is wordings.REGIONS
    assert all(("{side}" in words) == one_side for each in regions.values() for words in each)


def test_what_compares_says_so_in_words() -> None:
    assert set(wordings.PROGRESS) == {"new", "same", "more", "less"}
    assert all(words.startswith(", ") for each in wordings.PROGRESS.values() for words in each)
