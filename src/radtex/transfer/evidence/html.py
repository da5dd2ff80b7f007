"""The parts of a page that stands alone: tables, pictures, and the style they share."""

import base64
from collections.abc import Sequence
from html import escape

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #111; background: #fff; max-width: 68rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: 0.3rem; }
h2 { font-size: 1.2rem; margin-top: 2.4rem; border-top: 1px solid #ccc; padding-top: 1.2rem; }
p, ul, figcaption { max-width: 46rem; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: 0.5rem; color: #333; }
th, td { text-align: left; padding: 0.3rem 0.9rem 0.3rem 0; border-bottom: 1px solid #ccc;
  vertical-align: top; white-space: nowrap; }
td.text { white-space: normal; min-width: 14rem; overflow-wrap: anywhere; }
thead th { border-bottom: 2px solid #111; }
figure { margin: 1.2rem 0; } figcaption { color: #333; font-size: 0.9rem; }
img { max-width: 100%; height: auto; display: block; }
.films { display: flex; flex-wrap: wrap; gap: 1rem; } .films figure { width: 10rem; margin: 0; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.8rem; background: #f5f5f5;
  padding: 1rem; }
@media (max-width: 40rem) { .wide { overflow-x: auto; }
  .wide img { max-width: none; } caption { max-width: calc(100vw - 2rem); } }
@page { margin: 14mm; }
@media print { body { font-size: 10pt; margin: 0; padding: 0; max-width: none; }
  table { font-size: 7pt; } pre { font-size: 6.5pt; padding: 0.5rem; }
  img { max-height: 200mm; width: auto; } .wide { overflow: visible; }
  .scroll { overflow: visible; } th, td { padding-right: 0.5rem; }
  tr, figure, caption { break-inside: avoid; } h2, caption { break-after: avoid; }
  thead { display: table-header-group; } }
"""
_LONG = 40  # characters from which a cell may break into lines


def document(title: str, sections: Sequence[str]) -> str:
    """The whole page out of its sections; empty ones are left out."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(section for section in sections if section)
        + "\n</main>\n</body>\n</html>\n"
    )


def section(heading: str, *parts: str) -> str:
    """A heading and what stands below it; "" where nothing does."""
    there = [part for part in parts if part]
    return "\n".join([f"<h2>{escape(heading)}</h2>", *there]) if there else ""


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def bullets(sentences: Sequence[str]) -> str:
    """A list; "" without sentences."""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f"<ul>{items}</ul>" if items else ""


def preformatted(text: str) -> str:
    """Text with its own line breaks, such as a command."""
    return f"<pre>{escape(text)}</pre>"


def picture(svg: bytes, words: str, caption: str, *, wide: bool = False) -> str:
    """A picture inside the page, with the same said in words for who does not see it.

    Args:
        svg: the picture.
        words: what it says.
        caption: stands below it.
        wide: whether it is scrolled on a narrow screen, where its letters would be too small.
    """
    image = f'<img alt="{escape(words)}" src="data:image/svg+xml;base64,{_encoded(svg)}">'
    shown = f'<div class="wide" tabindex="0">{image}</div>' if wide else image
    return f"<figure>{shown}<figcaption>{escape(caption)}</figcaption></figure>"


def films(pictures: Sequence[tuple[bytes, str]]) -> str:
    """Small films side by side, PNG each with its caption; "" without any."""
    shown = "".join(
        f'<figure><img alt="Film. {escape(words)}" src="data:image/png;base64,{_encoded(png)}">'
        f"<figcaption>{escape(words)}</figcaption></figure>"
        for png, words in pictures
    )
    return f'<div class="films">{shown}</div>' if shown else ""


def table(rows: Sequence[Sequence[str]], caption: str) -> str:
    """A table whose first row is its header and first column its row names; "" without rows."""
    header, *body = rows
    if not body:
        return ""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    lines = "\n".join(
        f'<tr><th scope="row">{escape(first)}</th>' + "".join(map(_cell, cells)) + "</tr>"
        for first, *cells in body
    )
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{lines}\n</tbody></table></div>"
    )


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _cell(text: str) -> str:
    long = ' class="text"' if len(text) > _LONG else ""
    return f"<td{long}>{escape(text)}</td>"
