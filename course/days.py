"""A day in words. Text, so that every part of the course writes a date alike and no more exactly than it is known."""

from __future__ import annotations

from datetime import date


def day_in_words(day: date) -> str:
    """Return the day as the course writes it.

    Examples
    --------
    >>> day_in_words(date(2017, 12, 6))
    '6 December 2017'
    """
    return f"{day.day} {day:%B %Y}"


def date_in_words(day: date, precision: str | None) -> str:
    """Return a date no more exactly than it is known.

    Parameters
    ----------
    day : datetime.date
        The day; of a longer time, any day of it.
    precision : str or None
        ``day``, ``month``, ``quarter`` or ``year``, as the tables have it. None counts as a day.

    Examples
    --------
    >>> [date_in_words(date(2017, 9, 30), precision) for precision in ("day", "month", "quarter", "year")]
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
            return day_in_words(day)
