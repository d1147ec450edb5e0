"""Colours, shapes and Altair's theme ``course``, which importing `course.charts` enables.

A chart is written in the light colours. A dark page maps each of them to its dark one by a stylesheet (`dark_rules`),
so that a chart follows when the reader changes the theme, also in a notebook that is only opened and not run again.
JupyterLab's own way draws dark colours into the chart and keeps them until the cell runs again; colours that CSS alone
knows, such as ``light-dark()``, would leave out the canvas of a saved picture, and vl-convert. Where the stylesheet
does not reach, a chart is a light card, on which every colour is set. A learner's own chart follows, too, as far as its
colours are the theme's; with a background of its own it stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import altair as alt

# The tokens of `tokens.css`, by role. "Muted" and "edge" are ink mixed with the surface.
INK, GREY, EDGE, LINE, PAPER = "#1b1f24", "#51555a", "#80848a", "#e2e4e6", "#ffffff"
# Evidence for and against, which colour-blind readers can tell apart; shape, dash or side goes with every colour.
BLUE, VERMILLION, UNKNOWN, AMBER, VIOLET = "#0b5cab", "#a33d08", "#5c6269", "#7d5600", "#5a2fc2"
PALETTE: Final = (BLUE, VERMILLION, INK, UNKNOWN, AMBER, VIOLET)
ORDINAL: Final = ("#d9dde1", "#a9aeb5", "#767c84", "#474c53", INK)
STEEL: Final = ORDINAL[2]
DIVERGING: Final = (VERMILLION, "#cf8a63", "#e9e6e3", "#7ba6d2", BLUE)
BANDS: Final = ("#f6f7f8", "#eceef0")

DARK: Final = {
    INK: "#e9ebee",
    GREY: "#b6b9bc",
    EDGE: "#8a8e94",
    LINE: "#2e3238",
    PAPER: "var(--jp-layout-color0, #14171b)",
    BLUE: "#82c0ff",
    VERMILLION: "#ffad78",
    UNKNOWN: "#aab0b8",
    AMBER: "#f0c44c",
    VIOLET: "#c3aaff",
    **dict(zip(ORDINAL, ("#33383f", "#5a6069", "#868c94", "#b6bac0"), strict=False)),
    **dict(zip(DIVERGING[1:4], ("#b98562", "#4a4d52", "#6d93b8"), strict=True)),
    **dict(zip(BANDS, ("#1b1f24", "#252a30"), strict=True)),
    "black": "#e9ebee",
}
"""What a dark page shows instead of each colour. Vega draws in black what nobody has given a colour."""

SHAPES: Final = ("circle", "square", "diamond", "triangle-up", "cross", "triangle-down")
DASHES: Final = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [10, 4], [1, 3])

WIDTH: Final = 640
"""Pixels of a plot and the names beside it, in every chart of a lesson."""
# These three are equally wide, letter by letter: what was measured with one of them fits where another shows it. Lines
# and labels leave room for the wider one of a machine that has none of them.
FONT: Final = "Arial, Liberation Sans, Helvetica, sans-serif"


def room_for(labels: Iterable[str]) -> int:
    """Return the width in px that these labels need beside a plot, their distance from it included."""
    return min(290, 12 + max(round(7.5 * len(label)) for label in labels))


def bare(room: int) -> alt.Axis:
    """Return an axis with labels only, to the left of a plot, in a column of this width in px."""
    return alt.Axis(ticks=False, domain=False, labelPadding=10, labelLimit=280, minExtent=room)


def dark_rules() -> str:
    """Return CSS rules that show the colours of an SVG's descendants as `DARK` has them; they need a selector."""
    return "".join(
        f'[{part}="{light}"]{{{part}:{dark}}}' for light, dark in DARK.items() for part in ("fill", "stroke")
    )


@alt.theme.register("course", enable=False)
def theme() -> alt.theme.ThemeConfig:
    """Return the theme, in light colours.

    Every colour is set, because JupyterLab's dark theme makes any colour that is not set white.
    """
    label = {"font": FONT, "fontSize": 12, "fill": GREY}
    config: Any = {
        "background": PAPER,
        "padding": {"left": 10, "right": 16, "top": 8, "bottom": 8},
        "font": FONT,
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "color": INK,
            "fontSize": 17,
            "fontWeight": 700,
            "lineHeight": 22,
            "offset": 16,
            "subtitleColor": GREY,
            "subtitleFontSize": 13,
            "subtitleLineHeight": 18,
            "subtitlePadding": 4,
        },
        "view": {"stroke": None, "continuousWidth": WIDTH, "continuousHeight": 280, "discreteHeight": {"step": 30}},
        "axis": {
            "domain": False,
            "domainColor": EDGE,
            "ticks": False,
            "tickColor": EDGE,
            "gridColor": LINE,
            "labelPadding": 8,
            "labelLimit": 240,
            "titlePadding": 10,
        },
        "axisX": {"grid": False, "domain": True, "titleAnchor": "start"},
        # The title of a vertical axis lies above it, where nobody has to turn their head.
        "axisY": {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleX": 0, "titleY": -10},
        "axisQuantitative": {"tickCount": 6},
        "axisYQuantitative": {"minExtent": 44},
        "axisBand": {"grid": False, "labelColor": INK, "labelFontSize": 13},
        "header": {"labelFontSize": 13, "labelFontWeight": 600, "labelAnchor": "start", "labelColor": INK},
        "legend": {"orient": "top", "symbolSize": 90, "offset": 10, "columnPadding": 16},
        # Every label and title of axes, legends and headers; and what stands below a chart.
        "style": {
            "guide-label": label,
            "guide-title": {**label, "fontWeight": 400},
            "below": {**label, "fontWeight": 400, "align": "left", "lineHeight": 17},
        },
        "text": {"color": INK, "font": FONT, "fontSize": 12},
        "mark": {"color": INK},
        "line": {"strokeWidth": 2.25},
        "point": {"filled": True, "size": 70},
        "rule": {"color": INK},
        "range": {
            "category": list(PALETTE),
            "ordinal": list(ORDINAL),
            "diverging": list(DIVERGING),
            "symbol": list(SHAPES),
        },
    }
    return alt.theme.ThemeConfig(config=config)
