"""The few-label protocols on a GPU give what they give on the CPU."""

from importlib import import_module

import numpy as np
import pytest
import torch

from radtex.transfer.design import Design
from radtex.transfer.protocols.linear import Linear
from radtex.transfer.protocols.registry import open_protocol
from radtex.transfer.sampling.experiment import draw_experiment
from radtex.transfer.sampling.studies import Studies

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")


def on_cpu(monkeypatch):
    for module in ("frozen", "finetuned_network"):
        home = import_module(f"radtex.transfer.protocols.{module}")
        monkeypatch.setattr(home, "compute_device", lambda: torch.device("cpu"))


@pytest.mark.parametrize("protocol", ["linear", "knn", "prototype", "finetune"])
def test_a_protocol_gives_the_auc_of_the_cpu(run, contestant, monkeypatch, protocol):
    contestants = [contestant("text", "radtex", 1), contestant("noise", "random", 2)]
    # In this very process, where the device can be taken away.
    options = {"workers": 1} if protocol == "finetune" else {}
    opened = open_protocol(protocol, **options)
    found = run(contestants, protocol=opened).scores["auc"]
    on_cpu(monkeypatch)
    expected = run(contestants, protocol=opened).scores["auc"]
    np.testing.assert_allclose(found, expected, atol=0.03)
    assert abs(found.mean() - expected.mean()) < 0.002


def test_probes_on_a_gpu_score_as_those_of_the_cpu():
    rng = np.random.default_rng(0)
    features = torch.tensor(rng.normal(size=(1500, 256)), dtype=torch.float32)
    labels = (features[:, :3].numpy() + rng.normal(size=(1500, 3)) > 0.5).astype(np.float32)
    pool, test = (
        Studies(labels[part], np.arange(len(labels[part])), np.arange(len(labels[part])))
        for part in (slice(0, 900), slice(900, 1500))
    )
    experiment = draw_experiment(pool, test, Design(("A", "B", "C"), (20, 100, 400), 4))
    expected, found = (
        Linear().measure_features(
            experiment, *(part.to(device) for part in features.split([900, 600])), "it"
        )
        for device in ("cpu", "cuda")
    )
    np.testing.assert_allclose(found.auc, expected.auc, atol=0.002)
    assert found.fits.converged.all()
