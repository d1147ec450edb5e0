"""What the room's board shows, in words and numbers for its template. Everything on it is a table or a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any, Final

from course.case import Case
from course.classroom.report.findings import StatementWeights
from course.classroom.room.session import RoomSession
from course.classroom.room.tally import Participant, RoomView, standing, view
from course.ledger.judgement import CREDIBILITY, INTERESTS, RELIABILITY
from course.weighing import explain
from course.weighing.model import WORDS
from course.wording import percent
from course.wording.pages import render

TITLE: Final = "How the room rates it"
QUESTIONS: Final[Mapping[str, str]] = {
    # First what a class argues about; the rest in EvidenceBoard's order.
    "bearing": "If it were right, it would be",
    "reliability": "Source: how reliable?",
    "credibility": "Item: how credible?",
    "directness": "How direct?",
    "interest": "Would they say so anyway?",
}
"""What each question is called on EvidenceBoard, too."""
_LABELS: Final[Mapping[str, Mapping[Any, str]]] = {
    "reliability": {grade: f"{grade}: {text}" for grade, text in RELIABILITY.items()},
    "credibility": {grade: f"{grade}: {text}" for grade, text in CREDIBILITY.items()},
    "directness": {},
    "bearing": {"none": "no bearing"},
    "interest": INTERESTS,
}
_NOW: Final = "now"
_ALWAYS: Final = ("have rated", "have not begun")


@dataclass(frozen=True)
class Choice:
    """What the instructor has chosen to look at.

    Parameters
    ----------
    reading : str
    clock : str
    statement : str
        Empty: the one that splits the room most.
    before : int or None
        The snapshot that is compared with now, from 1.
    after : int or None
        The snapshot that takes the place of now.
    """

    reading: str
    clock: str
    statement: str = ""
    before: int | None = None
    after: int | None = None

    @classmethod
    def of(cls, given: Mapping[str, str], session: RoomSession) -> Choice:
        """Return the choice that an address asks for; what there is not is replaced by the default."""
        subject = session.case.subject
        statements = {str(row["id"]) for row in session.case.rows("statements")}
        reading, clock, statement = (given.get(name, "") for name in ("reading", "clock", "statement"))
        return cls(
            reading=reading if reading in subject.readings else subject.reading,
            clock=clock if clock in subject.clocks else list(subject.clocks)[-1],
            statement=statement if statement in statements else "",
            before=_snapshot(given.get("before", ""), session),
            after=_snapshot(given.get("after", ""), session),
        )


def board(session: RoomSession, choice: Choice, *, names: bool) -> str:
    """Return the part of the page that changes, as HTML."""
    case, times = session.case, _times(session, choice)
    last = view(times[-1][1], case, choice.reading, choice.clock, choice.statement)
    # Both times show the same statement: the one that splits the room at the later one.
    rooms = [
        *(view(people, case, choice.reading, choice.clock, last.statement) for _, people in times[:-1]),
        last,
    ]
    return render(
        __package__,
        "board.html.j2",
        moments=[name.capitalize() for name, _ in times],
        compared=len(rooms) > 1,
        reading=case.subject.readings[choice.reading],
        figures=_figures(last, session.damaged_codes if choice.after is None else 0),
        pooled=[_pooled(room) for room in rooms],
        words=_words(rooms),
        agreement=_agreement(rooms),
        statement=_statement(case, last.statement),
        questions=_questions(rooms) if last.statement else [],
        splits=[_split(case, weights) for weights in last.weights],
        people=_people(session.participants, case) if names else [],
    )


def page(session: RoomSession, choice: Choice, *, names: bool, message: str = "") -> str:
    """Return the whole page."""
    case = session.case
    return render(
        __package__,
        "page.html.j2",
        title=TITLE,
        claim=case.subject.claim,
        choice=choice,
        readings=[(reading.id, f"{reading.id}: {reading.text}") for reading in case.subject.readings.values()],
        clocks=list(case.subject.clock_names.items()),
        statements=[
            (str(row["id"]), f"{row['id']}: {shorten(str(row['content']), 70, placeholder=' …')}")
            for row in case.rows("statements")
        ],
        snapshots=snapshots(session),
        message=message,
        names=names,
        board=board(session, choice, names=names),
    )


def snapshots(session: RoomSession) -> list[tuple[int, str]]:
    """Return the number of each snapshot, and what it is called in a menu."""
    return [(place, f"snapshot {place}, {kept.taken:%H:%M}") for place, kept in enumerate(session.snapshots, start=1)]


def _snapshot(text: str, session: RoomSession) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text) <= len(session.snapshots) else None


def _times(session: RoomSession, choice: Choice) -> list[tuple[str, tuple[Participant, ...]]]:
    """Return the one or two times that are shown, the earlier first."""
    times = []
    for place in (choice.before, choice.after):
        if place is not None:
            snapshot = session.snapshots[place - 1]
            times.append((f"snapshot {place}", snapshot.participants))
    return times if choice.after is not None else [*times, (_NOW, session.participants)]


def _figures(room: RoomView, damaged: int) -> list[tuple[str, int]]:
    """Return how many people there are of each kind; zeros are left out but for the first two."""
    standings = room.standings
    figures = [
        ("has rated", "have rated", standings["rated"]),
        ("has not begun", "have not begun", standings["not begun"]),
        ("does not take part", "do not take part", standings["hidden"]),
        ("ledger cannot be read", "ledgers cannot be read", standings["unreadable"]),
        ("code cannot be read", "codes cannot be read", damaged),
    ]
    return [
        (single if count == 1 else several, count) for single, several, count in figures if count or several in _ALWAYS
    ]


def _pooled(room: RoomView) -> dict[str, str] | None:
    if room.pooled is None:
        return None
    return {
        "word": room.pooled.word,
        "chance": percent(room.pooled.posterior),
        "spread": f"{percent(room.pooled.spread.low)} to {percent(room.pooled.spread.high)}",
        "learners": str(room.pooled.learners),
    }


def _words(rooms: Sequence[RoomView]) -> list[dict[str, Any]]:
    """Return how many people arrive at each word, least likely first."""
    counts = [room.pooled.words if room.pooled else {} for room in rooms]
    return _rows([(name, name) for name, _, _ in WORDS], counts)


def _agreement(rooms: Sequence[RoomView]) -> list[tuple[str, list[str]]]:
    return [
        (title, [explain.alpha(room.pooled.agreement[scale] if room.pooled else None) for room in rooms])
        for scale, title in QUESTIONS.items()
    ]


def _questions(rooms: Sequence[RoomView]) -> list[dict[str, Any]]:
    questions = []
    for name, title in QUESTIONS.items():
        tallies = [next(tally for tally in room.questions if tally.question == name) for room in rooms]
        last, labels = tallies[-1], _LABELS[name]
        middle = ""
        if last.middle:
            # A grade is called by its letter or number here; the other answers have no short name that a class knows.
            first, third = (
                str(answer) if name in ("reliability", "credibility") else labels.get(answer, str(answer))
                for answer in last.middle
            )
            middle = first if first == third else f"{first} to {third}"
        questions.append(
            {
                "title": title,
                "answered": last.answered,
                "middle": middle,
                "rows": _rows(
                    [(answer, labels.get(answer, str(answer))) for answer in last.answers],
                    [tally.answers for tally in tallies],
                ),
            }
        )
    return questions


def _rows(values: Sequence[tuple[Any, str]], counts: Sequence[Mapping[Any, int]]) -> list[dict[str, Any]]:
    """Return a row for each value and its label, with its count and its share of the largest count, at each time."""
    most = max((count for each in counts for count in each.values()), default=0) or 1
    return [
        {
            "label": label,
            "cells": [(each.get(value, 0), round(100 * each.get(value, 0) / most)) for each in counts],
        }
        for value, label in values
    ]


def _statement(case: Case, statement: str) -> dict[str, str] | None:
    if not statement:
        return None
    row = case.row("statements", statement)
    speaker = str(case.row("sources", str(row["speaker"]))["name"])
    return {"id": statement, "content": str(row["content"]), "speaker": speaker}


def _split(case: Case, weights: StatementWeights) -> dict[str, Any]:
    row = case.row("statements", weights.statement)
    return {
        "id": weights.statement,
        "content": str(row["content"]),
        "counts": weights.counts,
        "width": f"{weights.spread:.1f}",
        "two_sides": "yes" if weights.split else "no",
    }


def _people(participants: Sequence[Participant], case: Case) -> list[tuple[str, str]]:
    """Return who stands where, by name; who does not take part is not named."""
    words = {"rated": "has rated", "not begun": "has not begun", "unreadable": "their ledger cannot be read"}
    standings = ((participant.name, standing(participant, case)) for participant in participants)
    return sorted((name, words[kind]) for name, kind in standings if kind != "hidden")
