"""Tools for verifying a claim with data: who said it, who knows, what was measured, and how much it weighs.

What a learner imports::

    from course import Case, EvidenceBoard, Ledger, charts

Each name is loaded when it is first used, so that importing the course is fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from course import charts as charts
    from course import weighing as weighing
    from course.case import Case as Case
    from course.ledger import Judgement as Judgement
    from course.ledger import Ledger as Ledger
    from course.publishing.room import RoomCode as RoomCode
    from course.widgets import ClaimTracer as ClaimTracer
    from course.widgets import EvidenceBoard as EvidenceBoard
    from course.widgets import HypothesisMatrix as HypothesisMatrix
    from course.widgets import Progress as Progress
    from course.widgets import ScopeLens as ScopeLens
    from course.widgets import SourceCards as SourceCards
    from course.widgets import Timeline as Timeline
    from course.widgets import VerdictDesk as VerdictDesk

_MODULES = ("charts", "weighing")
# Every other name is a widget.
_HOMES = {
    "Case": "course.case",
    "Judgement": "course.ledger",
    "Ledger": "course.ledger",
    "RoomCode": "course.publishing.room",
}

__all__ = [
    "Case",
    "ClaimTracer",
    "EvidenceBoard",
    "HypothesisMatrix",
    "Judgement",
    "Ledger",
    "Progress",
    "RoomCode",
    "ScopeLens",
    "SourceCards",
    "Timeline",
    "VerdictDesk",
    "charts",
    "weighing",
]


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return import_module(f"course.{name}")
    if name in __all__:
        return getattr(import_module(_HOMES.get(name, "course.widgets")), name)
    raise AttributeError(f"the course has no {name!r}. It has: {', '.join(sorted(__all__))}.")


def __dir__() -> list[str]:
    return __all__
