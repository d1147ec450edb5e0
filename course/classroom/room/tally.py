"""How a room rates a statement, and a reading of the claim, from many ledgers. Pure functions, no I/O.

Pooled chance, agreement and weights are those of ``course report``, from the same functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from course.case import Case
from course.classroom.report.findings import StatementWeights, by_reading, known_by, statement_weights
from course.ledger.judgement import Judgement
from course.methods.room_code import ANSWERS, of_case
from course.weighing.pooling import SCALES, Pooled, pool

Standing: TypeAlias = Literal["rated", "not begun", "hidden", "unreadable"]
STANDINGS: Final[tuple[Standing, ...]] = ("rated", "not begun", "hidden", "unreadable")


@dataclass(frozen=True)
class Participant:
    """Somebody in the room.

    Parameters
    ----------
    key : str
        Tells participants apart.
    name : str
        What they are called where names are shown.
    judgements : tuple of Judgement
        Of every case, under the ledger's names; none of somebody who does not take part.
    hidden : bool
        Whether they chose not to take part.
    readable : bool
        Whether their ledger could be read in full.
    """

    key: str
    name: str
    judgements: tuple[Judgement, ...] = ()
    hidden: bool = False
    readable: bool = True


@dataclass(frozen=True)
class QuestionTally:
    """How a room answers one question about a statement.

    Parameters
    ----------
    question : str
        One of `ANSWERS`.
    answers : mapping of str or int to int
        People by answer, in the order of the scale.
    middle : tuple of (str or int), or None
        From where to where the middle half of the room answers, without those who say that it cannot be judged.
    """

    question: str
    answers: Mapping[str | int, int]
    middle: tuple[str | int, str | int] | None

    @property
    def answered(self) -> int:
        """How many people have answered."""
        return sum(self.answers.values())


@dataclass(frozen=True)
class RoomView:
    """What a room makes of one reading, and of one statement for it.

    Parameters
    ----------
    standings : mapping of str to int
        People by `Standing`.
    pooled : Pooled or None
        None while nobody has rated a statement completely.
    weights : tuple of StatementWeights
        Of each statement that two or more rated completely, those that split the room most first.
    started : mapping of str to int
        By statement, how many have rated at least a part of it.
    statement : str
        The statement in question; empty if none is rated.
    questions : tuple of QuestionTally
        How the room rates it.
    """

    standings: Mapping[Standing, int]
    pooled: Pooled | None
    weights: tuple[StatementWeights, ...]
    started: Mapping[str, int]
    statement: str
    questions: tuple[QuestionTally, ...]


def standing(participant: Participant, case: Case) -> Standing:
    """Return whether somebody has rated anything of a case."""
    if not participant.readable:
        return "unreadable"
    if participant.hidden:
        return "hidden"
    return "rated" if any(map(_is_begun, of_case(participant.judgements, case))) else "not begun"


def view(participants: Iterable[Participant], case: Case, reading: str, clock: str, statement: str = "") -> RoomView:
    """Return what a room makes of a reading.

    Parameters
    ----------
    participants : iterable of Participant
    case : Case
    reading : str
        One of the case's readings.
    clock : str
        One of the case's clocks: only statements that were known by then count.
    statement : str
        The statement in question. Default: the one that splits the room most.

    Raises
    ------
    KeyError
        If there is no such clock.
    """
    everybody = [(participant, standing(participant, case)) for participant in participants]
    standings = Counter(kind for _, kind in everybody)
    ledgers = {participant.key: participant.judgements for participant, kind in everybody if kind == "rated"}
    until = case.subject.clocks[clock]
    complete = known_by(by_reading(ledgers, case).get(reading, {}), case, until)
    begun = known_by({key: _of_reading(own, case, reading) for key, own in ledgers.items()}, case, until)
    started = Counter(judgement.statement for own in begun.values() for judgement in own)
    weights = statement_weights(complete)
    statement = statement or next(
        (weighed.statement for weighed in weights), min(started, key=lambda name: (-started[name], name), default="")
    )
    return RoomView(
        standings={name: standings[name] for name in STANDINGS},
        pooled=pool(complete, reading, subject=case.subject) if complete else None,
        weights=weights,
        started=dict(sorted(started.items())),
        statement=statement,
        questions=questions(
            judgement for own in begun.values() for judgement in own if judgement.statement == statement
        ),
    )


def questions(judgements: Iterable[Judgement]) -> tuple[QuestionTally, ...]:
    """Return how people answer each question about one statement, from a judgement of each of them.

    Examples
    --------
    >>> rated = [Judgement("S09", "F", grade, bearing="slight for") for grade in "BBC"]
    >>> first = questions(rated)[0]
    >>> first.question, {grade: count for grade, count in first.answers.items() if count}, first.middle
    ('reliability', {'B': 2, 'C': 1}, ('B', 'C'))
    """
    several = [judgement for judgement in judgements if _is_begun(judgement)]
    tallies = []
    for part, possible in ANSWERS.items():
        # Whoever does not answer the last question, about the interest, has answered “unknown”.
        given = Counter(getattr(judgement, part) for judgement in several)
        answers = {answer: given[answer] for answer in possible if answer is not None}
        tallies.append(QuestionTally(part, answers, _middle_half(part, answers)))
    return tuple(tallies)


def _middle_half(part: str, answers: Mapping[str | int, int]) -> tuple[str | int, str | int] | None:
    ordered = [answer for answer in SCALES[part] for _ in range(answers[answer])]
    if len(ordered) < 2:
        return None
    outside = len(ordered) // 4
    return ordered[outside], ordered[-1 - outside]


def _of_reading(judgements: Iterable[Judgement], case: Case, reading: str) -> tuple[Judgement, ...]:
    """Return the judgements of a reading in which something is rated."""
    return tuple(
        judgement for judgement in of_case(judgements, case) if judgement.reading == reading and _is_begun(judgement)
    )


def _is_begun(judgement: Judgement) -> bool:
    return judgement.interest != "unknown" or any(
        getattr(judgement, part) is not None for part in ANSWERS if part != "interest"
    )
