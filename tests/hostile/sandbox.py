"""Runs attacks, each in a process of its own, and judges how the command ended."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from hostile import fork_server
from hostile.attack import Attack, Ended, Stage


class Sandbox:
    """A process that forks for each attack; used with `with`."""

    def __init__(self, stage: Stage) -> None:
        """Start the process.

        Args:
            stage: what the attacks are given.
        """
        self._stage = stage
        self._server = subprocess.Popen(
            [sys.executable, fork_server.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server.stdin
        self._server.stdin.close()
        assert self._server.wait(60) == 0

    def judge(self, attack: Attack, place: Path) -> None:
        """Run an attack below an empty folder; fail where it does not end as it must."""
        folder = place / "hostile"
        folder.mkdir()
        ended = self._run(attack, attack.make(self._stage, folder), folder)
        told = f"{ended}"
        assert ended.status is not None, f"it hangs\n{told}"
        both = f"{ended.out}\n{ended.err}"
        assert "Traceback" not in both, both
        assert "Exception ignored" not in both, both
        assert ended.status == attack.status, told
        assert re.search(attack.says, both), told
        for secret in attack.never:
            assert secret not in both, told
        attack.check(folder, ended)

    def _run(self, attack: Attack, words: object, folder: Path) -> Ended:
        out, err = folder.with_name("out.txt"), folder.with_name("err.txt")
        order = {
            "words": list(map(str, words)),
            "folder": str(folder),
            "environment": {"RADTEX_SITE_KEY_FILE": str(folder.with_name("site.key"))},
            "out": attack.stdout if attack.stdout.startswith("/") else str(out),
            "err": str(err),
            "closed": attack.stdout == "closed",
            "seconds": attack.seconds,
            "megabytes": attack.megabytes,
            "no_root": attack.no_root,
            "before": attack.before,
        }
        assert self._server.stdin
        assert self._server.stdout
        print(json.dumps(order), file=self._server.stdin, flush=True)
        answer = json.loads(self._server.stdout.readline())
        return Ended(out=_text(out), err=_text(err), **answer)


def _text(path: Path) -> str:
    return path.read_bytes().decode(errors="backslashreplace") if path.exists() else ""
