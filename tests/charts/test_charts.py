"""Every chart states a finding computed from its table, says where it is from, and shows offline, as promised."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import pytest
import vl_convert

from course import charts
from course.case import Case
from course.charts import Figure, theme
from course.ledger import Ledger
from course.methods.bounds import Assumption
from course.methods.scope import interpret, quantities
from course.weighing import WORDS, chance, decibans, word
from course.widgets.timeline import Timeline

SVG = "{http://www.w3.org/2000/svg}"

WEIGHTS = pd.DataFrame(
    [("Max Abrahms", -9, -6.2, -3), ("U.S. government", -7, -4.1, -1.5), ("Russian command", 0.2, 1.1, 2.2)],
    columns=["label", "low", "point", "high"],
)
CHANGES = pd.DataFrame(
    [("as rated", 0.05, 0.15, 0.4), ("without Max Abrahms", 0.2, 0.4, 0.6), ("S11 reliability B → C", 0.1, 0.18, 0.4)],
    columns=["change", "low", "point", "high"],
)
CASE = Case.load()
FIGURES = quantities(CASE.rows("quantities"), CASE.rows("statements"))

DRAW: dict[str, Callable[[], Figure]] = {
    "held_territory": lambda: charts.held_territory(CASE.quantities, CASE.origins),
    "events_around_claim": lambda: charts.events_around_claim(CASE.events_weekly),
    "events_by_governorate": lambda: charts.events_by_governorate(CASE.events_weekly),
    "origins_and_repetition": lambda: charts.origins_and_repetition(register(), CASE.origins),
    "accumulated_weight": lambda: charts.accumulated_weight(WEIGHTS),
    "sensitivity": lambda: charts.sensitivity(CHANGES),
    "bounds": lambda: charts.bounds(interpret(FIGURES["Q16"], on=date(2017, 12, 7), assumption=Assumption(0.3, 0.6))),
    "timeline": lambda: Timeline(ledger=Ledger(), case=CASE).chart(),
}


def register() -> pd.DataFrame:
    return CASE.statements.query("set == 'register'")


@pytest.fixture(params=DRAW)
def figure(request: pytest.FixtureRequest) -> Figure:
    return DRAW[request.param]()


@pytest.fixture(autouse=True)
def outside_an_open_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


def shown(chart: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    bundle, metadata = chart._repr_mimebundle_()
    return bundle, metadata


def written_in(svg: str) -> str:
    return " ".join(" ".join(element.itertext()) for element in ET.fromstring(svg).iter(f"{SVG}text"))


# What every chart promises


def test_finding_and_source_are_in_the_picture_and_description_in_its_name(figure: Figure) -> None:
    svg = figure.svg()
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label", "").startswith(f"{figure.title} {figure.description}")
    assert root.findtext(f"{SVG}title") == figure.title
    # Long titles are broken into lines, so compare without spaces.
    text = re.sub(r"\s", "", "".join(root.itertext()))
    assert re.sub(r"\s", "", figure.title) in text.removeprefix(re.sub(r"\s", "", figure.title))
    assert re.sub(r"\s", "", f"Source: {figure.source}") in text


def test_every_chart_draws_under_vega_lite_5_and_6_without_a_warning(
    figure: Figure, capfd: pytest.CaptureFixture[str]
) -> None:
    spec = shown(figure)[0][charts.VEGA_LITE]
    assert spec["$schema"] == "https://vega.github.io/schema/vega-lite/v5.json"
    for version in ("5.8", "5.21", "6.4"):
        svg = vl_convert.vegalite_to_svg(spec, vl_version=version, show_warnings=True)
        assert "NaN" not in svg
    assert capfd.readouterr() == ("", "")


def test_the_picture_is_no_wider_than_a_notebook_column(figure: Figure) -> None:
    assert float(ET.fromstring(figure.svg()).get("width", "inf")) <= 800


def test_text_is_large_enough_to_read(figure: Figure) -> None:
    sizes = re.findall(r'font-size="([\d.]+)px"', figure.svg())
    assert min(map(float, sizes)) >= 12


def test_text_is_dark_on_the_light_card(figure: Figure) -> None:
    fills = {element.get("fill") for element in ET.fromstring(figure.svg()).iter(f"{SVG}text")}
    assert fills <= {charts.INK, charts.GREY}


def test_the_table_is_the_readers_own(figure: Figure) -> None:
    table = figure.as_table()
    assert len(table)
    assert all(isinstance(name, str) and "_" not in name for name in table.columns)
    table["mine"] = 1
    assert "mine" not in figure.as_table()


def test_the_bundle_has_the_chart_a_named_picture_and_words(figure: Figure) -> None:
    bundle, metadata = shown(figure)
    assert set(bundle) == {charts.VEGA_LITE, "image/svg+xml", "text/markdown", "text/plain"}
    assert bundle["text/plain"].startswith(figure.title)
    assert figure.description in bundle["text/plain"]
    assert bundle["text/plain"].endswith("as_table()")
    assert metadata["image/png"]["alt"].startswith(figure.title)
    assert "http" not in bundle["image/svg+xml"].replace("http://www.w3.org/", "")


def test_an_open_notebook_gets_no_picture_because_jupyterlab_draws_its_own(
    figure: Figure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "/lesson.ipynb")
    assert set(shown(figure)[0]) == {charts.VEGA_LITE, "text/plain"}
    with alt.renderers.enable("course", picture=True):
        assert "image/svg+xml" in shown(figure)[0]


@pytest.mark.parametrize(("ending", "start"), [(".png", b"\x89PNG"), (".svg", b"<svg"), (".html", b"<!doctype html>")])
def test_a_chart_saves_as_picture_or_page(tmp_path: Path, ending: str, start: bytes) -> None:
    figure = charts.sensitivity(CHANGES)
    path = figure.save(tmp_path / f"chart{ending}")
    assert path.read_bytes().startswith(start)


def test_a_saved_page_needs_no_network_and_has_the_table(tmp_path: Path) -> None:
    page = charts.sensitivity(CHANGES).save(tmp_path / "chart.html").read_text(encoding="utf-8")
    assert "without Max Abrahms</td>" in page
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/", "")


def test_a_saved_page_puts_numbers_to_the_right_and_keeps_dates_whole(tmp_path: Path) -> None:
    page = DRAW["events_around_claim"]().save(tmp_path / "chart.html").read_text(encoding="utf-8")
    assert ":is(td, th):nth-child(2) { text-align: end; white-space: nowrap; }" in page
    assert "td:nth-child(1) { white-space: nowrap; }" in page
    assert page.count("nth-child") == 2


@pytest.mark.parametrize("name", ["chart.jpg", "chart"])
def test_another_ending_is_refused_with_the_ones_that_work(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"\.png, \.svg or \.html, for example chart\.png"):
        charts.sensitivity(CHANGES).save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_without_vl_convert_chart_and_words_remain() -> None:
    code = """
import sys
sys.modules["vl_convert"] = None
import pandas as pd
from course import charts
figure = charts.sensitivity(pd.DataFrame({"change": ["as rated"], "low": [0.1], "point": [0.2], "high": [0.3]}))
print(sorted(figure._repr_mimebundle_()[0]))
try:
    figure.save("chart.png")
except ImportError as error:
    print(error)
"""
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.splitlines()[0] == "['application/vnd.vegalite.v5+json', 'text/plain']"
    assert "pip install vl-convert-python" in output


def test_the_colours_are_those_of_the_tokens_in_both_themes() -> None:
    tokens = Path(charts.__file__).with_name("tokens.css").read_text(encoding="utf-8")
    for name, colour in {
        "for": theme.BLUE,
        "against": theme.VERMILLION,
        "unknown": theme.UNKNOWN,
        "warning": theme.AMBER,
        "accent": theme.VIOLET,
        "ink": theme.INK,
        "surface": theme.PAPER,
    }.items():
        light, dark = re.search(rf"--cf-{name}: .*light-dark\((#\w+), (#\w+)\)", tokens).groups()  # type: ignore[union-attr]
        assert (light, dark) == (colour, re.findall(r"#\w+", theme.DARK[colour])[0]), name


def test_a_picture_has_a_dark_colour_for_each_of_its_colours(figure: Figure) -> None:
    drawn = {
        element.get(part)
        for element in ET.fromstring(figure.svg()).iter()
        for part in ("fill", "stroke")
        if element.get(part)
    }
    assert drawn - {"none", "transparent"} <= set(theme.DARK)
    assert "prefers-color-scheme:dark" in figure.svg()


def test_notes_and_source_stand_below_the_plot_and_the_finding_above(figure: Figure) -> None:
    spec = shown(figure)[0][charts.VEGA_LITE]
    (plot,) = spec["hconcat"]
    assert " ".join(plot["title"]["text"]) == figure.title
    assert spec["title"]["orient"] == "bottom"
    assert re.sub(r"\s", "", f"Source: {figure.source}.") in re.sub(r"\s", "", "".join(spec["title"]["text"]))


# A learner's own chart


def test_a_learners_chart_on_a_ground_of_its_own_keeps_its_colours() -> None:
    chart = alt.Chart(WEIGHTS, background="lightyellow").mark_bar().encode(x="point")
    assert "prefers-color-scheme" not in shown(chart)[0]["image/svg+xml"]


def test_a_learners_chart_is_named_by_its_title_and_encodings() -> None:
    chart = alt.Chart(WEIGHTS, title="What I found").mark_bar().encode(x="point", y=alt.Y("label", title="who"))
    bundle, _ = shown(chart)
    assert bundle["text/plain"] == "What I found\nChart with x: point, y: who."
    assert bundle[charts.VEGA_LITE]["description"] == "Chart with x: point, y: who."
    assert 'alt="What I found Chart with x: point, y: who."' in bundle["text/markdown"]


def test_a_missing_text_in_a_learners_table_is_sent_as_json_knows_it() -> None:
    chart = alt.Chart(CASE.timeline).mark_point().encode(x="date:T", y="conflict:N")
    sent = json.dumps(shown(chart)[0][charts.VEGA_LITE], allow_nan=False)
    assert '"conflict": null' in sent


def test_a_learners_text_cannot_break_out_of_the_picture() -> None:
    chart = alt.Chart(WEIGHTS, title='"><script>alert(1)</script>').mark_bar().encode(x="point")
    bundle, _ = shown(chart)
    assert "<script>" not in bundle["image/svg+xml"]
    assert "<script>" not in bundle["text/markdown"]


def test_a_learners_chart_that_asks_for_the_network_still_shows_but_has_no_picture() -> None:
    chart = alt.Chart("https://example.invalid/data.csv").mark_bar().encode(x="a:Q")
    assert set(shown(chart)[0]) == {charts.VEGA_LITE, "text/plain"}


def test_a_learner_can_go_on_with_a_chart_of_ours() -> None:
    more = charts.sensitivity(CHANGES).chart + alt.Chart(pd.DataFrame({"x": [0.5]})).mark_rule().encode(x="x:Q")
    assert "image/svg+xml" in shown(more)[0]


# Land


def test_land_finding_is_the_change_by_the_longest_single_count() -> None:
    ihs = CASE.quantities.query("name == 'held_land' and origin == 'ihs'").sort_values("as_of")
    fall = 1 - ihs["value_km2"].iloc[-1] / ihs["value_km2"].iloc[0]
    finding = DRAW["held_territory"]().title
    assert f"fell by {round(fall * 100)}% from Jan 2015 to 26 Jun 2017" in finding
    assert "IHS" in finding


def test_land_finding_follows_the_rows_given() -> None:
    until_2016 = CASE.quantities[CASE.quantities["as_of"] < "2017"]
    assert "fell by 33% from Jan 2015 to Dec 2016" in charts.held_territory(until_2016, CASE.origins).title
    cnn = CASE.quantities.query("origin == 'cnn'")
    assert "no trend can be read" in charts.held_territory(cnn).title


def test_land_keeps_counts_and_scopes_apart_by_shape_dash_and_label() -> None:
    figure = DRAW["held_territory"]()
    text = written_in(figure.svg())
    assert text.count("CNN") >= 1
    assert text.count("IHS Conflict Monitor") >= 1
    assert text.count("Iraq and Syria") >= 2
    layers = figure.chart.to_dict()["layer"]
    assert {"strokeDash", "shape"} <= {channel for layer in layers for channel in layer["encoding"]}


def test_land_says_that_nothing_counts_syria_alone_unless_something_does() -> None:
    assert "No figure is for Syria alone" in DRAW["held_territory"]().description
    some = CASE.quantities.copy()
    some.loc[some["id"] == "Q08", "scope"] = "Syria"
    assert "1 of 8 figures are for Syria alone" in charts.held_territory(some).description


def test_land_table_has_every_area_and_its_range() -> None:
    given = CASE.quantities.copy()
    given.loc[given["id"] == "Q01", "value_high"] = 35000
    table = charts.held_territory(given, CASE.origins).as_table()
    assert sorted(table["km²"]) == sorted(given["value_km2"].dropna())
    cnn = table[table["whose count"] == "CNN"].iloc[0]
    assert cnn["km², upper end"] == pytest.approx(35000 * 2.58999, abs=1)
    assert cnn["as of"] == "2014"


# Events


def test_events_finding_is_recounted() -> None:
    weeks = CASE.events_weekly.groupby("week_start")["events"].sum()
    after = weeks[weeks.index > "2017-12-06"]
    title = DRAW["events_around_claim"]().title
    assert title.startswith(f"Not one of the {len(after)} weeks after the claim")
    assert f"fewest: {after.min()} events" in title
    assert len(after) == 81
    assert after.min() == 2


def test_events_table_adds_up_to_the_rows_given() -> None:
    table = DRAW["events_around_claim"]().as_table()
    assert table["recorded events"].sum() == CASE.events_weekly["events"].sum() == 4058
    assert table.groupby("week is")["recorded events"].sum()["after the claim"] == 1369


def test_a_week_without_rows_is_a_week_of_zero() -> None:
    gap = CASE.events_weekly[CASE.events_weekly["week_start"] != "2018-03-01"]
    figure = charts.events_around_claim(gap)
    table = figure.as_table()
    assert table.set_index("week from")["recorded events"]["2018-03-01"] == 0
    assert len(table) == 129
    assert figure.title == "1 of the 81 weeks after the claim passed without recorded IS violence"


def test_empty_weeks_at_the_ends_count_when_the_period_is_named() -> None:
    week = pd.DataFrame({"week_start": pd.to_datetime(["2017-12-14"]), "events": [3]})
    figure = charts.events_around_claim(week, period=(date(2017, 11, 30), date(2017, 12, 28)))
    assert figure.title.startswith("3 of the 4 weeks after")


def test_a_record_that_ends_before_the_claim_says_so() -> None:
    early = CASE.events_weekly[CASE.events_weekly["week_start"] < "2017-06-01"]
    assert "ends before the claim" in charts.events_around_claim(early).title


def test_a_week_that_does_not_fit_is_named() -> None:
    odd = CASE.events_weekly.replace({"week_start": {pd.Timestamp("2018-03-01"): pd.Timestamp("2018-03-02")}})
    with pytest.raises(ValueError, match="2018-03-02 is none of them"):
        charts.events_around_claim(odd)


# Origins


def test_origins_finding_is_recounted() -> None:
    counts = register()["origin"].value_counts()
    names = dict(zip(CASE.origins["id"], CASE.origins["name"], strict=True))
    assert DRAW["origins_and_repetition"]().title == (
        f"37 statements come from {len(counts)} origins, {counts.iloc[0]} of them from one: {names[counts.index[0]]}"
    )


# Governorates


def after_the_claim() -> pd.DataFrame:
    return CASE.events_weekly[CASE.events_weekly["week_start"] > "2017-12-06"]


def test_every_event_is_on_a_tile_or_said_to_be_on_none() -> None:
    table = charts.events_by_governorate(after_the_claim()).as_table()
    assert len(table) == 15
    assert table["recorded events"].sum() == after_the_claim()["events"].sum() == 1369
    assert table["percent of all"].sum() == pytest.approx(100, abs=0.5)
    unplaced = table.set_index("governorate")["recorded events"]["not stated"]
    assert (
        f"{unplaced} of the 1,369 events have no stated governorate"
        in charts.events_by_governorate(after_the_claim()).description
    )


def test_the_tile_title_is_recounted_and_names_its_period() -> None:
    placed = after_the_claim().query("governorate != 'not stated'").groupby("governorate")["events"].sum()
    title = charts.events_by_governorate(after_the_claim()).title
    assert title == (
        f"Events with IS are recorded in {len(placed)} of the 14 governorates, 7 Dec 2017 to 26 Jun 2019; "
        f"{placed.max() / 1369:.0%} of all in {placed.idxmax()}"
    )


def test_a_governorate_without_a_row_has_a_tile_that_says_zero() -> None:
    rows = CASE.events_weekly.query("governorate == 'Daraa'")
    figure = charts.events_by_governorate(rows)
    assert figure.as_table().set_index("governorate")["recorded events"]["Latakia"] == 0
    assert "recorded in 1 of the 14 governorates" in figure.title
    assert "Latakia 0" in figure.description
    nowhere = charts.events_by_governorate(rows.assign(governorate="not stated"))
    assert "No event with IS is placed in any of the 14" in nowhere.title


def test_a_place_that_is_no_governorate_is_named_with_the_fourteen() -> None:
    with pytest.raises(ValueError, match=r"no tile for Mosul\. There are tiles for: Latakia, .*'not stated'"):
        charts.events_by_governorate(CASE.events_weekly.replace({"governorate": {"Daraa": "Mosul"}}))


def test_origins_table_counts_statements_and_repeats() -> None:
    table = DRAW["origins_and_repetition"]().as_table()
    assert table["statements"].sum() == 37
    assert table["of these, repeat another"].sum() == register()["repeats"].notna().sum()


def test_repeats_differ_in_shape_and_fill_and_are_counted_in_words() -> None:
    figure = charts.origins_and_repetition(
        pd.DataFrame({"id": ["a", "b", "c"], "origin": ["one", "one", "two"], "repeats": [None, "a", None]})
    )
    assert figure.title == "3 statements come from 2 origins, 2 of them from one: one"
    assert "2, of which 1 only repeat" in written_in(figure.svg())


# Weight and sensitivity


def test_accumulated_weight_ends_at_the_sum_in_the_words_of_the_scale() -> None:
    figure = DRAW["accumulated_weight"]()
    last = figure.as_table().iloc[-1]
    total = WEIGHTS["point"].sum()
    assert last["total so far, dB"] == pytest.approx(total)
    assert last["total so far, lowest, dB"] == pytest.approx(WEIGHTS["low"].sum())
    assert last["in words"] == word(chance(total))
    assert figure.title == "3 steps add up to −9.2 dB: from roughly even chance to very unlikely"


def test_the_words_lie_where_the_prior_puts_them() -> None:
    figure = charts.accumulated_weight(WEIGHTS, prior=0.9)
    assert figure.as_table()["in words"].iloc[-1] == word(chance(decibans(0.9) + WEIGHTS["point"].sum()))
    assert "from very likely to" in figure.title
    assert "start at 90%" in figure.description


@pytest.mark.parametrize("steps", [1, 12])
def test_few_and_many_steps_keep_all_their_labels(steps: int) -> None:
    weights = pd.DataFrame(
        {"label": [f"origin {n}" for n in range(steps)], "low": -1.0, "point": 0.5, "high": 1.0}, index=range(steps)
    )
    figure = charts.accumulated_weight(weights)
    seen = [element for element in ET.fromstring(figure.svg()).iter(f"{SVG}text") if element.get("opacity") != "0"]
    text = " ".join(" ".join(element.itertext()) for element in seen)
    assert all(f"origin {n} " in text for n in range(steps))


def test_words_of_the_scale_stand_in_the_background_of_both() -> None:
    every = {name for name, _, _ in WORDS}
    text = re.sub(r"\s+", " ", " ".join(ET.fromstring(DRAW["sensitivity"]().svg()).itertext()))
    assert all(name in text for name in every)
    wide = charts.accumulated_weight(pd.DataFrame({"label": ["x"], "low": [-20], "point": [0], "high": [20]}))
    assert every <= set(re.findall(r"[a-z ]+", " | ".join(ET.fromstring(wide.svg()).itertext()).replace(" | ", "|")))


def test_sensitivity_finding_counts_the_changes_to_another_word() -> None:
    assert DRAW["sensitivity"]().title == "1 of 2 changes would lead to another word than “very unlikely”"
    same = CHANGES[CHANGES["change"] != "without Max Abrahms"]
    assert charts.sensitivity(same).title == "None of 1 change would lead to another word than “very unlikely”"
    assert "No change tried yet" in charts.sensitivity(CHANGES[:1]).title


def test_sensitivity_never_says_certain_of_what_is_nearly_so() -> None:
    near = pd.DataFrame({"change": ["as rated"], "low": [0.0], "point": [0.001], "high": [0.01]})
    assert "under 1%, almost no chance" in charts.sensitivity(near).title


def test_the_baseline_can_have_another_name_but_must_be_there() -> None:
    renamed = CHANGES.replace({"change": {"as rated": "today"}})
    assert "1 of 2" in charts.sensitivity(renamed, baseline="today").title
    with pytest.raises(ValueError, match=r"needs one row whose change is 'as rated'.*baseline="):
        charts.sensitivity(renamed)


# What cannot be drawn

TABLES: dict[str, tuple[Callable[[pd.DataFrame], Figure], pd.DataFrame, str]] = {
    "held_territory": (charts.held_territory, CASE.quantities, "value_km2"),
    "events_around_claim": (charts.events_around_claim, CASE.events_weekly, "events"),
    "events_by_governorate": (charts.events_by_governorate, CASE.events_weekly, "governorate"),
    "origins_and_repetition": (charts.origins_and_repetition, CASE.statements, "repeats"),
    "accumulated_weight": (charts.accumulated_weight, WEIGHTS, "point"),
    "sensitivity": (charts.sensitivity, CHANGES, "high"),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_missing_column_is_named_with_what_to_start_from(name: str) -> None:
    draw, table, column = TABLES[name]
    with pytest.raises(ValueError, match=rf"{name} needs the column {column}, .* Start from "):
        draw(table.drop(columns=column))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_without_rows_is_refused_with_what_to_look_at(name: str) -> None:
    draw, table, _ = TABLES[name]
    with pytest.raises(ValueError, match=rf"{name} was given a table without rows\..*filter"):
        draw(table[:0])


def test_rows_that_are_no_land_are_refused() -> None:
    with pytest.raises(ValueError, match=r"no area of land.*held_land"):
        charts.held_territory(CASE.quantities.query("name == 'fighters'"))


def test_bounds_out_of_order_or_missing_are_named_by_row() -> None:
    with pytest.raises(ValueError, match=r"low <= point <= high.*'Max Abrahms'"):
        charts.accumulated_weight(WEIGHTS.assign(low=5))
    with pytest.raises(ValueError, match=r"low <= point <= high.*'as rated'"):
        charts.sensitivity(CHANGES.assign(high=float("nan")))


def test_percentages_are_not_taken_for_chances() -> None:
    per_cent = CHANGES.assign(low=CHANGES["low"] * 100, point=CHANGES["point"] * 100, high=CHANGES["high"] * 100)
    with pytest.raises(ValueError, match="Divide per cent by 100"):
        charts.sensitivity(per_cent)
