"""Chart the events recorded in each week, before and after the claim."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Literal

import altair as alt
import pandas as pd

from course.case import Case, default_case
from course.charts.figure import Figure
from course.charts.labels import day
from course.charts.tables import check, readable
from course.charts.theme import INK, PAPER, STEEL
from course.wording import number_of

RECORD: Final = "events_weekly"
"""The record table that the charts of events draw."""

_CITING: Final = "events_citing_"


def events_around_claim(
    events_weekly: pd.DataFrame,
    claim_date: date | None = None,
    period: tuple[date, date] | None = None,
    source: str | None = None,
    case: Case | None = None,
) -> Figure:
    """Chart the recorded events of each week, before and after the claim.

    A week without a row is drawn as a week with no recorded event.

    Parameters
    ----------
    events_weekly : DataFrame
        Rows of ``case.events_weekly``: ``week_start`` (weeks are seven days long) and ``events``, which are summed by
        week.
    claim_date : date, optional
        The day of the claim. A week counts as after the claim if it begins later. Default: as in the case.
    period : tuple of two dates, or None
        First and last ``week_start`` that the data cover; by default those of the rows. Set it if you have filtered the
        rows, because otherwise empty weeks at either end are not drawn.
    source : str, optional
        Where the rows are from. Default: as in the case.
    case : Case, optional
        Which case. Default: the one the course ships.

    Raises
    ------
    ValueError
        If a column is missing, there is no row, or the weeks do not follow each other by sevens of days.
    """
    check("events_around_claim", events_weekly, ["week_start", "events"], "case.events_weekly")
    counted = events_weekly.assign(week_start=pd.to_datetime(events_weekly["week_start"]))
    sums = counted.groupby("week_start")["events"].sum()
    first, last = (sums.index.min(), sums.index.max()) if period is None else map(pd.Timestamp, period)
    weeks = pd.date_range(first, last, freq="7D", name="week_start")
    if not (odd := sums.index.difference(weeks)).empty:
        raise ValueError(
            f"events_around_claim counts weeks of seven days from {first:%Y-%m-%d} to {last:%Y-%m-%d}; "
            f"week_start {odd[0]:%Y-%m-%d} is none of them. Check week_start and period."
        )
    case = case or default_case()
    charted = case.charted(RECORD)
    claimed = pd.Timestamp(claim_date or case.subject.said_on)
    drawn = sums.reindex(weeks, fill_value=0).astype(int).reset_index()
    drawn["week_end"] = drawn["week_start"] + timedelta(days=7)
    drawn["side"] = drawn["week_start"].gt(claimed).map({False: "before the claim", True: "after the claim"})
    after = drawn.loc[drawn["side"] == "after the claim", "events"]
    before = drawn.loc[drawn["side"] == "before the claim", "events"]

    top = max(1.0, 1.18 * float(drawn["events"].max()))
    x = alt.X("week_start:T", title="week", axis=alt.Axis(format="%b %Y", tickCount=8, grid=False))
    y = alt.Y("events:Q", title=charted["short"], scale=alt.Scale(domain=[0, top], nice=False))
    sides = alt.Scale(domain=["before the claim", "after the claim"], range=[STEEL, INK])
    bars = (
        alt.Chart(drawn)
        .mark_bar(stroke=PAPER, strokeWidth=0.5)
        .encode(
            x,
            alt.X2("week_end:T"),
            y,
            y2=alt.datum(0),
            color=alt.Color("side:N", scale=sides, legend=None),
            tooltip=[
                alt.Tooltip("week_start:T", title="week from", format="%-d %b %Y"),
                alt.Tooltip("events:Q", title="events"),
                alt.Tooltip("side:N", title="this week is"),
            ],
        )
    )
    layers = [bars]
    if not (empty := drawn[drawn["events"] == 0]).empty:
        layers.append(alt.Chart(empty).mark_text(text="0", baseline="bottom", fontWeight="bold").encode(x, y))
    if first <= claimed <= last + timedelta(days=6):
        line = alt.Chart(pd.DataFrame({"week_start": [claimed + timedelta(days=1)], "top": [top]}))
        layers.append(line.mark_rule(color=INK, strokeWidth=2).encode(x))
        beside: list[tuple[str, Literal["left", "right"], int]] = [
            ("before the claim", "right", -8),
            (f"after the claim of {day(claimed)}", "left", 8),
        ]
        for text, align, dx in beside:
            words = line.mark_text(text=text, align=align, dx=dx, baseline="top", fontWeight="bold")
            layers.append(words.encode(x, alt.Y("top:Q")))

    notes = ["An event is not ground held, and few recorded events need not mean few events."]
    for column in [name for name in counted if str(name).startswith(_CITING)] if after.sum() else []:
        later = counted[counted["week_start"] > claimed]
        share = later[column].sum() / later["events"].sum()
        origin = str(column).removeprefix(_CITING).upper()
        notes.insert(0, f"{share:.0%} of the events after the claim cite one origin, {origin}.")
    return Figure.of(
        alt.layer(*layers),
        title=_finding(after, charted["activity"]),
        description=f"Bars for {len(drawn)} weeks, {day(first)} to {day(last + timedelta(days=6))}, with a line "
        f"at the claim of {day(claimed)}. {_middle('before', before)} {_middle('after', after)}",
        notes=notes,
        measured=f"Recorded {charted['short']} in each week",
        source=charted["source"] if source is None else source,
        table=readable(drawn, {"week_start": "week from", "events": "recorded events", "side": "week is"}),
    )


def _finding(after: pd.Series[int], activity: str) -> str:
    if after.empty:
        return "The record ends before the claim, so it cannot speak to it"
    if zero := int((after == 0).sum()):
        return f"{zero} of the {number_of(len(after), 'week')} after the claim passed without recorded {activity}"
    return (
        f"Not one of the {number_of(len(after), 'week')} after the claim passed without recorded {activity} "
        f"(fewest: {number_of(after.min(), 'event')})"
    )


def _middle(side: str, events: pd.Series[int]) -> str:
    if events.empty:
        return f"No week {side} it."
    return f"Half of the {len(events)} weeks {side} have {events.median():g} events or more, {events.sum():,} in all."
