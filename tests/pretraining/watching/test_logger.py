from radtex.pretraining.watching.logger import leaves, one_line, points


def test_points_are_the_numbers_of_a_line_but_its_step() -> None:
    entry = {"step": 3, "loss": 0.5, "epoch": 1, "skipped": "nan in loss"}
    assert points(entry) == {"loss": 0.5, "epoch": 1.0}  # type: ignore[arg-type]


def test_leaves_have_their_own_names() -> None:
    recipe = {"seed": 1, "text": {"max_tokens": 96, "own": {"deep": None}}}
    assert leaves(recipe) == {"seed": "1", "max_tokens": "96", "deep": "None"}


def test_a_message_of_lines_becomes_one() -> None:
    assert one_line(ValueError("no route\n   to host\n")) == "no route to host"
