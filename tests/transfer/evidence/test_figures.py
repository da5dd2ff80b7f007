from dataclasses import replace

from radtex.transfer.evidence import figures


def test_the_pictures_are_the_same_whatever_was_drawn_before(results):
    assert figures.curve(results) == figures.curve(results)
    assert b"<svg" in figures.reliability(results)


def test_there_is_a_small_curve_with_a_title_per_target(results):
    one = replace(results, protocol=results.protocol | {"targets": ["Edema"]})
    assert len(figures.small_multiples(one)) < len(figures.small_multiples(results))


def test_a_forest_has_a_line_for_each_comparison(results):
    few, many = figures.forest(results.paired[:1]), figures.forest(results.paired)
    assert few.count(b"ytick_") == 1
    assert many.count(b"ytick_") == len(results.paired) == 2


def test_the_lowest_row_of_a_forest_has_room(results, monkeypatch):
    drawn = []
    monkeypatch.setattr(figures, "svg", lambda figure: drawn.append(figure) or b"")
    for count in (1, 2):
        figures.forest(results.paired[:count])
        assert drawn[-1].axes[0].get_ylim() == (count - 0.5, -0.5)
