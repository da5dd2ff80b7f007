"""Where networks compute, with and without a GPU."""

import pytest
import torch

from radtex.compute.devices import compute_device, to_device


def test_without_a_gpu_it_is_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert compute_device() == torch.device("cpu")


def test_a_process_takes_the_gpu_of_its_local_rank(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    assert compute_device() == torch.device("cuda", 0)
    monkeypatch.setenv("LOCAL_RANK", "3")
    assert compute_device() == torch.device("cuda", 3)


def test_what_stays_on_the_cpu_is_not_copied() -> None:
    tensor = torch.arange(3)
    assert to_device(tensor, torch.device("cpu")) is tensor


def test_what_goes_to_a_gpu_is_pinned_first() -> None:
    calls: list[object] = []

    class Spy:
        def pin_memory(self) -> "Spy":
            calls.append("pinned")
            return self

        def to(self, device: torch.device, non_blocking: bool) -> str:
            calls.append((device.type, non_blocking))
            return "sent"

    assert to_device(Spy(), torch.device("cuda", 0)) == "sent"
    assert calls == ["pinned", ("cuda", True)]
