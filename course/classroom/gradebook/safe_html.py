"""Filters for nbgrader's pages: what a learner's notebook shows, without what a learner's notebook could do.

nbconvert's own cleaning lacks table headings and shows a `style` element as text, so tables arrive as tag soup; and
nbgrader's templates pass prose answers through without any. Both filters replace nbconvert's of the same name, by
``HTMLExporter.filters`` in `nbgrader_config.py` and in the hub's settings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import bleach  # type: ignore[import-untyped]
from bleach.css_sanitizer import CSSSanitizer  # type: ignore[import-untyped]
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

if TYPE_CHECKING:
    from jinja2.runtime import Context

FILTERS: Final = {name: f"{__name__}.{name}" for name in ("clean_html", "markdown2html")}
"""What `HTMLExporter.filters` is set to."""

_TEXT: Final = {
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "p",
    "div",
    "span",
    "br",
    "hr",
    "pre",
    "sub",
    "sup",
    "del",
    "s",
    "u",
}
_PARTS: Final = {"small", "dl", "dt", "dd", "details", "summary", "figure", "figcaption", "img"}
_TABLES: Final = {"table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td"}
TAGS: Final = bleach.ALLOWED_TAGS | _TEXT | _PARTS | _TABLES
ATTRIBUTES: Final = frozenset({"class", "style", "title", "lang", "dir", "scope", "colspan", "rowspan", "alt", "open"})
"""Allowed on every tag. Not ``id`` and ``name``, by which formgrader finds its own fields."""

_WITHOUT_TEXT: Final = re.compile(r"<(style|script)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
"""What to leave out with its text. Only for the reader: what slips through is escaped with every other tag."""
_CELL: Final = re.compile(r"<(t[dh])\b(?![^>]*\sstyle=)")


def clean_html(element: str | bytes) -> str:
    """Return HTML with tables, pictures and text as they were, and no script, style sheet, form or address of ours."""
    html = element.decode("utf-8", "replace") if isinstance(element, bytes) else str(element)
    clean: str = bleach.clean(
        _WITHOUT_TEXT.sub("", html),
        tags=TAGS,
        attributes=_is_allowed,
        protocols={"http", "https", "mailto", "data"},
        css_sanitizer=CSSSanitizer(),
    )
    # nbgrader's pages leave no room between the cells of a table, so “Raqqa” and “held” read as one word.
    return _CELL.sub(r'<\1 style="padding: 0.1em 0.6em"', clean)


@pass_context
def markdown2html(context: Context, source: str) -> str:
    """Return Markdown as clean HTML, with the pictures that are attached to the cell."""
    attachments = getattr(context.get("cell"), "attachments", {})
    renderer = IPythonRenderer(escape=False, attachments=attachments, exclude_anchor_links=True)
    return clean_html(MarkdownWithMath(renderer=renderer).render(source))


def _is_allowed(tag: str, name: str, value: str) -> bool:
    if (tag, name) == ("img", "src"):
        # A picture from elsewhere would tell its owner who marks, and when.
        return value.startswith("data:image/")
    if (tag, name) == ("a", "href"):
        return not value.lower().lstrip().startswith("data:")
    return name in ATTRIBUTES
