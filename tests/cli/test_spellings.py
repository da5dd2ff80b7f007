"""Other spellings of flags."""

from pathlib import Path

import pytest

from fixtures.commands import Radtex
from radtex.cli.spellings import as_shown


def test_a_flag_is_spelt_as_the_help_spells_it() -> None:
    assert as_shown(["plan", "c", "--encoders", "a"]) == ["plan", "c", "--encoder", "a"]
    assert as_shown(["transfer", "c", "--encoder=a"]) == ["transfer", "c", "--encoders=a"]
    assert as_shown(["score", "--encoder", "a"]) == ["score", "--encoder", "a"]
    assert as_shown(["plan", "--", "--encoders"]) == ["plan", "--", "--encoders"]
    assert as_shown([]) == []


@pytest.mark.parametrize(
    "words",
    [
        ["transfer", "none", "--targets", "Edema", "--out", "o"],
        ["plan", "none", "--targets", "Edema", "--budgets", "9"],
        ["next", "none", "--targets", "Edema", "--out", "o"],
    ],
    ids=lambda words: words[0],
)
@pytest.mark.parametrize("flag", ["--encoder", "--encoders"])
def test_each_command_takes_both_and_shows_one(
    radtex_command: Radtex,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: list[str],
    flag: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "none does not exist" in radtex_command(*words, flag, "imagenet").err
    shown = radtex_command(words[0], "--help").out.split()
    assert ("--encoder" in shown) != ("--encoders" in shown)
