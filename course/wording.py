"""Dates, counts and lists in words, so that every part of the course writes them alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date


def format_day(day: date) -> str:
    """Return the day as the course writes it.

    Examples
    --------
    >>> format_day(date(2017, 12, 6))
    '6 December 2017'
    """
    return f"{day.day} {day:%B %Y}"


def format_date(day: date, precision: str | None) -> str:
    """Return a date no more exactly than it is known.

    Parameters
    ----------
    day : datetime.date
        The day; of a longer time, any day of it.
    precision : str or None
        ``day``, ``month``, ``quarter`` or ``year``, as the tables have it. None counts as a day.

    Examples
    --------
    >>> [format_date(date(2017, 9, 30), precision) for precision in ("day", "month", "quarter", "year")]
    ['30 September 2017', 'September 2017', 'July to September 2017', '2017']
    """
    match precision:
        case "year":
            return f"{day:%Y}"
        case "quarter":
            first = day.replace(month=day.month - (day.month - 1) % 3, day=1)
            return f"{first:%B} to {first.replace(month=first.month + 2):%B %Y}"
        case "month":
            return f"{day:%B %Y}"
        case _:
            return format_day(day)


def number_of(count: int, noun: str) -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> number_of(1, "answer"), number_of(2, "answer")
    ('1 answer', '2 answers')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def listed(parts: Sequence[str]) -> str:
    """Return the parts with commas between them and *and* before the last.

    Examples
    --------
    >>> listed(["F"]), listed(["F", "U", "T"])
    ('F', 'F, U and T')
    """
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
