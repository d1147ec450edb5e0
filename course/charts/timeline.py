"""Chart events and statements on one axis, and which of them could be known at the clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final

import altair as alt
import pandas as pd

from course.case import Case, default_case
from course.charts.figure import Figure
from course.charts.labels import day, listed
from course.charts.tables import check, readable
from course.charts.theme import BLUE, GREY, INK, PAPER, SHAPES, VERMILLION, WIDTH
from course.wording import number_of

_LETTER: Final = 8  # px of a name's letter, with some air
_ORDER: Final = (0, 3, 2, 1, 4, 5)  # which shape each kind has, as in the widget
_MARK: Final = 11  # px from a mark's middle to where it ends


def timeline(
    entries: pd.DataFrame,
    clock: date,
    period: tuple[date, date] | None = None,
    source: str = "the course’s timeline and register of statements; locators in the table",
    case: Case | None = None,
) -> Figure:
    """Chart entries along time; those that could not be known by the clock's day are hollow.

    A date that is known only to the month, quarter or year is drawn as a bar across it. The height of a mark has no
    meaning: marks are stacked so that they do not overlap.

    Parameters
    ----------
    entries : DataFrame
        Rows of a Timeline's ``table()``.
    clock : date
        The day up to which something could be known; ``date.max`` for today.
    period : tuple of two dates, or None
        First and last day of the axis. By default those of the rows given.
    source : str
        Where the rows are from.
    case : Case, optional
        Which case; it has the kinds of entries. Default: the one the course ships.

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    columns = [
        "entry",
        "when",
        "first",
        "last",
        "precision",
        "what",
        "kind",
        "origin",
        "known_from",
        "known",
        "conflict",
        "locator",
    ]
    check("timeline", entries, columns, "a Timeline's table()")
    kinds = list((case or default_case()).subject.kinds)
    start, end = (entries["first"].min(), entries["last"].max()) if period is None else map(pd.Timestamp, period)
    end += timedelta(days=1)
    drawn = entries.assign(
        start=[max(at, start) for at in entries["first"]],
        end=[min(at + timedelta(days=1), end) for at in entries["last"]],
    )
    drawn["middle"] = drawn["start"] + (drawn["end"] - drawn["start"]) / 2
    drawn["name"] = drawn["entry"].where(drawn["conflict"] == "", "≠ " + drawn["entry"])
    sides = ["could be known", "not known yet"]
    drawn["side"] = drawn["known"].map({True: sides[0], False: sides[1]})
    pixels = [
        [(moment - start) / (end - start) * WIDTH for moment in drawn[column]] for column in ("start", "middle", "end")
    ]
    drawn["left"] = [
        middle + _MARK + _LETTER * len(name) > WIDTH for middle, name in zip(pixels[1], drawn["name"], strict=True)
    ]
    drawn["row"] = _stacked(
        (min(first, middle - _MARK - left * long), max(last, middle + _MARK + (not left) * long))
        for first, middle, last, left, long in zip(
            *pixels, drawn["left"], drawn["name"].str.len() * _LETTER, strict=True
        )
    )

    x = alt.X("middle:T", title=None, axis=_axis(start, end))
    x = x.scale(domain=[alt.DateTime(year=at.year, month=at.month, date=at.day) for at in (start, end)], nice=False)
    # The first row lies on the axis.
    y = alt.Y("row:O", axis=None, scale=alt.Scale(domain=list(range(int(drawn["row"].max()), -1, -1))))
    inexact = alt.Chart(drawn[drawn["precision"] != "day"])
    bars = inexact.mark_rule(strokeWidth=5, opacity=0.3, color=BLUE).encode(alt.X("start:T"), alt.X2("end:T"), y)
    marks = (
        alt.Chart(drawn)
        .mark_point(size=90, strokeWidth=1.5, opacity=1)
        .encode(
            x,
            y,
            shape=alt.Shape(
                "kind:N",
                title="kind",
                legend=alt.Legend(orient="top", columns=6, symbolFillColor=BLUE, symbolStrokeColor=BLUE),
                scale=alt.Scale(
                    domain=kinds, range=[SHAPES[_ORDER[place % len(_ORDER)]] for place in range(len(kinds))]
                ),
            ),
            fill=alt.Fill("side:N", legend=None, scale=alt.Scale(domain=sides, range=[BLUE, PAPER])),
            stroke=alt.Stroke("side:N", legend=None, scale=alt.Scale(domain=sides, range=[BLUE, GREY])),
            tooltip=[
                alt.Tooltip("entry:N", title="entry"),
                alt.Tooltip("when:N", title="when"),
                alt.Tooltip("what:N", title="what"),
                alt.Tooltip("origin:N", title="origin"),
                alt.Tooltip("known_from:T", title="known from", format="%-d %b %Y"),
            ],
        )
    )
    layers: list[alt.Chart] = [bars, marks]
    beside: tuple[tuple[bool, dict[str, Any]], ...] = (
        (False, {"align": "left", "dx": _MARK}),
        (True, {"align": "right", "dx": -_MARK}),
    )
    for left, place in beside:
        if len(some := drawn[drawn["left"] == left]):
            layers.append(alt.Chart(some).mark_text(baseline="middle", **place).encode(x, y, text="name:N"))
    if len(conflicting := drawn[drawn["conflict"] != ""]):
        frames = alt.Chart(conflicting).mark_point(
            shape="square", size=320, filled=False, opacity=1, stroke=VERMILLION, strokeWidth=2.5
        )
        layers.append(frames.encode(x, y))
    if start.date() <= clock < end.date():
        at = pd.DataFrame({"middle": [pd.Timestamp(clock) + timedelta(days=1)]})
        # Behind the marks.
        layers.insert(0, alt.Chart(at).mark_rule(color=INK, strokeWidth=1.5, strokeDash=[6, 4]).encode(x))

    count = number_of(len(drawn), "entry", "entries")
    until = "today" if clock == date.max else day(pd.Timestamp(clock))
    later = drawn[~drawn["known"]].sort_values("known_from", kind="stable")
    notes = [
        "Filled: could be known. Hollow: not known yet. A bar: somewhere in this time. The dashed line is the clock.",
        *(["≠ in a frame: it does not fit with another entry."] if len(conflicting) else []),
    ]
    return Figure.of(
        alt.layer(*layers).properties(height=alt.Step(18)),
        title=f"Clock at {until}: {len(drawn) - len(later)} of {count} could be known",
        description=f"One mark for each entry from {day(start)} to {day(end - timedelta(days=1))}. "
        + (
            f"Not known yet: {listed(later['entry'] + ' (' + later['known_from'].map(day) + ')')}."
            if len(later)
            else "All could be known."
        ),
        notes=notes,
        source=source,
        table=readable(
            drawn,
            {
                "entry": "entry",
                "when": "when",
                "what": "what",
                "kind": "kind",
                "origin": "origin",
                "known_from": "known from",
                "side": "at the clock",
                "conflict": "does not fit",
                "locator": "found in",
            },
        ),
    )


def _stacked(boxes: Iterable[tuple[float, float]]) -> list[int]:
    """Return for each box (from, to) the lowest row in which it overlaps no earlier box."""
    rows: list[list[tuple[float, float]]] = []
    places = []
    for start, end in boxes:
        free = (place for place, row in enumerate(rows) if all(end <= a or b <= start for a, b in row))
        place = next(free, len(rows))
        if place == len(rows):
            rows.append([])
        rows[place].append((start, end))
        places.append(place)
    return places


def _axis(start: pd.Timestamp, end: pd.Timestamp) -> alt.Axis:
    """Return an axis with ticks at days, months or years, depending on the length of time."""
    days = (end - start).days
    form, unit = ("%-d %b", "day") if days <= 31 else ("%b %Y", "month") if days <= 400 else ("%Y", "year")
    return alt.Axis(format=form, tickCount={"interval": unit, "step": 1}, grid=False, labelOverlap=True)
