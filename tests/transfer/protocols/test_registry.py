import subprocess
import sys

import pytest

from radtex.transfer.protocols.protocol import Protocol
from radtex.transfer.protocols.registry import PROTOCOLS, open_protocol


@pytest.mark.parametrize("name", PROTOCOLS)
def test_each_line_opens_the_protocol_of_its_name(name):
    protocol = open_protocol(name)
    assert isinstance(protocol, Protocol)
    assert protocol.name == name
    assert PROTOCOLS[name].does


def test_options_reach_the_protocol():
    assert open_protocol("finetune", workers=3).workers == 3


def test_names_designs_and_lineups_are_known_without_torch():
    code = (
        "import sys, radtex.transfer.design, radtex.transfer.contestants.lineup, "
        "radtex.transfer.protocols.registry, radtex.transfer.protocols.finetuning_options; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
