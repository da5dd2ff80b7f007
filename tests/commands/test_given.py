from radtex.commands.given import given


def test_what_was_left_out_is_left_out() -> None:
    assert given(a=0, b=None, c=False, d=()) == {"a": 0, "c": False, "d": ()}
