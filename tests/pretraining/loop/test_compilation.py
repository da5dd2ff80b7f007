"""A compiled step is the same step, and a missing compiler is said in one line."""

from collections.abc import Callable
from functools import partial

import pytest
import torch

from fixtures.passes import ROWS, Tiny, assert_gradients_close, bicaptioning, joint, passes
from radtex.compute.seeding import seeded
from radtex.errors import RecipeError
from radtex.pretraining.loop.compilation import check_compiler
from radtex.pretraining.objectives.objective import Objective


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(Tiny, marks=pytest.mark.soak),
        pytest.param(partial(bicaptioning, 0.0), marks=pytest.mark.soak),
        pytest.param(partial(joint, 0.0), marks=pytest.mark.soak),
    ],
)
def test_a_compiled_step_is_the_same_step(build: Callable[[], Objective]) -> None:
    try:
        check_compiler(torch.device("cpu"))
    except RecipeError as error:
        pytest.skip(str(error))
    plain, fast = build(), build()
    names = list(fast.state_dict())
    expected = passes(plain).train(0, ROWS)
    assert passes(fast, compile=True).train(0, ROWS) == pytest.approx(expected, rel=1e-4)
    assert_gradients_close(fast, plain, 1e-3)
    assert list(fast.state_dict()) == names


@pytest.mark.parametrize("build", [bicaptioning, joint])
def test_what_writes_is_traced_as_one_graph(build: Callable[..., Objective]) -> None:
    objective = build(0.0, "test_resnet").train()
    with seeded(1):
        targets = objective.targets(ROWS)
    traced = torch._dynamo.explain(objective)(torch.zeros(len(ROWS), 1, 64, 64), targets)
    assert (traced.graph_count, traced.graph_break_count) == (1, 0)


def test_without_a_compiler_compilation_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none(*_: object) -> None:
        raise RuntimeError("No working C++ compiler found\nin any of these places")

    monkeypatch.setattr(torch, "compile", lambda _function: none)
    with pytest.raises(RecipeError, match=r"RuntimeError: No working C\+\+ compiler") as caught:
        check_compiler(torch.device("cpu"))
    assert "\n" not in str(caught.value)
