import shlex
from pathlib import Path

from radtex.transfer.contestants.lineup import Lineup
from radtex.transfer.design import Design
from radtex.transfer.evidence.command import command_line, transfer_command
from radtex.transfer.protocols.finetune import Finetune
from radtex.transfer.protocols.finetuning_options import FinetuningOptions
from radtex.transfer.protocols.linear import Linear


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


def test_a_transfer_is_spelled_with_all_that_was_asked_for():
    spelled = transfer_command(
        "c:pool",
        Lineup(("random", "x=run a"), "resnet10t", True, True, ("x:random",)),
        Design(("Edema", "nih9"), (20, 40), 2, 3, "shared", "balanced", "u-ones"),
        Path("o"),
        test="t:test",
        protocol=Finetune(FinetuningOptions(5, early_stopping=True), workers=2),
        save=Path("kept"),
        with_films=True,
    )
    assert spelled == (
        "radtex transfer c:pool --test t:test --encoders random 'x=run a' --primary x:random "
        "--targets Edema nih9 --budgets 20 40 --repeats 2 "
        "--protocol finetune --sampling shared --prevalence balanced "
        "--finetune-steps 5 --finetune-learning-rate 0.001 --early-stopping --backbone resnet10t "
        "--label-policy u-ones --test-label-policy definite --label-sources human archive "
        "--test-patients 10 --seed 3 "
        "--save kept --with-films --unequal-inputs --no-pixels --out o"
    )


def test_what_was_left_to_its_default_and_has_none_is_left_out():
    spelled = transfer_command(
        "c", Lineup(("a",)), Design(("b",)), Path("o"), test=None, protocol=Linear(), save=None
    )
    words = shlex.split(spelled)
    assert not {
        "--test",
        "--backbone",
        "--save",
        "--with-films",
        "--unequal-inputs",
        "--no-pixels",
        "--primary",
    } & set(words)
    assert words[words.index("--budgets") + 1 :][:5] == ["50", "100", "200", "500", "1000"]
