from radtex.transfer.evidence.style import COLOURS, style


def test_no_two_of_many_encoders_are_drawn_alike():
    looks = [style(number) for number in range(2 * len(COLOURS))]
    assert len({tuple(map(str, look.values())) for look in looks}) == len(looks)
    grey = {(look["marker"], look["markerfacecolor"] == "white") for look in looks}
    assert len(grey) == len(looks)
