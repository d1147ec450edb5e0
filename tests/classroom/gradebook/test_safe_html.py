"""What a learner's notebook shows on nbgrader's pages is all there, and nothing in it runs."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import nbformat
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.exporters import HTMLExporter
from traitlets.config import Config

from course.classroom.gradebook.safe_html import FILTERS, clean_html

HOSTILE = [
    "<script>alert(1)</script>",
    "<scr<script>x</script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://example.org/who-marks.png'>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<form action='/hub/logout'><input id='q1' name='q1' value='10'></form>",
    "<div id='q1' style='position: fixed; background: url(https://example.org/a)' onclick='alert(1)'>x</div>",
    "<style>body { display: none }</style>",
    "<a href=' JavaScript:alert(1)'>here</a> <a href='data:text/html,x'>there</a>",
    "<meta http-equiv='refresh' content='0; url=https://example.org'><base href='https://example.org'>",
    "[here](javascript:alert(1))",
    "![here](https://example.org/a.png)",
]


class Elements(HTMLParser):
    """Collects what a browser would make of a page: tags and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def assert_inert(html: str) -> None:
    elements = Elements(html)
    assert not elements.tags & {"script", "style", "svg", "iframe", "form", "input", "meta", "base", "link", "object"}
    for tag, name, value in elements.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in {"id", "name"}, (tag, name)
        assert "position" not in value, (tag, name, value)
        assert "url(" not in value, (tag, name, value)
        assert name not in {"src", "href"} or value.startswith(("http", "mailto:", "data:image/", "#")), value
        assert name != "src" or value.startswith("data:image/"), value


def exported(**cell: Any) -> str:
    """Return a cell as nbconvert shows it with our filters."""
    new_cell = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}[cell.pop("kind")]
    notebook = nbformat.v4.new_notebook(cells=[new_cell(**cell)])  # type: ignore[no-untyped-call]
    config = Config({"HTMLExporter": {"sanitize_html": True, "filters": FILTERS, "template_name": "classic"}})
    exporter = HTMLExporter(config=config)  # type: ignore[no-untyped-call]
    html: str = exporter.from_notebook_node(notebook)[0]
    return html.partition("<body")[2].partition("</body")[0]


def output(**data: str) -> list[Any]:
    return [nbformat.from_dict({"output_type": "display_data", "metadata": {}, "data": data})]  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_in_an_answer_or_an_output_runs_or_calls_elsewhere(html: str) -> None:
    assert_inert(clean_html(html))
    assert_inert(exported(kind="markdown", source=f"Because {html} of it.").partition('<div class="cell')[2])


@given(st.lists(st.sampled_from([*HOSTILE, "<", ">", "</script>", "`", "\n", "&lt;", "a"]), max_size=6).map("".join))
def test_no_mixture_of_them_runs_either(html: str) -> None:
    assert_inert(clean_html(html))


def test_a_table_of_pandas_appears_as_a_table() -> None:
    html = pd.DataFrame({"town": ["Raqqa"], "held": [False]})._repr_html_()  # type: ignore[operator]
    shown = exported(kind="code", source="towns", outputs=output(**{"text/html": html, "text/plain": "town"}))

    assert {"table", "thead", "th", "td"} <= Elements(shown).tags
    assert shown.count("padding") == shown.count("<td") + shown.count("<th "), "words in two cells do not touch"
    assert "&lt;" not in shown
    assert "vertical-align" not in shown


def test_a_rubric_appears_as_a_table() -> None:
    rubric = "About it.\n\n| Marks | What earns them |\n| --- | --- |\n| 0 | nothing |"
    shown = exported(kind="code", source="rubric('Q4')", outputs=output(**{"text/markdown": rubric, "text/plain": "r"}))

    assert {"table", "thead", "th", "td"} <= Elements(shown).tags


def test_what_people_write_reads_as_they_wrote_it() -> None:
    answer = "> He said *never*, and 3 < 5 & 5 > 3.\n\n- `a < b`\n- [the report](https://example.org/report)"
    shown = exported(kind="markdown", source=answer)

    for part in ("<blockquote>", "<em>never</em>", "3 &lt; 5 &amp; 5 &gt; 3.", "<code>a &lt; b</code>"):
        assert part in shown
    assert '<a href="https://example.org/report">the report</a>' in shown


def test_a_picture_pasted_into_an_answer_is_shown() -> None:
    pasted = {"map.png": {"image/png": "aGVsbG8="}}
    assert "data:image/png;base64,aGVsbG8=" in exported(
        kind="markdown", source="![the map](attachment:map.png)", attachments=pasted
    )
