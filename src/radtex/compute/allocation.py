"""How the C library hands out memory to tensors on the CPU."""

import ctypes
import platform

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -2, -3, -4
_LARGEST = 2**31 - 1


def keep_freed_memory() -> None:
    """Let glibc keep freed memory for the next tensor; elsewhere, do nothing.

    By default it maps every large tensor anew and gives it back at once, so that the kernel zeroes
    each page again and again: measured, up to half of the time of a forward pass.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    libc = ctypes.CDLL(None)
    libc.mallopt(_MMAP_MAX, 0)
    libc.mallopt(_TRIM_THRESHOLD, _LARGEST)
    libc.mallopt(_TOP_PAD, 256 * 2**20)


def keep_some_freed_memory() -> None:
    """Let glibc keep up to 64 MiB of freed memory, in a process that may seldom need much more.

    Blocks of more than 32 MiB are still given back at once.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    libc = ctypes.CDLL(None)
    libc.mallopt(_MMAP_THRESHOLD, 32 * 2**20)  # no larger one is taken
    libc.mallopt(_TRIM_THRESHOLD, 64 * 2**20)
