"""The outcome of grading a submission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal

Result = Literal["graded", "needs marking", "failed"]
"""``graded``: every point is given. ``needs marking``: graded, and some points wait for a person, as they should.
``failed``: it could not be graded, or not all of it."""

SETTLED: Final[tuple[Result, ...]] = ("graded", "needs marking")
"""Results that another run keeps while the submission does not change."""


@dataclass(frozen=True, order=True)
class Submission:
    """What one student handed in for one assignment.

    Parameters
    ----------
    assignment, student : str
        Their names, as nbgrader knows them.
    """

    assignment: str
    student: str

    def __str__(self) -> str:
        return f"{self.student}, {self.assignment}"


@dataclass(frozen=True)
class Outcome:
    """The result of grading a submission, and the reason.

    Parameters
    ----------
    result : str
        ``"graded"``, ``"needs marking"`` or ``"failed"``.
    reason : str
        Why it failed, in words for the instructor; empty otherwise.
    notes : tuple of str
        What was repaired for grading, and what else the instructor should know.
    score, max_score : float or None
        Points, as the gradebook has them after the late penalty. None if there are none.
    seconds : float
        How long it took.
    detail : str
        A traceback, for those who look for the cause.
    """

    result: Result
    reason: str = ""
    notes: tuple[str, ...] = ()
    score: float | None = None
    max_score: float | None = None
    seconds: float = 0.0
    detail: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON takes it, without what is empty."""
        return {key: value for key, value in asdict(self).items() if value not in ("", (), None)}

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> Outcome:
        """Return the outcome that `to_dict` wrote, whatever else stands beside it in `entry`."""
        known = {item.name: entry[item.name] for item in fields(cls) if item.name in entry}
        notes = entry.get("notes", ())
        return cls(**known | {"notes": tuple(map(str, notes)) if isinstance(notes, list | tuple) else ()})
