"""Chart the recorded events of each governorate, on a map of equal tiles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import altair as alt
import pandas as pd

from course.case import Case, default_case
from course.charts.events import RECORD
from course.charts.figure import Figure
from course.charts.labels import day, listed
from course.charts.tables import check, readable
from course.charts.theme import EDGE, STEEL, WIDTH
from course.wording import number_of

NOT_STATED: Final = "not stated"
"""The record's value for an event without a governorate."""

HEIGHT: Final = 84


def events_by_governorate(events_weekly: pd.DataFrame, source: str | None = None, case: Case | None = None) -> Figure:
    """Chart the recorded events of each governorate as a map of tiles, all of one size.

    On a true map the empty desert would dominate; here each governorate has the same area. A governorate without a row
    has no recorded event, and its tile says 0.

    Parameters
    ----------
    events_weekly : DataFrame
        Rows of ``case.events_weekly``: ``week_start`` (weeks are seven days long), ``governorate`` and ``events``,
        which are summed by governorate. Filter them first, for example to the weeks after the claim.
    source : str, optional
        Where the rows are from. Default: as in the case.
    case : Case, optional
        Which case; it says where each tile is, in the categories of ``governorate``: ``tile`` is the column from the
        west and the row from the north. Default: the one the course ships.

    Raises
    ------
    ValueError
        If a column is missing, there is no row, or a governorate has no tile.
    """
    columns = ["week_start", "governorate", "events"]
    check("events_by_governorate", events_weekly, columns, "case.events_weekly")
    case = case or default_case()
    charted = case.charted(RECORD)
    places: dict[str, list[int]] = {
        str(value["value"]): value["tile"] for value in case.categories(RECORD, "governorate")
    }
    sums = events_weekly.groupby("governorate")["events"].sum()
    if strangers := sorted(set(sums.index) - {*places, NOT_STATED}):
        raise ValueError(
            f"events_by_governorate has no tile for {', '.join(strangers)}. There are tiles for: {', '.join(places)}. "
            f"Where none is known, write {NOT_STATED!r}."
        )
    total, elsewhere = int(sums.sum()), int(sums.get(NOT_STATED, 0))
    drawn = pd.DataFrame([(name, *place) for name, place in places.items()], columns=["governorate", "column", "row"])
    drawn["events"] = drawn["governorate"].map(sums).fillna(0).astype(int)
    weeks = pd.to_datetime(events_weekly["week_start"])
    period = f"{day(weeks.min())} to {day(weeks.max() + timedelta(days=6))}"

    tiles = alt.Chart(drawn).encode(
        x=alt.X("column:O", axis=None, scale=alt.Scale(paddingInner=0.04)),
        y=alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0.04)),
        tooltip=[alt.Tooltip("governorate:N", title="governorate"), alt.Tooltip("events:Q", title="events")],
    )
    # Shaded by opacity: a mixed colour would not follow the theme. Text can still be read on the darkest.
    most = max(1, int(drawn["events"].max()))
    shade = alt.FillOpacity("events:Q", scale=alt.Scale(domain=[0, most], range=[0, 0.5]), legend=None)
    layers = [
        tiles.mark_rect(fill=STEEL, stroke=EDGE, strokeWidth=1).encode(shade),
        tiles.mark_text(dy=-14).encode(text="governorate:N"),
        tiles.mark_text(dy=10, fontSize=20, fontWeight="bold").encode(text=alt.Text("events:Q", format=",")),
    ]
    ranked = drawn.sort_values("events", ascending=False, kind="stable")
    notes = ["A tile has neither the size nor the exact place of its governorate. An event is not ground held."]
    if elsewhere:
        notes.insert(
            0, f"{elsewhere} of the {number_of(total, 'event')} have no stated governorate and are on no tile."
        )
    table = pd.concat([ranked, pd.DataFrame({"governorate": [NOT_STATED], "events": [elsewhere]})], ignore_index=True)
    table["share"] = (100 * table["events"] / total).round(1) if total else 0.0
    spoken = listed(f"{name} {events:,}" for name, events in zip(ranked["governorate"], ranked["events"], strict=True))
    return Figure.of(
        alt.layer(*layers).properties(width=WIDTH, height=int(drawn["row"].max() + 1) * HEIGHT),
        title=_finding(ranked, total, period, charted),
        description=f"A tile for each of the {len(places)} governorates, placed roughly as on the map, with its number "
        f"of recorded events: {spoken}.",
        notes=notes,
        measured="Recorded events, by governorate. The darker a tile, the more.",
        source=charted["source"] if source is None else source,
        table=readable(table, {"governorate": "governorate", "events": "recorded events", "share": "percent of all"}),
    )


def _finding(ranked: pd.DataFrame, total: int, period: str, charted: Mapping[str, str]) -> str:
    some = int((ranked["events"] > 0).sum())
    if not some:
        return f"No {charted['event']} is placed in any of the {len(ranked)} governorates, {period}"
    title = f"{charted['events']} are recorded in {some} of the {len(ranked)} governorates, {period}"
    if some > 1:
        first = ranked.iloc[0]
        title += f"; {first['events'] / total:.0%} of all in {first['governorate']}"
    return title
