"""A verdict as a learner might give it, with the judgements it rests on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from course.case import Case
from course.ledger.judgement import Judgement
from course.publishing.verdict import Basis, Ruling, Verdict, basis, read

CASE = Case.load()
BLANK = read({}, CASE, date(2026, 3, 2))

THEN = Ruling("Mostly False", "very unlikely", "moderate", "Abrahms and the U.S. military saw some left.")
SINCE = Ruling("False", "almost no chance", "high", "Rudskoi himself reported units in Yarmouk in May 2018.")
SOUND = replace(
    BLANK,
    then=THEN,
    since=SINCE,
    headline="IS was beaten in Syria by December 2017, but some of its fighters were still there",
    summary="Interfax reported that Putin called Syria “completely free” of IS. By 11 December 2017 two sources saw "
    "some fighters left. In 2018 Russia’s own general reported units in Damascus.",
    citations=("S09", "S11", "X03"),
    url="https://example.org/checks/verdict.html",
)
"""Nothing in it to remark on, and nothing missing."""


def judged(statement: str, bearing: str = "decisive against", origin: str | None = None, **parts: Any) -> Judgement:
    ratings: dict[str, Any] = {"reliability": "B", "credibility": 2, "directness": "direct", **parts}
    return Judgement(statement, "F", bearing=bearing, origin=origin or statement, reason="Seen there.", **ratings)


JUDGED = (judged("S09", "strong against"), judged("S11", "slight against", credibility=3), judged("X03"))


def rests_on(verdict: Verdict, judgements: tuple[Judgement, ...] = JUDGED) -> Basis:
    return basis(verdict, CASE, judgements)
