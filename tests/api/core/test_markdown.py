"""Markdown of authors: what is shown, and that nothing in it runs, calls another site or takes long."""

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.core.markdown import ATTRIBUTES, REL, TAGS, images, to_html


class Found(HTMLParser):
    """Tags with their attributes, as a browser would read them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# One", "<h2>One</h2>"),
        ("###### Six", "<h6>Six</h6>"),
        ("a **b** ~~c~~", "<p>a <strong>b</strong> <s>c</s></p>"),
        ("[a](https://b.example)", f'<p><a href="https://b.example" rel="{REL}">a</a></p>'),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
        ("<b onclick=x>hi</b>", "<p>&lt;b onclick=x&gt;hi&lt;/b&gt;</p>"),
        ("![A *plan*](https://spy.example/x.png)", "<p><em>A plan</em></p>"),
        ("![A](//spy.example/x.png)", "<p><em>A</em></p>"),
        ("![A plan](/media/x)", '<p><img src="/media/x" alt="A plan"></p>'),
        ("| a |\n|---|\n| 1 |", "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>"),
    ],
)
def test_markdown_becomes_html(text: str, html: str) -> None:
    assert to_html(text).replace("\n", "") == html


PIECES = st.sampled_from(
    [
        "<script>",
        "<img src=x onerror=alert(1)>",
        "javascript:",
        "data:text/html,x",
        "](",
        "![",
        "[",
        ")",
        "`",
        "\n\n",
        "<svg/onload=x>",
        "&lt;",
        "&#x6a;",
        '"',
        "'",
        "<a href=",
        "http://a.example",
        "//b.example",
        "---",
        "\\",
        "> ",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=25).map("".join))
def test_whatever_is_written_nothing_runs_and_nothing_is_called(text: str) -> None:
    for tag, attributes in Found(to_html(text)).tags:
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES.get(tag, set()) | ({"rel"} if tag == "a" else set())
        assert not (attributes.get("src") or "").startswith(("//", "http", "data"))
        assert ":" not in (attributes.get("href") or "").partition("/")[0] or str(
            attributes["href"]
        ).lower().startswith(("http:", "https:", "mailto:"))


@pytest.mark.parametrize("text", ["[" * 50_000, "![[" * 16_000, ">" * 50_000, "|a" * 25_000 + "\n" + "|-" * 25_000])
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    to_html(text)
    assert time.process_time() - began < 1


def test_the_images_of_a_text_are_known_with_their_descriptions() -> None:
    assert list(images("![](a.png) text ![A *plan*](/media/b)")) == [("a.png", ""), ("/media/b", "A plan")]
