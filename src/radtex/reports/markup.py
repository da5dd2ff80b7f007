"""Markup in a report is undone: HTML tags and entities, marks of emphasis, RTF."""

import html
import re

_BREAK = re.compile("\r(?!\n)|[\x0b\x0c\x85\u2028\u2029]")
_BLANK = {ord(c): " " for c in "\r\t\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
          "\u2008\u2009\u200a\u202f\u205f\u3000"}  # fmt: skip
_SIGNS = {**_BLANK, **dict.fromkeys(map(ord, "\xad\u200b\u200c\u200d\u2060\ufeff"))}
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_INLINE = (
    "a", "abbr", "acronym", "b", "big", "bdo", "body", "cite", "code", "em", "font", "head",
    "html", "i", "ins", "link", "mark", "meta", "o:p", "s", "small", "span", "st1", "strike",
    "strong", "sub", "sup", "tbody", "thead", "tt", "u", "del", "tfoot", "form", "img", "input",
    "xml", "label", "!doctype", "center", "blockquote", "section", "article", "main", "header",
    "footer",
)  # fmt: skip
_LINE = ("br", "div", "tr", "li", "ul", "ol", "table", "caption", "dl", "dt", "dd")
_PARAGRAPH = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre", "title")
_HIDDEN = ("script", "style")
_TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>{'|'.join((*_INLINE, *_LINE, *_PARAGRAPH, *_HIDDEN, 'td', 'th'))})"
    r"(?![\w-])[^<>]{0,2000}>(?P<newline>[ \t]*\r?\n)?|<!--",
    re.IGNORECASE,
)
_UNKNOWN_TAG = re.compile(r"</[A-Za-z][\w:.-]{0,60}\s{0,9}>|<\?xml\b")
_EMPHASIS = re.compile(r"(?<![*\[])\*{2,3}(?![*\]])|^#{1,6}[ \t]", re.MULTILINE)
_UNDERLINED = re.compile(r"^([ \t]*)__([^\W_][^_\n]{0,60})__(?!_)", re.MULTILINE)

_RTF_START = re.compile(r"\s*\{\\rtf", re.IGNORECASE)
_RTF = re.compile(
    r"\\(?:'(?P<hex>[0-9a-fA-F]{2})|(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?"
    r"|(?P<symbol>.))|(?P<open>\{)|(?P<close>\})|(?P<text>[^\\{}\r\n]+)|[\r\n]+",
    re.DOTALL,
)
_RTF_HIDDEN = frozenset((
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer",
    "headerl", "headerr", "headerf", "footerl", "footerr", "footerf", "footnote", "listtable",
    "listoverridetable", "revtbl", "rsidtbl", "generator", "themedata", "datastore",
    "latentstyles", "xmlnstbl", "fldinst",
))  # fmt: skip
_RTF_WORDS = {"par": "\n", "line": "\n", "sect": "\n\n", "page": "\n\n", "row": "\n", "tab": " ",
              "cell": " ", "emdash": "-", "endash": "-", "lquote": "'", "rquote": "'",
              "ldblquote": '"', "rdblquote": '"', "bullet": "-"}  # fmt: skip


def plain_text(text: str) -> str:
    r"""Return a text without markup, in time linear in its length.

    A tag that ends a line or a paragraph becomes a line break; other tags of HTML, comments,
    scripts and the marks of emphasis (`**`, `__` around a header, `#` before one) go; entities
    become their characters; of RTF the text stays. All line breaks are "\n", all blanks spaces.
    Signs without width go too. Other text
    keeps its length, so that places in it stay.
    """
    if _RTF_START.match(text):
        text = _without_rtf(text)
    if "&" in text:
        for _ in range(2):
            text = _ENTITY.sub(lambda entity: html.unescape(entity.group()), text)
    if "<" in text:
        text = _without_tags(text)
    if "**" in text or "#" in text:
        text = _EMPHASIS.sub("", text)
    if "__" in text:
        text = _UNDERLINED.sub(r"\1\2", text)
    return _BREAK.sub("\n", text).translate(_SIGNS)


def keeps_markup(text: str) -> bool:
    """Tell whether a text has markup that `plain_text` does not undo, such as unknown tags."""
    plain = plain_text(text)
    return bool(_UNKNOWN_TAG.search(plain) or "{\\rtf" in plain or (text.strip() and not plain))


def _without_tags(text: str) -> str:
    parts, place = [], 0
    while (tag := _TAG.search(text, place)) is not None:
        parts.append(text[place : tag.start()])
        place = tag.end()
        if tag["name"] is None:
            end = text.find("-->", place)
            place = len(text) if end < 0 else end + 3
            continue
        name = tag["name"].lower()
        if name in _HIDDEN and not tag["close"]:
            closing = re.compile(f"</{name}", re.IGNORECASE).search(text, place)
            place = len(text) if closing is None else closing.start()
        elif name in _PARAGRAPH:
            parts.append("\n\n")
        elif name in _LINE:
            parts.append("\n")
        else:
            parts.append((" " if name in ("td", "th") else "") + (tag["newline"] or ""))
    return "".join((*parts, text[place:]))


def _without_rtf(text: str) -> str:
    """Return the text of an RTF document; characters beyond ASCII are read as Windows-1252."""
    parts: list[str] = []
    hidden, outer = False, []
    surplus = 0
    for token in _RTF.finditer(text):
        if token["open"]:
            outer.append(hidden)
        elif token["close"]:
            hidden = outer.pop() if outer else False
        elif token["symbol"] == "*" or token["word"] in _RTF_HIDDEN:
            hidden = True
        elif not hidden:
            said = _said(token)
            if surplus and said and not token["word"]:
                said, surplus = said[surplus:], 0
            parts.append(said)
            if token["word"] == "u":
                surplus = 1
    return "".join(parts)


def _said(token: re.Match[str]) -> str:
    """Return what a token of a shown group adds to the text."""
    if token["text"]:
        return token["text"]
    if token["hex"]:
        return bytes.fromhex(token["hex"]).decode("cp1252", "replace")
    if token["word"] == "u" and token["number"]:
        code = int(token["number"]) % 65536
        return "" if 0xD800 <= code < 0xE000 else chr(code)
    if token["word"]:
        return _RTF_WORDS.get(token["word"].lower(), "")
    return {"~": " ", "_": "-", "-": "", "\\": "\\", "{": "{", "}": "}", "\n": "\n"}.get(
        token["symbol"] or "", ""
    )
