"""Make slides from a lesson's own notebook, as one page that needs no network.

``python -m course.classroom.site.slides 06`` runs lesson 06 in a temporary folder and writes
``build/slides/06-weighing.html``. Each question to predict begins a slide; the cell's output and its explanation come
after it, step by step, so that a class can answer first. Charts are pictures with their description. A widget needs
a kernel, so its slide refers to the lesson, which is open beside it.

nbconvert's own slides load reveal.js from the network, so they are not used.
"""

from __future__ import annotations

import argparse
import re
import sys
from base64 import b64encode
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, Final

from course.classroom.site import lessons
from course.wording.pages import render

TOGETHER: Final = ("explain", "words")
"""How the ids of text cells begin that belong to the slide before them."""


def slides(notebook: Path) -> str:
    """Run a copy of a notebook and return its slides as one HTML page.

    Parameters
    ----------
    notebook : pathlib.Path
        A lesson. Neither it nor a ledger beside it is read for answers or changed.

    Returns
    -------
    str
        The page: style and script are in it, and nothing on it is fetched from anywhere.
    """
    content = lessons.read(notebook)
    lessons.run_cells(content, allow_errors=True)
    return render(
        __package__,
        "slides.html.j2",
        title=re.sub(r"^#+\s*", "", content.cells[0].source.splitlines()[0]),
        slides=_deal(content.cells),
        markdown=_markdown,
        plain=escape,
        svg_address=_svg_address,
    )


def _deal(cells: list[Any]) -> Iterator[list[Any]]:
    """Yield each slide's cells: a text cell begins one, unless it explains what was just run."""
    slide: list[Any] = []
    for cell in cells:
        if cell.cell_type == "markdown" and not cell.id.startswith(TOGETHER) and slide:
            yield slide
            slide = []
        slide.append(cell)
    yield slide


def _markdown(text: str) -> str:
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    # A page by itself has no notebook beside it to link to.
    text = re.sub(r"\[([^\]]*)\]\((?!https?:)[^)]*\)", r"\1", text)
    # The usual link beside a heading is a ¶, which in this course means a paragraph of the article.
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(text))


def _svg_address(svg: str) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def main(arguments: list[str] | None = None) -> int:
    """Write the slides of the lessons asked for and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m course.classroom.site.slides", description=__doc__)
    parser.add_argument("lessons", nargs="*", help="numbers of lessons, such as 06 (default: all)")
    parser.add_argument("--to", type=Path, default=Path("build/slides"), help="folder (default: build/slides)")
    options = parser.parse_args(arguments)
    there = sorted(Path("notebooks").glob("[0-9][0-9]-*.ipynb"))
    wanted = [path for path in there if not options.lessons or path.name.startswith(tuple(options.lessons))]
    if not wanted:
        parser.error(f"no such lesson here. There are: {', '.join(path.name[:2] for path in there) or 'none'}.")
    options.to.mkdir(parents=True, exist_ok=True)
    for path in wanted:
        page = options.to / f"{path.stem}.html"
        page.write_text(slides(path), encoding="utf-8")
        sys.stdout.write(f"Wrote {page}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
