"""Texts in a temporary file are the same to a reader as texts in memory."""

import copy
import errno
import sys
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.corpus.on_disk.spilled_texts import TextSpill
from radtex.corpus.record import Record, Texts
from radtex.errors import OutputError

ANY = st.builds(Texts, *[st.text(max_size=50)] * 4)


@given(st.lists(ANY, max_size=8), st.randoms())
def test_each_reads_as_it_was_in_any_order(texts: list[Texts], order) -> None:
    spill = TextSpill()
    pairs = [(each, spill.add(each)) for each in texts]
    order.shuffle(pairs)
    for own, spilled in pairs:
        assert spilled == own
        assert own == spilled
        assert (spilled.indication, spilled.findings) == (own.indication, own.findings)
        assert (spilled.impression, spilled.report) == (own.impression, own.report)
        assert (repr(spilled), hash(spilled)) == (repr(own), hash(own))


def test_one_that_is_added_after_others_were_read_is_found() -> None:
    spill = TextSpill()
    first = spill.add(Texts("Cough.", "Clear."))
    assert first.findings == "Clear."
    second = spill.add(Texts(report="Lone surrogates \udc80 are kept."))
    assert second.report == "Lone surrogates \udc80 are kept."
    assert first.indication == "Cough."
    assert first != second


def test_records_with_either_are_equal_and_go_to_other_processes() -> None:
    texts = Texts("Cough.", "Clear.", "Normal.", "All of it.")
    spilled = Record("i", "s", "p", "i.png", texts=TextSpill().add(texts))
    assert spilled == Record("i", "s", "p", "i.png", texts=texts)
    sent = copy.deepcopy(spilled)  # which takes the way of pickle
    assert type(sent.texts) is Texts
    assert sent == spilled


def test_the_texts_take_no_memory_of_their_own() -> None:
    spilled = TextSpill().add(Texts(report="x" * 1000))
    held = [getattr(spilled, name) for name in ("spill", "start", "size")]
    assert sys.getsizeof(spilled) + sum(map(sys.getsizeof, held)) < 300


def test_a_full_disk_is_told_in_a_line() -> None:
    spill = TextSpill()
    full = OSError(errno.ENOSPC, "No space left on device")
    with patch.object(spill, "_file") as file, pytest.raises(OutputError, match="disk is full"):
        file.write.side_effect = full
        spill.add(Texts("Cough."))
