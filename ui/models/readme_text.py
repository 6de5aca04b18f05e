"""A model card as Markdown that we can show: without its front matter and without HTML, pictures as their words."""

from __future__ import annotations

import re
from html import unescape

LONGEST_TAG = 2_000
_FRONT = re.compile(r"\A\ufeff?\s*---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_CODE = re.compile(r"(?<!`)(`+)(?!`)([^\n]{0,1000}?[^`\n])\1(?!`)")
_ATTRIBUTES = rf"(?:\s[^<>]{{0,{LONGEST_TAG}}})?"
_TAG = re.compile(rf"<(/?)([a-zA-Z][a-zA-Z0-9]*){_ATTRIBUTES}/?>")
_LINK = re.compile(rf"<a\s[^<>]{{0,{LONGEST_TAG}}}>([^<>]{{0,500}})</a>", re.IGNORECASE)
_ANCHOR = re.compile(rf"</?a{_ATTRIBUTES}>", re.IGNORECASE)
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"\s]*)"|'([^'\s]*)')""", re.IGNORECASE)
_LINES = {"p", "div", "center", "table", "tr", "ul", "ol", "details", "section", "blockquote", "figure", "hr"}
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`"}
_DROPPED = {"td", "th", "tbody", "thead", "span", "font", "sup", "sub", "u", "figcaption", "picture", "source"}
_DROPPED |= {"video", "audio", "iframe", "summary", "small", "big", "kbd", "s", "del", "ins", "style", "script", "svg"}
_HEADS = {f"h{level}": "#" * level for level in range(1, 7)}
_HIDDEN = ("script", "style")


def readable(text: str) -> str:
    """Return the Markdown to show of a README. Linear in its length; what looks like code stays as it is."""
    text = _FRONT.sub("", text.replace("\r\n", "\n"), count=1)
    parts: list[str] = []
    prose: list[str] = []
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            parts.append(line)
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif mark:
            parts += [_without_html("\n".join(prose)), line]
            prose, fence = [], mark[1]
        else:
            prose.append(line)
    if prose:
        parts.append(_without_html("\n".join(prose)))
    return "\n".join(parts).strip("\n")


def _without_html(text: str) -> str:
    """Return prose whose tags became Markdown or went, those inside of code excepted."""
    if "<" not in text:
        return text
    text = _cut(text, "<!--", "-->")
    for name in _HIDDEN:
        text = _cut(text, f"<{name}", f"</{name}>")
    pieces, end = [], 0
    for code in _CODE.finditer(text):
        pieces += [_tags(text[end : code.start()]), code.group()]
        end = code.end()
    return "".join([*pieces, _tags(text[end:])])


def _tags(text: str) -> str:
    if "<" not in text:
        return text
    return _ANCHOR.sub("", _LINK.sub(_link, _TAG.sub(_in_place_of, text)))


def _link(match: re.Match[str]) -> str:
    """Return a link as Markdown; its text alone where it leads nowhere."""
    href = _HREF.search(match.group())
    words = " ".join(match[1].split())
    address = unescape(href[1] or href[2] or "") if href else ""
    return f"[{words}]({address})" if words and address and not re.search(r"[()\[\]<>]", address) else words


def _in_place_of(match: re.Match[str]) -> str:
    """Return what stands in place of a tag; the tag itself when HTML does not know it."""
    name, is_end = match[2].lower(), bool(match[1])
    if name == "img":
        alt = _ALT.search(match.group())
        return unescape(alt[1] or alt[2] or "") if alt else ""
    if name in _MARKS:
        return _MARKS[name]
    if name in _HEADS:
        return "\n\n" if is_end else f"\n\n{_HEADS[name]} "
    if name == "br":
        return "  \n"
    if name == "li":
        return "" if is_end else "\n- "
    if name in _LINES:
        return "\n\n"
    return "" if name in _DROPPED else match.group()


def _cut(text: str, start: str, end: str) -> str:
    """Return a text without all from each ``start`` to the next ``end``, or to the end of all."""
    lowered = text.lower()
    kept, place = [], 0
    while (begin := lowered.find(start, place)) >= 0:
        kept.append(text[place:begin])
        stop = lowered.find(end, begin)
        if stop < 0:
            return "".join(kept)
        place = stop + len(end)
    kept.append(text[place:])
    return "".join(kept)
