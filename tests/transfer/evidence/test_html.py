import base64
import re
from html import unescape

from radtex.transfer.evidence.html import (
    bullets,
    document,
    films,
    paragraph,
    picture,
    preformatted,
    section,
    table,
)

HOSTILE = '<script>"it\'s" & more</script>'


def test_every_part_escapes_what_it_is_given():
    parts = [
        paragraph(HOSTILE),
        bullets([HOSTILE]),
        preformatted(HOSTILE),
        picture(b"<svg/>", HOSTILE, HOSTILE),
        films([(b"png", HOSTILE)]),
        table([[HOSTILE, HOSTILE], [HOSTILE, HOSTILE]], HOSTILE),
        section(HOSTILE, "<p>it</p>"),
        document(HOSTILE, []),
    ]
    for part in parts:
        assert "<script" not in part
        assert HOSTILE in unescape(part)


def test_what_is_empty_is_left_out():
    assert bullets([]) == section("heading", "", "") == table([["only a header"]], "none") == ""
    assert document("title", ["", "<p>a</p>", ""]).count("\n\n") == 0


def test_a_picture_holds_its_bytes():
    (data,) = re.findall(r"base64,([^\"]+)", picture(b"<svg>1</svg>", "words", "caption"))
    assert base64.b64decode(data) == b"<svg>1</svg>"


def test_a_wide_picture_can_be_scrolled_by_keys():
    assert 'tabindex="0"' in picture(b"<svg/>", "words", "caption", wide=True)
    assert "tabindex" not in picture(b"<svg/>", "words", "caption")


def test_films_hold_their_bytes_and_words():
    page = films([(b"one", "Row 1"), (b"two", "Row 2")])
    assert [base64.b64decode(data) for data in re.findall(r"png;base64,([^\"]+)", page)] == [
        b"one",
        b"two",
    ]
    assert page.count('alt="Film. Row ') == 2
    assert films([]) == ""


def test_a_tables_first_row_and_column_are_its_headers_and_long_cells_may_break():
    made = table([["name", "a", "b"], ["row", "short", "long " * 12]], "caption")
    assert made.count('scope="col"') == 3
    assert made.count('scope="row"') == 1
    assert made.count('<td class="text">') == 1
