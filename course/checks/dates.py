"""Read a date in any form in which a person might type it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final, NamedTuple, cast

_TENS: Final = ("", "", "twenty", "thirty")
_UNITS: Final = (
    "", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
)  # fmt: skip
_ORDINALS: Final = {
    **{word: number for number, word in enumerate(_UNITS) if word},
    "twentieth": 20,
    "thirtieth": 30,
    **{
        f"{_TENS[number // 10]}{hyphen}{_UNITS[number % 10]}": number
        for number in (*range(21, 30), 31)
        for hyphen in ("-", " ")
    },
}
# The longest first: "twenty-first" holds "first".
_ORDINAL: Final = re.compile(rf"\b(?:{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})\b")
_FILLERS: Final = re.compile(r"\b(?:the|on|of|day)\b|,|\bin(?= year)|\byear\b")
_HOUR: Final = re.compile(r"[t ]\d{1,2}:\d{2}.*$")
_DEFAULTS: Final = (date(2000, 1, 1), date(2004, 2, 2))
"""Two days that differ in everything: what a text leaves open is read once from each."""


class Day(NamedTuple):
    """A day, or as much of one as was written: the year and the day of the month may be None."""

    year: int | None
    month: int
    day: int | None

    def agrees_with(self, other: Day) -> bool:
        """Whether the two may be the same day: they are equal in every part that both have."""
        return all(mine == theirs for mine, theirs in zip(self, other, strict=True) if None not in (mine, theirs))


def read_day(value: object) -> frozenset[Day]:
    """Return every day that a value can mean; none if it is not a date.

    Parameters
    ----------
    value : object
        A text such as "January 31st, 2015" or "06/12/2015", or a date of Python's, NumPy's or pandas'. In a text of
        digits alone either the day or the month may come first. Words that belong to no date, such as "not" or
        "around", make it no date.

    Examples
    --------
    >>> read_day("the sixth of December 2017")
    frozenset({Day(year=2017, month=12, day=6)})
    >>> sorted(read_day("06/12/2017"))
    [Day(year=2017, month=6, day=12), Day(year=2017, month=12, day=6)]
    >>> read_day("Dec. 2017")
    frozenset({Day(year=2017, month=12, day=None)})
    >>> read_day("some day")
    frozenset()
    """
    if isinstance(value, str):
        return _read_text(value)
    if isinstance(value, date) and type(value).__name__ != "NaTType":  # datetime and Timestamp are dates too
        return frozenset({Day(value.year, value.month, value.day)})
    if type(value).__name__ == "datetime64":
        import pandas as pd

        moment: Any = pd.Timestamp(cast("Any", value))
        return frozenset() if moment is pd.NaT else frozenset({Day(moment.year, moment.month, moment.day)})
    return frozenset()


def _read_text(text: str) -> frozenset[Day]:
    plain = _HOUR.sub("", text.strip(" .!?;“”\"'").casefold())
    plain = _ORDINAL.sub(lambda ordinal: str(_ORDINALS[ordinal[0]]), plain)
    plain = " ".join(_FILLERS.sub(" ", plain).split())
    # 2015-12-06: dateutil would take the 12 for the day if it were asked for days first.
    orders = (False,) if re.match(r"\d{4}", plain) else (False, True)
    return frozenset(day for is_day_first in orders if (day := _parse(plain, is_day_first)))


def _parse(text: str, is_day_first: bool) -> Day | None:
    """Read a text with dateutil, once from each default: a part in which the results differ is not in the text."""
    from datetime import datetime, time

    from dateutil.parser import parse

    try:
        first, second = (
            parse(text, dayfirst=is_day_first, default=datetime.combine(default, time())) for default in _DEFAULTS
        )
    except (ValueError, OverflowError):
        return None
    if first.month != second.month or not re.search(r"\d", text) or (first.hour, first.minute) != (0, 0):
        return None
    year = first.year if first.year == second.year else None
    day = first.day if first.day == second.day else None
    return Day(year, first.month, day) if (year, day) != (None, None) else None
