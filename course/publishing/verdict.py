"""The verdict: what is said of the claim at each clock, on which scale, in which words and on which evidence.

How likely the claim is and how good the basis for saying so are two things: Intelligence Community Directive 203 keeps
them apart, and so does every ruling here. Pure functions from a ledger's answers and the case; nothing reads a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from course.case import Case, CaseError, Subject
from course.ledger.judgement import Judgement
from course.weighing import WORD_ORDER, Weighing, weigh_all
from course.weighing.coherence import Facts

SCALES: Final = {
    "politifact": "True to False (PolitiFact’s labels)",
    "averitec": "Supported or refuted (AVeriTeC’s labels)",
    "prose": "No label: the words are the verdict",
}
"""The scales a learner can pick. The labels of the first two are in the course's table of scales, see `labels`."""

CONFIDENCE: Final = ("low", "moderate", "high")
"""How good the basis is, as `course.weighing.confidence` says it too."""

_KINDS_OF_PERSONS: Final = ("government", "military", "analyst")
"""Kinds of source that are people, where they are not a ministry."""

RULING_PARTS: Final = ("rating", "likelihood", "confidence", "because")


class VerdictError(ValueError):
    """A part of a verdict is not what it can be. The message names what it can be."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What is checked.

    Parameters
    ----------
    id : str
        Of its row in the table ``claims``.
    wording : str
        In the learner's words where they have written it down, otherwise in the course's paraphrase.
    speaker : str
        Who said or reported it in this wording.
    attributed_to : str
        As whose words.
    said_on : date or None
    appearance : str
        Where it is found.
    by_person : bool
        Whether the speaker is a person, not an organisation.
    hedge : str
        What limits it, where the speaker put a limit.
    """

    id: str
    wording: str
    speaker: str
    attributed_to: str
    said_on: date | None
    appearance: str
    by_person: bool
    hedge: str = ""

    @property
    def who(self) -> str:
        """Who said it and, where it is a report, as whose words."""
        return self.speaker if self.speaker == self.attributed_to else f"{self.speaker}, reporting {self.attributed_to}"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The verdict at one clock. A part not given is empty.

    Parameters
    ----------
    rating : str
        A label of the verdict's scale.
    likelihood : str
        How likely the claim is, in a word of ICD 203.
    confidence : str
        How good the basis is: one of `CONFIDENCE`.
    because : str
        The grounds, in the learner's words.
    """

    rating: str = ""
    likelihood: str = ""
    confidence: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything a learner says about the claim.

    Parameters
    ----------
    claim : Claim
    reading : str
        The precise meaning the verdict is about.
    scale : str
        One of `SCALES`.
    then, since : Ruling
        On what could be known when the claim was fresh, and on what is known today.
    headline, summary : str
    citations : tuple of str
        Statements cited, in the register's order.
    author : str
        Empty for a page without a name.
    url : str
        The address where the page will be published.
    corrections : str
    checked_on : date
        Day of the check.
    """

    claim: Claim
    checked_on: date
    reading: str
    scale: str = "politifact"
    then: Ruling = field(default_factory=Ruling)
    since: Ruling = field(default_factory=Ruling)
    headline: str = ""
    summary: str = ""
    citations: tuple[str, ...] = ()
    author: str = ""
    url: str = ""
    corrections: str = ""

    @property
    def rulings(self) -> Mapping[str, Ruling]:
        """Both rulings by their clock."""
        return {"then": self.then, "since": self.since}


@dataclass(frozen=True, slots=True)
class Basis:
    """What a verdict rests on: its reading's judgements, the register, and what they amount to at each clock.

    Parameters
    ----------
    facts : mapping of str to row
        The register by statement.
    judgements : mapping of str to Judgement
        Those of the verdict's reading, by statement.
    weighings : mapping of str to Weighing
        By clock, each of the judgements that could be made by then.
    subject : Subject
        What the case is about.
    """

    facts: Facts
    judgements: Mapping[str, Judgement]
    weighings: Mapping[str, Weighing]
    subject: Subject

    def cited(self, verdict: Verdict) -> list[Judgement]:
        """Return the judgements of the statements that a verdict cites."""
        return [self.judgements[statement] for statement in verdict.citations if statement in self.judgements]

    def known_later(self, statement: str) -> bool:
        """Whether a statement became known only after the clock of the verdict "then"."""
        return bool(self.facts[statement]["known_from"] > self.subject.known_until)


def basis(verdict: Verdict, case: Case, judgements: Iterable[Judgement], prior: float = 0.5) -> Basis:
    """Gather what a verdict rests on.

    Parameters
    ----------
    judgements : iterable of Judgement
        Those of other readings, and of statements the case does not have, are passed over.
    prior : float
        Chance of the reading before the evidence, above 0 and below 1.

    Raises
    ------
    ValueError
        If the prior is not between 0 and 1.
    """
    facts: Facts = {str(row["id"]): row for row in case.rows("statements")}
    rated = {
        judgement.statement: judgement
        for judgement in judgements
        if judgement.reading == verdict.reading and judgement.statement in facts
    }
    weighings = {
        clock: weigh_all(
            [judgement for judgement in rated.values() if facts[judgement.statement]["known_from"] <= day],
            verdict.reading,
            prior,
            case.subject,
        )
        for clock, day in case.subject.clocks.items()
    }
    return Basis(facts, rated, weighings, case.subject)


def labels(case: Case, scale: str) -> tuple[str, ...]:
    """Return a scale's labels in their order; prose has none.

    Raises
    ------
    VerdictError
        If there is no such scale.

    Examples
    --------
    >>> labels(Case.load(), "averitec")
    ('Supported', 'Refuted', 'Not Enough Evidence', 'Conflicting Evidence/Cherrypicking')
    """
    check_choice("scale", scale, SCALES)
    # The file has every method's labels in their order.
    return tuple(str(row["label"]) for row in case.rows("scales") if row["method"] == scale)


def check_choice(name: str, value: object, allowed: Iterable[str]) -> None:
    """Refuse a value that is not among those allowed.

    Raises
    ------
    VerdictError
        The message names those allowed.
    """
    choices = tuple(allowed)
    if value not in choices:
        raise VerdictError(f"There is no {name} {value!r}. Use one of: {', '.join(choices)}.")


def check_ruling(case: Case, scale: str, part: str, value: str) -> None:
    """Refuse a part of a ruling that is not on its scale. An empty one, and any grounds, are fine.

    Raises
    ------
    VerdictError
        The message names what can be said, or the scale to pick first.
    """
    check_choice("part of a verdict", part, RULING_PARTS)
    if not isinstance(value, str):
        raise VerdictError(f"{part} must be text, not {value!r}.")
    if value and part == "rating":
        if scale == "prose":
            raise VerdictError(
                "In prose there is no label to give: the words are the verdict. Pick another scale first: "
                "politifact or averitec."
            )
        check_choice(f"rating on the {scale} scale", value, labels(case, scale))
    elif value and part != "because":
        check_choice(part, value, WORD_ORDER if part == "likelihood" else CONFIDENCE)


def read(answers: Mapping[str, Any], case: Case, today: date) -> Verdict:
    """Read the verdict out of a ledger's answers.

    Answers may come from another version of the course, or from an editor: what is not what it should be counts as not
    given, so this never fails. A rating given on another scale is not shown on this one, and is back with its scale.

    Parameters
    ----------
    answers : mapping of str to any
        As `course.ledger.Ledger.answers` has them; used are ``verdict/…``, ``claim/wording`` and ``claim/entered``.
    today : date
        Day of the check where the learner gives none.
    """
    scale = _one_of(answers.get("verdict/scale"), SCALES) or "politifact"
    cited = answers.get("verdict/citations")
    if not isinstance(cited, list):
        cited = []
    return Verdict(
        claim=_claim(answers, case),
        checked_on=_day(answers.get("verdict/checked_on")) or today,
        reading=_reading(answers, case.subject),
        scale=scale,
        then=_ruling(answers.get("verdict/then"), case, scale),
        since=_ruling(answers.get("verdict/since"), case, scale),
        headline=" ".join(_text(answers.get("verdict/headline")).split()),
        citations=in_order(case, [statement for statement in cited if isinstance(statement, str)]),
        **{part: _text(answers.get(f"verdict/{part}")) for part in ("summary", "author", "url", "corrections")},
    )


def in_order(case: Case, statements: Iterable[str]) -> tuple[str, ...]:
    """Return statements once each, in the register's order; what is not in the register is left out."""
    wanted = set(statements)
    return tuple(str(row["id"]) for row in case.rows("statements") if row["id"] in wanted)


def _claim(answers: Mapping[str, Any], case: Case) -> Claim:
    """Return the wording that is checked and whose it is.

    The learner picks the row of the claim's lineage. Without that it is where they found that the absolute entered, and
    without that the one that the case gives.
    """
    row = case.row("claims", case.subject.wording)
    for key in ("verdict/claim", "claim/entered"):
        try:
            row = case.row("claims", answers[key])
        except (KeyError, TypeError, CaseError):
            continue
        break
    speaker, said_on = case.row("sources", str(row["speaker"])), row["said_on"]
    return Claim(
        id=str(row["id"]),
        wording=_text(answers.get("claim/wording")) or str(row["content"]),
        speaker=str(speaker["name"]),
        attributed_to=str(case.row("sources", str(row["attributed_to"]))["name"]),
        said_on=said_on if isinstance(said_on, date) else None,
        appearance=case.subject.found_at(row),
        by_person=speaker["kind"] in _KINDS_OF_PERSONS and speaker["role"] != "Ministry",
        hedge=str(row["hedge"] or ""),
    )


def _reading(answers: Mapping[str, Any], subject: Subject) -> str:
    """Return the reading the learner picked, else the one the board shows, else the one the case begins with."""
    board = answers.get("board/settings")
    shown = board.get("reading") if isinstance(board, dict) else None
    picked = answers.get("verdict/reading")
    return _one_of(picked, subject.readings) or _one_of(shown, subject.readings) or subject.reading


def _ruling(value: object, case: Case, scale: str) -> Ruling:
    given = value if isinstance(value, dict) else {}
    return Ruling(
        rating=_one_of(given.get("rating"), labels(case, scale)),
        likelihood=_one_of(given.get("likelihood"), WORD_ORDER),
        confidence=_one_of(given.get("confidence"), CONFIDENCE),
        because=_text(given.get("because")),
    )


def _one_of(value: object, allowed: Iterable[str]) -> str:
    return value if isinstance(value, str) and value in tuple(allowed) else ""


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
