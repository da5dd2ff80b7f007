"""What was measured first on a machine is followed, whoever asks."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from radtex.compute import kept_choice as module
from radtex.compute.kept_choice import kept_choice


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def never() -> bool:
    raise AssertionError("measured again")


@pytest.mark.parametrize("choice", [True, False])
def test_a_choice_is_measured_once(cache: Path, choice: bool) -> None:
    assert kept_choice("kernel", lambda: choice) is choice
    assert kept_choice("kernel", never) is choice
    assert kept_choice("another", lambda: not choice) is not choice
    assert all(file.stat().st_size < 4 for file in (cache / "radtex/choices").iterdir())


@pytest.mark.usefixtures("cache")
def test_another_processor_measures_for_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, choice in (("Some CPU", True), ("Other CPU", False)):
        info = tmp_path / "cpuinfo"
        info.write_text(f"processor: 0\nmodel name\t: {name}\n")
        monkeypatch.setattr(module, "_CPUINFO", info)
        assert kept_choice("kernel", lambda choice=choice: choice) is choice


@pytest.mark.usefixtures("cache")
def test_of_several_that_measure_at_once_all_follow_the_first() -> None:
    both = threading.Barrier(2)
    found: list[bool] = []

    def ask(choice: bool) -> Callable[[], None]:
        def measure() -> bool:
            both.wait(10)
            return choice

        return lambda: found.append(kept_choice("kernel", measure))

    threads = [threading.Thread(target=ask(choice)) for choice in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(found) == 2
    assert found[0] is found[1]


@pytest.mark.parametrize("content", [b"", b"maybe", b"yes" * 99])
def test_what_is_no_choice_is_measured_without_being_kept(cache: Path, content: bytes) -> None:
    kept_choice("kernel", lambda: True)
    (file,) = (cache / "radtex/choices").iterdir()
    file.write_bytes(content)
    assert kept_choice("kernel", lambda: False) is False
    assert file.read_bytes() == content


def test_where_nothing_can_be_kept_it_is_measured_each_time(cache: Path) -> None:
    (cache / "radtex").write_text("a file")
    assert kept_choice("kernel", lambda: True) is True
    assert kept_choice("kernel", lambda: False) is False


def test_a_planted_link_is_not_followed(cache: Path, tmp_path: Path) -> None:
    kept_choice("kernel", lambda: True)
    (file,) = (cache / "radtex/choices").iterdir()
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert kept_choice("kernel", lambda: False) is False
