"""Chart what a figure leaves possible for a place and a day, with nothing assumed and with an assumption."""

from __future__ import annotations

import altair as alt
import pandas as pd

from course.charts.figure import Figure
from course.charts.labels import listed
from course.charts.tables import readable
from course.charts.theme import BLUE, GREY, INK, PAPER, WIDTH
from course.methods.bounds import UNIT_NAMES
from course.methods.scope import Interpretation

_ROW = 66
_ENDS = {"closed": "stroke", "left out": "circle", "no upper end": "triangle-right", "one value": "diamond"}


def bounds(seen: Interpretation) -> Figure:
    """Chart the bounds of a figure: as published, and for the place and day it is read for.

    Parameters
    ----------
    seen : course.methods.scope.Interpretation
        What ``ScopeLens.look`` or `course.methods.scope.interpret` returns.
    """
    drawn = pd.DataFrame(
        [
            {
                "place": place,
                "what": what,
                "told": seen.describe(row),
                "low": row.low,
                "high": row.high,
                "low end": "one value" if row.low == row.high else "left out" if row.above_low else "closed",
                "high end": "no upper end" if row.open else "left out" if row.below_high else "closed",
            }
            for place, (what, row) in enumerate(seen.rows)
        ]
    )
    largest = max(drawn["low"].max(), drawn["high"].where(drawn["high"] < float("inf"), 0).max()) or 1.0
    has_open = (drawn["high end"] == "no upper end").any()
    # An open range extends beyond the largest number.
    reach = largest * (1.3 if has_open else 1.05)
    drawn["drawn high"] = drawn["high"].clip(upper=reach)
    lines = drawn["what"] + ":\n" + drawn["told"]

    unit = UNIT_NAMES.get(seen.unit, seen.unit) or seen.quantity.measure
    x_scale = alt.Scale(domain=[0, reach], nice=False)
    x = alt.X(
        "low:Q",
        title=unit,
        scale=x_scale,
        axis=alt.Axis(format="~s" if reach >= 1e5 else ",~r", tickCount=6, grid=False),
    )
    y = alt.Y("place:O", axis=None)
    base = alt.Chart(drawn.assign(lines=lines))
    tracks = (
        base.mark_rule(color=GREY, strokeWidth=1)
        .encode(alt.X("zero:Q", scale=x_scale), alt.X2("reach:Q"), y)
        .transform_calculate(zero="0", reach=str(reach))
    )
    # The published amount as a length from zero, so that the ranges below can be compared with it.
    whole = (
        base.transform_filter("datum.place === 0")
        .transform_calculate(zero="0")
        .mark_rule(color=GREY, opacity=0.45, strokeWidth=9)
        .encode(alt.X("zero:Q", scale=x_scale), alt.X2("low:Q"), y)
    )
    ranges = base.mark_rule(color=BLUE, strokeWidth=9).encode(x, alt.X2("drawn high:Q"), y)
    shapes = alt.Scale(domain=list(_ENDS), range=list(_ENDS.values()))
    ends = [
        base.transform_filter(keep)
        .mark_point(size=160, stroke=INK, fill=PAPER, opacity=1, strokeWidth=2, angle=angle)
        .encode(alt.X(f"{at}:Q", scale=x_scale), y, shape=alt.Shape(f"{end}:N", scale=shapes, legend=None))
        for at, end, keep, angle in (
            ("low", "low end", "datum['low end'] !== 'closed'", 0),
            ("low", "low end", "datum['low end'] === 'closed'", 90),
            ("drawn high", "high end", "datum['low end'] !== 'one value' && datum['high end'] !== 'closed'", 0),
            ("drawn high", "high end", "datum['low end'] !== 'one value' && datum['high end'] === 'closed'", 90),
        )
    ]
    words = base.mark_text(align="left", baseline="bottom", dy=-26, lineBreak="\n", lineHeight=15).encode(
        y, x=alt.value(0), text="lines:N"
    )
    notes = [
        "Strokes: ends that belong to the range. Rings: ends that do not. Arrows: no upper end. Diamonds: one value."
    ]
    if seen.applies:
        notes.insert(0, seen.assumption.text)
    return Figure.of(
        alt.layer(tracks, whole, ranges, *ends, words).properties(width=WIDTH, height=_ROW * len(drawn)),
        title=f"{seen.quantity.id}, {seen.quantity.measure}. {seen.finding}",
        description=f"Ranges on one scale: {listed(drawn['what'] + ', ' + drawn['told'])}.",
        notes=notes,
        measured="The lowest and the highest value that the figure leaves possible",
        source=f"{seen.quantity.locator}{f'; denominator {seen.base.id}, {seen.base.locator}' if seen.base else ''}",
        table=readable(
            drawn.assign(unit=unit),
            {
                "what": "what",
                "low": "lowest",
                "high": "highest",
                "unit": "unit",
                "low end": "lower end",
                "high end": "upper end",
                "told": "in words",
            },
        ),
    )
