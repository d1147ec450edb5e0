"""Dates, chances, counts and lists in words, written the same way in every part of the course."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Final

_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
_SECONDS: Final = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}


def format_day(day: date) -> str:
    """Return a day as the course writes it.

    Examples
    --------
    >>> format_day(date(2017, 12, 6))
    '6 December 2017'
    """
    return f"{day.day} {day:%B %Y}"


def format_days(first: date, last: date) -> str:
    """Return two days as a span, with month and year once where they are the same.

    Examples
    --------
    >>> format_days(date(2017, 12, 5), date(2017, 12, 11))
    '5 to 11 December 2017'
    """
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {format_day(last)}"
    return f"{first.day} {first:%B}{'' if first.year == last.year else f' {first.year}'} to {format_day(last)}"


def format_date(day: date, precision: str | None) -> str:
    """Return a date no more exactly than it is known.

    Parameters
    ----------
    day : datetime.date
        The day, or any day of a longer period.
    precision : str or None
        ``day``, ``month``, ``quarter`` or ``year``, as in the tables. None counts as ``day``.

    Examples
    --------
    >>> [format_date(date(2017, 9, 30), precision) for precision in ("day", "month", "quarter", "year")]
    ['30 September 2017', 'September 2017', 'July to September 2017', '2017']
    """
    match precision:
        case "year":
            return f"{day:%Y}"
        case "quarter":
            first, last = span(day, precision)
            return f"{first:%B} to {last:%B %Y}"
        case "month":
            return f"{day:%B %Y}"
        case _:
            return format_day(day)


def span(day: date, precision: str | None) -> tuple[date, date]:
    """Return the first and last day that a date of this precision may mean.

    Examples
    --------
    >>> span(date(2017, 9, 30), "quarter")
    (datetime.date(2017, 7, 1), datetime.date(2017, 9, 30))
    """
    if precision not in _MONTHS:
        return day, day
    months = _MONTHS[precision]
    start = (day.month - 1) // months * months + 1
    end = start + months - 1
    return day.replace(month=start, day=1), day.replace(month=end, day=monthrange(day.year, end)[1])


def number_of(count: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun, and a comma between thousands; give the plural where it does not end in -s.

    Examples
    --------
    >>> number_of(1, "answer"), number_of(2, "answer"), number_of(2, "entry", "entries")
    ('1 answer', '2 answers', '2 entries')
    """
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def format_duration(seconds: float) -> str:
    """Return a time span in the largest unit that fits into it, rounded down.

    Examples
    --------
    >>> format_duration(59.9), format_duration(60), format_duration(2 * 86_400)
    ('59 seconds', '1 minute', '2 days')
    """
    unit = next((unit for unit, size in _SECONDS.items() if seconds >= size), "second")
    return number_of(max(0, int(seconds // _SECONDS[unit])), unit)


def listed(parts: Sequence[str]) -> str:
    """Join the parts with commas, and with *and* before the last.

    Examples
    --------
    >>> listed(["F"]), listed(["F", "U", "T"])
    ('F', 'F, U and T')
    """
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def percent(chance: float) -> str:
    """Return a chance (0 to 1) as ``40%``, and never as 0% or 100%."""
    return "under 1%" if chance < 0.01 else "over 99%" if chance > 0.99 else f"{chance:.0%}"
