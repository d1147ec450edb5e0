"""What an instructor wants to know about an assignment, from its results. Pure functions, no I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from statistics import median, quantiles
from typing import Any, Final

from course.case import Case
from course.classroom.gradebook.marks import Check, Key
from course.classroom.report.load import RESULTS, AssignmentResults, Result, StudentWork
from course.classroom.report.messages import discreet, pattern, same, without_names
from course.ledger.judgement import Judgement
from course.methods.room_code import of_case
from course.weighing import weigh

HALF: Final = 0.5
"""Whoever has less than this share of the machine's checks right is named among those who need help."""


# --- scores ---------------------------------------------------------------------------------------------------


def shares(results: AssignmentResults) -> dict[str, float]:
    """Return each graded learner's share (0 to 1) of the points that are decided; what waits for a person is left out.

    Penalties for being late are left out too: they say nothing about what somebody understood.
    """
    by_student = {}
    for student, work in results.graded.items():
        marks = work.submission.marks
        decided = [
            check for check in results.assignment.checks if check.key not in marks or not marks[check.key].waiting
        ]
        if possible := sum(check.points for check in decided):
            points = sum((marks[check.key].points or 0) for check in decided if check.key in marks)
            # Extra credit can lift somebody above the whole.
            by_student[student] = min(1.0, points / possible)
    return by_student


def deciles(shares: Iterable[float]) -> list[int]:
    """Return how many shares fall into each tenth, from 0–9 % to 90–100 %."""
    counts = Counter(min(9, int(share * 10 + 1e-9)) for share in shares)
    return [counts[tenth] for tenth in range(10)]


def quartiles(values: Collection[float]) -> tuple[float, float, float]:
    """Return the first quartile, the median and the third quartile of at least one value."""
    ordered = sorted(values)
    first, _, third = quantiles(ordered, n=4, method="inclusive") if len(ordered) > 1 else (ordered[0],) * 3
    return first, median(ordered), third


# --- checks ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tally:
    """How one check went.

    Parameters
    ----------
    check : Check
    title : str
    wording : str
        The question, as Markdown.
    counts : mapping of str to int
        Learners by result.
    """

    check: Check
    title: str
    wording: str
    counts: Mapping[Result, int]

    @property
    def decided(self) -> int:
        """How many answers have their points."""
        return sum(self.counts.values()) - self.counts["waiting"]

    @property
    def right(self) -> float:
        """The share of the decided answers that are right, 0 to 1; 0 if none is decided."""
        return self.counts["right"] / self.decided if self.decided else 0.0


def tallies(results: AssignmentResults) -> tuple[Tally, ...]:
    """Return how each check went, in the order of the notebook."""
    by_check = []
    for check in results.assignment.checks:
        counts = Counter(work.outcomes[check.key].result for work in results.graded.values() if work.outcomes)
        wording = results.questions[check.key].wording if check.key in results.questions else ""
        by_check.append(Tally(check, results.title(check.key), wording, {result: counts[result] for result in RESULTS}))
    return tuple(by_check)


def hardest(tallies: Iterable[Tally], most: int = 5) -> list[Tally]:
    """Return the machine's checks that the fewest have right, hardest first; none that everybody has right."""
    machine = [tally for tally in tallies if not tally.check.by_hand and tally.decided and tally.right < 1]
    return sorted(machine, key=lambda tally: (tally.right, -tally.counts["not yet"]))[:most]


@dataclass(frozen=True)
class Misconception:
    """A message that learners were given, whatever values of theirs stood in it.

    Parameters
    ----------
    key : Key
        The check.
    text : str
        Word for word if all got the same; otherwise with an ellipsis where it differs.
    learners : tuple of str
        Who got it.
    """

    key: Key
    text: str
    learners: tuple[str, ...]


def misconceptions(
    results: AssignmentResults, result: Result = "not yet", names: Collection[str] = ()
) -> tuple[Misconception, ...]:
    """Return the messages that went with a result, grouped, those that met most learners first.

    Parameters
    ----------
    result : str
        ``"not yet"`` for messages of the checks, ``"stopped"`` for errors that an answer raised.
    names : collection of str
        What must not be read in them. If given, words of the learners' own are left out as well.
    """
    groups: dict[tuple[Key, str], dict[str, str]] = {}
    for student, work in results.graded.items():
        for key, outcome in work.outcomes.items():
            if outcome.result == result and outcome.message:
                groups.setdefault((key, same(outcome.message)), {})[student] = outcome.message
    order = {check.key: place for place, check in enumerate(results.assignment.checks)}
    grouped = [
        Misconception(key, _text(group, names, authored=result == "not yet"), tuple(group))
        for (key, _), group in groups.items()
    ]
    return tuple(sorted(grouped, key=lambda message: (-len(message.learners), order[message.key], message.text)))


def _text(messages: Mapping[str, str], names: Collection[str], *, authored: bool) -> str:
    (first, count), *others = Counter(messages.values()).most_common()
    if not others and (not names or (authored and count > 1)):
        # Two learners got this word for word, so it is the check's wording and nothing of theirs.
        return first
    return without_names(pattern(first) if others else discreet(first), names)


# --- judgements -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StatementWeights:
    """The weights a class gives one statement for one reading, in dB.

    Parameters
    ----------
    statement : str
    counts : mapping of str to int
        Learners who take it to speak ``"for"`` the reading, ``"against"`` it, or ``"neither"`` way.
    lowest, first, median, third, highest : float
        The two ends and the quartiles.
    """

    statement: str
    counts: Mapping[str, int]
    lowest: float
    first: float
    median: float
    third: float
    highest: float

    @property
    def spread(self) -> float:
        """How far the middle half of the class lies apart, in dB."""
        return self.third - self.first

    @property
    def split(self) -> bool:
        """Whether some take it to speak for the reading and others against it."""
        return self.counts["for"] > 0 and self.counts["against"] > 0


def judgements(results: AssignmentResults, case: Case) -> dict[str, dict[str, tuple[Judgement, ...]]]:
    """Return the class's complete judgements of a case's statements, under the case's names, by reading and learner."""
    return by_reading({student: work.judgements for student, work in results.graded.items()}, case)


def by_reading(ledgers: Mapping[str, Iterable[Judgement]], case: Case) -> dict[str, dict[str, tuple[Judgement, ...]]]:
    """Return the complete judgements of a case's statements, under the case's names, by reading and learner.

    Parameters
    ----------
    ledgers : mapping of str to iterable of Judgement
        All judgements of each learner's ledger.
    """
    sorted_out: dict[str, dict[str, tuple[Judgement, ...]]] = {}
    for learner, own in ledgers.items():
        for judgement in of_case(own, case):
            if judgement.complete:
                by_learner = sorted_out.setdefault(judgement.reading, {})
                by_learner[learner] = (*by_learner.get(learner, ()), judgement)
    return dict(sorted(sorted_out.items()))


def known_by(
    by_learner: Mapping[str, tuple[Judgement, ...]], case: Case, clock: date
) -> dict[str, tuple[Judgement, ...]]:
    """Return the judgements of what could be known by a day, of learners who have any."""
    statements: dict[str, Mapping[str, Any]] = {str(row["id"]): row for row in case.rows("statements")}
    known = {
        student: tuple(judgement for judgement in own if statements[judgement.statement]["known_from"] <= clock)
        for student, own in by_learner.items()
    }
    return {student: own for student, own in known.items() if own}


def statement_weights(by_learner: Mapping[str, tuple[Judgement, ...]]) -> tuple[StatementWeights, ...]:
    """Return the class's weights of each statement that two or more rated, widest apart first."""
    by_statement: dict[str, list[Judgement]] = {}
    for own in by_learner.values():
        for judgement in own:
            by_statement.setdefault(judgement.statement, []).append(judgement)
    rated = []
    for statement, several in by_statement.items():
        if len(several) > 1:
            weights = sorted(weigh(judgement).point for judgement in several)
            sides = Counter(judgement.side or "neither" for judgement in several)
            counts = {side: sides[side] for side in ("for", "against", "neither")}
            rated.append(StatementWeights(statement, counts, weights[0], *quartiles(weights), weights[-1]))
    return tuple(sorted(rated, key=lambda weights: (-weights.spread, not weights.split, weights.statement)))


# --- hints and help -------------------------------------------------------------------------------------------


def hints_opened(results: AssignmentResults) -> dict[str, list[int]]:
    """Return, for each question with hints, how many learners opened the first, the second and so on."""
    opened = Counter(hint for work in results.graded.values() for hint in work.hints)
    return {
        question: [opened[question, number] for number in range(1, available + 1)]
        for question, available in results.hints.items()
    }


def needs_help(results: AssignmentResults, reasons: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return who needs help and why, by student.

    Parameters
    ----------
    reasons : mapping of str to str
        By student, why `course grade` could not grade a submission.
    """
    why: dict[str, tuple[str, ...]] = dict.fromkeys(results.absent, ("Handed in nothing.",))
    for student, work in results.works.items():
        reason = (reasons[student],) if student in reasons else ()
        if work.submission.graded:
            why[student] = (*reason, *_difficulties(results, work), *work.notes)
        else:
            why[student] = ("Handed in, but not graded.", *reason)
    return {student: given for student, given in why.items() if given}


def _difficulties(results: AssignmentResults, work: StudentWork) -> Iterator[str]:
    by_check = {key: outcome.result for key, outcome in work.outcomes.items()}
    if by_check and set(by_check.values()) == {"not answered"}:
        yield "Untouched: no question is answered."
        return
    if not_run := next((key for key, result in by_check.items() if result == "not run"), None):
        message = work.outcomes[not_run].message or "Its kernel died, or it ran out of time."
        yield f"The notebook ended before “{results.title(not_run)}”. {message}"
    checks = [check for check in results.assignment.checks if not check.by_hand and check.key in by_check]
    machine = [by_check[check.key] for check in checks]
    right = machine.count("right")
    if machine and right / len(machine) < HALF:
        parts = [f"{machine.count(result)} {result}" for result in RESULTS if result != "right" and result in machine]
        yield f"{right} of {len(machine)} checks right ({', '.join(parts)})."
