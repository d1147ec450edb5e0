"""Altair's renderer ``course``: charts that work offline and have an accessible name.

Importing `course.charts` enables it.

The renderer needs no network: JupyterLab includes Vega-Lite 5, so the chart is sent in that version. Altair writes
Vega-Lite 6, but the course uses nothing that version 5 lacks; a test draws every chart with both.

For readers without JupyterLab (nbconvert, nbgrader's feedback pages, previews), vl-convert draws a picture if it is
installed.
"""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from html import escape
from typing import Any, Final

import altair as alt

from course.charts.theme import DARK, PAPER, dark_rules

VEGA_LITE: Final = "application/vnd.vegalite.v5+json"
"""The newest chart type that JupyterLab 4 and VS Code draw by themselves."""

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"
"""The schema that a chart names. It is an identifier; nothing fetches it."""

BELOW: Final = "below"
"""The key in a chart's ``usermeta`` under which the lines stand that are shown below its plot."""

# What a chart of several plots has once, for all of them.
_TOP: Final = (
    "$schema",
    "autosize",
    "background",
    "config",
    "datasets",
    "description",
    "padding",
    "params",
    "usermeta",
)

# A row of plots has common legends otherwise, which stand above the title of the plot.
_OWN_LEGENDS: Final = dict.fromkeys(
    ("angle", "color", "fill", "fillOpacity", "opacity", "shape", "size", "stroke", "strokeDash", "strokeWidth"),
    "independent",
)

# The version in vl-convert that is closest to the Vega-Lite 5.6 of JupyterLab 4, and no network access.
_DRAWING: Final[Mapping[str, Any]] = {"vl_version": "5.8", "allowed_base_urls": []}


def render(spec: dict[str, Any], *, picture: bool | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a chart's representations by MIME type, and their metadata: Altair's renderer ``course``.

    Parameters
    ----------
    spec : dict
        A Vega-Lite chart, as Altair writes it.
    picture : bool or None
        Whether to add a picture, which takes most of a second the first time. By default it is left out of a notebook
        that is open in a browser, because JupyterLab draws the chart itself and saves what it drew. Force it with
        ``alt.renderers.enable("course", picture=True)``.
    """
    # With pandas 3 Altair writes NaN for a missing text, which is not JSON: Jupyter would warn below the chart.
    spec = json.loads(json.dumps(spec), parse_constant=lambda _: None)
    names = _names(spec)
    spoken = " ".join(names)
    spec = {"description": names[-1], **spec, "$schema": SCHEMA}
    bundle: dict[str, Any] = {VEGA_LITE: _with_lines_below(spec), "text/plain": "\n".join(names)}
    if picture is None:
        # Only Jupyter's server sets this, for a notebook that is open in a browser.
        picture = "JPY_SESSION_NAME" not in os.environ
    if picture:
        # Without vl-convert, or if a learner's chart needs data from the network, the chart and its text remain.
        with suppress(ImportError, ValueError):
            bundle["image/svg+xml"] = svg = draw_svg(spec)
            # nbconvert shows an SVG without an accessible name. It prefers Markdown to SVG, and JupyterLab prefers
            # Vega-Lite to either, so add Markdown in which the picture has a name.
            source = b64encode(svg.encode()).decode()
            bundle["text/markdown"] = f'<img alt="{escape(spoken)}" src="data:image/svg+xml;base64,{source}">'
    # Vega's menu has no name that a screen reader could say, and the way to save a picture is `save`.
    options = {"renderer": "svg", "actions": False, "defaultStyle": _style_in_notebook()}
    return bundle, {VEGA_LITE: {"embed_options": options}, "image/png": {"alt": spoken}}


alt.renderers.register("course", render)


def draw_svg(spec: Mapping[str, Any]) -> str:
    """Return a chart as an SVG picture that carries its title and description.

    Raises
    ------
    ImportError
        If vl-convert is not installed.
    ValueError
        If the chart cannot be drawn, for example because it needs data from the network.
    """
    drawn: str = _vl_convert().vegalite_to_svg(_with_lines_below({**spec, "$schema": SCHEMA}), **_DRAWING)
    names = _names(spec)
    head, _, rest = drawn.partition(">")
    style = ""
    if spec.get("background", spec.get("config", {}).get("background")) == PAPER:
        style = f"<style>@media screen and (prefers-color-scheme:dark){{.marks{{{dark_rules()}}}}}</style>"
    return f'{head} role="img" aria-label="{escape(" ".join(names))}"><title>{escape(names[0])}</title>{style}{rest}'


def draw_png(spec: Mapping[str, Any]) -> bytes:
    """Return a chart as a PNG picture at twice the size, for printing; raises what `draw_svg` raises."""
    drawn: bytes = _vl_convert().vegalite_to_png(_with_lines_below({**spec, "$schema": SCHEMA}), scale=2, **_DRAWING)
    return drawn


def _with_lines_below(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a chart with its lines of notes below the plot, if it has any in ``usermeta``.

    Vega-Lite draws one title for each view, so the chart becomes the only part of a row whose title is these lines.
    """
    lines = (spec.get("usermeta") or {}).get(BELOW)
    if not lines:
        return spec
    below = {"text": lines, "orient": "bottom", "anchor": "start", "frame": "bounds", "style": "below", "offset": 12}
    outer: dict[str, Any] = {name: spec[name] for name in _TOP if name in spec}
    plot = {name: part for name, part in spec.items() if name not in _TOP}
    return {**outer, "hconcat": [plot], "title": below, "resolve": {"legend": _OWN_LEGENDS}}


@cache
def _style_in_notebook() -> str:
    """Return the style sheet that Vega-Embed puts into the page with the first chart, instead of that of its menu."""
    # Vega writes the background into the style of the picture; on another than ours the chart stays as it is.
    dark = f'.vega-embed .marks[style*="rgb(255, 255, 255)"]{{background:{DARK[PAPER]}!important;{dark_rules()}}}'
    return (
        ".vega-embed{display:inline-block;forced-color-adjust:none}"
        f'[data-jp-theme-light="false"],[data-vscode-theme-kind$="dark"]{{{dark}}}'
    )


def _vl_convert() -> Any:
    try:
        import vl_convert
    except ImportError:
        raise ImportError(
            "Drawing a picture needs vl-convert, which is not installed here. Install it with "
            "`pip install vl-convert-python`. In a notebook in the browser alone, take a screenshot."
        ) from None
    return vl_convert


def _names(spec: Mapping[str, Any]) -> list[str]:
    """Return a chart's title and description; without a description, its encodings. At least one is not empty."""
    title = spec.get("title", "")
    title = title.get("text", "") if isinstance(title, Mapping) else title
    title = " ".join(title) if isinstance(title, list) else str(title)
    encoded = ", ".join(dict.fromkeys(f"{channel}: {what}" for channel, what in _encodings(spec)))
    description = spec.get("description") or (f"Chart with {encoded}." if encoded else "")
    return [name for name in (title, str(description)) if name] or ["Chart."]


def _encodings(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for channel, encoding in spec.get("encoding", {}).items():
        for part in encoding if isinstance(encoding, list) else [encoding]:
            if what := part.get("title") or part.get("field") or part.get("aggregate"):
                yield channel, str(what)
    for name in ("layer", "hconcat", "vconcat", "concat", "spec"):
        inner = spec.get(name, [])
        for part in [inner] if isinstance(inner, Mapping) else inner:
            yield from _encodings(part)
