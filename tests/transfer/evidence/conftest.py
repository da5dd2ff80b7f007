"""One small result and the folder of evidence that it becomes."""

import pytest

from radtex.transfer.design import Design
from radtex.transfer.evidence.write import write_evidence
from radtex.transfer.protocols.linear import Linear
from radtex.transfer.run_protocol import run_protocol


@pytest.fixture(scope="package")
def results(corpus, contestant):
    contestants = [
        contestant("radtex", "radtex", 1),
        contestant("<b>photos & co</b>", "imagenet", 2),
    ]
    selections = [(corpus, corpus.rows(split)) for split in ("pool", "test")]
    design = Design(("Edema", "Effusion"), (20, 60), 2)
    return run_protocol(Linear(), contestants, *selections, design)


@pytest.fixture(scope="package")
def folder(results, tmp_path_factory):
    out = tmp_path_factory.mktemp("evidence") / "linear"
    write_evidence(results, out)
    return out
