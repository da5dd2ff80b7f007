import shlex
from pathlib import Path

from radtex.transfer.evidence.command import command_line


def test_a_command_is_spelled_for_a_shell():
    spelled = command_line(
        "radtex transfer",
        "a corpus:pool",
        encoders=["random", "mine=my run"],
        budgets=(50, 100),
        test=None,
        balanced=True,
        save=False,
        label_policy="paper",
        out=Path("it's"),
    )
    assert shlex.split(spelled) == [
        "radtex", "transfer", "a corpus:pool", "--encoders", "random", "mine=my run",
        "--budgets", "50", "100", "--balanced", "--label-policy", "paper", "--out", "it's",
    ]  # fmt: skip
