"""Colours, shapes and Altair's theme ``course``, which importing this module enables."""

from __future__ import annotations

from typing import Any, Final

import altair as alt

INK, GREY, LINE, PAPER = "#1b1b1b", "#595959", "#d4d4d4", "#ffffff"
# Okabe and Ito's palette, which people with colour blindness can tell apart. It is too pale for text, which uses INK.
BLUE, VERMILLION, GREEN, PURPLE, SKY, ORANGE = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"
PALETTE: Final = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY)
SHAPES: Final = ("circle", "square", "diamond", "triangle-up", "cross", "triangle-down")
DASHES: Final = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [10, 4], [1, 3])
BANDS: Final = ("#f4f4f4", "#e8e8e8")

WIDTH: Final = 600
FONT: Final = "Arial, Liberation Sans, Helvetica, sans-serif"

BARE: Final = alt.Axis(ticks=False, domain=False, labelPadding=10, labelLimit=230)
"""An axis with labels only."""


@alt.theme.register("course", enable=True)
def theme() -> alt.theme.ThemeConfig:
    """Return the theme: a light card that stays readable on a dark page.

    Every colour is set, because JupyterLab's dark theme makes any colour that is not set white.
    """
    text = {"fill": INK, "font": FONT, "fontSize": 12}
    config: Any = {
        "background": PAPER,
        "padding": 12,
        "font": FONT,
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "color": INK,
            "fontSize": 16,
            "lineHeight": 20,
            "offset": 14,
            "subtitleColor": GREY,
            "subtitleFontSize": 12,
            "subtitleLineHeight": 16,
            "subtitlePadding": 6,
        },
        "view": {"stroke": None, "continuousWidth": WIDTH, "continuousHeight": 300},
        "axis": {
            "titleFontWeight": "normal",
            "titlePadding": 8,
            "domainColor": GREY,
            "tickColor": GREY,
            "gridColor": LINE,
        },
        # Every label and title of axes, legends and headers.
        "style": {"guide-label": text, "guide-title": text},
        "text": {"color": INK, "font": FONT, "fontSize": 12},
        "mark": {"color": BLUE},
        "range": {"category": list(PALETTE)},
    }
    return alt.theme.ThemeConfig(config=config)
