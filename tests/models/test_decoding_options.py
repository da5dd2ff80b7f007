"""How a report may be chosen."""

import pytest

from radtex.errors import RunError
from radtex.models.decoding_options import DecodingOptions


def test_beams_and_sampling_exclude_each_other() -> None:
    with pytest.raises(RunError, match="choose one"):
        DecodingOptions(beams=2, top_p=0.9)


def test_it_is_greedy_as_it_stands() -> None:
    options = DecodingOptions()
    assert options.beams == 1
    assert options.top_p is None
