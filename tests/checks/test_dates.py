"""A date counts in any form in which a person might type it, and nothing else counts as one."""

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.checks.dates import Day, read_day

SIXTH = Day(2017, 12, 6)
DAYS = st.dates(date(1950, 1, 1), date(2049, 12, 31))


@pytest.mark.parametrize(
    "typed",
    [
        "December 6th, 2017", "the sixth of December 2017", "December the sixth, 2017", "6 Dec. 2017", "6 Dec 2017",
        "2017/12/06", "2017-12-06", "2017-12-06T10:00", "20171206", "06.12.2017", "6/12/2017", "12/6/2017", "6.12.17",
        "Wednesday, 6 December 2017", "on 6 December 2017.", " 6-Dec-2017 ", "“6 December 2017”",
        "SIXTH OF DECEMBER, 2017",
        date(2017, 12, 6), datetime(2017, 12, 6, 9, 30), pd.Timestamp("2017-12-06"), np.datetime64("2017-12-06"),
        np.datetime64("2017-12-06T00:00:00.000000000"), np.str_("6 December 2017"),
    ],
)  # fmt: skip
def test_one_day_in_many_forms(typed: object) -> None:
    assert SIXTH in read_day(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "", "6", "2017", "December", "Wednesday", "10:30", "soon", "not 6 December 2017", "bananas 6 December 2017",
        "6 and 7 December 2017", "6 December 2017 or 7 December 2017", "31 February 2017", "2017-31-12", "may",
        20171206, 6.12, None, True, pd.NaT, np.datetime64("NaT"), ["2017-12-06"],
    ],
)  # fmt: skip
def test_what_is_no_date_is_none(typed: object) -> None:
    assert not read_day(typed)


def test_what_is_left_out_stays_open() -> None:
    assert read_day("6 December") == {Day(None, 12, 6)}
    assert read_day("December 2017") == {Day(2017, 12, None)}
    assert Day(None, 12, 6).agrees_with(SIXTH)
    assert not Day(2018, 12, 6).agrees_with(SIXTH)


@given(DAYS)
def test_every_day_is_read_in_every_form(day: date) -> None:
    meant = Day(day.year, day.month, day.day)
    for form in ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d %b. %Y", "%A, %d %B %Y", "%Y/%m/%d"):
        assert read_day(day.strftime(form)) == {meant}
    for form in ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y"):
        assert meant in read_day(day.strftime(form))
        assert len(read_day(day.strftime(form))) <= 2


@given(st.text())
def test_no_text_stops_it(text: str) -> None:
    read_day(text)
