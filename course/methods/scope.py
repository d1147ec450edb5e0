"""What a figure can and cannot say about a place and a day other than its own.

A figure for two places together only bounds each one's part; a figure of another day bounds nothing unless one
assumes that nothing has changed since. Every result is an interval: what the figure leaves possible, with nothing
assumed and with the learner's assumption. Bounds with nothing assumed come first because they are all that the figure
itself supports (C. F. Manski, *Partial Identification of Probability Distributions*, Springer 2003).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, Self

from course.case import Subject, default_case
from course.case.subject import JOINED, Measure
from course.methods.bounds import NOTHING, UNIT_NAMES, Assumption, Bounds, number
from course.weighing.explain import NBSP
from course.wording import format_day, listed

WHOLE: Final = frozenset({"sq_mi", "km2", "people", "count"})
"""Units of amounts that the parts of a whole add up to: not so lengths or percentages."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured value with its unit, scope and as-of date.

    The attributes are the columns of ``case.quantities`` (see ``case.describe("quantities")``), and `caution`, which is
    the register's note about the statement that gives the value, and `subject`, which is what the case is about.
    """

    id: str
    name: str
    value: float
    value_high: float | None
    qualifier: str
    unit: str
    scope: str
    period_start: date | None
    as_of: date
    as_of_precision: str
    note: str
    locator: str
    confidence: str
    caution: str = ""
    subject: Subject = field(default_factory=lambda: default_case().subject, repr=False, compare=False)

    @classmethod
    def of(cls, row: Mapping[str, Any], statements: Mapping[str, Mapping[str, Any]], subject: Subject) -> Self:
        """Make a quantity from a row of ``case.quantities`` and the register by statement."""
        columns = (name for name in cls.__dataclass_fields__ if name not in ("caution", "subject"))
        caution = statements.get(row["statement"] or "", {}).get("caution") or ""
        values = {**{name: row[name] for name in columns}, "note": row["note"] or ""}
        return cls(**values, caution=caution, subject=subject)

    @property
    def counts(self) -> Measure:
        """What it counts."""
        return self.subject.measures.get(self.name) or Measure(self.name.replace("_", " "))

    @property
    def is_share(self) -> bool:
        """Whether it is a share, which needs a denominator to become an amount."""
        return bool(self.counts.share_of)

    @property
    def snapshot(self) -> bool:
        """Whether it describes one day and not a period. A fall describes what is left at its end."""
        return self.period_start is None or self.is_share

    @property
    def day(self) -> date | None:
        """The day it describes, or None if that is not one known day."""
        known = self.snapshot and (self.as_of_precision == "day" or self.period_start is not None)
        return self.as_of if known else None

    @property
    def adds_up(self) -> bool:
        """Whether the places' parts make up the whole: so for areas and people, not for lengths or falls."""
        return self.scope in self.subject.shared and (self.is_share or self.unit in WHOLE)

    @property
    def measure(self) -> str:
        """What it measures, in words."""
        return self.counts.label

    @property
    def reading(self) -> str:
        """The reading it bears on; empty for any other measure."""
        return self.counts.reading

    @property
    def where(self) -> str:
        """The place it covers, in words."""
        return self.subject.places.get(self.scope, self.scope)

    @property
    def says(self) -> str:
        """The value with the source's qualifier, such as "more than"."""
        value = number(self.value) if self.value_high is None else f"{number(self.value)}–{number(self.value_high)}"
        unit = UNIT_NAMES.get(self.unit, self.unit)
        return f"{self.qualifier} {value}{NBSP if unit else ''}{unit}"

    @property
    def when(self) -> str:
        """The time it describes, no more exact than it is known."""
        if not self.snapshot and self.period_start:
            return f"{format_day(self.period_start)} to {format_day(self.as_of)}"
        if self.day:
            return format_day(self.day)
        if self.as_of_precision == "quarter":
            return f"{('early', 'mid', 'late', 'end')[(self.as_of.month - 1) // 3]}-{self.as_of.year}"
        return f"{self.as_of:%Y}" if self.as_of_precision == "year" else f"{self.as_of:%B %Y}"

    @property
    def covers(self) -> str:
        """The place and time it describes, in words."""
        return f"{self.where}, {self.when}"

    @property
    def label(self) -> str:
        """What a list of figures shows: name, measure, value, place and time."""
        return f"{self.id} · {self.measure}: {self.says} · {self.where} · {self.when}"

    def bounds(self, base: Quantity | None = None) -> Bounds:
        """Return what the value leaves possible for its own scope and date.

        A share becomes what is left: as an area of `base`, or in percent if no base is given. The base's number is
        used whatever its qualifier, because the learner chooses the base, not the source.
        """
        low, high = self.value, self.value if self.value_high is None else self.value_high
        above, below = self.qualifier == "more than", self.qualifier == "fewer than"
        if above:
            high = 100.0 if self.is_share else math.inf
        if below:
            low = 0.0
        if self.counts.lost:
            low, high, above, below = 100 - high, 100 - low, below, above
        about = self.qualifier == "about"
        if base is None or not self.is_share:
            return Bounds(low, high, self.unit, above, below, about)
        most = base.value if base.value_high is None else base.value_high
        about = about or base.qualifier != "exactly"
        return Bounds(low * base.value / 100, high * most / 100, base.unit, above, below, about)


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A figure read for a place and a day: what it leaves possible, and what it does not say.

    `low`, `high` and `open` are with nothing assumed; `assumed` has the bounds with the learner's assumption.

    Parameters
    ----------
    quantity : Quantity
        The figure.
    base : Quantity or None
        The denominator chosen for a share.
    scope : str
        The place it is read for.
    on : date or None
        The day it is read for; None for the figure's own.
    assumption : Assumption
        What the learner assumes.
    total : Bounds
        The figure for its own place and date.
    free : Bounds
        The bounds for the place and day asked about, with nothing assumed.
    assumed : Bounds or None
        The same with the assumption. None if nothing relevant to the figure is assumed, or if the figure and the
        assumption cannot both be right.
    """

    quantity: Quantity
    base: Quantity | None
    scope: str
    on: date | None
    assumption: Assumption
    total: Bounds
    free: Bounds
    assumed: Bounds | None

    @property
    def subject(self) -> Subject:
        """What the case is about."""
        return self.quantity.subject

    @property
    def low(self) -> float:
        """The lower end with nothing assumed, in `unit`."""
        return self.free.low

    @property
    def high(self) -> float:
        """The upper end with nothing assumed, in `unit`; ``math.inf`` if there is none."""
        return self.free.high

    @property
    def open(self) -> bool:
        """Whether there is no upper end with nothing assumed."""
        return self.free.open

    @property
    def unit(self) -> str:
        """The unit of the ends."""
        return self.free.unit

    @property
    def applies(self) -> bool:
        """Whether something relevant to this figure is assumed: assumptions are about what the readings deny."""
        return self.assumption.assumes and bool(self.quantity.reading)

    @property
    def clash(self) -> bool:
        """Whether the figure and the assumption cannot both be right."""
        return self.applies and self.assumed is None

    @property
    def asked(self) -> str:
        """The place and time it is read for, in words."""
        return f"{self.subject.places[self.scope]}, {self.quantity.when if self.on is None else format_day(self.on)}"

    @property
    def same_day(self) -> bool:
        """Whether the figure is known to describe the day it is read for."""
        return self.on is None or self.on == self.quantity.day

    @property
    def question(self) -> str:
        """What to ask first: of what it is a share, if no base is chosen; else what it says about what is asked."""
        says = self.quantity.says[:1].upper() + self.quantity.says[1:]
        if self.quantity.is_share and self.base is None:
            return f"{says} of what?"
        return f"{says}: what does that say about {self.asked}?"

    @property
    def finding(self) -> str:
        """The result in one or two sentences."""
        alone = f"{self.asked}: with nothing assumed, {self.describe(self.free)}."
        if not self.assumption.assumes:
            return alone
        if not self.quantity.reading:
            about = listed(list(self.subject.counted.values()))
            return f"{alone} Your assumption is about {about}, so it does not apply here."
        if self.assumed is None:
            return f"{alone} Your assumption and this figure cannot both be right."
        if self.assumed == self.free:
            return f"{alone} Your assumption changes nothing here."
        return f"{alone} With your assumption, {self.describe(self.assumed)}."

    @property
    def rows(self) -> tuple[tuple[str, Bounds], ...]:
        """The bounds to draw, each with a name: the figure itself, then what it leaves possible for what is asked."""
        quantity = self.quantity
        left = " and what it leaves" if quantity.counts.lost else ""
        rows = [(f"The figure{left}: {quantity.covers}", self.total)]
        if self.asked != quantity.covers:
            rows.append((f"{self.asked}, with nothing assumed", self.free))
        if self.assumed:
            rows.append((f"{self.asked}, with your assumption", self.assumed))
        return tuple(rows)

    def describe(self, bounds: Bounds) -> str:
        """Return bounds in words; for a share without a base, that the base is unknown."""
        whole = " of an unknown base" if self.quantity.is_share and self.base is None else ""
        return bounds.text if bounds.nothing else f"{bounds.text}{whole}"

    @property
    def against(self) -> tuple[str, ...]:
        """The readings that it contradicts if it is right, with nothing assumed."""
        return tuple(reading for reading in self.subject.counted if self._answers(reading) and not self.free.has(0))

    @property
    def can(self) -> tuple[str, ...]:
        """What the figure can say, one sentence each."""
        quantity = self.quantity
        value = self.describe(self.total)
        if quantity.is_share:
            value = f"{quantity.says}, that {'leaves' if quantity.counts.lost else 'is'} {value}"
            value += f", if it is a share of {self.base.says} ({self.base.id})" if self.base else ""
        lines = [f"{quantity.covers}: {quantity.measure}, {value}."]
        if self.asked != quantity.covers and not self.free.nothing:
            lines.append(f"{self.asked}, with nothing assumed: {self.describe(self.free)}.")
        if self.assumed and not self.assumed.nothing and self.assumed != self.free:
            lines.append(f"{self.asked}, if your assumption holds: {self.describe(self.assumed)}.")
        return tuple(lines)

    @property
    def cannot(self) -> tuple[str, ...]:
        """What the figure cannot say, one sentence each."""
        return (*self._about_the_base(), *self._about_the_place(), *self._about_the_day(), *self._about_the_number())

    @property
    def cautions(self) -> tuple[str, ...]:
        """The editor's notes about the figure and the statement it is from."""
        return tuple(dict.fromkeys(note for note in (self.quantity.note, self.quantity.caution) if note))

    def means(self, reading: str) -> str:
        """Return what the figure means for a reading.

        Raises
        ------
        ValueError
            If no figure bears on the reading; the message names those on which figures bear.
        """
        counted = self.subject.counted
        if reading not in counted:
            raise ValueError(f"No figure decides reading {reading!r}. Use one of: {', '.join(counted)}.")
        if self.quantity.reading != reading:
            return f"measures another thing ({self.quantity.measure}), not {counted[reading]}"
        if not self._answers(reading):
            where, day = self.subject.places[self.subject.place], self._day_of(reading)
            return f"speaks of {where} on {format_day(day)}, and you ask about another place or day"
        alone = _verdict(self.free, reading, "right")
        if self.clash:
            return f"{alone}; your assumption and this figure cannot both be right"
        if self.assumed is None or _verdict(self.assumed, reading, "right") == alone:
            return alone
        return f"{alone}. With your assumption: {_verdict(self.assumed, reading, 'both are right')}"

    @property
    def meanings(self) -> list[str]:
        """What the figure means for each reading that figures bear on, one sentence each."""
        counted = self.subject.counted
        return [f"Reading {reading} ({what}): {self.means(reading)}." for reading, what in counted.items()]

    @property
    def text(self) -> str:
        """The whole interpretation as text."""
        lines = [self.finding]
        if self.assumption.assumes:
            lines.append(self.assumption.text)
        lines += [f"It can say: {line}" for line in self.can]
        lines += [f"It cannot say: {line}" for line in self.cannot]
        lines += self.meanings
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text

    def _answers(self, reading: str) -> bool:
        """Whether the question is the reading's: this thing, in the claim's place, on the reading's day."""
        day = self.quantity.day if self.on is None else self.on
        asked = self.scope == self.subject.place and day == self._day_of(reading)
        return self.quantity.reading == reading and asked

    def _day_of(self, reading: str) -> date:
        return self.subject.readings[reading].day or self.subject.said_on

    def _about_the_base(self) -> Iterable[str]:
        if self.quantity.is_share and self.base is None:
            yield "How much that is: a share without its denominator is no area."
        if self.base:
            yield f"That {self.base.id} is the right denominator: the figure does not say so, you do."
            if self.base.qualifier == "more than":
                yield f"How much more it is: the denominator is {self.base.says}, and is taken at its number here."

    def _about_the_place(self) -> Iterable[str]:
        if self.scope == self.quantity.scope:
            return
        covers, where = f"it covers {self.quantity.where}", self.subject.places[self.scope]
        if not {self.scope, self.quantity.scope} <= self.subject.shared:
            yield f"How much there was in {where}: {covers} only."
        elif not self.quantity.adds_up:
            whole = "length" if self.unit == "km" else "percentage of the whole"
            yield f"Anything about {where}: {covers}, and a {whole} does not split up."
        elif JOINED in self.scope or JOINED not in self.quantity.scope:
            yield f"How much there was in {where}: {covers} only."
        else:
            yield f"How much of it was in {where}: {covers}, so it may be all of it or none."

    def _about_the_day(self) -> Iterable[str]:
        if self.same_day or self.on is None:
            return
        if not self.quantity.snapshot:
            yield f"How it was on {format_day(self.on)}: it adds up {self.quantity.when}, which is not one day."
        else:
            yield (
                f"How it was on {format_day(self.on)}: it is of {self.quantity.when}. Only the assumption that "
                "nothing has changed carries it over."
            )

    def _about_the_number(self) -> Iterable[str]:
        if self.quantity.qualifier == "more than":
            yield "What the most may be: “more than” sets no upper end."
        if self.quantity.qualifier == "fewer than":
            yield "That there was even one: “fewer than” also fits none."
        if self.quantity.qualifier == "about":
            yield "How exact it is: “about” comes without a margin."
        if self.quantity.confidence != "H":
            level = "middling" if self.quantity.confidence == "M" else "low"
            yield f"How firm it is: our record of it is of {level} confidence ({self.quantity.locator})."


def quantities(
    rows: Iterable[Mapping[str, Any]], statements: Iterable[Mapping[str, Any]], subject: Subject | None = None
) -> dict[str, Quantity]:
    """Return the figures of a case by id, from its rows of quantities and statements.

    `subject` is what the case is about; by default that of the course's own case.
    """
    subject = subject or default_case().subject
    register = {str(row["id"]): row for row in statements}
    return {str(row["id"]): Quantity.of(row, register, subject) for row in rows}


def denominators(quantity: Quantity, among: Iterable[Quantity]) -> tuple[Quantity, ...]:
    """Return the amounts that a share may be a share of: same place, and not later. For anything else, return ()."""
    if not quantity.is_share:
        return ()
    return tuple(
        base
        for base in among
        if base.name == quantity.counts.share_of and base.scope == quantity.scope and base.as_of <= quantity.as_of
    )


def interpret(
    quantity: Quantity,
    *,
    base: Quantity | None = None,
    scope: str | None = None,
    on: date | None = None,
    assumption: Assumption = NOTHING,
) -> Interpretation:
    """Read a figure for a place and a day.

    Parameters
    ----------
    quantity : Quantity
        The figure.
    base : Quantity, optional
        The amount that a share is a share of.
    scope : str, optional
        The place: one of the case's. Default: the claim's.
    on : date, optional
        The day. Default: the figure's own.
    assumption : Assumption
        What is assumed about the things that the readings deny; other measures ignore it. Default: nothing.

    Raises
    ------
    ValueError
        If there is no such scope, or the base is not one that the figure can be a share of.
    """
    subject = quantity.subject
    scope = subject.place if scope is None else scope
    if scope not in subject.places:
        raise ValueError(f"There is no scope {scope!r}. Scopes: {', '.join(subject.places)}.")
    if base and not denominators(quantity, [base]):
        raise ValueError(
            f"{quantity.id} cannot be a share of {base.id}. "
            + (
                f"A denominator is {_label(subject, quantity.counts.share_of)}, in the same place and not later."
                if quantity.is_share
                else f"{quantity.id} is no share, so leave the denominator out."
            )
        )
    total = quantity.bounds(base)
    free = _carry(quantity, total, scope, on, NOTHING)
    applies = assumption.assumes and quantity.reading
    assumed = _carry(quantity, total, scope, on, assumption) if applies else None
    # With nothing assumed every figure can be right, so there are always bounds.
    return Interpretation(quantity, base, scope, on, assumption, total, free or total, assumed)


def survey(figures: Iterable[Interpretation]) -> str:
    """Say how many figures that bear on a reading set bounds with nothing assumed, and which readings they refute."""
    bearing = [figure for figure in figures if figure.quantity.reading]
    what = " or ".join(bearing[0].subject.counted.values()) if bearing else "what is denied"
    bounding = [figure.quantity.id for figure in bearing if not figure.free.nothing]
    against = [f"{figure.quantity.id} (against {', '.join(figure.against)})" for figure in bearing if figure.against]
    return (
        f"With nothing assumed, {len(bounding)} of {len(bearing)} figures of {what} set any bounds here"
        f"{': ' if bounding else ''}{', '.join(bounding)}. "
        f"Cannot be squared with a reading, if right: {', '.join(against) or 'none of them'}."
    )


def _carry(quantity: Quantity, total: Bounds, scope: str, on: date | None, assumption: Assumption) -> Bounds | None:
    """Return the bounds for another place and day; None if the figure and the assumption contradict each other."""
    nothing = Bounds(0, math.inf, total.unit)
    of_that_day = on is None or on == quantity.day or (assumption.unchanged and quantity.snapshot)
    adds_up = quantity.adds_up and scope in quantity.subject.shared
    inside = quantity.subject.within.get(quantity.scope) == scope
    if of_that_day and inside and quantity.unit in WHOLE and not quantity.is_share:
        # What a part has, the whole has at least.
        return replace(total, high=math.inf, below_high=False)
    if not of_that_day or (scope != quantity.scope and not adds_up):
        return nothing
    ends = (assumption.low, assumption.high)
    place = quantity.subject.place
    if adds_up and not any(_part(quantity.scope, place, share) for share in ends):
        # The figure's own place is assumed to have none of the total, so the figure can only be zero.
        if not total.has(0):
            return None
        return Bounds(0, 0, total.unit) if scope == quantity.scope else nothing
    if scope == quantity.scope:
        return total
    ratios = [_ratio(_part(scope, place, share), _part(quantity.scope, place, share)) for share in ends]
    least, most = min(ratios), max(ratios)
    return replace(
        total,
        low=_times(total.low, least),
        high=_times(total.high, most),
        above_low=total.above_low and least > 0,
        below_high=total.below_high and most > 0,
    )


def _part(scope: str, place: str, share: float) -> float:
    """Return a scope's part of the joint total; `share` is that of the claim's place."""
    return 1.0 if JOINED in scope else share if scope == place else 1 - share


def _label(subject: Subject, measure: str) -> str:
    return subject.measures[measure].label if measure in subject.measures else measure.replace("_", " ")


def _ratio(part: float, of: float) -> float:
    return part / of if of else math.inf


def _times(amount: float, ratio: float) -> float:
    # 0 times infinity is NaN in Python; here nothing of an unbounded amount is nothing.
    return amount * ratio if amount and ratio else 0.0


def _verdict(bounds: Bounds, reading: str, condition: str) -> str:
    if not bounds.has(0):
        return f"if {condition}, cannot be squared with {reading}"
    if bounds.high == 0:
        return f"if {condition}, none is left, as {reading} says"
    return "fits both none and some: does not decide"
