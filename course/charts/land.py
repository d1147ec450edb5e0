"""Chart the land held over time, as each origin counted it."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import pandas as pd

from course.case import Case, default_case
from course.charts.figure import Figure
from course.charts.labels import listed
from course.charts.tables import check, named, readable
from course.charts.theme import DASHES, PALETTE, SHAPES
from course.wording import number_of

_QUALIFIERS: Final = {"more than": "> ", "fewer than": "< "}
_PRECISIONS: Final = {
    "year": ("Y", "%Y"),
    "quarter": ("Q", "Q%q %Y"),
    "month": ("M", "%b %Y"),
    "day": ("D", "%d %b %Y"),
}


def held_territory(quantities: pd.DataFrame, origins: pd.DataFrame | None = None, case: Case | None = None) -> Figure:
    """Chart the land held over time, in km², each origin and scope separately.

    A figure for a month or year is drawn across that month or year, and a range from its low to its high end. Figures
    of different origins are not joined, because they start from different bases.

    Parameters
    ----------
    quantities : DataFrame
        Rows of ``case.quantities``; those without ``value_km2`` are ignored.
    origins : DataFrame or None
        ``case.origins``, to show names instead of identifiers.
    case : Case, optional
        Which case. Default: the one the course ships.

    Raises
    ------
    ValueError
        If a column is missing or no row is an area of land.
    """
    columns = [
        "value",
        "value_high",
        "qualifier",
        "value_km2",
        "scope",
        "as_of",
        "as_of_precision",
        "origin",
        "locator",
    ]
    check("held_territory", quantities, columns, "case.quantities")
    land = quantities[quantities["value_km2"].notna() & quantities["as_of"].notna()].sort_values("as_of", kind="stable")
    if land.empty:
        raise ValueError(
            "held_territory found no area of land: every value_km2 is empty. Keep rows named held_land, for example "
            "case.quantities.query(\"name == 'held_land'\")."
        )
    dated = [_dated(when, precision) for when, precision in zip(land["as_of"], land["as_of_precision"], strict=True)]
    area = land["value_km2"].astype(float)
    drawn = pd.DataFrame(
        {
            "origin": named(land["origin"], origins),
            "scope": land["scope"].str.replace("+", " and "),
            "area": area,
            # The upper end in the same unit as the lower one.
            "high": (area * land["value_high"].astype(float) / land["value"].astype(float)).fillna(area),
            "qualifier": land["qualifier"].astype(object).fillna(""),
            "first": [period.start_time for period, _ in dated],
            "last": [period.end_time.normalize() for period, _ in dated],
            "when": [written for _, written in dated],
            "locator": land["locator"],
        }
    )
    drawn["middle"] = drawn["first"] + (drawn["last"] - drawn["first"]) / 2
    drawn["series"] = drawn["origin"] + ", " + drawn["scope"]
    drawn["figure"] = [
        f"{_QUALIFIERS.get(qualifier, '')}{low:,.0f}{f'–{high:,.0f}' if high > low else ''}"
        for qualifier, low, high in zip(drawn["qualifier"], drawn["area"], drawn["high"], strict=True)
    ]
    series = list(drawn["series"].unique())
    # The same measurement in two units is drawn twice at the same place, and labelled once.
    written = drawn.drop_duplicates(["series", "when"]).copy()
    written["label"] = written["figure"] + "\n" + written["when"]
    written["turn"] = written.groupby("series").cumcount() % 2
    ends = written.drop_duplicates("series", keep="last").assign(whose=lambda end: end["origin"] + "\n" + end["scope"])

    x = alt.X("middle:T", title=None, axis=alt.Axis(format="%Y", tickCount="year"))
    x = x.scale(domain=_padded(drawn["first"].min(), drawn["last"].max()))
    y = alt.Y("area:Q", title="km²", scale=alt.Scale(domainMin=0, domainMax=1.15 * drawn["high"].max()))
    y = y.axis(format=",d", tickCount=6)
    colour = alt.Color("series:N", legend=None, scale=alt.Scale(domain=series, range=list(PALETTE)))
    dash = alt.StrokeDash("series:N", legend=None, scale=alt.Scale(domain=series, range=list(DASHES)))
    shape = alt.Shape("series:N", legend=None, scale=alt.Scale(domain=series, range=list(SHAPES)))
    base = alt.Chart(drawn)
    lines = base.mark_line(strokeWidth=2).encode(x, y, colour, dash)
    spread = base.mark_rule(strokeWidth=2).encode(x, y, colour, y2="high:Q")
    dates = base.mark_rule(strokeWidth=1).encode(alt.X("first:T"), alt.X2("last:T"), y, colour)
    points = base.mark_point(filled=True, size=80, opacity=1).encode(
        x,
        y,
        colour,
        shape,
        tooltip=[
            alt.Tooltip("figure:N", title="km²"),
            alt.Tooltip("when:N", title="as of"),
            alt.Tooltip("series:N", title="whose count, of where"),
        ],
    )
    above: dict[str, Any] = {"align": "left", "baseline": "bottom", "dx": 5, "dy": -20}
    below: dict[str, Any] = {"align": "right", "baseline": "top", "dx": -6, "dy": 6}
    labels = [
        alt.Chart(written[written["turn"] == turn]).mark_text(lineBreak="\n", **place).encode(x, y, text="label:N")
        for turn, place in enumerate((above, below))
    ]
    whose = [
        alt.Chart(ends[ends["turn"] == turn])
        .mark_text(baseline="top", dy=dy, fontWeight="bold", lineBreak="\n")
        .encode(x, y, text="whose:N")
        for turn, dy in enumerate((8, 40))
    ]
    place = (case or default_case()).subject.place
    alone = int((drawn["scope"] == place).sum())
    notes = [
        f"{alone} of {len(drawn)} figures are for {place} alone."
        if alone
        else f"No figure is for {place} alone, and how much of any lay in {place} is not said."
    ]
    if len(series) > 1:
        notes.append("Different sources start from different bases, so their figures are not joined.")
    return Figure.of(
        alt.layer(lines, spread, dates, points, *labels, *whose),
        title=_finding(written),
        description=f"Points over time, each with its date: {listed(written['series'] + ' ' + written['label'])}.",
        notes=notes,
        measured="Land held, in square kilometres, as each source counted it",
        source=f"{listed(drawn['origin'].unique())}; locators in the table",
        table=readable(
            drawn,
            {
                "origin": "whose count",
                "scope": "of where",
                "when": "as of",
                "qualifier": "qualifier",
                "area": "km²",
                "high": "km², upper end",
                "locator": "found in",
            },
        ),
    )


def _finding(written: pd.DataFrame) -> str:
    """Say how the land changed according to the count with the most dates."""
    longest = written["series"].value_counts(sort=False).idxmax()
    rows = written[written["series"] == longest]
    first, last = rows.iloc[0], rows.iloc[-1]
    if len(rows) == 1:
        return f"{number_of(len(written), 'figure')} for land held, and no count has two dates: no trend can be read"
    change = last["area"] / first["area"] - 1
    verb = "fell by" if change < 0 else "rose by"
    where = f"land held in {first['scope']} {verb} {abs(change):.0%}"
    return f"By {first['origin']}’s count, {where} from {first['when']} to {last['when']}"


def _dated(when: pd.Timestamp, precision: str) -> tuple[pd.Period, str]:
    """Return the period that a date of this precision may mean, and how to write it."""
    length, form = _PRECISIONS.get(precision, _PRECISIONS["day"])
    period = pd.Period(when, length)
    return period, period.strftime(form).lstrip("0")


def _padded(first: pd.Timestamp, last: pd.Timestamp) -> list[alt.DateTime]:
    """Return the ends of the time axis, with room for the labels."""
    length = max(last - first, pd.Timedelta(days=365))
    return [
        alt.DateTime(year=end.year, month=end.month, date=end.day)
        for end in (first - 0.08 * length, last + 0.16 * length)
    ]
