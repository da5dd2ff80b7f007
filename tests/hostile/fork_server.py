"""Runs commands, each in a fork of a process that has imported what they need."""

import ctypes
import importlib
import json
import os
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2
_CAPBSET_DROP = 24
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITIES_V3 = 0x20080522


def main() -> None:
    """Answer each line of standard input, an order as JSON, by how its command ended."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    for name in ("radtex.classifiers.predict", "radtex.generation.generate", "radtex.corpus.build"):
        importlib.import_module(name)
    import torch

    torch.set_num_threads(1)
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(_run(order)), flush=True)


def _run(order: dict[str, Any]) -> dict[str, Any]:
    start = time.monotonic()
    child = os.fork()
    if not child:
        _be_the_command(order)
    deadline = start + order["seconds"]
    while True:
        ended, status, usage = os.wait4(child, os.WNOHANG)
        if ended:
            break
        if time.monotonic() > deadline:
            os.killpg(child, signal.SIGKILL)
            os.wait4(child, 0)
            return {"status": None, "seconds": order["seconds"], "megabytes": 0}
        time.sleep(0.01)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "status": os.waitstatus_to_exitcode(status),
        "seconds": time.monotonic() - start,
        "megabytes": max(0, usage.ru_maxrss - own) // 1024,
    }


def _be_the_command(order: dict[str, Any]) -> None:
    """Become `radtex WORD …`; does not return."""
    status = 70
    try:
        os.setpgid(0, 0)
        os.chdir(order["folder"])
        os.environ.update(order["environment"])
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        for number, path in ((1, order["out"]), (2, order["err"])):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        if order["closed"]:
            os.close(1)
        room = _address_space() + order["megabytes"] * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (room, room))
        if order["no_root"]:
            obey_permissions()
        if order["before"]:
            module, _, name = order["before"].partition(":")
            getattr(importlib.import_module(f"hostile.{module}"), name)()
        sys.stdin = os.fdopen(0)
        sys.stdout = None if order["closed"] else os.fdopen(1, "w")
        sys.stderr = os.fdopen(2, "w")
        sys.argv = ["radtex", *order["words"]]
        from radtex import cli, progress

        progress.console.file = sys.stderr
        cli.main()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        traceback.print_exc(file=sys.__stderr__ if sys.stderr is None else sys.stderr)
        status = 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                if stream is not None:
                    stream.flush()
            except (OSError, ValueError) as error:
                status = 120  # as the interpreter ends where it cannot flush
                os.write(2, f"Exception ignored while flushing: {error}\n".encode())
        os._exit(status)


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * os.sysconf("SC_PAGESIZE")


def obey_permissions() -> None:
    """Take from root what lets it read and write files whose permissions forbid it."""
    if os.geteuid():
        return
    libc = ctypes.CDLL(None, use_errno=True)
    forbidden = 1 << _DAC_OVERRIDE | 1 << _DAC_READ_SEARCH
    for capability in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
        libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0)
    left = int(
        next(
            line.split()[1]
            for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines()
            if line.startswith("CapEff:")
        ),
        16,
    )
    left &= ~forbidden
    low, high = left & 0xFFFFFFFF, left >> 32
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0)
    sets = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)
    if libc.syscall(_CAPSET[os.uname().machine], header, sets):
        raise OSError(ctypes.get_errno(), "capset failed")


if __name__ == "__main__":
    main()
