"""Slides from a lesson's own notebook, as one page that needs no network.

``python -m course.classroom.site.slides 06`` runs lesson 06 in a place of its own and writes
``build/slides/06-weighing.html``. Each question to predict begins a slide; what the cell shows and what explains it
come after it, step by step, so that a class can answer first. Charts are pictures with their description. A widget
cannot live on a slide: there the slide says so, and the lesson itself is open beside it.

nbconvert's own slides load reveal.js from the network, so they are not used.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
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
    import nbformat

    content: Any = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    _run(content)
    body = "\n".join(map(_slide, _deal(content.cells)))
    title = re.sub(r"^#+\s*", "", content.cells[0].source.splitlines()[0])
    return f"""<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(title)}</title>
<style>{(HERE / "slides.css").read_text(encoding="utf-8")}</style>
<main>
{body}
</main>
<nav aria-label="Slides" hidden><button id="back">Back</button><span role="status"></span>\
<button id="next">Next</button></nav>
<script type="module">{(HERE / "slides.js").read_text(encoding="utf-8")}</script>
</html>
"""


def _deal(cells: list[Any]) -> Iterator[list[Any]]:
    """Yield each slide's cells: a text cell begins one, unless it explains what was just run."""
    slide: list[Any] = []
    for cell in cells:
        if cell.cell_type == "markdown" and not cell.id.startswith(TOGETHER) and slide:
            yield slide
            slide = []
        slide.append(cell)
    yield slide


def _run(notebook: Any) -> None:
    from nbclient import NotebookClient

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        client = NotebookClient(notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": folder}})
        client.execute(stderr=subprocess.DEVNULL)


def _slide(cells: list[Any]) -> str:
    steps = "".join(f'<div class="step">{_html(cell)}</div>' for cell in cells)
    return f'<section class="slide" tabindex="-1">{steps}</section>'


def _html(cell: Any) -> str:
    if cell.cell_type == "markdown":
        return _markdown(cell.source)
    return f"<pre><code>{escape(cell.source)}</code></pre>" + "".join(map(_shown, cell.outputs))


def _markdown(text: str) -> str:
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    # A page by itself has no notebook beside it to lead to.
    text = re.sub(r"\[([^\]]*)\]\((?!https?:)[^)]*\)", r"\1", text)
    # The usual link beside a heading is a ¶, which in this course means a paragraph of the article.
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(text))


def _shown(output: Any) -> str:
    """Return what a cell has put out: the richest kind that can stand on a page by itself."""
    if output.output_type == "stream":
        return f'<pre class="said">{escape(output.text)}</pre>'
    if output.output_type == "error":
        return f'<pre class="said">{escape(output.ename)}: {escape(output.evalue)}</pre>'
    kind = next((kind for kind in KINDS if kind in output.data), None)
    return KINDS[kind](output.data) if kind else ""


def _picture(data: Any) -> str:
    coded = b64encode(data["image/svg+xml"].encode()).decode()
    return f'<img alt="{escape(data["text/plain"])}" src="data:image/svg+xml;base64,{coded}">'


KINDS: Final[dict[str, Callable[[Any], str]]] = {
    "application/vnd.jupyter.widget-view+json": lambda _: "<p><em>This tool is live in the lesson’s notebook.</em></p>",
    "image/svg+xml": _picture,
    "text/html": lambda data: f'<div class="wide">{data["text/html"]}</div>',
    "text/markdown": lambda data: _markdown(data["text/markdown"]),
    "text/plain": lambda data: f'<pre class="said">{escape(data["text/plain"])}</pre>',
}
"""What a slide can show, the richest first."""


def main(arguments: list[str] | None = None) -> int:
    """Write the slides of the lessons asked for. Returns the exit code."""
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
