"""Updates of the weights: groups, rates, Lookahead, clipping, resuming."""

import copy

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils import parameters_to_vector

from radtex.errors import RecipeError
from radtex.models.encoder import Encoder
from radtex.pretraining.loop.optimizer_options import OptimizerOptions
from radtex.pretraining.loop.optimizers import Optimizer, parameter_groups
from radtex.pretraining.objectives.objective import Objective
from radtex.pretraining.objectives.supervised import Supervised


@pytest.fixture
def objective() -> Objective:
    torch.manual_seed(0)
    labels: NDArray[np.float32] = np.zeros((4, 3), dtype=np.float32)
    return Supervised(Encoder("resnet10t", 64), labels, ("a", "b", "c"))


def fill_gradients(parameters: list[nn.Parameter], step: int) -> None:
    generator = torch.Generator().manual_seed(step)
    for parameter in parameters:
        parameter.grad = 0.01 * torch.randn(parameter.shape, generator=generator)


def test_groups_part_encoder_from_rest_and_spare_vectors_the_decay(objective: Objective) -> None:
    options = OptimizerOptions(learning_rate=0.1, encoder_learning_rate=0.2, weight_decay=0.3)
    groups = {group.name: group for group in parameter_groups(objective, options)}
    names = {id(p): name for name, p in objective.named_parameters()}
    assert len(names) == sum(len(group.parameters) for group in groups.values())
    for name, group in groups.items():
        for parameter in group.parameters:
            assert names[id(parameter)].startswith("encoder.") == name.startswith("encoder")
            assert (parameter.ndim > 1) == (group.weight_decay == 0.3)
        assert group.learning_rate == (0.2 if name.startswith("encoder") else 0.1)


def test_embeddings_are_not_decayed() -> None:
    class Words(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(5, 3)

    (group,) = parameter_groups(Words(), OptimizerOptions(weight_decay=0.3))
    assert group.weight_decay == 0.0


def test_the_rate_warms_up_and_falls_to_zero(objective: Objective) -> None:
    optimizer = Optimizer(objective, OptimizerOptions(warmup_steps=10), 1000)
    rates = [optimizer.rate(step) for step in range(1001)]
    assert rates[:10] == pytest.approx([(i + 1) / 11 for i in range(10)])
    assert rates[10] == 1.0
    assert rates[505] == pytest.approx(0.5)
    assert rates[1000] == pytest.approx(0.0, abs=1e-12)
    assert rates[10:] == sorted(rates[10:], reverse=True)


def test_lookahead_equals_its_definition(objective: Objective) -> None:
    options = OptimizerOptions("sgd", 0.1, 0.1, 0.0, 0, 1e9)
    oracle = copy.deepcopy(objective)
    fast = list(oracle.parameters())
    sgd = torch.optim.SGD(fast, lr=0.1, momentum=0.9)
    slow = [parameter.detach().clone() for parameter in fast]
    optimizer = Optimizer(objective, options, 10**9)
    for step in range(12):
        fill_gradients(list(objective.parameters()), step)
        fill_gradients(fast, step)
        optimizer.step(step, 0.0)
        sgd.step()
        if (step + 1) % 5 == 0:
            for i, parameter in enumerate(fast):
                slow[i] = slow[i] + 0.5 * (parameter.detach() - slow[i])
                parameter.data.copy_(slow[i])
    for ours, theirs in zip(objective.parameters(), fast, strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("kind", ["adamw", "sgd"])
def test_a_restored_optimizer_goes_on_exactly(objective: Objective, kind: str) -> None:
    """The slow weights of Lookahead are part of the state (VirTex leaves them out)."""
    options = OptimizerOptions(optimizer=kind)  # type: ignore[arg-type]
    one = Optimizer(objective, options, 100)
    for step in range(7):
        fill_gradients(one.parameters, step)
        one.step(step, 0.0)
    other_objective = copy.deepcopy(objective)
    other = Optimizer(other_objective, options, 100)
    other.load_state({name: value.clone() for name, value in one.state().items()})
    for step in range(7, 13):
        for optimizer in (one, other):
            fill_gradients(optimizer.parameters, step)
            optimizer.step(step, 0.0)
    for a, b in zip(objective.parameters(), other_objective.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_gradient_that_is_too_long_is_shortened(objective: Objective) -> None:
    steps = []
    for norm in (4.0, 8.0):
        one = copy.deepcopy(objective)
        optimizer = Optimizer(one, OptimizerOptions("sgd", 0.1, 0.1, 0.0, 0, 4.0), 10**9)
        fill_gradients(optimizer.parameters, 0)
        optimizer.step(0, norm)
        steps.append(parameters_to_vector(one.parameters()))
        steps[-1] -= parameters_to_vector(objective.parameters())
    torch.testing.assert_close(steps[0], 2 * steps[1])


def test_a_step_forgets_its_gradients(objective: Objective) -> None:
    optimizer = Optimizer(objective, OptimizerOptions(), 100)
    fill_gradients(optimizer.parameters, 0)
    optimizer.step(0, 0.0)
    assert all(parameter.grad is None for parameter in optimizer.parameters)


@pytest.mark.parametrize("kind", ["adamw", "sgd"])
def test_a_fused_update_is_the_same_update(objective: Objective, kind: str) -> None:
    other = copy.deepcopy(objective)
    for one, fused in ((objective, True), (other, False)):
        options = OptimizerOptions(optimizer=kind, fused=fused)  # type: ignore[arg-type]
        optimizer = Optimizer(one, options, 100)
        assert optimizer.torch.defaults["fused"] is fused
        for step in range(4):
            fill_gradients(optimizer.parameters, step)
            optimizer.step(step, 0.0)
    for a, b in zip(objective.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(a, b)


def test_a_fused_update_that_torch_lacks_is_refused_in_one_line(
    objective: Objective, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Torch before 2.4 has none for the CPU."""

    def lacking(_groups: object, fused: bool) -> None:
        if fused:
            raise RuntimeError("`fused=True` requires all the params to be on CUDA")

    monkeypatch.setattr(torch.optim, "AdamW", lacking)
    with pytest.raises(RecipeError, match="set --fused false") as caught:
        Optimizer(objective, OptimizerOptions(), 100)
    assert "\n" not in str(caught.value)
    Optimizer(objective, OptimizerOptions(fused=False), 100)
