import pytest

from radtex.compute import relative_speed as module
from radtex.compute.relative_speed import relative_speed


def test_the_fastest_of_each_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = iter([[9.0, 9.0], [3.0, 8.0], [4.0, 2.0], [6.0, 5.0], [6.0, 5.0], [6.0, 5.0]])
    monkeypatch.setattr(module, "_seconds", lambda *_: next(rounds))
    assert relative_speed(int, int) == pytest.approx(3.0 / 2.0)


def test_both_are_done_in_turn() -> None:
    done: list[str] = []
    relative_speed(lambda: done.append("one"), lambda: done.append("other"))
    assert done == ["one", "other"] * (module.ROUNDS + 1)
