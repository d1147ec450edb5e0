"""Altair, vl-convert, pandas, MyST-NB and the site's theme: what charts, grading and the site take for granted."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import altair as alt
import myst_nb.core.render  # type: ignore[import-untyped]
import myst_nb.sphinx_  # type: ignore[import-untyped]
import pandas as pd
import vl_convert
from altair.utils import schemapi

from course.charts.rendering import SCHEMA
from tests.upstream import parameters, require, source


def test_altair_hashes_the_schema_of_each_class() -> None:
    hashed = getattr(getattr(schemapi, "_FromDict", None), "hash_schema", None)
    require(
        hashed is not None and parameters(hashed)[:2] == ["schema", "use_json"],
        "A1",
        "Altair tells its classes apart with schemapi._FromDict.hash_schema(schema, use_json)",
    )
    require(
        hashed is not None and hashed({"b": 1, "a": 2}) == hashed({"a": 2, "b": 1}),
        "A1",
        "Altair's hash of a schema does not depend on the order of its keys",
    )
    require(
        callable(getattr(schemapi, "_subclasses", None)) and hasattr(schemapi.SchemaBase, "_schema"),
        "A1",
        "Altair has schemapi._subclasses, and each class has its schema in _schema",
    )


def test_altair_hands_a_chart_to_the_renderer_as_vega_lite_6() -> None:
    rows = pd.DataFrame({"a": [1, 2], "b": [None, "x"]})
    chart = alt.Chart(rows).mark_point().encode(x="a:Q", y="b:N")
    seen: list[str] = []
    before = alt.renderers.active

    def draw(spec: dict[str, Any]) -> dict[str, Any]:
        seen.append(spec["$schema"])
        return {"text/plain": "drawn"}

    alt.renderers.register("upstream", draw)
    try:
        with alt.renderers.enable("upstream"):
            shown = chart._repr_mimebundle_()
    finally:
        alt.renderers.register("upstream", None)
    require(shown == {"text/plain": "drawn"}, "A2", "a chart's _repr_mimebundle_ returns what the renderer does")
    require(len(seen) == 1 and "/vega-lite/v6" in seen[0], "A2", "Altair hands the renderer one chart as Vega-Lite 6")
    require(alt.renderers.active == before, "A2", "a renderer enabled in a with block is put back")


def test_vl_convert_counts_the_parts_of_pictures_on() -> None:
    chart = {
        "$schema": SCHEMA,
        "data": {"values": [{"a": 1, "b": 2}]},
        "mark": {"type": "line", "clip": True},
        "encoding": {"x": {"field": "a", "type": "quantitative"}, "y": {"field": "b", "type": "quantitative"}},
    }
    numbers = [
        int(number)
        for _ in range(2)
        for number in re.findall(r'id="clip(\d+)"', vl_convert.vegalite_to_svg(chart, vl_version="5.8"))
    ]
    require(
        len(numbers) == 2 and numbers[1] == numbers[0] + 1,
        "A3",
        "vl-convert numbers the clip paths of its pictures and counts on from one picture to the next",
    )


def test_a_chart_holds_its_arguments_in_two_attributes() -> None:
    require(
        {"_args", "_kwds"} <= vars(alt.Chart()).keys(),
        "A4",
        "a chart of Altair's has the attributes _args and _kwds",
    )


def test_myst_nb_closes_an_output_in_a_details_element() -> None:
    require(
        re.search(r'<details class="[^"]*\bhide\b', source(myst_nb.sphinx_)),
        "A5",
        'MyST-NB closes what a cell with the tag hide-output shows in <details class="… hide …">',
    )
    require(
        'classes=["cell_output"]' in source(myst_nb.core.render),
        "A5",
        "MyST-NB gives what a cell shows the class cell_output",
    )


def test_the_sites_theme_has_these_parts_and_colours() -> None:
    theme = files("pydata_sphinx_theme").joinpath("theme/pydata_sphinx_theme")
    require(
        "bd-sidebar-primary" in theme.joinpath("layout.html").read_text(encoding="utf-8"),
        "A5",
        "the theme's list of pages has the class bd-sidebar-primary",
    )
    style = theme.joinpath("static/styles/pydata-sphinx-theme.css").read_text(encoding="utf-8")
    for name in ("text-base", "text-muted", "background"):
        require(f"--pst-color-{name}:" in style, "A5", f"the theme has the colour --pst-color-{name}")
