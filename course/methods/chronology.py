"""What was known when: events and statements on one axis, a clock, and dates that contradict each other.

Pure functions from the rows of `course.case` to entries. If an event belongs to a statement, only the event is shown,
so nothing is on the axis twice. Each date is as exact as in its source: a month is a month, not its last day.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from textwrap import shorten
from typing import Any, Final

from course.case import Subject, default_case
from course.wording import format_date, format_day, format_days, number_of, span

Row = Mapping[str, Any]

Period = tuple[str, date, date]
"""A part of the axis: its name, its first day and its last day."""

AGREED: Final = (
    "As far as we know, our sources agree about this entry. Keep your doubt if you can say what it rests on."
)

_PRECISIONS: Final = ("day", "month", "quarter", "year")
_COLUMNS: Final = 8
"""The most columns for which days are told apart."""

_LABEL_WHOLE: Final = 72
_LABEL_CUT: Final = 62
_LABEL_CLAUSE: Final = 40
_CLAUSE_END: Final = re.compile(r"[,;:](?= )|(?<=[^A-Z.])\.(?= )| (?=\()")
_PROMISING: Final = re.compile(
    r" (?:an?|the|of|in|on|to|and|or|by|for|with|about|some|not|no|than|from|at|as|is|are|it|its|"
    r"that|all|fewer|more|at least|has|have|since|what|when|which|who|[\d.,]+)$"
)

_NAMED: Final = 3
"""How many entries a result line names; the rest are counted, because screen readers read the line aloud."""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened or was said.

    Parameters
    ----------
    id : str
        Of the timeline's row (``E27``) or, for a statement without an event, of the statement (``S09``).
    first, last : datetime.date
        The first and the last day it may have been; equal if the day is known.
    precision : str
        ``day``, ``month``, ``quarter`` or ``year``.
    dated : str
        ``happened`` or ``said`` on that date; ``describes`` if only the date that a statement is about is recorded.
    text, kind, scope, origin, locator : str
        What it is, which kind, the place, the origin's identifier, and where to find it.
    known_from : datetime.date
        The first day on which a reader could know of it.
    statement : str or None
        The statement of the register that it is, or belongs to.
    conflict, conflict_with : str or None
        What contradicts it, and the other entry concerned.
    """

    id: str
    first: date
    last: date
    precision: str
    dated: str
    text: str
    kind: str
    scope: str
    origin: str
    locator: str
    known_from: date
    statement: str | None
    conflict: str | None = None
    conflict_with: str | None = None

    @property
    def when(self) -> str:
        """The date in words, no more exact than it is known."""
        return format_date(self.first, self.precision)


def entries(timeline: Iterable[Row], statements: Iterable[Row]) -> tuple[TimelineEntry, ...]:
    """Return every event, and every dated statement without an event, in order of time.

    The arguments are ``case.rows("timeline")`` and ``case.rows("statements")``. Further statements (``set`` is
    ``"further"``) have a place on the axis only if an event names them.
    """
    events = tuple(timeline)
    with_event = {row["statement"] for row in events}
    every = [_event(row) for row in events]
    every += [
        _statement(row)
        for row in statements
        if row["id"] not in with_event and row["set"] != "further" and _date_of(row)
    ]
    return tuple(sorted(every, key=lambda entry: (entry.first, entry.last, entry.id)))


def undated(timeline: Iterable[Row], statements: Iterable[Row]) -> tuple[str, ...]:
    """Return the statements that have no place on the axis, because they have no date."""
    with_event = {row["statement"] for row in timeline}
    return tuple(str(row["id"]) for row in statements if row["id"] not in with_event and not _date_of(row))


def periods(subject: Subject | None = None) -> dict[str, Period]:
    """Return the parts of the axis: all of it, the year and the week of the claim, and the time since.

    `subject` is what the case is about, here and in the functions below; by default that of the course's own case.
    """
    subject = subject or default_case().subject
    said_on, (first, last) = subject.said_on, subject.years
    begins, ends = date(first, 1, 1), date(last, 12, 31)
    week = (said_on - timedelta(days=1), said_on + timedelta(days=5))
    year = f"{said_on.year}"
    return {
        "all": (f"{first} to {last}: everything", begins, ends),
        year: (f"{year}: the year of the claim", date(said_on.year, 1, 1), date(said_on.year, 12, 31)),
        "week": (f"{format_days(*week)}: the claim’s week", *week),
        "since": (f"since the claim: {format_day(said_on)} to {last}", said_on, ends),
    }


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """A column of the view's lanes: a day, or as much time as its entries' dates are known to.

    Parameters
    ----------
    first, last : datetime.date
        Its days.
    precision : str
        ``day``, ``month``, ``quarter`` or ``year``; empty if it holds the entries that may lie in the stretch, or not.
    entries : tuple of str
        Identifiers, in order of time.
    """

    first: date
    last: date
    precision: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the axis that the view's lanes show at once, with its columns in order of time.

    `code` is ``before`` (the years before the claim's), ``year``, ``week`` (as in `periods`) or ``after``.
    """

    code: str
    name: str
    first: date
    last: date
    columns: tuple[TimeColumn, ...]


def stretches(every: Collection[TimelineEntry], subject: Subject | None = None) -> tuple[Stretch, ...]:
    """Return the parts of the axis that have entries, each cut into columns.

    An entry stands where its time begins. If it may also lie in the claim's week, it stands there as well, in the last
    column.
    """
    subject = subject or default_case().subject
    (first, last), (_, begins, ends) = subject.years, periods(subject)["week"]
    year, day = subject.said_on.year, timedelta(days=1)
    parts = (
        ("before", f"before {year}", date(first, 1, 1), date(year - 1, 12, 31)),
        ("year", f"earlier in {year}", date(year, 1, 1), begins - day),
        ("week", "the claim’s week", begins, ends),
        ("after", "afterwards", ends + day, date(last, 12, 31)),
    )
    with_entries = []
    for code, name, start, end in parts:
        inside = [entry for entry in every if start <= entry.first <= end]
        unsure: list[TimelineEntry] = []
        if code == "week":
            inside = [entry for entry in inside if entry.last <= end]
            unsure = [entry for entry in every if entry.first <= end and entry.last >= start and entry not in inside]
        if inside or unsure:
            open_days = TimeColumn(start, end, "", tuple(entry.id for entry in unsure))
            columns = (*_columns(inside), *((open_days,) if unsure else ()))
            with_entries.append(Stretch(code, name, start, end, columns))
    return tuple(with_entries)


# --- the clock --------------------------------------------------------------------------------------------------


def read_clock(value: object, subject: Subject | None = None) -> str:
    """Return a clock as the ledger stores it: ``"then"``, ``"since"`` or a day such as ``"2017-12-07"``.

    Raises
    ------
    ValueError
        If it is none of these and not a date.
    """
    subject = subject or default_case().subject
    if isinstance(value, str) and value in subject.clocks:
        return value
    day = value.date() if isinstance(value, datetime) else value
    if isinstance(day, str):
        try:
            day = date.fromisoformat(day)
        except ValueError:
            day = None
    if not isinstance(day, date):
        raise ValueError(
            f"{value!r} is no clock. Use 'then' ({describe_clock('then', subject)}), 'since' (today), or a day written "
            f"as '{subject.said_on + timedelta(days=1)}'."
        )
    return next((name for name, last in subject.clocks.items() if last == day), day.isoformat())


def clock_day(clock: str, subject: Subject | None = None) -> date:
    """Return the last day that counts at a clock, as `read_clock` returns it."""
    clocks = (subject or default_case().subject).clocks
    return clocks[clock] if clock in clocks else date.fromisoformat(clock)


def describe_clock(clock: str, subject: Subject | None = None) -> str:
    """Return a clock in words: a day such as ``11 December 2017``, or ``today``."""
    return "today" if clock == "since" else format_day(clock_day(clock, subject))


def is_known(entry: TimelineEntry, clock: str, subject: Subject | None = None) -> bool:
    """Whether a reader could know of an entry by the clock's day."""
    return entry.known_from <= clock_day(clock, subject)


def not_yet(entry: TimelineEntry, clock: str, subject: Subject | None = None) -> str:
    """Say when an entry became known, if that is after the clock's day; otherwise return ""."""
    return "" if is_known(entry, clock, subject) else f"not known until {format_day(entry.known_from)}"


def counted(shown: Sequence[TimelineEntry], clock: str, subject: Subject | None = None) -> str:
    """Say how many of the entries shown could be known by the clock's day."""
    if not shown:
        return "No entry is shown. Choose more origins, more kinds or a longer time."
    known = sum(is_known(entry, clock, subject) for entry in shown)
    count = number_of(len(shown), "entry", "entries")
    return f"Clock at {describe_clock(clock, subject)}: {known} of {count} could be known."


def still_to_come(shown: Iterable[TimelineEntry], clock: str, subject: Subject | None = None) -> str:
    """Say which of the entries shown could not be known yet, by the day they became known; "" if all could."""
    unknown = (entry for entry in shown if not is_known(entry, clock, subject))
    later = sorted(unknown, key=lambda entry: entry.known_from)
    named = [f"{headline(entry)} ({format_day(entry.known_from)})" for entry in later[:_NAMED]]
    if more := len(later) - len(named):
        named.append(f"and {more} more")
    return f"Not yet known: {'; '.join(named)}." if named else ""


def hindsight(clock: str, subject: Subject | None = None) -> str:
    """Return a remark on a clock that is later than the first one, or "" for any other clock."""
    subject = subject or default_case().subject
    if clock_day(clock, subject) <= subject.known_until:
        return ""
    later = "the article" if subject.outlet else "the claim"
    return (
        f"This clock is later than {later}. Nobody could use in {subject.known_until:%B %Y} what came out afterwards: "
        "judge what was said by what could be known then, and whether it was true by all that is known now."
    )


# --- filters ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Settings:
    """What the axis shows.

    Parameters
    ----------
    clock : str
        As `read_clock` returns it.
    period : str
        One of `periods`.
    origins, kinds : tuple of str or None
        Those shown; None for all.
    """

    clock: str = "then"
    period: str = "all"
    origins: tuple[str, ...] | None = None
    kinds: tuple[str, ...] | None = None

    @classmethod
    def of(cls, kept: object, subject: Subject | None = None) -> Settings:
        """Read the settings from a ledger. Values that this version of the course cannot use are ignored."""
        held = kept if isinstance(kept, dict) else {}
        usable: dict[str, Any] = {}
        with suppress(ValueError):
            usable["clock"] = read_clock(held.get("clock"), subject)
        if isinstance(period := held.get("period"), str) and period in periods(subject):
            usable["period"] = period
        for name in ("origins", "kinds"):
            if isinstance(held.get(name), list):
                usable[name] = tuple(item for item in held[name] if isinstance(item, str))
        return cls(**usable)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON values."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def chosen(
    every: Iterable[TimelineEntry], settings: Settings, subject: Subject | None = None
) -> tuple[TimelineEntry, ...]:
    """Return the entries of the chosen origins and kinds that lie, or may lie, in the period."""
    _, first, last = periods(subject)[settings.period]
    return tuple(
        entry
        for entry in every
        if (settings.origins is None or entry.origin in settings.origins)
        and (settings.kinds is None or entry.kind in settings.kinds)
        and entry.first <= last
        and entry.last >= first
    )


# --- doubts -----------------------------------------------------------------------------------------------------


def conflicts(every: Iterable[TimelineEntry], doubted: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the known conflicts of the doubted entries, by the entries concerned.

    An entry that is not doubted appears only if it is the other side of one that is. Doubting an entry reveals its own
    conflict; if it has none, it reveals those in which it is the other side.
    """
    known = {entry.id: entry for entry in every if entry.conflict}
    by_entry: dict[str, tuple[str, ...]] = {}
    for doubt in doubted:
        revealed = [known[doubt]] if doubt in known else [e for e in known.values() if e.conflict_with == doubt]
        for entry in revealed:
            sides = tuple(filter(None, (entry.id, entry.conflict_with)))
            text = f"{' and '.join(sorted(sides))}: {entry.conflict}"
            for side in sides:
                by_entry[side] = tuple(dict.fromkeys((*by_entry.get(side, ()), text)))
    return by_entry


def describe_doubts(every: Iterable[TimelineEntry], doubted: Collection[str]) -> str:
    """Say which entries are doubted, and where our sources contradict each other too."""
    if not doubted:
        return "You doubt no entry yet."
    conflicting = conflicts(every, doubted)
    agreed = [doubt for doubt in doubted if doubt not in conflicting]
    texts = [f"You doubt {', '.join(doubted)}."]
    if conflicting:
        texts.append(f"Our sources do not fit either: {', '.join(sorted(conflicting))} stand out.")
    if agreed:
        texts.append(f"About {', '.join(agreed)} our sources agree, as far as we know.")
    return " ".join(texts)


# --- words ------------------------------------------------------------------------------------------------------


def headline(entry: TimelineEntry) -> str:
    """Return an entry's text as one short line without a full stop."""
    return shorten(entry.text.rstrip("."), 70, placeholder=" …")


def label(entry: TimelineEntry) -> str:
    """Return an entry's text as the few words that fit on a mark, with "…" where something is left out.

    A text that is only a little longer stays whole, so that no limit at its end is lost. A longer one is cut at the end
    of a clause if there is one, and never after a word that promises more.
    """
    text = entry.text.rstrip(".")
    if len(text) <= _LABEL_WHOLE:
        return text
    end = text.rfind(" ", 0, _LABEL_CUT + 1)
    short = text[: end if end > 0 else _LABEL_CUT]
    clauses = [match.start() for match in _CLAUSE_END.finditer(short) if match.start() >= _LABEL_CLAUSE]
    short = short[: clauses[-1]] if clauses else short
    while short != (short := _PROMISING.sub("", short)):
        pass
    return f"{short.rstrip(',;:')} …"


def _columns(inside: Sequence[TimelineEntry]) -> tuple[TimeColumn, ...]:
    """Sort entries into columns by their dates, or by months or years if those are too many."""
    for unit in ("day", "month", "year"):
        by_date: dict[tuple[date, date, str], list[str]] = {}
        for entry in inside:
            precision = max(entry.precision, unit, key=_PRECISIONS.index)
            by_date.setdefault((*span(entry.first, precision), precision), []).append(entry.id)
        if len(by_date) <= _COLUMNS:
            break
    # Of two that begin together the longer one comes first.
    in_order = sorted(by_date.items(), key=lambda item: (item[0][0], -item[0][1].toordinal()))
    return tuple(TimeColumn(*key, tuple(ids)) for key, ids in in_order)


def _event(row: Row) -> TimelineEntry:
    first, last = span(row["date"], row["date_precision"])
    return TimelineEntry(
        id=row["id"],
        first=first,
        last=last,
        precision=row["date_precision"],
        dated="happened",
        text=row["event"],
        conflict=row["conflict"],
        conflict_with=row["conflict_with"],
        statement=row["statement"],
        **{name: row[name] for name in ("kind", "scope", "origin", "locator", "known_from")},
    )


def _statement(row: Row) -> TimelineEntry:
    has_day = row["said_on"] is not None
    precision = "day" if has_day else row["as_of_precision"]
    first, last = span(_date_of(row), precision)
    return TimelineEntry(
        id=row["id"],
        first=first,
        last=last,
        precision=precision,
        dated="said" if has_day else "describes",
        text=row["content"],
        kind="statement",
        statement=row["id"],
        **{name: row[name] for name in ("scope", "origin", "locator", "known_from")},
    )


def _date_of(row: Row) -> Any:
    return row["said_on"] or row["as_of"]
