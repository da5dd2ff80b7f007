"""Optimisers, their parameter groups and the course of the learning rate."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from radtex.compute.schedule import cosine
from radtex.errors import RecipeError
from radtex.pretraining.loop.optimizer_options import OptimizerOptions
from radtex.pretraining.objectives.objective import Objective


@dataclass(frozen=True)
class ParameterGroup:
    """Weights that share a peak learning rate and a weight decay."""

    name: str
    """Which weights they are, for the log."""
    parameters: list[nn.Parameter]
    """The weights."""
    learning_rate: float
    """Peak of the learning rate."""
    weight_decay: float
    """Weight decay."""


class Optimizer:
    """An optimiser of torch with a schedule, and slow weights where Lookahead is on.

    Lookahead: Zhang et al., 2019. Every k steps the slow weights move by α towards the fast ones,
    which then start again from them.
    """

    LOOKAHEAD_STEPS = 5
    """Steps k between two moves of the slow weights."""
    LOOKAHEAD_RATE = 0.5
    """Share α of the way that they move."""

    def __init__(self, objective: Objective, options: OptimizerOptions, total_steps: int) -> None:
        self.options = options
        self.total_steps = total_steps
        self.groups = parameter_groups(objective, options)
        self.parameters = [p for group in self.groups for p in group.parameters]
        groups: list[dict[str, Any]] = [
            {"params": g.parameters, "lr": g.learning_rate, "weight_decay": g.weight_decay}
            for g in self.groups
        ]
        try:
            self.torch = _optimizer(options, groups)
        except RuntimeError as error:
            raise RecipeError(
                f"--fused does not work with torch {torch.__version__} here ({error}); set "
                "--fused false"
            ) from error
        self.slow: list[Tensor] = []
        if options.optimizer == "sgd":
            self.slow = [p.detach().clone() for p in self.parameters]

    def step(self, step: int, norm: float) -> None:
        """Apply the gradients of a step, clipped, and forget them.

        Args:
            step: number of the step, from 0.
            norm: length of the gradient over all weights.
        """
        if norm > self.options.clip:
            gradients = [p.grad for p in self.parameters if p.grad is not None]
            torch._foreach_mul_(gradients, self.options.clip / norm)
        share = self.rate(step)
        for group, options in zip(self.torch.param_groups, self.groups, strict=True):
            group["lr"] = options.learning_rate * share
        self.torch.step()
        self.torch.zero_grad()
        if self.slow and (step + 1) % self.LOOKAHEAD_STEPS == 0:
            with torch.no_grad():
                fast: list[Tensor] = [*self.parameters]
                torch._foreach_lerp_(self.slow, fast, self.LOOKAHEAD_RATE)
                torch._foreach_copy_(fast, self.slow)

    def rate(self, step: int) -> float:
        """Share of the peak learning rate at `step`: linear warm-up, then a cosine to zero."""
        warmup = min(self.options.warmup_steps, self.total_steps // 10)
        if step < warmup:
            return (step + 1) / (warmup + 1)
        done = (step - warmup) / max(self.total_steps - warmup, 1)
        return cosine(done)

    def state(self) -> dict[str, Tensor]:
        """All that a resumed run needs, by name."""
        tensors = {
            f"state.{index}.{name}": torch.as_tensor(value)
            for index, values in self.torch.state_dict()["state"].items()
            for name, value in values.items()
            if value is not None
        }
        return tensors | {f"slow.{i}": slow for i, slow in enumerate(self.slow)}

    def load_state(self, tensors: dict[str, Tensor]) -> None:
        """Restore what `state` returned."""
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            kind, index, *name = key.split(".", 2)
            if kind == "slow":
                self.slow[int(index)].copy_(value)
            else:
                layout = self.parameters[int(index)]
                if value.shape == layout.shape:
                    value = torch.empty_like(layout, requires_grad=False).copy_(value)
                state.setdefault(int(index), {})[name[0]] = value
        whole = self.torch.state_dict()
        whole["state"] = state
        self.torch.load_state_dict(whole)


def _optimizer(options: OptimizerOptions, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    if options.optimizer == "adamw":
        return torch.optim.AdamW(groups, fused=options.fused)
    return torch.optim.SGD(groups, momentum=0.9, fused=options.fused)


def parameter_groups(objective: Objective, options: OptimizerOptions) -> list[ParameterGroup]:
    """Split weights by learning rate (encoder or not) and decay (none on vectors, embeddings)."""
    embeddings = {
        id(module.weight) for module in objective.modules() if isinstance(module, nn.Embedding)
    }
    groups: dict[str, ParameterGroup] = {}
    for name, parameter in objective.named_parameters():
        encoder = name.startswith("encoder.")
        decayed = parameter.ndim > 1 and id(parameter) not in embeddings
        key = f"{'encoder' if encoder else 'rest'}, {'decay' if decayed else 'no decay'}"
        rate = options.encoder_learning_rate if encoder else options.learning_rate
        decay = options.weight_decay if decayed else 0.0
        groups.setdefault(key, ParameterGroup(key, [], rate, decay)).parameters.append(parameter)
    return list(groups.values())
