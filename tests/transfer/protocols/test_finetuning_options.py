import math

import pytest

from radtex.errors import ProtocolError
from radtex.transfer.protocols.finetuning_options import FinetuningOptions


@pytest.mark.parametrize(
    "options", [{"steps": 0}, {"learning_rate": 0.0}, {"learning_rate": math.inf}]
)
def test_options_that_cannot_be_are_refused(options):
    with pytest.raises(ProtocolError):
        FinetuningOptions(**options).check()


def test_the_defaults_can_be():
    FinetuningOptions().check()
