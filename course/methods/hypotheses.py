"""Analysis of competing hypotheses: which statements discriminate, and which reading has least against it.

Pure functions, no I/O, standard library only. The method is Richards J. Heuer's, *Psychology of Intelligence Analysis*
(1999): mark how well each statement fits each hypothesis, look for the statements that discriminate, and prefer the
hypothesis with least against it to the one with most for it. Hypotheses are in rows, which helps (Dhami et al. 2024).

`WARNINGS` says what the method cannot do.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, Final, NamedTuple

from course.case import Subject, default_case
from course.ledger.judgement import Judgement
from course.methods.sourcing import item_ratings
from course.weighing import origin_of
from course.weighing.coherence import Facts, Incoherence
from course.wording import format_day, listed, number_of

Marks = Mapping[tuple[str, str], str]
"""A mark for each filled cell, by row and statement, such as ``{("F", "S09"): "II"}``."""

MARKS: Final = {
    "CC": "very consistent",
    "C": "consistent",
    "N": "neutral or not applicable",
    "I": "inconsistent",
    "II": "very inconsistent",
}
"""Heuer's marks, from the best fit to the worst."""

STEPS: Final = {mark: place for place, mark in enumerate(MARKS)}
"""The position of a mark on the scale; two marks differ by 0 to 4 steps. The course's own convention."""

TELLING: Final = ("not at all", "a little", "somewhat", "well", "clearly")
"""How well a statement tells the rows apart, for 0 to 4 steps between its marks."""

STEPS_IN_WORDS: Final = "From one mark to the next on the scale CC, C, N, I, II is one step."

INCONSISTENCY: Final = {"I": 1, "II": 2}
"""What a mark adds to a row's count. All other marks add nothing: Heuer ranks by the evidence against."""

SETTINGS: Final = "matrix/settings"
"""The ledger's key for the rows and the statements shown."""

WARNINGS: Final = (
    "Analysts trained in such a matrix were a little less accurate than others in one trial (Mandel et al. 2018); in "
    "another study its users’ judgements fitted together no better (Karvetski & Mandel 2020). Use it to find what to "
    "look for, not to decide.",
    "An empty cell is no sign that a statement fits. So rows are ranked only by statements marked in every row that "
    "competes.",
    "A count treats statements that share an origin as if they were separate. Compare it with the last column, where "
    "each origin counts once.",
    "Averaging several people helps more than any single matrix: with their judgements first made coherent, it cut the "
    "error by 61 % in one trial (Mandel et al. 2018).",
)
"""What research found about the method. Shown wherever its counts are shown."""

CAVEAT: Final = "A trial found no gain in accuracy from such a ranking: read it with the notes beside the counts."
"""The first warning in short, for places where the result appears without the counts."""


def nesting(subject: Subject | None = None) -> str:
    """Say how the readings that compete hang together; empty where they do not.

    `subject` is what the case is about, here and in the functions below; by default that of the course's own case.
    """
    subject = subject or default_case().subject
    if subject.nesting or not subject.nested:
        return subject.nesting
    *narrow, widest = subject.nested
    links = listed([f"{first} implies {second}" for first, second in pairwise(subject.nested)])
    return f"{links}. So they can be true together, and whatever rules out {widest} rules out {listed(narrow)} as well."


def other_questions(subject: Subject | None = None) -> str:
    """Say which rows compete, and which ask another question; the latter only where there are such rows."""
    subject = subject or default_case().subject
    others = subject.rows[len(subject.competing) :]
    rivals = f"{listed(subject.competing)} are rivals: at least two of them stay."
    if not others:
        return rivals
    ask = "asks another question, so its marks" if len(others) == 1 else "ask other questions, so their marks"
    return f"{rivals} {listed(others)} {ask} are counted but not ranked against the rest."


class Matrix(NamedTuple):
    """What a matrix shows: the marks of its filled cells, its rows and its statements."""

    marks: Marks
    rows: tuple[str, ...]
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatrixColumn:
    """One statement's marks, summed up. Only the competing rows are compared.

    Parameters
    ----------
    statement : str
        Identifier, such as ``"S09"``.
    filled : int
        How many of its cells are marked, in any row.
    compared : bool
        Whether every competing row is marked.
    steps : int or None
        The distance between its extreme marks, 0 to 4; None while fewer than two competing rows are marked.
    fits_everything : bool
        Whether every competing row is marked and no mark is inconsistent, so that it speaks against no row.
    """

    statement: str
    filled: int
    compared: bool
    steps: int | None
    fits_everything: bool

    @property
    def discriminates(self) -> bool:
        """Whether its marks differ."""
        return bool(self.steps)

    @property
    def word(self) -> str:
        """How well the statement discriminates, in a word or two; empty while there are not enough marks."""
        if self.steps is None:
            return ""
        return TELLING[self.steps] + ("" if self.compared else ", so far")

    @property
    def words(self) -> str:
        """How the statement discriminates, in words."""
        if self.steps is None:
            return "not enough marks yet"
        far = number_of(self.steps, "step")
        if self.fits_everything:
            return (
                f"speaks against no row, fits some better by {far}"
                if self.steps
                else "speaks against no row: tells nothing between them"
            )
        if self.steps:
            return f"tells the rows apart by {far}" + ("" if self.compared else " so far")
        return "the same in every row: tells nothing between them" if self.compared else "no difference so far"


@dataclass(frozen=True, slots=True)
class RowScore:
    """How much speaks against one row: I counts 1, II counts 2.

    Parameters
    ----------
    row : str
        A reading of the case, or their rival.
    filled : int
        How many of its cells are marked.
    inconsistency : int
        The count over all its marks.
    compared : int or None
        The count over the statements marked in every competing row, so that an empty cell does not count as a fit. None
        for a row that does not compete, or if there is no such statement.
    origins_once : int or None
        The same with each origin counted once, at its strongest.
    """

    row: str
    filled: int
    inconsistency: int
    compared: int | None
    origins_once: int | None


def key_of(row: str, statement: str) -> str:
    """Return the ledger's key for a cell's mark, such as ``matrix/F/S09``."""
    return f"matrix/{row}/{statement}"


def read(answers: Mapping[str, Any], known: Iterable[str], subject: Subject | None = None) -> Matrix:
    """Read the matrix from a ledger's answers. Anything missing or unexpected counts as not set.

    `known` are the statements that exist.
    """
    rows, statements = shown(answers, known, subject)
    cells = {(row, statement): answers.get(key_of(row, statement)) for row in rows for statement in statements}
    marks = {cell: mark for cell, mark in cells.items() if isinstance(mark, str) and mark in MARKS}
    return Matrix(marks, rows, statements)


def shown(
    answers: Mapping[str, Any], known: Iterable[str], subject: Subject | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the rows and the statements that the matrix shows. The parameters are those of `read`."""
    subject = subject or default_case().subject
    settings = answers.get(SETTINGS)
    kept = settings if isinstance(settings, dict) else {}
    try:
        rows = check_rows(_those_of(kept.get("rows"), subject.rows), subject)
    except ValueError:
        rows = subject.competing
    return rows, _those_of(kept.get("statements"), frozenset(known)) or subject.start_with["matrix"]


def columns(
    marks: Marks, rows: Sequence[str], statements: Iterable[str], subject: Subject | None = None
) -> tuple[MatrixColumn, ...]:
    """Sum up each statement's marks, in the order given.

    Examples
    --------
    >>> marks = {("F", "S09"): "II", ("T", "S09"): "C", ("F", "S10"): "C", ("T", "S10"): "C"}
    >>> [column.words for column in columns(marks, ("F", "T"), ("S09", "S10"))]
    ['tells the rows apart by 3 steps', 'speaks against no row: tells nothing between them']
    """
    subject = subject or default_case().subject
    competing = [row for row in rows if row in subject.competing]
    summaries = []
    for statement in statements:
        given = [marks[row, statement] for row in competing if (row, statement) in marks]
        places = [STEPS[mark] for mark in given]
        compared = bool(competing) and len(given) == len(competing)
        summaries.append(
            MatrixColumn(
                statement=statement,
                filled=sum((row, statement) in marks for row in rows),
                compared=compared,
                steps=max(places) - min(places) if len(places) > 1 else None,
                fits_everything=compared and not any(mark in INCONSISTENCY for mark in given),
            )
        )
    return tuple(summaries)


def row_scores(
    marks: Marks,
    rows: Sequence[str],
    statements: Sequence[str],
    origins: Mapping[str, str],
    subject: Subject | None = None,
) -> tuple[RowScore, ...]:
    """Count what speaks against each row, in the order given.

    Parameters
    ----------
    marks : mapping of (row, statement) to mark
        Marks of other rows and statements are ignored.
    rows, statements : sequence of str
        What the matrix shows.
    origins : mapping of statement to origin
        A statement that is not in it is an origin of its own.
    """
    subject = subject or default_case().subject
    together = [column.statement for column in columns(marks, rows, statements, subject) if column.compared]
    scores = []
    for row in rows:
        against = {statement: INCONSISTENCY.get(marks.get((row, statement), ""), 0) for statement in statements}
        strongest: dict[str, int] = {}
        for statement in together:
            origin = origins.get(statement, statement)
            strongest[origin] = max(strongest.get(origin, 0), against[statement])
        ranked = bool(together) and row in subject.competing
        scores.append(
            RowScore(
                row=row,
                filled=sum((row, statement) in marks for statement in statements),
                inconsistency=sum(against.values()),
                compared=sum(against[statement] for statement in together) if ranked else None,
                origins_once=sum(strongest.values()) if ranked else None,
            )
        )
    return tuple(scores)


def ranking(
    scores: Iterable[RowScore], *, origins_once: bool = False, subject: Subject | None = None
) -> tuple[tuple[str, ...], ...]:
    """Return the competing rows from the least inconsistent to the most; rows with the same count share a place.

    The result is empty if nothing can be compared or all counts are the same.
    """
    order = (subject or default_case().subject).rows
    places: dict[int, list[str]] = {}
    for score in scores:
        count = score.origins_once if origins_once else score.compared
        if count is not None:
            places.setdefault(count, []).append(score.row)
    return tuple(tuple(sorted(places[count], key=order.index)) for count in sorted(places)) if len(places) > 1 else ()


def describe(columns: Sequence[MatrixColumn], scores: Sequence[RowScore], subject: Subject | None = None) -> str:
    """Say in three or four sentences what the matrix shows and how much of it is filled."""
    telling = sum(column.discriminates for column in columns)
    compared = sum(column.compared for column in columns)
    first, once = ranking(scores, subject=subject), ranking(scores, origins_once=True, subject=subject)
    of_how_many = f"{telling} of {number_of(len(columns), 'statement')}"
    texts = [f"{of_how_many} tell{'s' if telling == 1 else ''} the rows apart."]
    if not compared:
        texts.append("No ranking yet: no statement is marked in every row that competes.")
    elif not first:
        texts.append(f"No ranking: as much speaks against one row as against another {_over(compared)}.")
    else:
        texts.append(f"Least inconsistent {_over(compared)}: {listed(first[0])}.")
        if not once:
            texts.append("With each origin counted once, no row comes first.")
        elif once[0] != first[0]:
            texts.append(f"With each origin counted once: {listed(once[0])}.")
    cells = len(columns) * len(scores)
    filled = sum(column.filled for column in columns)
    texts.append(f"{filled} of {cells} cells {'is' if filled == 1 else 'are'} filled.")
    return " ".join(texts)


def against_nesting(
    marks: Marks, rows: Sequence[str], statements: Iterable[str], subject: Subject | None = None
) -> Iterator[Incoherence]:
    """Yield statements marked as ruling out a reading but as fitting another reading that implies it.

    If F implies T, a statement that is very inconsistent with T cannot be consistent with F. Smaller differences are
    left to the learner.
    """
    shown = [row for row in (subject or default_case().subject).nested if row in rows]
    for statement in statements:
        for narrow, wide in combinations(shown, 2):
            fits, rules_out = marks.get((narrow, statement)), marks.get((wide, statement))
            if rules_out == "II" and fits in ("CC", "C"):
                yield Incoherence(
                    "against-nesting",
                    (statement,),
                    f"{statement} is {MARKS['II']} with {wide} and {MARKS[fits]} with {narrow}. If {narrow} were true, "
                    f"{wide} would be true too, so what rules out {wide} rules out {narrow}. Look at both marks again.",
                )


def known_later(statements: Iterable[str], facts: Facts, subject: Subject | None = None) -> Iterator[Incoherence]:
    """Yield statements that nobody could have known by the first clock."""
    then = (subject or default_case().subject).known_until
    for statement in statements:
        known = facts[statement]["known_from"]
        if known > then:
            yield Incoherence(
                "after-clock",
                (statement,),
                f"{statement} became known on {format_day(known)}. Keep it out of a verdict on what could "
                f"be known on {format_day(then)}.",
            )


def origins_of(
    facts: Facts, names: Mapping[str, str], judgements: Iterable[Judgement], answers: Mapping[str, Any]
) -> dict[str, str]:
    """Return each statement's origin, in a form that can be compared.

    The learner's own origin comes first: that of the statement itself (``item/S09``), then that of its newest
    judgement. If there is neither, the register's origin is used.

    Parameters
    ----------
    facts : mapping of statement to row
        The register; only `origin` is used.
    names : mapping of str to str
        The origins' names by identifier.
    judgements : iterable of Judgement
        The learner's, of any reading.
    answers : mapping of str to value
        The ledger's. An unexpected ``item/…`` is ignored.
    """
    oldest_first = sorted(judgements, key=lambda judgement: judgement.updated)
    own = {judgement.statement: judgement.origin for judgement in oldest_first if judgement.origin.strip()}
    own |= {item.statement: item.origin for item in item_ratings(answers, facts).values() if item.origin.strip()}
    origins = {statement: own.get(statement) or str(row["origin"]) for statement, row in facts.items()}
    return {
        statement: origin_of(Judgement(statement, "ANY", origin=names.get(origin, origin)))
        for statement, origin in origins.items()
    }


def check_mark(mark: str) -> str:
    """Return the mark if it is valid.

    Raises
    ------
    ValueError
        If it is not one of `MARKS`; the message names them.
    """
    if mark not in MARKS:
        scale = ", ".join(f"{name} ({label})" for name, label in MARKS.items())
        raise ValueError(f"There is no mark {mark!r}. Use one of: {scale}.")
    return mark


def check_row(row: str, subject: Subject | None = None) -> str:
    """Return the row if it is valid.

    Raises
    ------
    ValueError
        If there is no such row; the message names those there are.
    """
    rows = (subject or default_case().subject).rows
    if row not in rows:
        raise ValueError(f"There is no row {row!r}. Use one of: {', '.join(rows)}.")
    return row


def check_rows(rows: Iterable[str], subject: Subject | None = None) -> tuple[str, ...]:
    """Return valid rows in their usual order, each once.

    Raises
    ------
    ValueError
        If there is no such row, or fewer than two of them compete.
    """
    subject = subject or default_case().subject
    wanted = {check_row(row, subject) for row in rows}
    if len(wanted.intersection(subject.competing)) < 2:
        raise ValueError(
            f"Show at least two of the rows {', '.join(subject.competing)}, so that there is something to compare."
        )
    return tuple(row for row in subject.rows if row in wanted)


def _those_of(kept: object, known: Container[str]) -> tuple[str, ...]:
    names = [name for name in kept if isinstance(name, str) and name in known] if isinstance(kept, list) else []
    return tuple(dict.fromkeys(names))


def _over(compared: int) -> str:
    return f"over the {number_of(compared, 'statement')} marked in every row"
