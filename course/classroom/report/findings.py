"""What an instructor wants to know of an assignment, worked out from what was gathered. Pure functions, no I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from statistics import median, quantiles
from typing import Any, Final

from course.classroom.gradebook.marks import Check, Key
from course.classroom.report.load import RESULTS, Gathered, Result, Work
from course.classroom.report.messages import discreet, pattern, same, without_names
from course.ledger.judgement import Judgement
from course.weighing import weigh
from course.weighing.pooling import Pooled, pool

HALF: Final = 0.5
"""Whoever has less than this share of the machine's checks right is named among those who need help."""


# --- scores ---------------------------------------------------------------------------------------------------


def shares(gathered: Gathered) -> dict[str, float]:
    """Return each graded learner's share (0 to 1) of the points that are decided; what waits for a person is left out.

    Penalties for being late are left out too: they say nothing about what somebody understood.
    """
    found = {}
    for student, work in gathered.graded.items():
        marks = work.submission.marks
        decided = [check for check in gathered.assignment.checks if not _mark_waits(work, check)]
        possible = sum(check.points for check in decided)
        if possible:
            got = sum((marks[check.key].points or 0) for check in decided if check.key in marks)
            # Extra credit can lift somebody above the whole.
            found[student] = min(1.0, got / possible)
    return found


def tenths(values: Iterable[float]) -> list[int]:
    """Return how many shares fall into each tenth, from 0–9 % to 90–100 %."""
    counts = Counter(min(9, int(value * 10 + 1e-9)) for value in values)
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


def tallies(gathered: Gathered) -> tuple[Tally, ...]:
    """Return how each check went, in the order of the notebook."""
    found = []
    for check in gathered.assignment.checks:
        counts = Counter(work.outcomes[check.key].result for work in gathered.graded.values() if work.outcomes)
        wording = gathered.questions[check.key].wording if check.key in gathered.questions else ""
        found.append(Tally(check, gathered.title(check.key), wording, {name: counts[name] for name in RESULTS}))
    return tuple(found)


def hardest(tally: Iterable[Tally], most: int = 5) -> list[Tally]:
    """Return the machine's checks that the fewest have right, hardest first; none that everybody has right."""
    machine = [one for one in tally if not one.check.by_hand and one.decided and one.right < 1]
    return sorted(machine, key=lambda one: (one.right, -one.counts["not yet"]))[:most]


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
    gathered: Gathered, result: Result = "not yet", names: Collection[str] = ()
) -> tuple[Misconception, ...]:
    """Return the messages that went with a result, grouped, those that met most learners first.

    Parameters
    ----------
    result : str
        ``"not yet"`` for what checks said, ``"stopped"`` for what Python said to an answer of its own accord.
    names : collection of str
        What must not be read in them. If given, words of the learners' own are left out as well.
    """
    groups: dict[tuple[Key, str], dict[str, str]] = {}
    for student, work in gathered.graded.items():
        for key, outcome in work.outcomes.items():
            if outcome.result == result and outcome.message:
                groups.setdefault((key, same(outcome.message)), {})[student] = outcome.message
    order = {check.key: place for place, check in enumerate(gathered.assignment.checks)}
    found = [
        Misconception(key, _text(group, names, authored=result == "not yet"), tuple(group))
        for (key, _), group in groups.items()
    ]
    return tuple(sorted(found, key=lambda one: (-len(one.learners), order[one.key], one.text)))


def _text(messages: Mapping[str, str], names: Collection[str], *, authored: bool) -> str:
    (first, count), *others = Counter(messages.values()).most_common()
    if not others and (not names or (authored and count > 1)):
        # What two learners are told word for word is the check's wording and nothing of theirs.
        return first
    text = pattern(first) if others else discreet(first)
    return without_names(text, names) if names else text


# --- judgements -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    """What a class makes of one statement for one reading.

    Parameters
    ----------
    statement : str
    counts : mapping of str to int
        Learners who take it to speak ``"for"`` the reading, ``"against"`` it, or ``"neither"`` way.
    weights : tuple of float
        Lowest, first quartile, median, third quartile and highest weight in dB.
    """

    statement: str
    counts: Mapping[str, int]
    weights: tuple[float, float, float, float, float]

    @property
    def spread(self) -> float:
        """How far the middle half of the class lies apart, in dB."""
        return self.weights[3] - self.weights[1]

    @property
    def split(self) -> bool:
        """Whether some take it to speak for the reading and others against it."""
        return self.counts["for"] > 0 and self.counts["against"] > 0


def judged(gathered: Gathered, facts: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, tuple[Judgement, ...]]]:
    """Return the class's complete judgements by reading and learner, of statements that are in the register.

    Parameters
    ----------
    facts : mapping of str to row
        The register by statement.
    """
    found: dict[str, dict[str, tuple[Judgement, ...]]] = {}
    for student, work in gathered.graded.items():
        for made in work.judgements:
            if made.complete and made.statement in facts:
                by_learner = found.setdefault(made.reading, {})
                by_learner[student] = (*by_learner.get(student, ()), made)
    return dict(sorted(found.items()))


def known_by(
    by_learner: Mapping[str, tuple[Judgement, ...]], facts: Mapping[str, Mapping[str, Any]], clock: date
) -> dict[str, tuple[Judgement, ...]]:
    """Return the judgements of what could be known by a day."""
    kept = {
        student: tuple(made for made in judgements if facts[made.statement]["known_from"] <= clock)
        for student, judgements in by_learner.items()
    }
    return {student: judgements for student, judgements in kept.items() if judgements}


def pooled(by_learner: Mapping[str, tuple[Judgement, ...]], reading: str) -> Pooled | None:
    """Return the class's pooled answer to a reading, or None if nobody has one."""
    return pool(by_learner, reading) if by_learner else None


def views(by_learner: Mapping[str, tuple[Judgement, ...]]) -> tuple[View, ...]:
    """Return what the class makes of each statement that two or more rated, widest apart first."""
    rated: dict[str, list[Judgement]] = {}
    for judgements in by_learner.values():
        for made in judgements:
            rated.setdefault(made.statement, []).append(made)
    found = []
    for statement, made_of_it in rated.items():
        if len(made_of_it) > 1:
            weights = sorted(weigh(made).point for made in made_of_it)
            sides = Counter(made.side or "neither" for made in made_of_it)
            counts = {side: sides[side] for side in ("for", "against", "neither")}
            found.append(View(statement, counts, (weights[0], *quartiles(weights), weights[-1])))
    return tuple(sorted(found, key=lambda view: (-view.spread, not view.split, view.statement)))


# --- hints and help -------------------------------------------------------------------------------------------


def hints_opened(gathered: Gathered) -> dict[str, list[int]]:
    """Return, for each question with hints, how many learners opened the first, the second and so on."""
    opened = Counter(hint for work in gathered.graded.values() for hint in work.hints)
    return {
        question: [opened[question, number] for number in range(1, there + 1)]
        for question, there in gathered.hints.items()
    }


def needs_help(gathered: Gathered, reasons: Mapping[str, str] | None = None) -> dict[str, tuple[str, ...]]:
    """Return who needs help and why, by student.

    Parameters
    ----------
    reasons : mapping of str to str, optional
        By student, what `course grade` said of a submission that it flagged or could not grade.
    """
    told = reasons or {}
    found: dict[str, tuple[str, ...]] = dict.fromkeys(gathered.absent, ("Handed in nothing.",))
    for student, work in gathered.works.items():
        said = (told[student],) if student in told else ()
        if not work.submission.graded:
            found[student] = ("Handed in, and not graded.", *said)
        elif why := (*said, *_why(gathered, work), *work.notes):
            found[student] = why
    return found


def _why(gathered: Gathered, work: Work) -> tuple[str, ...]:
    results = {key: outcome.result for key, outcome in work.outcomes.items()}
    machine = [results[check.key] for check in gathered.assignment.checks if not check.by_hand and check.key in results]
    if results and set(results.values()) == {"not answered"}:
        return ("Untouched: no question is answered.",)
    why = []
    if not_run := next((key for key, result in results.items() if result == "not run"), None):
        said = work.outcomes[not_run].message or "Its kernel died, or its time was up."
        why.append(f"The notebook ended before “{gathered.title(not_run)}”. {said}")
    right = machine.count("right")
    if machine and right / len(machine) < HALF:
        parts = [f"{machine.count(name)} {name}" for name in RESULTS if name != "right" and machine.count(name)]
        why.append(f"{right} of {len(machine)} checks right ({', '.join(parts)}).")
    return tuple(why)


def _mark_waits(work: Work, check: Check) -> bool:
    mark = work.submission.marks.get(check.key)
    return mark is not None and mark.waiting
