"""Every row that the audit counts as computed is computed here again, from the table that its locator names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import date

import pytest

from course.case import Case, Row
from course.case.audit import audit, computed_from

CASES = {"2017": Case.load(), "2018": Case.load("case-2018")}
FIRST, LAST = date(2017, 12, 7), date(2018, 12, 20)
"""The first day after the claim of each case, on which a week of the record begins."""
Recount = Callable[[Case], set[str]]


def strikes(until: date) -> Recount:
    """Return what counts the strikes in Syria, and the days with a report, from the day after the claim on."""

    def count(case: Case) -> set[str]:
        days = [row for row in case.rows("strikes_daily") if FIRST <= day(row, "date") <= until]
        return {number(sum(amount(row, "strikes_syria") for row in days)), number(len(days))}

    return count


def record(first: date, column: str = "events") -> Recount:
    """Return what adds up a column of the weekly record from a week on."""

    def count(case: Case) -> set[str]:
        weeks = by_week(case, column)
        after = {week: sum_ for week, sum_ in weeks.items() if week >= first}
        assert min(after.values()) > 0
        return {number(sum(after.values())), number(len(after)), number(after[first])}

    return count


def quietest(case: Case) -> set[str]:
    after = {week: sum_ for week, sum_ in by_week(case, "events").items() if week >= FIRST}
    fewest = min(after.values())
    assert [week for week, sum_ in after.items() if sum_ == fewest] == [date(2019, 5, 9)]
    return {number(fewest)}


def who_fought(case: Case) -> set[str]:
    fought: dict[str, int] = defaultdict(int)
    for row in case.rows("events_weekly"):
        if day(row, "week_start") < LAST:
            fought[str(row["fought_with"])] += amount(row, "events")
    everything = sum(fought.values())
    shares = (fought[name] / everything for name in ("Syrian Democratic Forces", "Syrian government"))
    return {number(everything), *(f"{share:.0%}".rstrip("%") for share in shares)}


def by_week(case: Case, column: str) -> dict[date, int]:
    weeks: dict[date, int] = defaultdict(int)
    for row in case.rows("events_weekly"):
        weeks[day(row, "week_start")] += amount(row, column)
    return weeks


def day(row: Row, column: str) -> date:
    value = row[column]
    assert isinstance(value, date)
    return value


def amount(row: Row, column: str) -> int:
    return int(str(row[column]))


def number(value: int) -> str:
    return f"{value:,}"


# --- what is printed, and what counts it again ----------------------------------------------------------------------

RECOUNTS: dict[tuple[str, str, str], tuple[set[str], Recount]] = {
    ("2017", "statements", "X09"): ({"1,369", "81"}, record(FIRST)),
    ("2017", "statements", "X10"): ({"34"}, strikes(date(2017, 12, 17))),
    ("2017", "statements", "X11"): ({"18"}, strikes(date(2017, 12, 10))),
    ("2017", "quantities", "Q31"): ({"34"}, strikes(date(2017, 12, 17))),
    ("2017", "quantities", "Q32"): ({"18"}, strikes(date(2017, 12, 10))),
    ("2017", "quantities", "Q33"): ({"1,369", "81"}, record(FIRST)),
    ("2017", "quantities", "Q34"): ({"9,407"}, record(FIRST, "deaths_best")),
    ("2017", "timeline", "E30"): ({"28"}, record(FIRST)),
    ("2017", "timeline", "E32"): ({"18"}, strikes(date(2017, 12, 10))),
    ("2017", "timeline", "E34"): ({"34"}, strikes(date(2017, 12, 17))),
    ("2017", "timeline", "E39"): ({"2"}, quietest),
    ("2018", "statements", "T26"): ({"320", "27"}, record(LAST)),
    ("2018", "statements", "T27"): ({"3,738", "48", "38"}, who_fought),
    ("2018", "quantities", "Q29"): ({"320", "27"}, record(LAST)),
    ("2018", "quantities", "Q30"): ({"2,107"}, record(LAST, "deaths_best")),
    ("2018", "timeline", "E27"): ({"15"}, record(LAST)),
}


def test_every_computed_row_is_computed_again_here() -> None:
    computed = {
        (name, table, str(row["id"]))
        for name, case in CASES.items()
        for table in case.tables
        for row in case.rows(table)
        if "confirmed_by" in row and computed_from(row, case)
    }
    assert computed == set(RECOUNTS)
    assert sum(audit(case)[-1].computed for case in CASES.values()) == len(RECOUNTS)


@pytest.mark.parametrize("where", RECOUNTS, ids="-".join)
def test_the_numbers_that_a_row_prints_come_out_of_the_table(where: tuple[str, str, str]) -> None:
    name, table, ident = where
    case, (numbers, recount) = CASES[name], RECOUNTS[where]
    row = next(row for row in case.rows(table) if row["id"] == ident)
    value = row.get("value")
    printed = " ".join(str(row.get(column)) for column in ("content", "event", "note"))
    printed += f" {value:,.0f}" if isinstance(value, float) else ""
    assert numbers <= recount(case)
    assert numbers <= set(re.findall(r"\d[\d,]*\d|\d", printed))
