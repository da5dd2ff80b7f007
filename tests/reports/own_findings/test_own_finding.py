from pathlib import Path

import pytest

from radtex.errors import CorpusError
from radtex.reports import read_own_findings

NOTCHING = """
affirm:
  - rib notching
  - notching|notched of? the? rib
deny:
  - smooth rib margin
"""


def defined(folder: Path, text: str, name: str = "Rib Notching"):
    file = folder / "phrases.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_own_findings([f"{name}={file}"])[0]


def test_a_file_of_phrases_defines_a_finding(tmp_path):
    finding = defined(tmp_path, NOTCHING)
    assert finding.name == "Rib Notching"
    assert finding.affirm == ("rib notching", "notching|notched of? the? rib")
    assert finding.deny == ("smooth rib margin",)
    assert finding.asked.affirm[0] == "there is rib notching."


def test_the_sentences_of_ask_may_be_named(tmp_path):
    asked = NOTCHING + "ask:\n  affirm: [the ribs are notched.]\n  deny: [the ribs are smooth.]\n"
    finding = defined(tmp_path, asked)
    assert finding.asked.affirm == ("the ribs are notched.",)
    assert finding.asked.deny == ("the ribs are smooth.",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("affirm: [", "is no YAML of phrases"),
        (b"affirm: [\xff\xfe]", "is no YAML of phrases"),
        ("deny: [rib notching]", "expected lists of words"),
        ("- rib notching", "expected lists of words"),
        ("", "expected lists of words"),
        ("affirm: rib notching", "must be a list of texts"),
        ("affirm: []", "affirm is empty"),
        ("affirm: [3, 4]", "must be a list of texts"),
        ("affirm: [yes]", "must be a list of texts"),
        ("affirm: ['rib (left)']", "is no pattern"),
        ("affirm: ['a? b?']", "may be left out as a whole"),
        ("affirm: [rib]\nlanguage: klingon", "language 'klingon'"),
        ("affirm: [rib]\nask: {affirm: [x]}", "`ask` needs sentences"),
        ("affirm: &a [rib]\ndeny: *a", "anchors"),
        ("affirm: !!python/object/apply:os.system [echo]", "is no YAML|must be a list"),
        ("affirm: " + "[" * 50 + "]" * 50, "nested too deep"),
        ("affirm: " + "[" * 20_000 + "]" * 20_000, "is no YAML of phrases|too deep"),
        ("affirm: ['" + " ".join(["a|b|c|d|e|f"] * 10) + "']", "stands for"),
        ("affirm: [" + "rib, " * 20_000 + "rib]", "is larger than"),
    ],
)  # fmt: skip
def test_a_bad_or_hostile_file_ends_in_one_line(tmp_path, text, said):
    with pytest.raises(CorpusError, match=said) as error:
        defined(tmp_path, text)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 600


def test_a_bomb_of_anchors_is_refused_before_it_is_loaded(tmp_path):
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    with pytest.raises(CorpusError, match="anchors"):
        defined(tmp_path, "\n".join(lines))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rib notching", "is no NAME=PHRASES.yaml"),
        ("=x.yaml", "is no NAME=PHRASES.yaml"),
        ("Edema=x.yaml", "radtex knows"),
        ("pleural effusion=x.yaml", "radtex knows"),
        ("radtex9\n=x.yaml", "plain letters"),
        ("Rib Notching=/no/where.yaml", "does not exist"),
    ],
)
def test_a_name_that_cannot_be_is_refused(text, said):
    with pytest.raises(CorpusError, match=said):
        read_own_findings([text])


def test_a_name_is_defined_once(tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text(NOTCHING)
    with pytest.raises(CorpusError, match="defined twice"):
        read_own_findings([f"Notching={file}", f"notching={file}"])
