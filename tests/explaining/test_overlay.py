"""The picture: tint where the map is high, findings numbered in the text, the same bytes twice."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from radtex.explaining.overlay import Panel, _lines, _show, _words, draw_overlay

TEXT = "small pleural effusion. mild edema/effusion. no nodule."
FILM = np.full((60, 80), 90, np.uint8)


def heat(cell: tuple[int, int]) -> np.ndarray:
    found = np.full((4, 4), 0.02, np.float32)
    found[cell] = 1 - 15 * 0.02
    return found


PANELS = [
    Panel("Pleural Effusion", ((6, 22), (35, 43)), heat((0, 0))),
    Panel("Edema", ((29, 34),), heat((3, 2))),
]


def test_findings_are_numbered_where_they_are_named() -> None:
    words = list(_words(TEXT, PANELS))
    assert " ".join(word for word, _ in words) == (
        "small pleural effusion[1]. mild edema[2]/effusion[1]. no nodule."
    )
    assert [word for word, named in words if named] == [
        "pleural",
        "effusion[1].",
        "edema[2]/effusion[1].",
    ]


def test_lines_keep_all_words_and_their_width() -> None:
    lines = list(_lines(((word, False) for word in TEXT.split()), 20))
    assert [word for line in lines for _, word, _ in line] == TEXT.split()
    for line in lines:
        column, word, _ = line[-1]
        assert column + len(word) <= 20 or len(line) == 1
        assert " ".join(word for _, word, _ in line)[column:] == word


@pytest.mark.parametrize("count", [0, 5])
def test_draws_the_same_bytes_twice(tmp_path: Path, count: int) -> None:
    panels = (PANELS * 3)[:count]
    for name in ("a.png", "b.png"):
        draw_overlay(FILM, (10, 70, 60, 0), TEXT, panels, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_tints_the_film_where_the_map_is_high() -> None:
    """The maps cover columns 10 to 70 of a film of 80: its edges stay grey."""
    figure = Figure(figsize=(4, 3), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(FILM, cmap="gray", vmin=0, vmax=255, extent=(0, 80, 60, 0))
    axes.set_axis_off()
    _show(axes, heat((3, 2)), (10, 70, 60, 0), highest=20.0)
    canvas.draw()
    picture = np.asarray(canvas.buffer_rgba()).astype(int)
    tint = picture[..., 0] - picture[..., 2]
    row, column = np.unravel_index(tint.argmax(), tint.shape)
    assert row / 300 == pytest.approx(7 / 8, abs=0.1)
    assert column / 400 == pytest.approx((10 + 60 * 5 / 8) / 80, abs=0.1)
    assert tint.max() > 60
    assert (tint[:, :48] == 0).all()
    assert (tint[:, 352:] == 0).all()
