"""Bounds of an amount, and the assumptions with which a learner narrows them.

Bounds carry their unit; areas are given in square miles and in square kilometres.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from course.case import default_case
from course.weighing.explain import NBSP

KM2_IN_SQ_MI: Final = 2.58999
"""Square kilometres in a square mile (1.609344 squared, to five decimals)."""

UNIT_NAMES: Final[Mapping[str, str]] = {
    "sq_mi": "sq mi",
    "km2": "km²",
    "km": "km",
    "percent": "%",
    "people": "people",
    "count": "",
}
"""Units that are written otherwise in prose than in the table."""

_OTHER_AREA: Final = {"sq_mi": "km2", "km2": "sq_mi"}


@dataclass(frozen=True, slots=True)
class Bounds:
    """The range of values that an amount may have, from `low` to `high`.

    Parameters
    ----------
    low, high : float
        The ends, 0 or more; `high` is ``math.inf`` if there is no upper end.
    unit : str
        As in the table, such as ``km2``, ``percent``, ``people`` or ``count``.
    above_low, below_high : bool
        Whether the end itself is excluded: “more than 3,000” is above 3,000, “fewer than 3,000” below it.
    approximate : bool
        Whether the source says “about”. The ends are as given, because the source gives no margin.

    Examples
    --------
    >>> print(Bounds(0, 3000, "people", below_high=True).text.replace(NBSP, " "))
    0 to below 3,000 people
    >>> print(Bounds(3000, math.inf, "people", above_low=True).text.replace(NBSP, " "))
    more than 3,000 people, with no upper end
    """

    low: float
    high: float
    unit: str
    above_low: bool = False
    below_high: bool = False
    approximate: bool = False

    @property
    def open(self) -> bool:
        """Whether there is no upper end."""
        return math.isinf(self.high)

    @property
    def nothing(self) -> bool:
        """Whether every amount is possible, so that the figure says nothing."""
        return self.open and self.has(0)

    def has(self, value: float) -> bool:
        """Return whether a value is possible."""
        above = self.low < value if self.above_low else self.low <= value
        return above and (value < self.high if self.below_high else value <= self.high)

    def into(self, unit: str) -> Bounds:
        """Return the same area in ``km2`` or ``sq_mi``.

        Raises
        ------
        ValueError
            If one of the two is not a unit of area.
        """
        if unit == self.unit:
            return self
        if _OTHER_AREA.get(self.unit) != unit:
            areas = " and ".join(_OTHER_AREA)
            raise ValueError(f"{self.unit!r} cannot be turned into {unit!r}. Only areas can: {areas}.")
        factor = KM2_IN_SQ_MI if unit == "km2" else 1 / KM2_IN_SQ_MI
        return replace(self, low=self.low * factor, high=self.high * factor, unit=unit)

    @property
    def text(self) -> str:
        """The bounds in words, an area in both units."""
        other = _OTHER_AREA.get(self.unit)
        if other is None or self.nothing or self.high == 0:
            return self._format()
        return f"{self._format()} ({self.into(other)._format()})"

    def _format(self) -> str:
        low, high = number(self.low), _with_unit(self.high, self.unit)
        about = "about " if self.approximate else ""
        if self.nothing:
            return "0 to no upper end"
        if self.open:
            least = "more than" if self.above_low else f"at least {about}".strip()
            return f"{least} {_with_unit(self.low, self.unit)}, with no upper end"
        if self.low == self.high:
            return f"{about if self.high else ''}{high}"
        if self.below_high:
            return f"{about if self.low else ''}{low} to below {high}"
        if self.above_low:
            return f"more than {low}, up to {about}{high}"
        return f"{about}{low} to {high}" if self.low else f"0 to {about}{high}"


@dataclass(frozen=True, slots=True)
class Assumption:
    """What a learner assumes, so that a figure says more than it does by itself.

    Parameters
    ----------
    low, high : float
        The place's share of the joint total lies between these, each 0 to 1. From 0 to 1 is no assumption.
    unchanged : bool
        Whether nothing is assumed to have changed between the figure's day and the day it is read for.
    because : str
        Why, in the learner's words.
    place : str
        Whose share, in words. Default: the place of the course's own case.

    Raises
    ------
    ValueError
        If a share is not a number from 0 to 1, or the lower share is above the higher one.
    """

    low: float = 0.0
    high: float = 1.0
    unchanged: bool = False
    because: str = ""
    place: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        for name, share in (("lower", self.low), ("higher", self.high)):
            # In Python a bool is an int, but it is not a share.
            if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
                raise ValueError(
                    f"The {name} share cannot be {share!r}. Give a number from 0 to 1, such as 0.3 for 30 percent."
                )
        if self.low > self.high:
            raise ValueError(
                f"The lower share, {_percent(self.low)}, is above the higher one, {_percent(self.high)}. Swap them or "
                "change one."
            )
        if not isinstance(self.unchanged, bool):
            raise ValueError(f"unchanged is True or False, not {self.unchanged!r}.")
        if not isinstance(self.because, str):
            raise ValueError(f"because is your reason as text, not {self.because!r}.")

    @property
    def assumes(self) -> bool:
        """Whether anything is assumed."""
        return (self.low, self.high) != (0, 1) or self.unchanged

    @property
    def text(self) -> str:
        """What is assumed, and why."""
        if not self.assumes:
            return "You assume nothing."
        parts = []
        if (self.low, self.high) != (0, 1):
            share = f"exactly {_percent(self.low)}"
            if self.low < self.high:
                share = f"between {_percent(self.low)} and {_percent(self.high)}"
            subject = default_case().subject
            parts.append(f"{self.place or subject.places[subject.place]}’s share of the joint total is {share}")
        if self.unchanged:
            parts.append("nothing has changed between the figure’s date and the day asked about")
        reason = self.because.strip().rstrip(".")
        why = f"because: {reason}" if reason else "and no reason is given yet"
        return f"You assume that {' and that '.join(parts)}, {why}."


NOTHING: Final = Assumption()
"""Nothing assumed: the place's share may be anything, and so may what happened since."""


def number(value: float) -> str:
    """Return a number as written in prose: commas between thousands, and no more digits than were measured.

    Examples
    --------
    >>> number(1020.0), number(2641.79), number(4.5)
    ('1,020', '2,642', '4.5')
    """
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _with_unit(value: float, unit: str) -> str:
    name = UNIT_NAMES.get(unit, unit)
    return f"{number(value)}{NBSP if name else ''}{name}"


def _percent(share: float) -> str:
    return f"{number(share * 100)}{NBSP}%"
