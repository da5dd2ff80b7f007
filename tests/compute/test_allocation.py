"""Freed memory stays with the process where glibc hands it out."""

import ctypes
import platform

import pytest

from radtex.compute.allocation import keep_freed_memory, keep_some_freed_memory


class Library:
    """Stands in for the C library, and notes what it is told."""

    def __init__(self) -> None:
        self.told: dict[int, int] = {}

    def mallopt(self, option: int, value: int) -> int:
        self.told[option] = value
        return 1


@pytest.mark.parametrize("library", ["glibc", "musl", ""])
def test_only_glibc_is_told_to_keep_what_is_freed(
    monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    fake = Library()
    monkeypatch.setattr(platform, "libc_ver", lambda: (library, "2.36"))
    monkeypatch.setattr(ctypes, "CDLL", lambda _: fake)
    keep_freed_memory()
    m_mmap_max, m_trim_threshold, m_top_pad = -4, -1, -2  # by malloc.h
    expected = {m_mmap_max: 0, m_trim_threshold: 2**31 - 1, m_top_pad: 2**28}
    assert fake.told == (expected if library == "glibc" else {})
    fake.told.clear()
    keep_some_freed_memory()
    m_mmap_threshold = -3
    expected = {m_mmap_threshold: 2**25, m_trim_threshold: 2**26}
    assert fake.told == (expected if library == "glibc" else {})


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_the_library_of_this_machine_takes_the_options() -> None:
    libc = ctypes.CDLL(None)
    answers = []

    class Spy:
        def mallopt(self, option: int, value: int) -> int:
            answers.append(libc.mallopt(option, value))
            return answers[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ctypes, "CDLL", lambda _: Spy())
        keep_freed_memory()
        keep_some_freed_memory()
    assert answers == [1] * 5
