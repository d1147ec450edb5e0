"""The pieces of HTML that the report is made of. Text is escaped unless it is `Html` already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from course.charts import Figure


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Cell: TypeAlias = "str | int | Html"


def text(value: Cell) -> str:
    """Return a value as HTML."""
    return value if isinstance(value, Html) else escape(str(value))


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], *, numbers: Iterable[int] = ()) -> Html:
    """Return a table with a caption; the first cell of each row names it.

    Parameters
    ----------
    numbers : iterable of int
        The columns that hold numbers, which stand to the right.
    """
    right = set(numbers)

    def look(place: int) -> str:
        return ' class="n"' if place in right else ""

    def cell(place: int, value: Cell) -> str:
        return f"<td{look(place)}>{text(value)}</td>" if place else f'<th scope="row">{text(value)}</th>'

    head = "".join(f'<th scope="col"{look(place)}>{escape(name)}</th>' for place, name in enumerate(heads))
    body = "\n".join(f"<tr>{''.join(cell(*pair) for pair in enumerate(row))}</tr>" for row in rows)
    return Html(
        f'<div class="wide" role="group" aria-label="Table: {escape(caption)}" tabindex="0">\n<table>\n'
        f"<caption>{escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n"
        "</table>\n</div>"
    )


def chart(made: Figure) -> Iterator[Html]:
    """Yield a chart, which says itself what it shows and can be scrolled where it is too wide.

    Without vl-convert there is nothing to yield: the table below it says the same.
    """
    with suppress(ImportError):
        name = escape(f"Chart: {made.title}")
        yield Html(
            f'<figure>\n<div class="wide" role="group" aria-label="{name}" tabindex="0">{made.svg()}</div>\n'
            "<figcaption>The table below has the same numbers.</figcaption>\n</figure>"
        )


def paragraph(value: Cell) -> Html:
    """Return a paragraph."""
    return Html(f"<p>{text(value)}</p>")


def items(values: Iterable[Cell]) -> Html:
    """Return a list."""
    return Html(f"<ul>{''.join(f'<li>{text(value)}</li>' for value in values)}</ul>")


def opened(summary: str, inside: Html) -> Html:
    """Return something that is read when it is asked for."""
    return Html(f"<details>\n<summary>{escape(summary)}</summary>\n{inside}\n</details>")


def markdown(source: str, name: str) -> Html:
    """Return a question's wording as HTML, under a name. No address in it is fetched or followed; its HTML is text."""
    # Imported here because only a report needs it; nbconvert brings it along.
    from mistune import HTMLRenderer, create_markdown

    class Words(HTMLRenderer):
        """Markdown without what would lead out of the page, or upset its headings."""

        def link(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002
            return text

        def image(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002
            return f"({escape(text)})" if text else ""

        def heading(self, text: str, level: int, **attrs: Any) -> str:  # noqa: ARG002
            return f"<p><strong>{text}</strong></p>\n"

    made = create_markdown(escape=True, renderer=Words(escape=True), plugins=["table"])(source)
    return Html(f'<div class="wide wording" role="group" aria-label="{escape(name)}" tabindex="0">\n{made}</div>')
