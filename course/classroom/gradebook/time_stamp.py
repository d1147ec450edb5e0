"""Read when a submission was handed in, from a time stamp in any form, with the course's time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

UTC: Final = ZoneInfo("UTC")

_DOTS: Final = re.compile(r"\b(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d\d)\b")
_OF_NBGRADER: Final = re.compile(r"(\d{4}-\S+ \S+) ([A-Za-z]\S+)")
"""A date, a time and the name of a time zone, such as Europe/Berlin."""
_SLASHES: Final = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(?:\d{4}|\d\d)\b")


@dataclass(frozen=True)
class TimeStamp:
    """When a submission was handed in.

    Parameters
    ----------
    when : datetime.datetime or None
        The time in UTC, without a time zone, as nbgrader has it; None if the text holds no date.
    note : str
        What to tell the instructor, without its subject: how a text was read that may mean two times. Often empty.
    is_plain : bool
        Whether nbgrader reads the text as the same time.
    """

    when: datetime | None
    note: str = ""
    is_plain: bool = True

    def __str__(self) -> str:
        """Return the time as nbgrader writes it."""
        return f"{self.when:%Y-%m-%d %H:%M:%S.%f} UTC" if self.when else ""


def read_time_stamp(text: str, zone: tzinfo = UTC) -> TimeStamp:
    """Read a time stamp. A date such as 04.11.2026 is 4 November wherever dots are used.

    Parameters
    ----------
    text : str
    zone : datetime.tzinfo
        The course's time zone. It counts if the text names none.
    """
    text = text.strip()
    notes = []
    dated = _DOTS.sub(_year_first, text, count=1)
    if dated != text:
        notes.append(f"says {text[:40]}. It was read with the day first: {dated[:40]}")
    elif (match := _SLASHES.match(text)) and match[1] != match[3] and int(match[1]) <= 12 and int(match[3]) <= 12:
        notes.append(f"says {text[:40]}, which can be read in two ways. It was read with the month first")
    when = _parse(dated)
    if when and when.tzinfo is None:
        when = when.replace(tzinfo=zone)
        if when.utcoffset() != when.replace(fold=1).utcoffset():
            notes.append(f"says {text[:40]}, in the hour in which the clocks change. The earlier time was taken")
    in_utc = when.astimezone(UTC).replace(tzinfo=None) if when else None
    return TimeStamp(in_utc, ". ".join(notes), is_plain=in_utc == _as_nbgrader(text))


def _parse(text: str) -> datetime | None:
    """Return the time in a text, with its time zone if it names one; None if there is no date in it."""
    from dateutil.parser import parse
    from dateutil.tz import gettz

    if not text:
        return None
    zone = None
    if match := _OF_NBGRADER.fullmatch(text):
        text, zone = match[1], gettz(match[2])
    try:
        when: datetime = parse(text, tzinfos=lambda name, offset: offset if name is None else gettz(name))
    except (ValueError, OverflowError):
        return None
    return when.replace(tzinfo=zone) if zone else when


def _as_nbgrader(text: str) -> datetime | None:
    from nbgrader.utils import parse_utc

    try:
        return parse_utc(text or None)  # type: ignore[no-any-return]
    except (ValueError, OverflowError):
        return None


def _year_first(match: re.Match[str]) -> str:
    return f"{match[3] if len(match[3]) == 4 else f'20{match[3]}'}-{int(match[2]):02}-{int(match[1]):02}"
