"""Markdown as HTML: headings with anchors, tables that scroll, and no raw HTML."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

_NOT_IN_ANCHORS: Final = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a document, with its anchor."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Rendering:
    """A document as HTML, with its headings in order."""

    html: str
    headings: Sequence[Heading]


def render(text: str, resolve: Callable[[str], str | None]) -> Rendering:
    """Render a document as HTML. `resolve` turns the target of a link or picture into an address.

    A link whose target has no address becomes plain text.
    """
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    for name, rule in _RULES.items():
        parser.add_render_rule(name, rule)
    tokens = parser.parse(text)
    headings = list(_anchored(tokens))
    for token in tokens:
        _resolve(token.children or [], resolve)
    return Rendering(
        parser.renderer.render(_without_empty_heads(tokens), parser.options, {}), headings
    )


def _anchored(tokens: Sequence[Token]) -> Iterator[Heading]:
    """Give each heading its anchor, as code hosts do, and each table the name of its heading."""
    taken: dict[str, int] = {}
    heading, tables = Heading(1, "", ""), 0
    for token, inline in pairwise(tokens):
        if token.type == "heading_open":
            said = [each for each in inline.children or [] if each.type in ("text", "code_inline")]
            words = "".join(each.content for each in said)
            heading, tables = Heading(int(token.tag[1]), words, _anchor(words, taken)), 0
            token.attrSet("id", heading.anchor)
            yield heading
        elif token.type == "table_open":
            tables += 1
            token.meta["label"] = f"{heading.text}: table {tables}"
        elif (
            token.attrs.pop("style", None) == "text-align:right"
        ):  # the CSP forbids the style attribute
            token.attrSet("class", "number")


def _anchor(words: str, taken: dict[str, int]) -> str:
    anchor = _NOT_IN_ANCHORS.sub("", words.lower()).replace(" ", "-")
    taken[anchor] = taken.get(anchor, -1) + 1
    return f"{anchor}-{taken[anchor]}" if taken[anchor] else anchor


def _resolve(tokens: Sequence[Token], resolve: Callable[[str], str | None]) -> None:
    dead = False
    for token in tokens:
        if token.type == "image":
            token.attrSet("src", resolve(str(token.attrGet("src"))) or "")
        elif token.type == "link_open":
            address = resolve(str(token.attrGet("href")))
            dead = address is None
            token.attrs = {} if address is None else {"href": address}
        if token.type in ("link_open", "link_close") and dead:
            token.tag = "span"


def _without_empty_heads(tokens: Sequence[Token]) -> list[Token]:
    """Remove empty header rows of tables, which Markdown can't omit."""
    kept: list[Token] = []
    start = 0
    for token in tokens:
        kept.append(token)
        if token.type == "thead_open":
            start = len(kept) - 1
        elif token.type == "thead_close" and not any(each.content for each in kept[start:]):
            del kept[start:]
        elif token.type == "th_close" and not kept[-2].content:
            kept[-3].tag = token.tag = "td"
    return kept


def _table(_: Any, tokens: Sequence[Token], index: int, *__: Any) -> str:
    label = escape(tokens[index].meta["label"])
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table>\n'


def _code(_: Any, tokens: Sequence[Token], index: int, *__: Any) -> str:
    token = tokens[index]
    return (
        f'<pre tabindex="0"><code class="language-{escape(token.info)}">'
        f"{escape(token.content, quote=False)}</code></pre>\n"
    )


_RULES: Final[dict[str, Callable[..., str]]] = {
    "html_block": lambda *_: "",
    "html_inline": lambda *_: "",
    "table_open": _table,
    "table_close": lambda *_: "</table></div>\n",
    "fence": _code,
}
