"""Does a set of judgements hang together? What the exercises grade, and never whether we agree.

Each finding names the statements, says what does not fit, and what to do. The facts it needs of a statement (place,
date, what it repeats, since when it was known) come from the register as rows; nothing here reads a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from course.judgement import Judgement
from course.weighing import WORD_ORDER, Weighing, origin_of

Facts = Mapping[str, Mapping[str, Any]]
"""Rows of the register by statement; used are `scope`, `as_of`, `known_from` and `repeats`."""

CLAIM_DATE: Final = date(2017, 12, 6)
STALE_AFTER: Final = timedelta(days=7)
"""A statement whose date lies further than this before the claim does not speak of the day of the claim."""

_CALLED_FALSE: Final = re.compile(r"\b(false|untrue|not true|lies?|lying|liars?|wrong|made up|propaganda)\b", re.I)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hang together.

    Parameters
    ----------
    code : str
        ``counted-twice``, ``not-direct``, ``unknown-as-false``, ``no-reason``, ``word-outside`` or ``after-clock``.
    statements : tuple of str
        The statements it is about; empty for the verdict as a whole.
    message : str
        What does not fit and what to do, in words a learner understands.
    """

    code: str
    statements: tuple[str, ...]
    message: str


def coherence(
    judgements: Iterable[Judgement],
    facts: Facts,
    *,
    clock: date | None = None,
    verdict: str | None = None,
    weighing: Weighing | None = None,
) -> tuple[Finding, ...]:
    """Return everything that does not hang together, in the order of the statements.

    Parameters
    ----------
    judgements : iterable of Judgement
        All of one reading.
    facts : mapping of str to row
        The register by statement.
    clock : date, optional
        The date up to which evidence counts. Statements known only later are then findings.
    verdict : str, optional
        The learner's ICD 203 word; checked against `weighing`'s interval when both are given.
    weighing : Weighing, optional
        What the judgements amount to.

    Raises
    ------
    ValueError
        If the verdict's word is not one of ICD 203's.
    """
    judged = sorted((j for j in judgements if j.complete), key=lambda j: j.key)
    findings = [
        *counted_twice(judged, facts),
        *called_direct(judged, facts),
        *unknown_as_false(judged),
        *without_reason(judged),
    ]
    if clock is not None:
        findings += after_clock(judged, facts, clock)
    if verdict is not None and weighing is not None:
        findings += word_outside(verdict, weighing)
    return tuple(findings)


def counted_twice(judgements: Iterable[Judgement], facts: Facts) -> Iterator[Finding]:
    """Yield statements that only repeat another one and yet carry weight under an origin of their own."""
    bearing = {judgement.key: judgement for judgement in judgements if judgement.side}
    for (reading, statement), judgement in bearing.items():
        repeated = _fact(facts, statement, "repeats")
        first = bearing.get((reading, str(repeated)))
        if first and first.side == judgement.side and origin_of(first) != origin_of(judgement):
            yield Finding(
                "counted-twice",
                (statement, first.statement),
                f"{statement} repeats {first.statement}, but you gave them two origins, so what was said once counts "
                "twice. Give both the same origin.",
            )


def off_scope(facts: Facts, statement: str) -> tuple[str, ...]:
    """Return what is plainly off about a statement as evidence on Syria at the claim's date: place, time, or both."""
    place = _fact(facts, statement, "scope")
    described = _fact(facts, statement, "as_of")
    off = ["place"] if place in ("Iraq", "Iraq+Syria") else []
    if isinstance(described, date) and described < CLAIM_DATE - STALE_AFTER:
        off.append("time")
    return tuple(off)


def called_direct(judgements: Iterable[Judgement], facts: Facts) -> Iterator[Finding]:
    """Yield statements called direct although their place or their date is not the claim's."""
    why = {"place": "it covers more than Syria", "time": "it describes an earlier time"}
    for judgement in judgements:
        off = off_scope(facts, judgement.statement)
        if judgement.side and judgement.directness == "direct" and off:
            yield Finding(
                "not-direct",
                (judgement.statement,),
                f"{judgement.statement} is called direct, but {' and '.join(why[one] for one in off)}. Choose partly "
                "or indirect; what it says may still weigh.",
            )


def unknown_as_false(judgements: Iterable[Judgement]) -> Iterator[Finding]:
    """Yield judgements whose reason calls false what their F or 6 calls unknown."""
    for judgement in judgements:
        unknown = [
            grade
            for grade, is_unknown in (("F", judgement.reliability == "F"), ("6", judgement.credibility == 6))
            if is_unknown
        ]
        if unknown and _CALLED_FALSE.search(judgement.reason):
            yield Finding(
                "unknown-as-false",
                (judgement.statement,),
                f"{judgement.statement}: {' and '.join(unknown)} says that you cannot judge it, your reason says that "
                "it is false. If you have grounds, use E or 5; if not, say what you would need to know.",
            )


def without_reason(judgements: Iterable[Judgement]) -> Iterator[Finding]:
    """Yield judgements that carry weight and give no reason of at least three words."""
    for judgement in judgements:
        if judgement.side and len(judgement.reason.split()) < 3:
            yield Finding(
                "no-reason",
                (judgement.statement,),
                f"{judgement.statement} has a weight and no reason. Say in a few words why: an editor will ask.",
            )


def after_clock(judgements: Iterable[Judgement], facts: Facts, clock: date) -> Iterator[Finding]:
    """Yield statements with weight that nobody could have known by the clock's date."""
    for judgement in judgements:
        known = _fact(facts, judgement.statement, "known_from")
        if judgement.side and isinstance(known, date) and known > clock:
            yield Finding(
                "after-clock",
                (judgement.statement,),
                f"{judgement.statement} became known on {known:%d %B %Y}, after {clock:%d %B %Y}. It cannot count in a "
                "verdict on what was known then.",
            )


def word_outside(verdict: str, weighing: Weighing) -> Iterator[Finding]:
    """Yield a finding where the verdict's word lies outside the learner's own interval.

    Raises
    ------
    ValueError
        If the word is not one of ICD 203's; the message names them.
    """
    if verdict not in WORD_ORDER:
        raise ValueError(f"{verdict!r} is not a word of the scale. Use one of: {', '.join(WORD_ORDER)}.")
    low, high = (WORD_ORDER[name] for name in weighing.words)
    if not low <= WORD_ORDER[verdict] <= high:
        yield Finding(
            "word-outside",
            (),
            f"Your judgements amount to “{weighing.phrase}”, your verdict says “{verdict}”. Change the one you believe "
            "less, and say why.",
        )


def _fact(facts: Facts, statement: str, name: str) -> object:
    return facts[statement].get(name) if statement in facts else None
