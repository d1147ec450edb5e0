"""The second case is as complete and as well confirmed as the first, and its verdicts follow from its ratings."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from frictionless import validate

from course.case import Case, Row
from course.case.audit import audit
from course.ledger.judgement import Judgement
from course.weighing import Weighing, confidence, weigh_all

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "data" / "case-2018"
CASE = Case.load("case-2018")
TABLES = ("claims", "sources", "origins", "readings", "statements", "quantities", "timeline", "events_weekly")
CLAIMED, KNOWN_UNTIL = date(2018, 12, 19), date(2018, 12, 21)
PAGE = ROOT / "docs" / "instructor" / "weighing.md"


def every_row() -> Iterator[tuple[str, Row]]:
    for table in TABLES:
        for row in CASE.rows(table):
            yield table, row


def identified(table: str) -> dict[str, Row]:
    return {str(row["id"]): row for row in CASE.rows(table)}


# --- the package ----------------------------------------------------------------------------------------------------


def test_frictionless_finds_the_package_valid() -> None:
    report = validate(str(FOLDER / "datapackage.json"))
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "note"])
    assert {task.name for task in report.tasks} == set(TABLES)


def test_the_weekly_events_are_those_of_the_first_case() -> None:
    events = [ROOT / "data" / case / "events_weekly.csv" for case in ("case-2017", "case-2018")]
    assert events[0].read_bytes() == events[1].read_bytes()


def test_its_rows_are_named_apart_from_those_of_the_first_case_and_from_readings() -> None:
    other = Case.load()
    for table in ("claims", "statements"):
        assert not set(identified(table)) & {row["id"] for row in other.rows(table)}
    assert all(re.fullmatch(r"T\d\d", name) for name in identified("statements"))
    assert list(identified("readings")) == ["T", "U", "F", "A", "D"]
    assert 18 <= len(CASE.rows("statements")) <= 25


def test_every_row_names_a_source_and_where_it_was_found() -> None:
    sources = identified("sources")
    for table, row in every_row():
        assert row["source"] in sources, (table, row)
        assert str(row["locator"]).strip(), (table, row)
        if table != "events_weekly" and row["source"] != "course":
            assert row["address"], (table, row["id"])
            assert row["confirmed_by"], (table, row["id"])
            assert row["confidence"] == "H" or row["confirmed_by"] == 1, (table, row["id"])


def test_five_rows_in_six_are_confirmed_by_two_publishers_and_the_rest_by_one() -> None:
    everything = audit(CASE)[-1]
    assert everything.by_none == 0
    assert everything.with_address == everything.outside
    assert everything.by_two >= 0.85 * everything.outside
    assert everything.by_two >= 0.88 * (everything.outside - everything.computed)


def test_what_was_found_is_written_down_row_by_row() -> None:
    with (ROOT / "docs" / "confirmations-2018.csv").open(encoding="utf-8", newline="") as file:
        confirmations = {(row["table"], row["id"]): row for row in csv.DictReader(file)}
    rows = {
        (table, str(row["id"])): row
        for table, row in every_row()
        if table not in ("origins", "readings", "events_weekly") and row["source"] != "course"
    }
    assert set(confirmations) == set(rows)
    for key, row in rows.items():
        assert (confirmations[key]["address"], int(confirmations[key]["confirmed_by"])) == (
            row["address"],
            row["confirmed_by"],
        ), key


# --- words and dates ------------------------------------------------------------------------------------------------


def test_quotes_and_contents_are_short() -> None:
    for table in ("claims", "statements"):
        for row in CASE.rows(table):
            assert len(str(row["quoted"] or "").split()) < 10, row["id"]
    for _, row in every_row():
        for cell in row.values():
            for fragment in re.findall(r"“([^”]*)”", str(cell)):
                assert len(fragment.split()) < 10, fragment
    for row in CASE.rows("statements"):
        assert len(str(row["content"]).split()) <= 25, row["id"]
        assert row["caution"], row["id"]


def test_nothing_is_known_before_it_is_said_or_happens() -> None:
    for row in CASE.rows("statements"):
        for column in ("said_on", "as_of"):
            assert row[column] is None or str(row[column]) <= str(row["known_from"]), (row["id"], column)
        assert row["set"] == ("register" if str(row["known_from"]) <= str(KNOWN_UNTIL) else "beside"), row["id"]
    for row in CASE.rows("quantities"):
        assert str(row["as_of"]) <= str(row["known_from"]), row["id"]
    days = [str(row["date"]) for row in CASE.rows("timeline")]
    assert days == sorted(days)
    for row in CASE.rows("timeline"):
        assert str(row["date"]) <= str(row["known_from"]), row["id"]
        assert bool(row["conflict"]) == bool(row["conflict_with"]), row["id"]


def test_the_chain_of_the_wording() -> None:
    claims = identified("claims")
    order = list(claims)
    assert all(
        order.index(str(row["follows"])) < order.index(str(row["id"])) for row in claims.values() if row["follows"]
    )
    assert claims["L06"]["said_on"] == CLAIMED
    assert all(row["hedge"] for row in claims.values() if not row["absolute"])
    # Land is older than "defeated", and comes back later.
    assert (claims["L03"]["thing"], claims["L06"]["thing"], claims["L17"]["thing"]) == ("land", "the group", "land")


def test_every_source_and_origin_is_used() -> None:
    used = {row["source"] for _, row in every_row()}
    for table in ("statements", "claims"):
        for row in CASE.rows(table):
            used |= {row["speaker"], row.get("via"), row.get("attributed_to")}
    assert set(identified("sources")) - used == {"votel"}, "He speaks in the quantities."
    origins = {
        row["origin"] for table in ("statements", "sources", "quantities", "timeline") for row in CASE.rows(table)
    }
    assert set(identified("origins")) == origins


# --- the arithmetic -------------------------------------------------------------------------------------------------


def test_the_record_since_the_claim() -> None:
    weeks: dict[date, int] = {}
    deaths = 0
    for row in CASE.rows("events_weekly"):
        week, number = row["week_start"], row["events"]
        assert isinstance(week, date)
        weeks[week] = weeks.get(week, 0) + int(str(number))
        deaths += int(str(row["deaths_best"])) if week > CLAIMED else 0
    after = {week: number for week, number in sorted(weeks.items()) if week > CLAIMED}
    before = [number for week, number in sorted(weeks.items()) if week < CLAIMED]
    assert min(after) == CLAIMED + timedelta(days=1)
    assert (len(after), sum(after.values()), min(after.values()), deaths) == (27, 320, 2, 2107)
    assert (sum(before[-13:]), sum(list(after.values())[:13]), sum(list(after.values())[14:])) == (290, 215, 93)
    values = {(row["name"], row["value"]) for row in CASE.rows("quantities")}
    assert {("events", 320.0), ("deaths", 2107.0)} <= values
    citing = sum(
        int(str(row["events_citing_sohr"]))
        for row in CASE.rows("events_weekly")
        if str(row["week_start"]) > str(CLAIMED)
    )
    assert round(citing / 320, 3) == 0.938


def test_who_fought_islamic_state_before_the_claim() -> None:
    fought: dict[str, int] = {}
    for row in CASE.rows("events_weekly"):
        if str(row["week_start"]) < str(CLAIMED):
            fought[str(row["fought_with"])] = fought.get(str(row["fought_with"]), 0) + int(str(row["events"]))
    everything = sum(fought.values())
    assert everything == 3738
    assert round(fought["Syrian Democratic Forces"] / everything * 100) == 48
    assert round(fought["Syrian government"] / everything * 100) == 38


def test_land_in_one_unit() -> None:
    value = {name: float(str(row["value"])) for name, row in identified("quantities").items()}
    areas = [value["Q04"] / 100 * value["Q03"], value["Q06"] * 2.589988, value["Q10"] / 100 * 185_063, value["Q12"]]
    assert [round(area) for area in areas] == [950, 52, 4719, 4000]
    assert max(areas) / min(areas) == pytest.approx(91, abs=0.5)
    assert all(area < value["Q03"] / 10 for area in areas)  # Reading D stands by each of them.


# --- one reader's ratings, and what the model makes of them -----------------------------------------------------------


def rated(reading: str, until: date) -> list[Judgement]:
    statements = identified("statements")
    with (ROOT / "solutions" / "reference_judgements-2018.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["reading"] == reading]
    return [
        Judgement(
            row["statement"],
            reading,
            row["reliability"],
            int(row["credibility"]),
            row["directness"],
            row["bearing"],
            str(statements[row["statement"]]["origin"]),
            row["reason"],
            interest=row["interest"],
        )
        for row in rows
        if str(statements[row["statement"]]["known_from"]) <= str(until)
    ]


def test_the_reference_rates_every_statement_but_the_claim_itself() -> None:
    judged = {judgement.statement for reading in identified("readings") for judgement in rated(reading, date.max)}
    assert judged == set(identified("statements")) - {"T01"}
    pairs = [(judgement.reading, judgement.statement) for reading in "TUFAD" for judgement in rated(reading, date.max)]
    assert len(pairs) == len(set(pairs))


def weighed(reading: str, until: date) -> tuple[Weighing, str]:
    judgements = rated(reading, until)
    weighing = weigh_all(judgements, reading, subject=CASE.subject)
    return weighing, confidence(weighing, judgements).level


def printed() -> dict[str, list[str]]:
    """Return the table of reference verdicts from the instructor's page by reading."""
    lines = re.findall(r"^\| ([TUFAD]) [^|]*\|(.*)\|$", PAGE.read_text(encoding="utf-8"), flags=re.M)
    return {reading: [cell.strip() for cell in rest.split("|")] for reading, rest in lines}


@pytest.mark.parametrize("reading", ["T", "U", "F", "A", "D"])
def test_the_verdicts_that_the_instructors_page_prints_come_out_of_the_model(reading: str) -> None:
    then, since, level, sentence = printed()[reading]
    assert (then, since) == (weighed(reading, KNOWN_UNTIL)[0].phrase, weighed(reading, date.max)[0].phrase)
    assert level == f"{weighed(reading, KNOWN_UNTIL)[1]}, {weighed(reading, date.max)[1]}"
    assert 5 <= len(sentence.split()) <= 40


def test_the_sharp_readings_fall_and_the_kind_one_stands() -> None:
    for until in (KNOWN_UNTIL, date.max):
        assert all(weighed(reading, until)[0].posterior.point < 0.05 for reading in "TUF")
        assert weighed("D", until)[0].posterior.point > 0.9
        assert 0.5 < weighed("A", until)[0].posterior.point < 0.8
