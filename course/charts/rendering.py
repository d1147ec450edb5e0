"""Altair's renderer ``course``: charts that work offline and have an accessible name. Importing this module enables it.

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
from html import escape
from typing import Any, Final

import altair as alt

VEGA_LITE: Final = "application/vnd.vegalite.v5+json"
"""The newest chart type that JupyterLab 4 and VS Code draw by themselves."""

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"
"""The schema that a chart names. It is an identifier; nothing fetches it."""

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
    bundle: dict[str, Any] = {VEGA_LITE: spec, "text/plain": "\n".join(names)}
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
    options = {"renderer": "svg", "actions": {"export": True, "source": False, "compiled": False, "editor": False}}
    return bundle, {VEGA_LITE: {"embed_options": options}, "image/png": {"alt": spoken}}


alt.renderers.register("course", render)
alt.renderers.enable("course")


def draw_svg(spec: Mapping[str, Any]) -> str:
    """Return a chart as an SVG picture that carries its title and description.

    Raises
    ------
    ImportError
        If vl-convert is not installed.
    ValueError
        If the chart cannot be drawn, for example because it needs data from the network.
    """
    drawn: str = _vl_convert().vegalite_to_svg({**spec, "$schema": SCHEMA}, **_DRAWING)
    names = _names(spec)
    head, _, rest = drawn.partition(">")
    return f'{head} role="img" aria-label="{escape(" ".join(names))}"><title>{escape(names[0])}</title>{rest}'


def draw_png(spec: Mapping[str, Any]) -> bytes:
    """Return a chart as a PNG picture at twice the size, for printing; raises what `draw_svg` raises."""
    drawn: bytes = _vl_convert().vegalite_to_png({**spec, "$schema": SCHEMA}, scale=2, **_DRAWING)
    return drawn


def _vl_convert() -> Any:
    try:
        import vl_convert
    except ImportError:
        raise ImportError(
            "Drawing a picture needs vl-convert, which is not installed here. Install it with "
            "`pip install vl-convert-python`, or use the menu beside the chart."
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
