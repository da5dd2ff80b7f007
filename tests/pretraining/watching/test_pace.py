"""The words behind the progress bar."""

import time

import psutil
import pytest
import torch

from radtex.pretraining.watching.pace import Pace, peak_memory


def test_the_line_has_each_term_and_the_rate_of_the_last_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter([0.0, *(10.0 + step for step in range(30))])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    pace = Pace(torch.device("cpu"))
    first = pace.words({"loss": 5.0, "forward": 2.0, "backward": 3.0}, 8)
    assert first.startswith("loss 5.000 = 2.00 forward + 3.00 backward, 0.8 images/s, ")
    later = [pace.words({"loss": 1.0}, 16) for _ in range(29)]
    assert later[-1].startswith("loss 1.000, 16.0 images/s, ")
    assert later[-1].endswith(" GiB")


def test_memory_of_the_process_is_in_bytes() -> None:
    now, there = psutil.Process().memory_info().rss, psutil.virtual_memory().total
    # The kernel keeps the two counts apart by a few pages.
    assert 0.99 * now <= peak_memory(torch.device("cpu")) < there
