"""The case is complete, true to its sources, and refuses to load when it is broken."""

from __future__ import annotations

import csv
import math
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from frictionless import validate

from course.case import COURSE_TABLES, TABLES, Case, CaseError, Row, datapackage
from course.ledger.judgement import BEARINGS, CREDIBILITY, DIRECTNESS, RELIABILITY
from course.weighing import (
    CREDIBILITY_CHANCE,
    DIRECTNESS_SHARE,
    RELIABILITY_CHANCE,
    STRENGTH_DB,
    WORDS,
    Interval,
)

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data" / "case-2017"
OWN = ROOT / "course" / "case" / "tables"
ARTICLE = ROOT.parent / "shared" / "case" / "article.txt"
CLAIMED = date(2017, 12, 6)
PUBLISHED = date(2017, 12, 11)
KM2_PER_SQ_MI = 2.589988


@pytest.fixture(scope="module")
def case() -> Case:
    return Case.load()


@pytest.fixture(scope="module")
def article() -> list[str]:
    """Return the article's paragraphs; ¶1 is the first."""
    if not ARTICLE.is_file():
        pytest.skip("the article is not part of the repository")
    return [line.strip() for line in ARTICLE.read_text(encoding="utf-8").splitlines() if line.strip()]


def every_row(case: Case) -> Iterator[tuple[str, int, Row]]:
    for table in case.tables:
        for number, row in enumerate(case.rows(table), 2):
            yield table, number, row


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", re.sub("[’']", "", text.lower()))


def numbers(text: str) -> list[str]:
    return re.findall(r"\d+", re.sub(r"(?<=\d),(?=\d{3})", "", text))


def paragraphs(row: Row) -> list[int]:
    """Return the paragraphs that a locator such as ``¶17–18; TASS, 11 Dec 2017`` names."""
    numbers: list[int] = []
    for first, last in re.findall(r"¶(\d+)(?:–(\d+))?", str(row["locator"])):
        numbers += range(int(first), int(last or first) + 1)
    return numbers


# --- the package ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [DATA, OWN], ids=lambda folder: folder.name)
def test_frictionless_finds_the_package_valid(folder: Path) -> None:
    report = validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "note"])


def test_a_case_has_its_tables_its_records_and_those_of_the_course(case: Case) -> None:
    assert case.tables == (*TABLES, "events_weekly", "strikes_daily", *COURSE_TABLES)
    assert {"glossary", "events_weekly"} < set(dir(case))


def test_every_column_has_a_meaning_and_a_unit(case: Case) -> None:
    for table in case.tables:
        columns = case.describe(table)
        assert list(columns["name"]) == list(case.table(table).columns)
        for column in ("type", "unit", "meaning"):
            assert columns[column].str.len().gt(0).all(), (table, column)
    scope = case.describe("statements").set_index("name").loc["scope"]
    assert scope["allowed"] == "Syria, Iraq, Iraq+Syria, none"
    speaker = case.describe("statements").set_index("name").loc["speaker"]
    assert speaker["allowed"] == "an id of sources"


def test_every_table_can_be_cited_and_has_a_licence(case: Case) -> None:
    for table in case.tables:
        assert len(case.citation(table)) > 20
        assert "https://" in case.licence(table)
    assert "Sundberg" in case.citation("events_weekly")
    assert "Högbladh" in case.citation("events_weekly")
    assert "Attribution 4.0" in case.licence("events_weekly")
    assert "Public domain" in case.licence("strikes_daily")


def test_every_row_names_a_source_and_a_place_in_it(case: Case) -> None:
    known = {row["id"] for row in case.rows("sources")}
    methods = {row["id"] for row in datapackage.read(OWN).tables["sources"].rows}
    for table, number, row in every_row(case):
        assert row["source"] in (methods if table in COURSE_TABLES else known), (table, number)
        assert str(row["locator"]).strip(), (table, number)
        assert "confidence" not in row or row["confidence"] in ("H", "M", "L")


def test_every_foreign_key_leads_to_a_row(case: Case) -> None:
    # Spelt out here, so that a key forgotten in datapackage.json is noticed.
    keys = [
        ("claims", "speaker", "sources"),
        ("claims", "attributed_to", "sources"),
        ("claims", "follows", "claims"),
        ("sources", "origin", "origins"),
        ("statements", "speaker", "sources"),
        ("statements", "via", "sources"),
        ("statements", "repeats", "statements"),
        ("statements", "origin", "origins"),
        ("quantities", "statement", "statements"),
        ("quantities", "origin", "origins"),
        ("timeline", "statement", "statements"),
        *((table, "source", "sources") for table in case.tables if table not in COURSE_TABLES),
    ]
    for table, column, target in keys:
        known = {row["id"] for row in case.rows(target)}
        assert {row[column] for row in case.rows(table)} - {None} <= known, (table, column)
    terms = {row["term"] for row in case.rows("glossary")}
    assert {row["see"] for row in case.rows("glossary")} - {None} <= terms


def test_loading_needs_neither_pandas_nor_numpy() -> None:
    code = (
        "import sys; from course.case import Case; Case.load().rows('statements'); "
        "sys.exit(sorted({'pandas', 'numpy', 'altair'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# --- true to the article --------------------------------------------------------------------------------------------


def test_the_register_is_the_37_statements_in_the_articles_order(case: Case) -> None:
    register = [row for row in case.rows("statements") if row["set"] == "register"]
    assert [row["id"] for row in register] == [f"S{n:02}" for n in range(1, 38)]
    places = [row["paragraph"] for row in register]
    assert places == sorted(places, key=lambda place: int(str(place)))
    outside = [row for row in case.rows("statements") if row["set"] != "register"]
    assert [row["id"] for row in outside] == [f"X{n:02}" for n in range(1, len(outside) + 1)]
    assert [row["set"] for row in outside] == ["beside"] * 11 + ["further"] * (len(outside) - 11)
    assert all(row["paragraph"] is None for row in outside)


def test_every_paragraph_named_exists(case: Case) -> None:
    for table, number, row in every_row(case):
        named = paragraphs(row)
        assert all(1 <= place <= 34 for place in named), (table, number)
        if row.get("paragraph") is not None and table != "claims":
            assert row["paragraph"] == named[0], (table, number)
        elif row.get("paragraph") is not None:
            assert row["paragraph"] in named, (table, number)


def test_the_article_has_as_many_paragraphs_as_we_say(article: list[str]) -> None:
    assert len(article) == 34


def test_numbers_said_to_come_from_the_article_stand_in_that_paragraph(case: Case, article: list[str]) -> None:
    checked = 0
    for row in case.rows("quantities"):
        if row["paragraph"] is not None:
            text = numbers(article[int(str(row["paragraph"])) - 1])
            for column in ("value", "value_high"):
                if row[column] is not None:
                    assert f"{row[column]:.0f}" in text, (row["id"], row[column])
                    checked += 1
    for row in case.rows("statements"):
        if row["set"] == "register":
            text = [number for place in paragraphs(row) for number in numbers(article[place - 1])]
            for number in numbers(str(row["content"])):
                assert number in text, (row["id"], number)
                checked += 1
    assert checked > 25


def test_no_sentence_of_the_article_is_in_the_repository(case: Case, article: list[str]) -> None:
    text = words(" ".join(article))
    runs = {tuple(text[at : at + 11]) for at in range(len(text) - 10)}
    texts = [str(cell) for _, _, row in every_row(case) for cell in row.values()]
    texts += [(DATA / "datapackage.json").read_text(encoding="utf-8")]
    texts += [(ROOT / "solutions" / "reference_judgements.csv").read_text(encoding="utf-8")]
    for cell in texts:
        ours = words(cell)
        assert not [ours[at : at + 11] for at in range(len(ours) - 10) if tuple(ours[at : at + 11]) in runs], cell


def test_the_reading_copy_retells_every_paragraph_in_our_words(case: Case, article: list[str]) -> None:
    copy, text, size = str(case.article()), words(" ".join(article)), 10
    runs = {tuple(text[at : at + size]) for at in range(len(text) - size + 1)}
    ours = words(copy)
    assert not [ours[at : at + size] for at in range(len(ours) - size + 1) if tuple(ours[at : at + size]) in runs]
    for fragment in re.findall(r"“([^”]*)”", copy):
        assert len(fragment.split()) < 10, fragment


def test_quotes_are_short_and_the_speakers_own(case: Case, article: list[str]) -> None:
    for table in ("statements", "claims"):
        for row in case.rows(table):
            quoted = str(row["quoted"] or "")
            assert len(quoted.split()) <= 10, (table, row["id"])
            if quoted and row["source"] == "polygraph":
                passage = words(" ".join(article[place - 1] for place in paragraphs(row)))
                run = words(quoted)
                assert any(passage[at : at + len(run)] == run for at in range(len(passage))), (table, row["id"])
    for table, number, row in every_row(case):
        for cell in row.values():
            for fragment in re.findall(r"“([^”]*)”", str(cell)):
                assert len(fragment.split()) <= 10, (table, number, fragment)


def test_contents_are_short(case: Case) -> None:
    for row in case.rows("statements"):
        assert len(str(row["content"]).split()) <= 25, row["id"]
        assert row["caution"], row["id"]


# --- dates and the two clocks ---------------------------------------------------------------------------------------


def test_nothing_is_known_before_it_is_said_or_happens(case: Case) -> None:
    for row in case.rows("statements"):
        known = row["known_from"]
        assert isinstance(known, date)
        for column in ("said_on", "as_of"):
            if isinstance(when := row[column], date):
                assert when <= known, (row["id"], column)
        assert (row["as_of"] is None) == (row["as_of_precision"] is None), row["id"]
    for row in case.rows("timeline"):
        assert str(row["date"]) <= str(row["known_from"]), row["id"]


def test_every_statement_of_the_article_was_known_on_the_first_clock(case: Case) -> None:
    known = {row["id"]: row["known_from"] for row in case.rows("statements")}
    assert all(str(when) <= str(PUBLISHED) for key, when in known.items() if str(key).startswith("S"))


def test_the_two_clocks_give_different_evidence(case: Case) -> None:
    beside = {str(row["id"]): row["known_from"] for row in case.rows("statements") if row["set"] == "beside"}
    then = {key for key, when in beside.items() if str(when) <= str(PUBLISHED)}
    assert then == {"X01", "X02", "X05", "X06", "X11"}
    assert beside["X03"] == date(2018, 5, 23)
    assert beside["X04"] == date(2017, 12, 27)
    assert beside["X07"] == date(2018, 8, 13)  # released; 27 July is on its cover
    assert beside["X08"] == date(2018, 8, 6)
    # The first day on which somebody is known to have had the record; the last day it covers is earlier.
    assert beside["X09"] == date(2020, 1, 10)


def test_ground_held_is_spoken_of_on_both_clocks_and_by_origins_that_do_not_share_their_knowledge(case: Case) -> None:
    ground = [row for row in case.rows("statements") if row["set"] == "further" and row["measures"] == "land"]
    of_the_week = [row for row in ground if "2017-12-01" <= str(row["known_from"]) <= str(PUBLISHED)]
    assert {row["origin"] for row in of_the_week} == {"nso", "ucdp-sohr"}
    later = {row["origin"] for row in ground if str(row["known_from"]) > str(PUBLISHED)}
    assert {"us-government", "ucdp-sohr", "jusoor", "sdf"} <= later
    # Moscow gave figures for Syria alone, and they fall.
    moscow = [row for row in case.rows("quantities") if row["name"] == "share_of_country"]
    assert [row["value"] for row in moscow if row["origin"] == "russian-command"] == [10, 8, 5]


def test_one_monitor_is_one_origin_however_many_agencies_carry_it(case: Case) -> None:
    monitor = [row for row in case.rows("statements") if row["speaker"] == "sohr"]
    assert len(monitor) >= 6
    assert {row["origin"] for row in monitor} == {"ucdp-sohr"}


def test_the_timeline_is_in_order_and_shows_the_conflict_of_6_and_7_december(case: Case) -> None:
    rows = case.rows("timeline")
    assert [str(row["date"]) for row in rows] == sorted(str(row["date"]) for row in rows)
    rudskoi = {row["date"]: row for row in rows if "Rudskoi" in str(row["event"]) and str(row["date"]) < "2018"}
    assert set(rudskoi) == {date(2017, 12, 6), date(2017, 12, 7)}
    assert all(
        "6 December" in str(row["conflict"]) and "7 December" in str(row["conflict"]) for row in rudskoi.values()
    )
    assert date(2017, 12, 7).strftime("%A") == "Thursday"


# --- what the case is about -----------------------------------------------------------------------------------------


def test_only_two_statements_of_the_article_bear_directly_on_the_claim(case: Case) -> None:
    direct = [
        row["id"]
        for row in case.rows("statements")
        if row["set"] == "register" and row["measures"] == "presence" and row["scope"] == "Syria"
    ]
    assert direct == ["S09", "S11"]


def test_the_absolute_wording_first_appears_with_gerasimov_and_putin_hedges(case: Case) -> None:
    first_hand = [row for row in case.rows("claims") if row["kind"] == "first_hand" and row["said_on"] == CLAIMED]
    assert {str(row["speaker"]): row["absolute"] for row in first_hand} == {
        "gerasimov": True,
        "putin": False,
    }
    assert all(row["hedge"] for row in case.rows("claims") if not row["absolute"])
    order = [row["id"] for row in case.rows("claims")]
    assert all(order.index(row["follows"]) < order.index(row["id"]) for row in case.rows("claims") if row["follows"])


def test_a_repeat_adds_no_new_origin(case: Case) -> None:
    rows = {row["id"]: row for row in case.rows("statements")}
    for row in rows.values():
        if row["repeats"] and row["id"] != "S01":  # The headline is the outlet's own, over Russia's words.
            assert row["origin"] == rows[row["repeats"]]["origin"], row["id"]


def test_what_the_article_leaves_unsourced_is_marked(case: Case) -> None:
    unsourced = {row["paragraph"] for row in case.rows("statements") if not row["sourced"]}
    assert {19, 21, 27, 29, 31} <= unsourced
    cautions = {str(row["id"]): str(row["caution"]) for row in case.rows("statements")}
    assert "Never ran" in cautions["S36"]
    assert "nine months" in cautions["S34"]


def test_the_three_readings_that_say_none_are_universal_and_nested(case: Case) -> None:
    rows = case.rows("readings")
    assert tuple(row["id"] for row in rows) == tuple(case.subject.readings) == ("T", "U", "F", "A", "W")
    assert {row["id"] for row in rows if row["universal"]} == case.subject.universal == {"T", "U", "F"}
    assert case.subject.nested == ("F", "U", "T")


def test_every_source_is_used_or_says_why_it_is_there(case: Case) -> None:
    used = {row["source"] for _, _, row in every_row(case)}
    for table in ("statements", "claims"):
        for row in case.rows(table):
            used |= {row["speaker"], row.get("via")}
    for row in case.rows("sources"):
        assert row["id"] in used or row["note"], row["id"]
    origins = {row["origin"] for table in ("statements", "sources", "quantities") for row in case.rows(table)}
    assert origins == {row["id"] for row in case.rows("origins")}


# --- numbers --------------------------------------------------------------------------------------------------------


def held(case: Case, as_of: str, unit: str = "km2") -> float:
    (value,) = (
        float(str(row["value"]))
        for row in case.rows("quantities")
        if row["name"] == "held_land" and row["unit"] == unit and str(row["as_of"]) == as_of
    )
    return value


def test_square_miles_and_square_kilometres_agree(case: Case) -> None:
    for row in case.rows("quantities"):
        land = row["name"] == "held_land"
        assert (row["value_km2"] is not None) == land, row["id"]
        if land:
            factor = KM2_PER_SQ_MI if row["unit"] == "sq_mi" else 1
            assert row["value_km2"] == pytest.approx(float(str(row["value"])) * factor, rel=1e-5)
    assert held(case, "2014-01-01", "sq_mi") * KM2_PER_SQ_MI == pytest.approx(88_060, abs=1)
    series = ("2015-01-01", "2016-01-01", "2016-10-03", "2016-12-31")
    assert [round(held(case, day) / KM2_PER_SQ_MI) for day in series] == [35_058, 30_116, 25_290, 23_321]


def test_the_falls_of_held_land(case: Case) -> None:
    def fall(start: str, end: str) -> float:
        return round((1 - held(case, end) / held(case, start)) * 100, 1)

    assert fall("2015-01-01", "2016-01-01") == 14.1
    assert fall("2016-01-01", "2016-10-03") == 16.0
    assert fall("2016-10-03", "2016-12-31") == 7.8
    assert fall("2016-01-01", "2016-12-31") == 22.6
    assert fall("2015-01-01", "2016-12-31") == 33.5


def test_the_articles_percentages_compound_and_start_from_another_base(case: Case) -> None:
    falls = {
        str(row["as_of"]): float(str(row["value"])) / 100
        for row in case.rows("quantities")
        if row["name"] == "share_fall"
    }
    left = math.prod(1 - fall for fall in falls.values())
    assert round((1 - left) * 100, 1) == 27.8
    base, end = held(case, "2014-01-01", "sq_mi"), held(case, "2016-12-31", "sq_mi")
    assert round(base * left) == 24_562
    assert round(base * left) - end == 1_242
    assert round((1 - end / base) * 100, 1) == 31.4
    spans = {row["as_of"]: row["period_start"] for row in case.rows("quantities") if row["name"] == "share_fall"}
    assert spans[date(2016, 9, 30)] == date(2016, 1, 1)  # nine months, not a year


def test_4_to_5_percent_and_3_percent_do_not_contradict(case: Case) -> None:
    (share,) = (row for row in case.rows("quantities") if row["name"] == "share_held")
    (lost,) = (row for row in case.rows("quantities") if row["name"] == "share_lost" and row["scope"] == share["scope"])
    later = 100 - float(str(lost["value"]))
    falls = [1 - later / float(str(share[column])) for column in ("value", "value_high")]
    assert falls == pytest.approx([0.25, 0.40])
    assert str(share["as_of"]) < str(lost["as_of"])


def test_bombs_and_air_strikes_fell_by_different_shares_and_are_two_measures(case: Case) -> None:
    rows = {str(row["name"]): row for row in case.rows("quantities")}
    bombs = float(str(rows["bombs_in_month"]["value"]))
    usual = [float(str(rows["bombs_usual_month"][column])) for column in ("value", "value_high")]
    assert [round((1 - bombs / before) * 100) for before in usual] == [53, 67]
    assert (rows["strikes_fall"]["value"], rows["strikes_fall"]["value_high"]) == (60, 70)


def test_the_first_campaign_lasted_166_days(case: Case) -> None:
    start, end = (row["date"] for row in case.rows("timeline") if row["statement"] == "S35")
    assert isinstance(start, date)
    assert isinstance(end, date)
    assert end - start == timedelta(days=166)


# --- the record -----------------------------------------------------------------------------------------------------


def test_the_record_of_events(case: Case) -> None:
    events = case.events_weekly
    assert events["week_start"].nunique() == 129
    assert events["events"].sum() == 4_058
    assert set(events["week_start"].dt.day_name()) == {"Thursday"}
    weeks = events[events["week_start"] > pd.Timestamp(CLAIMED)].groupby("week_start")["events"].sum()
    after = events[events["week_start"] > pd.Timestamp(CLAIMED)]
    assert weeks.index.min() == pd.Timestamp(2017, 12, 7)
    assert len(weeks) == 81
    assert weeks.sum() == 1_369
    assert after["deaths_best"].sum() == 9_407
    assert weeks.min() == 2
    assert weeks.idxmin() == pd.Timestamp(2019, 5, 9)
    assert round(after["events_citing_sohr"].sum() / weeks.sum(), 2) == 0.89
    # No week at zero: the weeks follow each other without a gap.
    assert set(pd.Series(sorted(set(events["week_start"]))).diff().dropna()) == {pd.Timedelta(days=7)}
    # Three rows are out of order as released; more would mean that a copy went wrong.
    ordered = events["deaths_low"].le(events["deaths_best"]) & events["deaths_best"].le(events["deaths_high"])
    assert (~ordered).sum() == 3
    assert (events["events_citing_sohr"] <= events["events"]).all()


def test_the_coalitions_strikes(case: Case) -> None:
    strikes = case.strikes_daily
    after = strikes[strikes["date"] > pd.Timestamp(CLAIMED)]
    assert len(after) == 7
    assert after["strikes_syria"].sum() == 34
    assert after[after["release_date"] <= pd.Timestamp(PUBLISHED)]["strikes_syria"].sum() == 18


def test_quantities_taken_from_our_tables_say_what_the_tables_say(case: Case) -> None:
    after = case.events_weekly.query("week_start > '2017-12-06'")
    strikes = case.strikes_daily.query("date > '2017-12-06'")
    values = {(row["name"], row["value"]) for row in case.rows("quantities")}
    assert ("events", float(after["events"].sum())) in values
    assert ("deaths", float(after["deaths_best"].sum())) in values
    assert ("strikes", float(strikes["strikes_syria"].sum())) in values


# --- scales and words -----------------------------------------------------------------------------------------------


def scale(case: Case, method: str) -> list[Row]:
    rows = [row for row in case.rows("scales") if row["method"] == method]
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1)), method
    return rows


def test_scales_say_what_judgements_say(case: Case) -> None:
    assert {row["code"]: row["label"] for row in scale(case, "admiralty-reliability")} == RELIABILITY
    assert {int(str(row["code"])): row["label"] for row in scale(case, "admiralty-credibility")} == CREDIBILITY
    assert {row["code"]: row["label"] for row in scale(case, "directness")} == DIRECTNESS
    assert tuple(row["code"] for row in scale(case, "bearing")) == BEARINGS


def test_scales_hold_the_numbers_of_the_weighing_model(case: Case) -> None:
    def bounds(interval: Interval) -> tuple[float, float]:
        return interval.low, interval.high

    for row in scale(case, "admiralty-reliability"):
        assert (row["low"], row["high"]) == bounds(RELIABILITY_CHANCE[str(row["code"])])
        assert "convention" in str(row["note"])
    for row in scale(case, "admiralty-credibility"):
        assert (row["low"], row["high"]) == bounds(CREDIBILITY_CHANCE[int(str(row["code"]))])
    for row in scale(case, "directness"):
        assert row["low"] == row["high"] == DIRECTNESS_SHARE[str(row["code"])]
    for row in scale(case, "bearing"):
        strength, _, side = str(row["code"]).partition(" ")
        assert row["low"] == row["high"] == STRENGTH_DB.get(strength, 0) * (-1 if side == "against" else 1)
    assert [(row["label"], row["low"], row["high"]) for row in scale(case, "icd-203")] == [
        (word, round(low * 100), round(high * 100)) for word, low, high in WORDS
    ]


def test_decibans_at_the_edges_of_icd_203(case: Case) -> None:
    decibans = {str(row["code"]): float(str(row["low"])) for row in scale(case, "weight-of-evidence")}
    for code, value in decibans.items():
        number = float(re.sub(r"[^0-9]", "", code))
        ratio = number if code.startswith("×") else number / (100 - number)
        assert value == pytest.approx(10 * math.log10(ratio), abs=0.05), code


@pytest.mark.parametrize(
    ("method", "labels"),
    [
        ("politifact", ["True", "Mostly True", "Half True", "Mostly False", "False", "Pants on Fire"]),
        ("averitec", ["Supported", "Refuted", "Not Enough Evidence", "Conflicting Evidence/Cherrypicking"]),
        (
            "ifcn",
            [
                "Nonpartisanship and Fairness",
                "Transparency of Sources",
                "Transparency of Funding & Organization",
                "Transparency of Methodology",
                "Open & Honest Corrections",
            ],
        ),
        (
            "sift",
            [
                "Stop",
                "Investigate the source",
                "Find better coverage",
                "Trace claims, quotes and media to the original context",
            ],
        ),
        (
            "lateral-reading",
            ["Who is behind it?", "What is the evidence?", "What do other sources say?"],
        ),
        (
            "berkeley-protocol",
            ["authenticity", "availability", "identity", "persistence", "renderability", "understandability"],
        ),
    ],
)
def test_labels_are_the_methods_own(case: Case, method: str, labels: list[str]) -> None:
    assert [row["label"] for row in scale(case, method)] == labels


def test_other_labels(case: Case) -> None:
    assert [row["code"] for row in scale(case, "competing-hypotheses")] == ["CC", "C", "N", "I", "II"]
    assert {row["code"] for row in scale(case, "claimreview-property") if "required" in str(row["label"])} == {
        "claimReviewed",
        "reviewRating",
        "url",
    }
    ratings = scale(case, "claimreview-rating")
    assert (ratings[0]["low"], ratings[0]["label"]) == (1, "False")
    assert (ratings[-1]["low"], ratings[-1]["label"]) == (5, "True")


def test_the_glossary_has_the_words_of_the_course(case: Case) -> None:
    terms = {str(row["term"]) for row in case.rows("glossary")}
    assert len(terms) >= 40
    assert terms >= {"claim", "reading", "statement", "source", "origin", "judgement", "ledger", "weight", "verdict"}
    assert terms >= {"clock", "deciban", "DataFrame", "kernel", "cell", "denominator", "scope", "as-of date", "SOHR"}


# --- the expert's reference -----------------------------------------------------------------------------------------


def test_the_reference_covers_every_statement_and_stays_out_of_the_data(case: Case) -> None:
    with (ROOT / "solutions" / "reference_judgements.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["statement"] for row in rows} == {row["id"] for row in case.rows("statements")}
    assert all(row["reason"] for row in rows)
    # Whether they are on their scales, and what they amount to: tests/weighing/test_reference.py.
    rated = {"reliability", "credibility", "directness", "bearing"}
    assert not rated & {name for table in case.tables for name in case.rows(table)[0]}


# --- what a Case gives ----------------------------------------------------------------------------------------------


def test_frames_have_the_types_of_their_columns(case: Case) -> None:
    statements = case.statements
    assert statements["known_from"].dtype == statements["said_on"].dtype == "datetime64[ns]"
    assert statements["paragraph"].dtype == "Int64"
    assert statements["sourced"].dtype == bool
    assert statements.loc[1, "content"].__class__ is str
    assert statements.loc[0, "via"] is None
    assert case.events_weekly["events"].dtype == "int64"
    assert case.strikes_daily["engagements_syria"].dtype == "Int64"
    assert case.quantities["value_km2"].dtype == "float64"


@pytest.mark.parametrize("table", Case.load().tables)
def test_every_table_is_an_attribute_and_fresh_each_time(case: Case, table: str) -> None:
    frame = getattr(case, table)
    assert len(frame) == len(case.rows(table))
    column = frame.columns[0]
    frame[column] = None
    assert getattr(case, table)[column].notna().any()


def test_rows_cannot_be_changed(case: Case) -> None:
    with pytest.raises(TypeError):
        case.row("statements", "S09")["content"] = "something else"  # type: ignore[index]


def test_a_mistaken_question_names_what_there_is(case: Case) -> None:
    with pytest.raises(CaseError, match=r"no id 'S99'.*S01, S02"):
        case.row("statements", "S99")
    with pytest.raises(CaseError, match=r"no table 'statement'.*claims, sources"):
        case.rows("statement")
    with pytest.raises(CaseError, match=r"week_start, governorate, fought_with.*rows\('events_weekly'\)"):
        case.row("events_weekly", "2017-12-07")
    assert case.row("glossary", "origin")["lesson"] == "02"
    assert "statements: 79" in repr(case)


def test_the_article_is_shown_whole_or_in_part(case: Case) -> None:
    whole = case.article()
    assert list(whole.paragraphs) == list(range(1, 35))
    assert whole._repr_markdown_() == str(whole)
    assert re.findall(r"^\*\*¶(\d+)\*\* ", str(case.article(9, 10)), flags=re.M) == ["9", "10"]
    assert str(case.article(9, 10)).startswith("**Who disagrees**\n\n**¶9** ")
    for first, last in ((0, 3), (30, 35), (9, 8)):
        with pytest.raises(CaseError, match="The article has ¶1 to ¶34"):
            case.article(first, last)


def test_a_case_without_an_article_says_so(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(DATA, tmp_path / "data"))
    (copy / "article.md").unlink()
    with pytest.raises(CaseError, match=r"no article\.md"):
        Case.load(copy).article()


def test_an_installed_course_brings_its_data(tmp_path: Path) -> None:
    package = tmp_path / "course"
    shutil.copytree(ROOT / "course", package, ignore=shutil.ignore_patterns("classroom", "share", "__pycache__"))
    shutil.copytree(DATA, package / "share" / "data" / "case-2017")
    code = "from course.case import Case; print(Case.load().folder)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == str(package / "share" / "data" / "case-2017"), done.stderr
