"""Views on the case, the ledger and the weighing model. They hold no rule of their own: Python has the only model."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from course.widgets.claim_tracer import ClaimTracer as ClaimTracer
    from course.widgets.evidence_board import EvidenceBoard as EvidenceBoard
    from course.widgets.hypothesis_matrix import HypothesisMatrix as HypothesisMatrix
    from course.widgets.progress import Progress as Progress
    from course.widgets.scope_lens import ScopeLens as ScopeLens
    from course.widgets.source_cards import SourceCards as SourceCards
    from course.widgets.timeline import Timeline as Timeline
    from course.widgets.verdict_desk import VerdictDesk as VerdictDesk

_MODULES = {
    "ClaimTracer": "claim_tracer",
    "EvidenceBoard": "evidence_board",
    "HypothesisMatrix": "hypothesis_matrix",
    "Progress": "progress",
    "ScopeLens": "scope_lens",
    "SourceCards": "source_cards",
    "Timeline": "timeline",
    "VerdictDesk": "verdict_desk",
}
"""Each widget's module, imported when the widget is first asked for."""

__all__ = [
    "ClaimTracer",
    "EvidenceBoard",
    "HypothesisMatrix",
    "Progress",
    "ScopeLens",
    "SourceCards",
    "Timeline",
    "VerdictDesk",
]


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return getattr(import_module(f"course.widgets.{_MODULES[name]}"), name)
    raise AttributeError(f"course.widgets has no {name!r}. It has: {', '.join(__all__)}.")
