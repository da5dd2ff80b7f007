"""Which words a report denies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.reports import find_mentions
from radtex.reports.denials import denied_words


def denied(text: str) -> list[str]:
    return [text[start:end] for start, end in denied_words(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("No pleural effusion. There is a large left effusion.", "pleural effusion"),
        (
            "No large left effusion, pneumothorax or focal consolidation is seen.",
            "large left effusion pneumothorax or focal consolidation",
        ),
        ("No evidence of pneumonia, but there is edema.", "pneumonia"),
        (
            "Lungs are clear without focal consolidation. The heart is normal.",
            "focal consolidation",
        ),
        ("Pneumothorax is not seen. Edema has resolved.", "Pneumothorax is Edema has"),
        ("No acute cardiopulmonary abnormality.", "acute cardiopulmonary abnormality"),
        ("Possible pneumonia, cannot exclude effusion.", ""),
        ("No change in the large effusion.", ""),
        ("No effusion is seen in the consolidated lung.", "effusion"),
        ("Sin derrame pleural. Cardiomegalia.", "derrame pleural"),
        ("Kein Erguss. Stauung.", "Erguss"),
        ("Pas de pneumothorax.", ""),
        ("", ""),
    ],
)
def test_what_a_cue_denies_and_what_stands_between(text: str, words: str) -> None:
    assert denied(text) == words.split()


def test_words_are_in_the_order_of_the_text_also_where_an_addendum_stands() -> None:
    text = "Findings: No edema.\n\nAddendum: No effusion.\n\nImpression: No mass."
    assert denied(text) == ["edema", "effusion", "mass"]


def test_a_history_is_no_denial() -> None:
    assert denied("Indication: no edema before.\nFindings: No effusion.") == ["effusion"]


FINDINGS = st.sampled_from(["effusion", "edema", "pneumothorax", "consolidation"])
SENTENCES = st.tuples(
    st.sampled_from(["no {}", "there is {}", "possible {}", "{} is not seen", "without {} or {}"]),
    FINDINGS,
    FINDINGS,
).map(lambda parts: parts[0].format(*parts[1:]))


@given(st.lists(SENTENCES, min_size=1, max_size=6))
def test_named_words_are_denied_where_the_labeler_reads_them_so(sentences: list[str]) -> None:
    text = ". ".join(sentences) + "."
    found = {place for span in denied_words(text) for place in range(*span)}
    mentions = find_mentions(text)
    assert mentions
    for mention in mentions:
        places = set(range(mention.start, mention.end)) - {
            place for place in range(len(text)) if not text[place].isalpha()
        }
        absent = mention.state == 0 and bool(mention.cues)
        assert places <= found if absent else not places & found
        assert not found & {place for cue in mention.cues for place in range(*cue)}


@pytest.mark.parametrize(
    "text",
    ["no effusion, " * 2000, "no heart " + "enlarged, " * 2000, "edema " * 2000 + "not seen"],
)
def test_a_long_sentence_is_read_as_a_short_one(text: str) -> None:
    """Beyond the length whose meaning is remembered."""
    words = {word.lower() for word in denied(text)}
    assert words == {word.strip(",") for word in text.split()} - {"no", "not", "seen"}
