"""Markdown of authors to HTML that any page may show.

CommonMark with tables and strikethrough, by markdown-it; HTML in the text is text. What comes out goes through nh3's
allow-list once more, so that a fault of the one is caught by the other. Images are shown from this server only: one
of another site would tell that site who reads what, so its description stands in its place. Headings begin at h2,
because a page has its own h1.
"""

import functools
from collections.abc import Iterator, Sequence
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

TAGS = {
    *("p", "br", "hr", "blockquote", "pre", "code", "em", "strong", "s", "a", "img"),
    *("h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
REL = "noopener noreferrer"
MOST_MARKS = 5000


def is_own(address: str) -> bool:
    """Whether an image's address is a path of this server."""
    return address.startswith("/") and not address.startswith(("//", "/\\"))


def _image(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    token = tokens[at]
    if is_own(str(token.attrs.get("src", ""))):
        return renderer.image(tokens, at, options, env)
    return f"<em>{escapeHtml(renderer.renderInlineAsText(token.children, options, env))}</em>"


@functools.cache
def _parser(*without: str) -> MarkdownIt:
    parser = MarkdownIt("js-default", {"html": False, "linkify": False}).disable(without)
    parser.add_render_rule("image", _image)
    return parser


def _parser_of(text: str) -> MarkdownIt:
    """What takes time with the square of its marks (4 s for 50,000 open brackets) is plain text above any real use."""
    costly = {"[": ("link", "image"), "|": ("table",)}
    return _parser(*(rule for mark, rules in costly.items() if text.count(mark) > MOST_MARKS for rule in rules))


def to_html(text: str) -> str:
    parser = _parser_of(text)
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    html = parser.renderer.render(tokens, parser.options, {})
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=REL)


def images(text: str) -> Iterator[tuple[str, str]]:
    """(address, description) of each image."""
    parser = _parser_of(text)
    for token in parser.parse(text):
        for child in token.children or []:
            if child.type == "image":
                description = RendererHTML().renderInlineAsText(child.children, parser.options, {})
                yield str(child.attrs.get("src", "")), description.strip()
