"""Tables to charts that state a finding, say where it is from, and keep the numbers one call away.

Importing this module enables Altair's renderer ``course`` and theme ``course``, for a learner's own charts too. The
renderer needs no network: JupyterLab brings Vega-Lite 5 along, so the chart is handed over as that. Altair writes
Vega-Lite 6, of which the course uses nothing that 5 lacks; a test draws every chart with both.

A picture for readers without JupyterLab (nbconvert, nbgrader's feedback pages, previews) is drawn by vl-convert where
it is installed.
"""

from __future__ import annotations

import json
import os
from base64 import b64encode
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from itertools import pairwise
from pathlib import Path
from textwrap import wrap
from typing import Any, Final, Literal

import altair as alt
import pandas as pd

from course.weighing import WORDS, chance, decibans, word

VEGA_LITE: Final = "application/vnd.vegalite.v5+json"
"""The richest chart type that JupyterLab 4 and VS Code draw by themselves."""

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"
"""Names the grammar inside a chart. It is an identifier; nothing fetches it."""

UCDP: Final = (
    "UCDP Georeferenced Event Dataset, Syria, 2016 to November 2019, CC BY 4.0 "
    "(Sundberg & Melander 2013; Högbladh 2019); weekly counts by the course"
)

INK, GREY, LINE, PAPER = "#1b1b1b", "#595959", "#d4d4d4", "#ffffff"
# Okabe and Ito's palette, which holds up under colour blindness. Text is in ink: the colours are too pale for it.
BLUE, VERMILLION, GREEN, PURPLE, SKY, ORANGE = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"
PALETTE: Final = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY)
SHAPES: Final = ("circle", "square", "diamond", "triangle-up", "cross", "triangle-down")
DASHES: Final = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [10, 4], [1, 3])
BANDS: Final = ("#f4f4f4", "#e8e8e8")

WIDTH: Final = 600
FONT: Final = "Arial, Liberation Sans, Helvetica, sans-serif"

# A version of vl-convert's that is close to the Vega-Lite 5.6 inside JupyterLab 4.
_DRAWN_WITH: Final = "5.8"


@alt.theme.register("course", enable=True)
def theme() -> alt.theme.ThemeConfig:
    """Return the course's look: a light card that stays readable on a dark page.

    Every colour is set, because in its dark theme JupyterLab makes whatever is left open white.
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
            "labelColor": INK,
            "labelFontSize": 12,
            "titleColor": INK,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "titlePadding": 8,
            "domainColor": GREY,
            "tickColor": GREY,
            "gridColor": LINE,
        },
        "legend": {"labelColor": INK, "labelFontSize": 12, "titleColor": INK, "titleFontSize": 12},
        "header": {"labelColor": INK, "labelFontSize": 12, "titleColor": INK, "titleFontSize": 12},
        "style": {"guide-label": text, "guide-title": text},
        "text": {"color": INK, "font": FONT, "fontSize": 12},
        "mark": {"color": BLUE},
        "range": {"category": list(PALETTE)},
    }
    return alt.theme.ThemeConfig(config=config)


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
    title, description = _names(spec)
    spec = {"description": description or title, **spec, "$schema": SCHEMA}
    spoken = " ".join(part for part in (title, description) if part)
    bundle: dict[str, Any] = {VEGA_LITE: spec, "text/plain": "\n".join(part for part in (title, description) if part)}
    if picture is None:
        # Jupyter's server sets this for a notebook that is open in a browser, and nothing else does.
        picture = "JPY_SESSION_NAME" not in os.environ
    if picture and (svg := _draw(spec)):
        source = b64encode(svg.encode()).decode()
        bundle["image/svg+xml"] = svg
        # nbconvert shows an SVG without any name for those who cannot see it. It prefers Markdown to SVG, JupyterLab
        # prefers Vega-Lite to either, and in Markdown a picture has a name.
        bundle["text/markdown"] = f'<img alt="{escape(spoken)}" src="data:image/svg+xml;base64,{source}">'
    options = {"renderer": "svg", "actions": {"export": True, "source": False, "compiled": False, "editor": False}}
    return bundle, {VEGA_LITE: {"embed_options": options}, "image/png": {"alt": spoken}}


alt.renderers.register("course", render)
alt.renderers.enable("course")


@dataclass(frozen=True, eq=False)
class Figure:
    """A chart with what an editor asks of it.

    Parameters
    ----------
    chart : altair chart
        Drawn, and open to further work: ``figure.chart + alt.Chart(…)``.
    title : str
        The finding, computed from the table.
    description : str
        What is drawn and how it reads, for those who do not see it.
    source : str
        Where the numbers are from.
    table : DataFrame
        The numbers drawn, with readable column names.
    """

    chart: alt.LayerChart
    title: str
    description: str
    source: str
    table: pd.DataFrame

    def as_table(self) -> pd.DataFrame:
        """Return the numbers behind the chart, as a table of your own to change."""
        return self.table.copy()

    def svg(self) -> str:
        """Return the chart as an SVG picture that carries its title and description.

        Raises
        ------
        ImportError
            If vl-convert is not installed.
        """
        _need_drawing()
        return _draw(self.chart.to_dict(), strict=True)

    def png(self) -> bytes:
        """Return the chart as a PNG picture at twice the size, for sharp print.

        Raises
        ------
        ImportError
            If vl-convert is not installed.
        """
        _need_drawing()
        import vl_convert

        spec = {**self.chart.to_dict(), "$schema": SCHEMA}
        drawn: bytes = vl_convert.vegalite_to_png(spec, vl_version=_DRAWN_WITH, scale=2, allowed_base_urls=[])
        return drawn

    def save(self, path: Path | str) -> Path:
        """Save the chart under a name that ends in .png, .svg or .html, and return the path.

        The page (.html) holds the picture, its description and its table, and needs no network. A file of that name is
        replaced.

        Raises
        ------
        ValueError
            If the name ends in anything else.
        ImportError
            If vl-convert is not installed.
        """
        path = Path(path)
        match path.suffix.lower():
            case ".png":
                path.write_bytes(self.png())
            case ".svg":
                path.write_text(self.svg(), encoding="utf-8")
            case ".html":
                path.write_text(self._page(), encoding="utf-8")
            case suffix:
                raise ValueError(
                    f"A chart cannot be saved as {suffix or 'a name without an ending'}. "
                    f"End the name in .png, .svg or .html, for example {path.with_suffix('.png').name}."
                )
        return path

    def _page(self) -> str:
        return (
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(self.title)}</title>'
            f"<style>body {{ font: 1rem/1.5 {FONT}; color: {INK}; background: {PAPER}; margin: 2rem }}"
            "svg { max-width: 100%; height: auto } td, th { padding: 0 1rem 0 0; text-align: left }</style></head>\n"
            f"<body><figure>{self.svg()}<figcaption>{escape(self.description)}</figcaption></figure>\n"
            f"{self.table.to_html(index=False, border=0)}\n</body></html>\n"
        )

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        shown = self.chart._repr_mimebundle_() or {}
        bundle, metadata = shown if isinstance(shown, tuple) else (shown, {})
        if "text/plain" in bundle:
            bundle = {**bundle, "text/plain": f"{bundle['text/plain']}\nThe numbers: as_table()"}
        return bundle, metadata


def held_territory(quantities: pd.DataFrame, origins: pd.DataFrame | None = None) -> Figure:
    """Chart the land held over time, in km², each origin and scope by itself.

    A figure for a whole month or year is drawn across that month or year, a range from its low to its high end. Figures
    of different origins are never joined, because they start from different bases.

    Parameters
    ----------
    quantities : DataFrame
        Rows of ``case.quantities``; those without ``value_km2`` are passed over.
    origins : DataFrame or None
        ``case.origins``, so that names stand where otherwise identifiers would.

    Raises
    ------
    ValueError
        If a column is missing or no row is an area of land.
    """
    columns = ["name", "value", "value_high", "qualifier", "unit", "value_km2", "scope", "as_of", "as_of_precision"]
    _check("held_territory", quantities, [*columns, "origin", "locator"], "case.quantities")
    land = quantities[quantities["value_km2"].notna() & quantities["as_of"].notna()].sort_values("as_of", kind="stable")
    if land.empty:
        raise ValueError(
            "held_territory found no area of land: every value_km2 is empty. Keep rows named held_land, for example "
            "case.quantities.query(\"name == 'held_land'\")."
        )
    names = _by_id(origins)
    spans = [_span(when, how) for when, how in zip(land["as_of"], land["as_of_precision"], strict=True)]
    area, value = land["value_km2"].astype(float), land["value"].astype(float)
    drawn = pd.DataFrame(
        {
            "origin": [names.get(origin, origin) for origin in land["origin"]],
            "scope": [str(scope).replace("+", " and ") for scope in land["scope"]],
            "area": area,
            # The upper end in the same unit as the lower one.
            "high": (area * land["value_high"].astype(float) / value).fillna(area),
            "qualifier": land["qualifier"].astype(object).where(land["qualifier"].notna(), ""),
            "first": pd.to_datetime([first for first, _ in spans]),
            "last": pd.to_datetime([last for _, last in spans]),
            "when": [_when(when, how) for when, how in zip(land["as_of"], land["as_of_precision"], strict=True)],
            "locator": land["locator"],
        }
    ).reset_index(drop=True)
    drawn["middle"] = drawn["first"] + (drawn["last"] - drawn["first"]) / 2
    drawn["series"] = drawn["origin"] + ", " + drawn["scope"]
    drawn["figure"] = [
        f"{_QUALIFIERS.get(qualifier, '')}{_thousands(low)}{f'–{_thousands(high)}' if high > low else ''}"
        for qualifier, low, high in zip(drawn["qualifier"], drawn["area"], drawn["high"], strict=True)
    ]
    series = list(dict.fromkeys(drawn["series"]))
    # The same measurement in two units is drawn twice in one place, and written once.
    written = drawn.drop_duplicates(["series", "when"]).copy()
    written["label"] = written["figure"] + "\n" + written["when"]
    written["turn"] = written.groupby("series").cumcount() % 2
    ends = written.drop_duplicates("series", keep="last").assign(whose=lambda end: end["origin"] + "\n" + end["scope"])

    x = alt.X("middle:T", title=None, axis=alt.Axis(format="%Y", tickCount="year", grid=False))
    x = x.scale(domain=_padded(drawn["first"].min(), drawn["last"].max(), 0.08, 0.16))
    y = alt.Y("area:Q", title="land held, km²", scale=alt.Scale(domainMin=0, domainMax=1.15 * drawn["high"].max()))
    y = y.axis(format=",d", tickCount=6)
    colour = alt.Color("series:N", legend=None, scale=alt.Scale(domain=series, range=_repeat(PALETTE, series)))
    base = alt.Chart(drawn)
    lines = base.mark_line(strokeWidth=2).encode(
        x,
        y,
        colour,
        strokeDash=alt.StrokeDash(
            "series:N", legend=None, scale=alt.Scale(domain=series, range=_repeat(DASHES, series))
        ),
    )
    spread = base.mark_rule(strokeWidth=2).encode(x, y, colour, y2="high:Q")
    dates = base.mark_rule(strokeWidth=1).encode(alt.X("first:T"), alt.X2("last:T"), y, colour)
    points = base.mark_point(filled=True, size=80, opacity=1).encode(
        x,
        y,
        colour,
        shape=alt.Shape("series:N", legend=None, scale=alt.Scale(domain=series, range=_repeat(SHAPES, series))),
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
        if (written["turn"] == turn).any()
    ]
    whose = [
        alt.Chart(ends[ends["turn"] == turn])
        .mark_text(baseline="top", dy=dy, fontWeight="bold", lineBreak="\n")
        .encode(x, y, text="whose:N")
        for turn, dy in enumerate((8, 40))
        if (ends["turn"] == turn).any()
    ]
    alone = sum(scope == "Syria" for scope in drawn["scope"])
    notes = [
        f"{alone} of {len(drawn)} figures are for Syria alone."
        if alone
        else "No figure is for Syria alone, and how much of any lay in Syria is not said.",
    ]
    if len(series) > 1:
        notes.append("Different sources start from different bases, so their figures are not joined.")
    return _figure(
        alt.layer(lines, spread, dates, points, *labels, *whose),
        title=_land_finding(written),
        description=f"Points over time, each with its date: {_sentence(written['series'] + ' ' + written['label'])}. "
        + " ".join(notes),
        source=f"{_sentence(dict.fromkeys(drawn['origin']))}; locators in the table",
        notes=notes,
        table=drawn[["origin", "scope", "when", "qualifier", "area", "high", "locator"]].set_axis(
            ["whose count", "of where", "as of", "qualifier", "km²", "km², upper end", "found in"], axis=1
        ),
    )


def events_around_claim(
    events_weekly: pd.DataFrame,
    claim_date: date = date(2017, 12, 6),
    period: tuple[date, date] | None = None,
    source: str = UCDP,
) -> Figure:
    """Chart the recorded events of each week, before and after the claim.

    A week without a row is a week with no recorded event, and is drawn as that.

    Parameters
    ----------
    events_weekly : DataFrame
        Rows of ``case.events_weekly``: ``week_start`` (weeks are seven days long) and ``events``, summed over what else
        tells rows apart.
    claim_date : date
        When it was said. A week counts as after it if it begins later.
    period : tuple of two dates, or None
        First and last ``week_start`` that the data cover. By default those of the rows given. Name them when you have
        filtered the rows, or empty weeks at either end go unseen.
    source : str
        Where the rows are from.

    Raises
    ------
    ValueError
        If a column is missing, there is no row, or the weeks do not follow each other by sevens of days.
    """
    _check("events_around_claim", events_weekly, ["week_start", "events"], "case.events_weekly")
    counted = events_weekly.assign(week_start=pd.to_datetime(events_weekly["week_start"]))
    sums = counted.groupby("week_start")["events"].sum()
    first, last = (sums.index.min(), sums.index.max()) if period is None else map(pd.Timestamp, period)
    weeks = pd.date_range(first, last, freq="7D", name="week_start")
    if not (odd := sums.index.difference(weeks)).empty:
        raise ValueError(
            f"events_around_claim counts weeks of seven days from {first:%Y-%m-%d} to {last:%Y-%m-%d}; "
            f"week_start {odd[0]:%Y-%m-%d} is none of them. Check week_start and period."
        )
    claimed = pd.Timestamp(claim_date)
    drawn = sums.reindex(weeks, fill_value=0).astype(int).reset_index()
    drawn["week_end"] = drawn["week_start"] + timedelta(days=7)
    drawn["side"] = drawn["week_start"].gt(claimed).map({False: "before the claim", True: "after the claim"})
    after = drawn.loc[drawn["side"] == "after the claim", "events"]
    before = drawn.loc[drawn["side"] == "before the claim", "events"]

    top = max(1.0, 1.18 * float(drawn["events"].max()))
    x = alt.X("week_start:T", title="week", axis=alt.Axis(format="%b %Y", tickCount=8, grid=False))
    y = alt.Y("events:Q", title="recorded IS events in the week", scale=alt.Scale(domain=[0, top], nice=False))
    sides = alt.Scale(domain=["before the claim", "after the claim"], range=[SKY, BLUE])
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
    if (empty := drawn[drawn["events"] == 0]).size:
        layers.append(alt.Chart(empty).mark_text(text="0", baseline="bottom", fontWeight="bold").encode(x, y))
    if first <= claimed <= last + timedelta(days=6):
        said = pd.DataFrame({"week_start": [claimed + timedelta(days=1)], "top": [top]})
        layers.append(alt.Chart(said).mark_rule(color=INK, strokeWidth=2).encode(x))
        beside: list[tuple[str, Literal["left", "right"], int]] = [
            ("before the claim", "right", -8),
            (f"after the claim of {_day(claimed)}", "left", 8),
        ]
        for text, align, dx in beside:
            words = alt.Chart(said).mark_text(text=text, align=align, dx=dx, baseline="top", fontWeight="bold")
            layers.append(words.encode(x, alt.Y("top:Q")))

    notes = ["An event is not ground held, and few recorded events need not mean few events."]
    if "events_citing_sohr" in counted and after.sum():
        later = counted[counted["week_start"] > claimed]
        share = later["events_citing_sohr"].sum() / later["events"].sum()
        notes.insert(0, f"{share:.0%} of the events after the claim cite one origin, SOHR.")
    return _figure(
        alt.layer(*layers),
        title=_week_finding(after),
        description=f"Bars for {len(drawn)} weeks, {_day(first)} to {_day(last + timedelta(days=6))}, with a line "
        f"at the claim of {_day(claimed)}. {_middle('before', before)} {_middle('after', after)} {' '.join(notes)}",
        source=source,
        notes=notes,
        table=drawn[["week_start", "events", "side"]].set_axis(["week from", "recorded events", "week is"], axis=1),
    )


def origins_and_repetition(statements: pd.DataFrame, origins: pd.DataFrame | None = None) -> Figure:
    """Chart how many statements come from each origin, and which of them only repeat another.

    Parameters
    ----------
    statements : DataFrame
        Rows of ``case.statements``: ``id``, ``origin``, and ``repeats``, which is empty where nothing is repeated.
    origins : DataFrame or None
        ``case.origins``, so that names stand where otherwise identifiers would.

    Raises
    ------
    ValueError
        If a column is missing or there is no row.
    """
    _check("origins_and_repetition", statements, ["id", "origin", "repeats"], "case.statements")
    names = _by_id(origins)
    kinds = ["says something new", "repeats another"]
    repeats = statements["repeats"].notna() & (statements["repeats"] != "")
    drawn = pd.DataFrame(
        {
            "statement": statements["id"],
            "origin": [names.get(origin, origin) for origin in statements["origin"]],
            "kind": repeats.map({False: kinds[0], True: kinds[1]}),
            "repeats": statements["repeats"].astype(object).where(repeats, ""),
        }
    ).sort_values(["kind", "statement"], ascending=[False, True], kind="stable")
    drawn["place"] = drawn.groupby("origin").cumcount() + 1
    counts = (
        drawn.groupby("origin")
        .agg(statements=("kind", "size"), repeated=("kind", lambda kind: int((kind == kinds[1]).sum())))
        .sort_values(["statements", "repeated"], ascending=False, kind="stable")
        .reset_index()
    )
    counts["label"] = [
        f"{total}" + (f", of which {repeated} only repeat" if repeated else "")
        for total, repeated in zip(counts["statements"], counts["repeated"], strict=True)
    ]
    y = alt.Y("origin:N", title=None, sort=list(counts["origin"]), axis=_BARE)
    x = alt.X("place:Q", title=None, axis=None, scale=alt.Scale(domain=[0.5, counts["statements"].max() + 4]))
    marks = (
        alt.Chart(drawn)
        .mark_point(size=110, strokeWidth=2, opacity=1)
        .encode(
            x,
            y,
            shape=alt.Shape(
                "kind:N",
                title=None,
                legend=alt.Legend(orient="top"),
                scale=alt.Scale(domain=kinds, range=["circle", "triangle-up"]),
            ),
            stroke=alt.Stroke("kind:N", title=None, scale=alt.Scale(domain=kinds, range=[BLUE, VERMILLION])),
            fill=alt.Fill("kind:N", title=None, scale=alt.Scale(domain=kinds, range=[BLUE, PAPER])),
            tooltip=["statement:N", "kind:N", "repeats:N"],
        )
    )
    ends = alt.Chart(counts).mark_text(align="left", dx=18).encode(alt.X("statements:Q", axis=None), y, text="label:N")
    total, repeated, largest = len(drawn), int(repeats.sum()), counts.iloc[0]
    title = f"{_count(total, 'statement')} come from {_count(len(counts), 'origin')}"
    if len(counts) > 1:
        title += f", {largest['statements']} of them from one: {largest['origin']}"
    notes = [
        f"{_count(repeated, 'statement')} only repeat another. An origin counts once, however often it is heard."
        if repeated
        else "None repeats another. An origin still counts once, however often it is heard."
    ]
    return _figure(
        alt.layer(marks, ends).properties(height=alt.Step(30)),
        title=title,
        description=f"One mark for each statement, by origin: {_sentence(counts['origin'] + ' ' + counts['label'])}. "
        + notes[0],
        source="the register of statements; origins as the course has drawn them",
        notes=notes,
        table=counts[["origin", "statements", "repeated"]].set_axis(
            ["origin", "statements", "of these, repeat another"], axis=1
        ),
    )


def accumulated_weight(weights: pd.DataFrame, prior: float = 0.5) -> Figure:
    """Chart how weights add up, step by step, against the words they lead to.

    Parameters
    ----------
    weights : DataFrame
        One row for each contribution that stands, in the order to draw: ``label``, and ``low``, ``point`` and ``high``
        in decibans (positive for the reading, negative against it).
    prior : float
        Chance before any evidence, above 0 and below 1. It decides where the words lie.

    Raises
    ------
    ValueError
        If a column is missing, there is no row, bounds are out of order, or the prior is not between 0 and 1.
    """
    _check("accumulated_weight", weights, ["label", "low", "point", "high"], "the contributions of a weighing")
    _check_bounds("accumulated_weight", weights, "label")
    start = decibans(prior)
    bounds = weights[["low", "point", "high"]].astype(float)
    running = bounds.cumsum()
    drawn = pd.DataFrame(
        {
            "place": range(1, len(weights) + 1),
            "label": weights["label"].astype(str),
            "weight": bounds["point"],
            "from": running["point"] - bounds["point"],
            **{name: running[name] for name in running},
            "word": [word(chance(start + db)) for db in running["point"]],
        }
    ).reset_index(drop=True)
    drawn["side"] = ["for" if weight > 0 else "against" if weight < 0 else "neither" for weight in drawn["weight"]]
    drawn["signed"] = [_signed(weight) for weight in drawn["weight"]]
    steps, height = len(drawn) + 1, 380
    low, high = min(-8.0, drawn["low"].min() - 2), max(8.0, drawn["high"].max() + 2)

    roomy = steps <= 9
    ticks = [["start"]] + [
        [*wrap(label, 11), signed] if roomy else [f"{label} {signed}"]
        for label, signed in zip(drawn["label"], drawn["signed"], strict=True)
    ]
    slant: dict[str, Any] = {} if roomy else {"labelAngle": -40, "labelLimit": 260}
    told = f"{json.dumps(ticks)}[datum.value]"
    axis = alt.Axis(values=list(range(steps)), labelExpr=told, labelOverlap=False, grid=False, **slant)
    x = alt.X("place:Q", title=None, axis=axis, scale=alt.Scale(domain=[-0.5, steps - 0.5], nice=False))
    y_scale = alt.Scale(domain=[low, high], nice=False)
    y = alt.Y("point:Q", title="running total, decibans", scale=y_scale, axis=alt.Axis(grid=False))
    bands = [
        {"low": max(low, edge_low), "high": min(high, edge_high), "word": name, "shade": BANDS[place % 2]}
        for place, (name, edge_low, edge_high) in enumerate(_bands_db(start))
        if edge_low < high and edge_high > low
    ]
    for band in bands:
        band["middle"] = (band["low"] + band["high"]) / 2
    # A word is written where its band is high enough for a line of text.
    written = [band for band in bands if (band["high"] - band["low"]) / (high - low) * height >= 12]
    background = (
        alt.Chart(pd.DataFrame(bands))
        .mark_rect()
        .encode(alt.Y("low:Q", scale=y_scale), alt.Y2("high:Q"), color=alt.Color("shade:N", scale=None))
    )
    names = (
        alt.Chart(pd.DataFrame(written))
        .mark_text(align="left", dx=8)
        .encode(alt.Y("middle:Q", scale=y_scale), x=alt.value(WIDTH), text="word:N")
    )
    sides = alt.Scale(domain=["for", "against", "neither"], range=[BLUE, VERMILLION, GREY])
    base = alt.Chart(drawn)
    colour = alt.Color("side:N", scale=sides, legend=None)
    bars = base.mark_bar(size=26, opacity=0.55).encode(
        x, alt.Y("from:Q", scale=y_scale), alt.Y2("point:Q"), color=colour
    )
    whiskers = base.mark_rule(strokeWidth=2, color=INK).encode(x, alt.Y("low:Q", scale=y_scale), alt.Y2("high:Q"))
    points = base.mark_point(filled=True, size=70, color=INK, opacity=1).encode(
        x,
        y,
        tooltip=[
            alt.Tooltip("label:N", title="step"),
            alt.Tooltip("signed:N", title="its weight"),
            alt.Tooltip("point:Q", title="total so far, dB", format="+.1f"),
            alt.Tooltip("low:Q", title="lowest", format="+.1f"),
            alt.Tooltip("high:Q", title="highest", format="+.1f"),
            alt.Tooltip("word:N", title="in words"),
        ],
    )
    path = pd.DataFrame(
        [{"place": place, "to": place + 1, "point": total} for place, total in enumerate([0.0, *drawn["point"][:-1]])]
    )
    joins = alt.Chart(path).mark_rule(strokeDash=[3, 3], color=GREY).encode(x, alt.X2("to:Q"), alt.Y("point:Q"))
    zero = (
        alt.Chart(pd.DataFrame({"place": [0], "point": [0.0]}))
        .mark_point(shape="diamond", filled=True, size=110, color=INK, opacity=1)
        .encode(x, y)
    )

    end = drawn.iloc[-1]
    origin_word, (low_word, high_word) = word(prior), (word(chance(start + end[side])) for side in ("low", "high"))
    title = f"{_count(len(drawn), 'step')} add up to {_signed(end['point'])}: "
    title += f"still {end['word']}" if end["word"] == origin_word else f"from {origin_word} to {end['word']}"
    notes = [
        f"Counting all doubt, between {_signed(end['low'])} ({low_word}) and {_signed(end['high'])} ({high_word}).",
        "10 dB multiplies the odds by ten, 3 dB by two. Bars: each step. Vertical lines: how far doubt reaches so far.",
    ]
    steps_told = drawn["label"] + " " + drawn["signed"]
    return _figure(
        alt.layer(background, joins, bars, whiskers, points, zero, names).properties(height=height),
        title=title,
        description=f"Steps from a start at {prior:.0%}: {_sentence(steps_told)}. {' '.join(notes)}",
        source="the judgements in the ledger; weights after Good, words of ICD 203",
        notes=notes,
        table=drawn[["label", "weight", "low", "point", "high", "word"]].set_axis(
            [
                "step",
                "its weight, dB",
                "total so far, lowest, dB",
                "total so far, dB",
                "total so far, highest, dB",
                "in words",
            ],
            axis=1,
        ),
    )


def sensitivity(changes: pd.DataFrame, baseline: str = "as rated") -> Figure:
    """Chart what one change at a time would do to the result.

    Parameters
    ----------
    changes : DataFrame
        ``change`` says in words what is different; ``low``, ``point`` and ``high`` are the chance of the reading then,
        0 to 1. One row is the result without any change.
    baseline : str
        What that row's ``change`` says.

    Raises
    ------
    ValueError
        If a column or the baseline's row is missing, a chance is not between 0 and 1, or bounds are out of order.
    """
    _check("sensitivity", changes, ["change", "low", "point", "high"], "the changes of a weighing, with its own result")
    _check_bounds("sensitivity", changes, "change")
    if (changes["low"] < 0).any() or (changes["high"] > 1).any():
        raise ValueError("sensitivity draws chances, and they lie between 0 and 1. Divide per cent by 100.")
    if (rows := int((changes["change"] == baseline).sum())) != 1:
        raise ValueError(
            f"sensitivity needs one row whose change is {baseline!r}, the result to compare with, and found {rows}. "
            "Add it, or name yours with baseline=."
        )
    drawn = changes[["change", "low", "point", "high"]].reset_index(drop=True)
    drawn["word"] = [word(point) for point in drawn["point"]]
    base_row = drawn[drawn["change"] == baseline].iloc[0]
    drawn["kind"] = [
        "no change" if change == baseline else "same word" if now == base_row["word"] else "another word"
        for change, now in zip(drawn["change"], drawn["word"], strict=True)
    ]
    drawn["told"] = [f"{_percent(point)}, {now}" for point, now in zip(drawn["point"], drawn["word"], strict=True)]
    order = [baseline, *(change for change in drawn["change"] if change != baseline)]
    height = 34 * len(drawn)
    plot = 400

    percent = alt.Axis(format="%", values=[0, 0.2, 0.4, 0.6, 0.8, 1], grid=False)
    x_scale = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X("point:Q", title="chance that the reading is true", scale=x_scale, axis=percent)
    y = alt.Y("change:N", title=None, sort=order, axis=_BARE)
    edges = [0.0, *(high for _, _, high in WORDS[:-1]), 1.0]
    bands = pd.DataFrame(
        [
            {
                "low": low,
                "high": high,
                "middle": (low + high) / 2,
                "word": "\n".join(name.split()),
                "shade": BANDS[n % 2],
            }
            for n, ((low, high), (name, _, _)) in enumerate(zip(pairwise(edges), WORDS, strict=True))
        ]
    )
    background = (
        alt.Chart(bands)
        .mark_rect()
        .encode(alt.X("low:Q", scale=x_scale), alt.X2("high:Q"), color=alt.Color("shade:N", scale=None))
    )
    # The outermost bands are narrower than their words, which lean outwards.
    leaning: list[tuple[pd.DataFrame, Literal["left", "center", "right"], str]] = [
        (bands[:1], "right", "high"),
        (bands[1:-1], "center", "middle"),
        (bands[-1:], "left", "low"),
    ]
    names = [
        alt.Chart(rows_of)
        .mark_text(align=align, baseline="top", lineBreak="\n", lineHeight=13)
        .encode(alt.X(f"{at}:Q", scale=x_scale), y=alt.value(-40), text="word:N")
        for rows_of, align, at in leaning
    ]
    rule = alt.Chart(drawn[drawn["kind"] == "no change"]).mark_rule(strokeDash=[4, 3], color=INK).encode(x)
    kinds = ["no change", "same word", "another word"]
    base = alt.Chart(drawn)
    lines = base.mark_rule(strokeWidth=2, color=GREY).encode(alt.X("low:Q", scale=x_scale), alt.X2("high:Q"), y)
    dots = base.mark_point(filled=True, size=100, opacity=1).encode(
        x,
        y,
        shape=alt.Shape(
            "kind:N", legend=None, scale=alt.Scale(domain=kinds, range=["diamond", "circle", "triangle-up"])
        ),
        color=alt.Color("kind:N", legend=None, scale=alt.Scale(domain=kinds, range=[INK, BLUE, VERMILLION])),
        tooltip=[
            alt.Tooltip("change:N", title="change"),
            alt.Tooltip("told:N", title="result"),
            alt.Tooltip("low:Q", title="lowest", format=".0%"),
            alt.Tooltip("high:Q", title="highest", format=".0%"),
        ],
    )
    told = (
        base.transform_filter("datum.kind !== 'another word'").mark_text(align="left", dx=10),
        base.transform_filter("datum.kind === 'another word'").mark_text(align="left", dx=10, fontWeight="bold"),
    )
    crossing, tried = int((drawn["kind"] == "another word").sum()), len(drawn) - 1
    if not tried:
        title = f"No change tried yet: the result is {_percent(base_row['point'])}, {base_row['word']}"
    elif crossing:
        title = f"{crossing} of {_count(tried, 'change')} would lead to another word than “{base_row['word']}”"
    else:
        title = f"None of {_count(tried, 'change')} would lead to another word than “{base_row['word']}”"
    notes = ["One thing changed at a time. Lines: how far doubt reaches. Triangles and bold type: another word."]
    return _figure(
        alt.layer(
            background, rule, lines, dots, *names, *(text.encode(y, x=alt.value(plot), text="told:N") for text in told)
        ).properties(width=plot, height=height),
        title=title,
        description=f"Chance of the reading after each change: {_sentence(drawn['change'] + ' ' + drawn['told'])}. "
        + notes[0],
        source="the judgements in the ledger; words of ICD 203",
        notes=notes,
        table=drawn[["change", "low", "point", "high", "word"]].set_axis(
            ["change", "chance, lowest", "chance", "chance, highest", "in words"], axis=1
        ),
    )


def _figure(
    chart: Any, *, title: str, description: str, source: str, notes: Sequence[str], table: pd.DataFrame
) -> Figure:
    """Put the finding, the notes and the source line into the picture itself, so that they travel with it."""
    below = [line for text in (*notes, f"Source: {source}.") for line in wrap(text, 110)]
    if chart.width is alt.Undefined:
        chart = chart.properties(width=WIDTH)
    chart = chart.properties(
        title=alt.Title(wrap(title, 78), subtitle=below), description=f"{description} Source: {source}."
    )
    return Figure(chart, title, description, source, table.reset_index(drop=True))


def _draw(spec: Mapping[str, Any], *, strict: bool = False) -> str:
    """Return the chart as SVG with a name; empty, unless strict, where it cannot be drawn."""
    try:
        import vl_convert

        drawn: str = vl_convert.vegalite_to_svg(
            {**spec, "$schema": SCHEMA}, vl_version=_DRAWN_WITH, allowed_base_urls=[]
        )
    except (ImportError, ValueError):  # not installed; or a learner's chart that asks for data from the network
        if strict:
            raise
        return ""
    title, description = _names(spec)
    name = escape(" ".join(part for part in (title, description) if part))
    head, _, rest = drawn.partition(">")
    return f'{head} role="img" aria-label="{name}"><title>{escape(title)}</title>{rest}'


def _need_drawing() -> None:
    try:
        import vl_convert  # noqa: F401
    except ImportError:
        raise ImportError(
            "Drawing a picture needs vl-convert, which is not installed here. Install it with "
            "`pip install vl-convert-python`, or use the menu beside the chart."
        ) from None


def _names(spec: Mapping[str, Any]) -> tuple[str, str]:
    """Return a chart's title and description. A learner's chart without a description is told by its encodings."""
    title = spec.get("title", "")
    title = title.get("text", "") if isinstance(title, Mapping) else title
    title = " ".join(title) if isinstance(title, list) else str(title)
    encoded = ", ".join(dict.fromkeys(f"{channel}: {what}" for channel, what in _encodings(spec)))
    return title, str(spec.get("description") or (f"Chart with {encoded}." if encoded else "" if title else "Chart."))


def _encodings(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for channel, encoding in spec.get("encoding", {}).items():
        for part in encoding if isinstance(encoding, list) else [encoding]:
            if what := part.get("title") or part.get("field") or part.get("aggregate"):
                yield channel, str(what)
    for name in ("layer", "hconcat", "vconcat", "concat", "spec"):
        inner = spec.get(name, [])
        for part in [inner] if isinstance(inner, Mapping) else inner:
            yield from _encodings(part)


def _check(chart: str, table: pd.DataFrame, columns: Sequence[str], usual: str) -> None:
    if missing := [column for column in columns if column not in table]:
        raise ValueError(
            f"{chart} needs the column {', '.join(missing)}, and this table has {', '.join(map(str, table.columns))}. "
            f"Start from {usual} and keep its columns."
        )
    if table.empty:
        raise ValueError(f"{chart} was given a table without rows. Start from {usual}; does a filter leave nothing?")


def _check_bounds(chart: str, table: pd.DataFrame, label: str) -> None:
    ordered = (table["low"] <= table["point"]) & (
        table["point"] <= table["high"]
    )  # not so where one is missing, either
    if not ordered.all():
        raise ValueError(
            f"{chart} needs low <= point <= high in every row; {table.loc[~ordered, label].iloc[0]!r} has "
            f"{table.loc[~ordered, ['low', 'point', 'high']].iloc[0].to_dict()}."
        )


def _bands_db(start: float) -> list[tuple[str, float, float]]:
    """Return each word with its bounds in dB from the prior. The outermost reach to the ends."""
    edges = [float("-inf"), *(decibans(high) - start for _, _, high in WORDS[:-1]), float("inf")]
    return [(name, low, high) for (name, _, _), (low, high) in zip(WORDS, pairwise(edges), strict=True)]


def _land_finding(written: pd.DataFrame) -> str:
    """Say how the land changed by the count with most dates."""
    longest = written["series"].value_counts(sort=False).idxmax()
    rows = written[written["series"] == longest]
    first, last = rows.iloc[0], rows.iloc[-1]
    if len(rows) == 1:
        return f"{_count(len(written), 'figure')} for land held, and no count has two dates: no trend can be read"
    change = last["area"] / first["area"] - 1
    verb = "fell by" if change < 0 else "rose by"
    where = f"land held in {first['scope']} {verb} {abs(change):.0%}"
    return f"By {first['origin']}’s count, {where} from {first['when']} to {last['when']}"


def _week_finding(after: pd.Series[int]) -> str:
    if after.empty:
        return "The record ends before the claim, so it cannot speak to it"
    if zero := int((after == 0).sum()):
        return f"{zero} of the {_count(len(after), 'week')} after the claim passed without recorded IS violence"
    return (
        f"Not one of the {_count(len(after), 'week')} after the claim passed without recorded IS violence "
        f"(fewest: {_count(after.min(), 'event')})"
    )


def _middle(side: str, events: pd.Series[int]) -> str:
    if events.empty:
        return f"No week {side} it."
    return f"Half of the {len(events)} weeks {side} have {events.median():g} events or more, {events.sum():,} in all."


_BARE: Final = alt.Axis(ticks=False, domain=False, labelPadding=10, labelLimit=230)
_QUALIFIERS: Final = {"more than": "> ", "fewer than": "< "}


def _span(when: pd.Timestamp, precision: object) -> tuple[date, date]:
    """Return the first and last day that a date of this precision may mean."""
    year, month = when.year, when.month
    match precision:
        case "year":
            return date(year, 1, 1), date(year, 12, 31)
        case "quarter":
            month = (month - 1) // 3 * 3 + 1
            return date(year, month, 1), date(year, month + 2, monthrange(year, month + 2)[1])
        case "month":
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        case _:
            return when.date(), when.date()


def _when(when: pd.Timestamp, precision: object) -> str:
    match precision:
        case "year":
            return f"{when:%Y}"
        case "quarter":
            return f"Q{when.quarter} {when:%Y}"
        case "month":
            return f"{when:%b %Y}"
        case _:
            return _day(when)


def _day(when: pd.Timestamp) -> str:
    return f"{when.day} {when:%b %Y}"


def _padded(first: pd.Timestamp, last: pd.Timestamp, before: float, after: float) -> list[alt.DateTime]:
    length = max(last - first, pd.Timedelta(days=365))
    return [
        alt.DateTime(year=end.year, month=end.month, date=end.day)
        for end in (first - before * length, last + after * length)
    ]


def _by_id(table: pd.DataFrame | None) -> dict[str, str]:
    return {} if table is None else dict(zip(table["id"], table["name"], strict=True))


def _repeat(values: Sequence[Any], series: Sequence[str]) -> list[Any]:
    return [values[place % len(values)] for place in range(len(series))]


def _percent(chance_of: float) -> str:
    """Never say 0% or 100% of what is only nearly so."""
    return "under 1%" if chance_of < 0.01 else "over 99%" if chance_of > 0.99 else f"{chance_of:.0%}"


def _signed(db: float) -> str:
    return f"{db:+.1f} dB".replace("-", "−")


def _thousands(number: float) -> str:
    return f"{number:,.0f}"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _sentence(parts: Iterable[str]) -> str:
    return "; ".join(part.replace("\n", " ") for part in parts)
