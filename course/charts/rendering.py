"""Altair's renderer ``course``, which importing this module enables: charts that show offline, with a name.

The renderer needs no network: JupyterLab brings Vega-Lite 5 along, so the chart is handed over as that. Altair writes
Vega-Lite 6, of which the course uses nothing that 5 lacks; a test draws every chart with both.

A picture for readers without JupyterLab (nbconvert, nbgrader's feedback pages, previews) is drawn by vl-convert where
it is installed.
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
"""The richest chart type that JupyterLab 4 and VS Code draw by themselves."""

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"
"""Names the grammar inside a chart. It is an identifier; nothing fetches it."""

# A version of vl-convert's that is close to the Vega-Lite 5.6 inside JupyterLab 4, and nothing from the network.
_DRAWING: Final[Mapping[str, Any]] = {"vl_version": "5.8", "allowed_base_urls": []}


def render(spec: dict[str, Any], *, picture: bool | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Turn a chart into everything a reader may be able to show: Altair's renderer ``course``.

    Parameters
    ----------
    spec : dict
        A Vega-Lite chart, as Altair writes it.
    picture : bool or None
        Whether to add a picture, which costs most of a second the first time. By default it is left out in a notebook
        someone has open, because JupyterLab draws the chart itself and keeps what it drew. Force it with
        ``alt.renderers.enable("course", picture=True)``.

    Returns
    -------
    tuple of dict
        The representations by MIME type, and their metadata.
    """
    # Altair leaves NaN where a text is missing (pandas 3), which is no JSON: Jupyter would warn below the chart.
    spec = json.loads(json.dumps(spec), parse_constant=lambda _: None)
    names = _names(spec)
    spoken = " ".join(names)
    spec = {"description": names[-1], **spec, "$schema": SCHEMA}
    bundle: dict[str, Any] = {VEGA_LITE: spec, "text/plain": "\n".join(names)}
    if picture is None:
        # Jupyter's server sets this for a notebook that is open in a browser, and nothing else does.
        picture = "JPY_SESSION_NAME" not in os.environ
    if picture:
        # Without vl-convert, or where a learner's chart asks for data from the network, chart and words remain.
        with suppress(ImportError, ValueError):
            bundle["image/svg+xml"] = svg = draw_svg(spec)
            # nbconvert shows an SVG without any name for those who cannot see it. It prefers Markdown to SVG,
            # JupyterLab prefers Vega-Lite to either, and in Markdown a picture has a name.
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
        If the chart cannot be drawn, for example because it asks for data from the network.
    """
    drawn: str = _vl_convert().vegalite_to_svg({**spec, "$schema": SCHEMA}, **_DRAWING)
    names = _names(spec)
    head, _, rest = drawn.partition(">")
    return f'{head} role="img" aria-label="{escape(" ".join(names))}"><title>{escape(names[0])}</title>{rest}'


def draw_png(spec: Mapping[str, Any]) -> bytes:
    """Return a chart as a PNG picture at twice the size, for sharp print; raises as `draw_svg` does."""
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
    """Return a chart's title and description, of which it has one at least.

    A learner's chart without a description is told by its encodings.
    """
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
