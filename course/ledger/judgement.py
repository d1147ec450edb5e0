"""One learner's rating of one statement for one reading of the claim.

The scales are here because the ledger stores judgements, the weighing model reads them and every widget offers the same
choices. What a rating is worth is decided in `course.weighing`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from course.wording.lookalikes import describe_lookalikes

RELIABILITY: Final = {
    "A": "Completely reliable",
    "B": "Usually reliable",
    "C": "Fairly reliable",
    "D": "Not usually reliable",
    "E": "Unreliable",
    "F": "Reliability cannot be judged",
}
"""The Admiralty code's letters for a source. F means *unknown*, not *worst*."""

CREDIBILITY: Final = {
    1: "Confirmed by other sources",
    2: "Probably true",
    3: "Possibly true",
    4: "Doubtful",
    5: "Improbable",
    6: "Truth cannot be judged",
}
"""The Admiralty code's numbers for an item. 6 means *unknown*, not *worst*."""

DIRECTNESS: Final = {
    "direct": "about this place, this time and this thing",
    "partly": "one of place, time or measure is off",
    "indirect": "two or more are off",
}
"""How closely a statement speaks to the reading."""

STRENGTHS: Final = ("decisive", "strong", "moderate", "slight")
"""How far a statement would move us if it were right, strongest first."""

SIDES: Final = ("for", "against")

INTERESTS: Final = {
    "against interest": "No, it costs them to say it",
    "no stake": "Perhaps, nothing much hangs on it for them",
    "serves interest": "Yes, it suits them either way",
    "unknown": "I cannot say",
}
"""Would they say so anyway, even if they did not know? *Unknown* is the whole range, and what an old ledger means."""

INTERESTS_IN_SHORT: Final = {
    "against interest": "No, it costs them",
    "no stake": "Perhaps",
    "serves interest": "Yes, it suits them",
    "unknown": "I cannot say",
}
"""The same answers in the few words that fit on a button."""

BEARINGS: Final = (
    *(f"{strength} for" for strength in STRENGTHS),
    "none",
    *(f"{strength} against" for strength in reversed(STRENGTHS)),
)
"""Every bearing, from decisive for the reading to decisive against it."""

READING: Final = re.compile(r"[A-Z][A-Z0-9]{0,7}")
"""The form of a reading's identifier. Which readings there are is in the case's table."""


class JudgementError(ValueError):
    """A judgement has a value that is not on its scale. The message names the allowed values."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One rating of one statement for one reading. A part not yet rated is None.

    Parameters
    ----------
    statement : str
        Identifier in the register, such as ``"S09"``.
    reading : str
        Identifier of a reading of the case, such as ``"F"``.
    reliability : str or None
        The source, A to F (`RELIABILITY`).
    credibility : int or None
        The item, 1 to 6 (`CREDIBILITY`).
    directness : str or None
        One of `DIRECTNESS`.
    bearing : str or None
        One of `BEARINGS`: what the statement would mean for the reading *if it were right*. Doubt about whether it is
        right belongs in reliability and credibility.
    origin : str
        Where the knowledge comes from, in the learner's words. Empty means the statement stands alone.
    interest : str
        One of `INTERESTS`: how readily the source would say this if it did *not* know.
    reason : str
        Why, in the learner's words.
    updated : str
        When it was last changed, as an ISO 8601 time in UTC. The ledger sets it.

    Raises
    ------
    JudgementError
        If a value is not on its scale.

    Examples
    --------
    >>> Judgement("S09", "F", "C", 2, "direct", "decisive against", "Abrahms", "He says some remain.").complete
    True
    >>> Judgement("S09", "F", reliability="G")
    Traceback (most recent call last):
    ...
    course.ledger.judgement.JudgementError: reliability 'G' is not on the scale. Use one of: A, B, C, D, E, F.
    """

    statement: str
    reading: str
    reliability: str | None = None
    credibility: int | None = None
    directness: str | None = None
    bearing: str | None = None
    origin: str = ""
    reason: str = ""
    updated: str = ""
    interest: str = "unknown"

    def __post_init__(self) -> None:
        if not isinstance(self.reading, str) or not READING.fullmatch(self.reading):
            raise JudgementError(f"reading {self.reading!r} is no reading. Use its letter in the case, such as 'F'.")
        for name, allowed in _SCALES.items():
            value = getattr(self, name)
            if value is not None:
                _check(name, value, allowed)
        _check("interest", self.interest, tuple(INTERESTS))
        for name in ("statement", "origin", "reason", "updated"):
            if not isinstance(getattr(self, name), str):
                raise JudgementError(f"{name} must be text, not {getattr(self, name)!r}.")
        if not self.statement:
            raise JudgementError("statement is empty. Name one by its identifier.")

    @property
    def key(self) -> tuple[str, str]:
        """The reading and the statement: a ledger holds one judgement for each pair."""
        return (self.reading, self.statement)

    @property
    def missing(self) -> tuple[str, ...]:
        """The parts still to be rated; none for a statement that has no bearing."""
        if self.bearing == "none":
            return ()
        return tuple(name for name in _SCALES if getattr(self, name) is None)

    @property
    def complete(self) -> bool:
        """Whether enough is rated to give a weight."""
        return not self.missing

    @property
    def side(self) -> str | None:
        """``"for"``, ``"against"``, or None where the statement does not bear."""
        return None if self.bearing in (None, "none") else str(self.bearing).split()[1]

    @property
    def strength(self) -> str | None:
        """One of `STRENGTHS`, or None where the statement does not bear."""
        return None if self.bearing in (None, "none") else str(self.bearing).split()[0]

    def to_dict(self) -> dict[str, Any]:
        """Return the judgement as JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Judgement:
        """Make a judgement from the values that `to_dict` returns.

        Raises
        ------
        JudgementError
            If a name is unknown, the statement or reading is missing, or a value is not on its scale.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise JudgementError(
                f"{', '.join(unknown)}: no such part of a judgement. Parts: {', '.join(sorted(known))}."
            )
        if missing := [name for name in ("statement", "reading") if name not in values]:
            raise JudgementError(f"a judgement needs {' and '.join(missing)}.")
        return cls(**values)


_SCALES: Final[Mapping[str, tuple[object, ...]]] = {
    "reliability": tuple(RELIABILITY),
    "credibility": tuple(CREDIBILITY),
    "directness": tuple(DIRECTNESS),
    "bearing": BEARINGS,
}


def _check(name: str, value: object, allowed: tuple[object, ...]) -> None:
    # True == 1 in Python, so a type comparison keeps a boolean from passing as a credibility.
    if not any(value == choice and type(value) is type(choice) for choice in allowed):
        lookalikes = describe_lookalikes(value) if isinstance(value, str) else ""
        note = f" ({lookalikes})" if lookalikes else ""
        raise JudgementError(f"{name} {value!r}{note} is not on the scale. Use one of: {', '.join(map(str, allowed))}.")
