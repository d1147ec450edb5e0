"""Rules for whether a set of judgements is coherent. Exercises grade this, and never whether a learner agrees with us.

Each incoherence names the statements, says what does not fit and what to do. The facts about a statement (place, date,
what it repeats, when it became known) come from the register as rows; nothing here reads a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from course.case import Subject, default_case
from course.ledger.judgement import STRENGTHS, Judgement
from course.weighing.model import EVEN, WORD_ORDER, Weighing, origin_of
from course.wording import format_day, listed, span

Facts = Mapping[str, Mapping[str, Any]]
"""Rows of the register by statement; used are `scope`, `measures`, `as_of`, `as_of_precision`, `known_from` and
`repeats`."""

STALE_AFTER: Final = timedelta(days=7)
"""A statement dated further than this before a reading's day says nothing about that day."""

FEW_ALIKE: Final = 3
"""So many statements may well deserve the same words; where more have them, nobody has looked at each."""

# A word for "false" counts only where nothing before it in the same clause takes it back ("may be", "not necessarily",
# "true or") or limits it to place, time or measure ("the date is wrong"), which is a matter of directness.
_CALLED_FALSE: Final = re.compile(
    r"\b(false|untrue|not true|isn['’]t true|(?:is|are|was|were) wrong|a lie|lied|lying|liars?|made up|fabricated)\b",
    re.I,
)
_TAKEN_BACK: Final = re.compile(
    r"\b(not|\w+n['’]t|cannot|no|nor|never|nobody|nothing|neither|without|hardly|may|might|could|can|would|if|whether|or|"
    r"either|perhaps|maybe|possibly|unknown|unclear|unsure|scope|place|country|date|day|month|year|time|measure|unit)\b",
    re.I,
)
_CLAUSES: Final = re.compile(r"[.,;:!?()–—]|\b(?:but|and|so)\b", re.I)
_WORDS: Final = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Incoherence:
    """Something in a learner's judgements or ratings that does not fit together.

    Parameters
    ----------
    code : str
        ``counted-twice``, ``not-direct``, ``unknown-as-false``, ``no-reason``, ``backward``,
        ``nothing-bears``, ``rated-alike``, ``word-outside`` or ``after-clock``.
    statements : tuple of str
        The statements it is about; empty for the verdict as a whole.
    message : str
        What does not fit and what to do, for the learner.
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
    subject: Subject | None = None,
) -> tuple[Incoherence, ...]:
    """Apply every rule and return what does not fit, by rule and within a rule by statement.

    Parameters
    ----------
    judgements : iterable of Judgement
        All of one reading. Incomplete ones have no weight yet and are skipped.
    facts : mapping of str to row
        The register by statement.
    clock : date, optional
        The date up to which evidence counts. Statements known only later are reported if `weighing` counts them, or,
        without a weighing, if they are judged at all.
    verdict : str, optional
        The learner's ICD 203 word; checked against `weighing`'s interval when both are given.
    weighing : Weighing, optional
        The weighing that the verdict rests on.
    subject : Subject, optional
        What the case is about, here and in the rules below. Default: that of the course's own case.

    Raises
    ------
    ValueError
        If the verdict's word is not one of ICD 203's.
    TypeError
        If a date among the facts is not a date.
    """
    judged = sorted((j for j in judgements if j.complete), key=lambda j: j.key)
    findings = [
        *counted_twice(judged, facts),
        *called_direct(judged, facts, subject),
        *unknown_as_false(judged),
        *without_reason(judged),
        *backward(judged, facts, subject),
    ]
    if clock is not None:
        used = [j for j in judged if weighing is None or j.statement in weighing.weights]
        findings += after_clock(used, facts, clock)
    if verdict is not None and weighing is not None:
        findings += word_outside(verdict, weighing)
    return tuple(findings)


def counted_twice(judgements: Iterable[Judgement], facts: Facts) -> Iterator[Incoherence]:
    """Yield statements that repeat another statement but carry weight under an origin of their own.

    That includes two repeats of a statement that is itself not judged.
    """
    groups: dict[tuple[str, str | None, str], list[Judgement]] = {}
    for judgement in judgements:
        first = _first_said(facts, judgement.statement)
        group = groups.setdefault((judgement.reading, judgement.side, first), [])
        # The original statement comes before those that repeat it.
        group.insert(0 if judgement.statement == first else len(group), judgement)
    for (_, side, first), (head, *others) in groups.items():
        for other in others:
            if side and origin_of(other) != origin_of(head):
                yield Incoherence(
                    "counted-twice",
                    (other.statement, head.statement),
                    f"{other.statement} repeats {first}"
                    + (f", and so does {head.statement}" if head.statement != first else "")
                    + ". Under two origins, what was said once counts twice. Give both the same origin.",
                )


def off_scope(facts: Facts, statement: str, reading: str, subject: Subject | None = None) -> tuple[str, ...]:
    """Return what clearly does not match when a statement is used for the claim's place on the reading's day.

    That is the place, the time, or both.

    A date that is known to the month, quarter or year counts as the last day of it. A later date does not count: what
    is discovered afterwards may have been there all along. Whether the measure fits is left to the learner.
    """
    subject = subject or default_case().subject
    off = ["place"] if subject.elsewhere(_fact(facts, statement, "scope")) else []
    described = _date(facts, statement, "as_of")
    day = subject.readings[reading].day if reading in subject.readings else None
    if described and day:
        _, last = span(described, str(_fact(facts, statement, "as_of_precision")))
        if last < day - STALE_AFTER:
            off.append("time")
    return tuple(off)


def called_direct(
    judgements: Iterable[Judgement], facts: Facts, subject: Subject | None = None
) -> Iterator[Incoherence]:
    """Yield statements rated direct although their place or date is not the reading's."""
    subject = subject or default_case().subject
    for judgement in judgements:
        off = off_scope(facts, judgement.statement, judgement.reading, subject)
        elsewhere = subject.elsewhere(_fact(facts, judgement.statement, "scope"))
        why = {"place": f"it covers {elsewhere}", "time": "it describes an earlier time"}
        if judgement.side and judgement.directness == "direct" and off:
            yield Incoherence(
                "not-direct",
                (judgement.statement,),
                f"{judgement.statement} is called direct, but {' and '.join(why[part] for part in off)}. Choose partly "
                "or indirect; what it says may still weigh.",
            )


def other_measure(judgements: Iterable[Judgement], facts: Facts, tells: Mapping[str, str]) -> Iterator[Incoherence]:
    """Yield statements rated direct although they measure something other than the reading does.

    Parameters
    ----------
    tells : mapping of str to str
        By measure, what such a statement does instead, such as ``{"fighters": "counts fighters"}``.
    """
    for judgement in judgements:
        instead = tells.get(str(_fact(facts, judgement.statement, "measures")))
        if judgement.side and judgement.directness == "direct" and instead:
            yield Incoherence(
                "not-direct",
                (judgement.statement,),
                f"{judgement.statement} is called direct, but it {instead}. The measure is off, so choose partly or "
                "indirect.",
            )


def unknown_as_false(judgements: Iterable[Judgement]) -> Iterator[Incoherence]:
    """Yield judgements whose reason calls something false that is rated unknown (F or 6).

    A simple word search, in English only, that errs on the side of finding nothing.
    """
    for judgement in judgements:
        unknown = [
            grade
            for grade, is_unknown in (("F", judgement.reliability == "F"), ("6", judgement.credibility == 6))
            if is_unknown
        ]
        if unknown and _calls_false(judgement.reason):
            yield Incoherence(
                "unknown-as-false",
                (judgement.statement,),
                f"{judgement.statement}: {' and '.join(unknown)} says that you cannot judge it, your reason says that "
                "it is false. If you have grounds, use E or 5; if not, say what you would need to know.",
            )


def without_reason(judgements: Iterable[Judgement]) -> Iterator[Incoherence]:
    """Yield one incoherence for all judgements that carry weight without a reason of at least two different words."""
    lacking = [judgement.statement for judgement in judgements if judgement.side and len(set(_reason(judgement))) < 2]
    if lacking:
        yield Incoherence(
            "no-reason",
            tuple(lacking),
            f"{listed(lacking)} {'has' if len(lacking) == 1 else 'have'} a weight and no reason of at least two words. "
            "Say why, in a few words: an editor will ask.",
        )


def one_reason_for_most(judgements: Iterable[Judgement]) -> Iterator[Incoherence]:
    """Yield a finding where most of what carries weight has the same reason, word for word: a reason for none of it."""
    weighty = [judgement for judgement in judgements if judgement.side]
    by_reason: dict[tuple[str, ...], list[Judgement]] = {}
    for judgement in weighty:
        by_reason.setdefault(_reason(judgement), []).append(judgement)
    for words, alike in by_reason.items():
        if words and len(alike) > FEW_ALIKE and len(alike) > len(weighty) / 2:
            yield Incoherence(
                "no-reason",
                tuple(judgement.statement for judgement in alike),
                f"{listed([judgement.statement for judgement in alike])} have one reason, word for word: "
                f"“{alike[0].reason.strip()}”. Say of each what makes you rate it so.",
            )


def rated_alike(judgements: Iterable[Judgement]) -> Iterator[Incoherence]:
    """Yield a finding where every statement has the same ratings and hardly any has a reason of its own."""
    complete = [judgement for judgement in judgements if judgement.complete]
    ratings = {
        ("none",)
        if not judgement.side
        else (
            judgement.bearing,
            judgement.reliability,
            judgement.credibility,
            judgement.directness,
            judgement.interest,
        )
        for judgement in complete
    }
    reasons = {_reason(judgement) for judgement in complete} - {()}
    if len(complete) > FEW_ALIKE and len(ratings) == 1 and len(reasons) < len(complete) / 2:
        yield Incoherence(
            "rated-alike",
            tuple(judgement.statement for judgement in complete),
            f"You gave all {len(complete)} statements the same ratings, and hardly one a reason of its own. Take them "
            "one by one: who says it, what of, and what would it mean if it were right?",
        )


def backward(judgements: Iterable[Judgement], facts: Facts, subject: Subject | None = None) -> Iterator[Incoherence]:
    """Yield bearings that point the wrong way: what a statement would mean *if it were right* is read off its measure.

    Found are only plain cases: a report of a counter-example in the claim's place, rated for, and a statement of the
    reading itself, rated against.
    """
    subject = subject or default_case().subject
    for judgement in judgements:
        reading = subject.readings.get(judgement.reading)
        measure = str(_fact(facts, judgement.statement, "measures"))
        states = reading is not None and judgement.side == "against" and measure in reading.stated_by
        if reading is None or not (
            states or (judgement.side == "for" and _is_counter_example(facts, judgement, subject))
        ):
            continue
        yield Incoherence(
            "backward",
            (judgement.statement,),
            f"{judgement.statement} {subject.says[measure]}; you rated it {judgement.side} “{reading.short}”. Which "
            "way would it move you if it were right? Whether it is right belongs in source and item.",
        )


def turned_round(
    judgements: Iterable[Judgement],
    tells: Mapping[str, str],
    wrong_side: str,
    strengths: Iterable[str] = STRENGTHS,
    subject: Subject | None = None,
) -> Iterator[Incoherence]:
    """Yield bearings that point the wrong way, for statements whose measure does not show it as `backward` needs.

    Parameters
    ----------
    tells : mapping of str to str
        By statement, what it tells, as the end of a sentence that begins with its id.
    wrong_side : str
        ``for`` or ``against``: the side on which none of them can stand.
    strengths : iterable of str
        How strong a bearing has to be for that.
    """
    subject = subject or default_case().subject
    bold = {f"{strength} {wrong_side}" for strength in strengths}
    for judgement in judgements:
        if judgement.statement in tells and judgement.bearing in bold:
            yield Incoherence(
                "backward",
                (judgement.statement,),
                f"{judgement.statement} {tells[judgement.statement]}; you rated it {wrong_side} "
                f"“{subject.readings[judgement.reading].short}”. Which way would it move you if it were right? "
                "Whether it is right belongs in source and item.",
            )


def nothing_bears(
    judgements: Iterable[Judgement], facts: Facts, subject: Subject | None = None
) -> Iterator[Incoherence]:
    """Yield a finding where every statement is rated as having no bearing, reports of counter-examples included."""
    subject = subject or default_case().subject
    complete = [judgement for judgement in judgements if judgement.complete]
    countering = [judgement for judgement in complete if _is_counter_example(facts, judgement, subject)]
    reports = [judgement.statement for judgement in countering]
    if reports and not any(judgement.side for judgement in complete):
        says = subject.says[str(_fact(facts, reports[0], "measures"))]
        yield Incoherence(
            "nothing-bears",
            tuple(reports),
            f"You rated all {len(complete)} statements “none”. {'' if len(reports) == 1 else 'Each of '}"
            f"{listed(reports)} {says}: if that were right, what would be left of "
            f"“{subject.readings[countering[0].reading].short}”? Doubt belongs in source and item.",
        )


def after_clock(judgements: Iterable[Judgement], facts: Facts, clock: date) -> Iterator[Incoherence]:
    """Yield statements with weight that nobody could have known by the clock's date."""
    for judgement in judgements:
        known = _date(facts, judgement.statement, "known_from")
        if judgement.side and known and known > clock:
            yield Incoherence(
                "after-clock",
                (judgement.statement,),
                f"{judgement.statement} became known on {format_day(known)}, after {format_day(clock)}. It "
                "cannot count in a verdict on what was known then.",
            )


def word_outside(verdict: str, weighing: Weighing) -> Iterator[Incoherence]:
    """Yield a finding where the verdict's word claims more than the learner's own interval carries.

    A more cautious word, one nearer to even, is never outside.

    Raises
    ------
    ValueError
        If the word is not one of ICD 203's; the message names them.
    """
    if verdict not in WORD_ORDER:
        raise ValueError(f"{verdict!r} is not a word of the scale. Use one of: {', '.join(WORD_ORDER)}.")
    places = [WORD_ORDER[name] for name in (*weighing.words, EVEN)]
    if not min(places) <= WORD_ORDER[verdict] <= max(places):
        yield Incoherence(
            "word-outside",
            (),
            f"Your judgements amount to “{weighing.phrase}”, your verdict says “{verdict}”. Change the one you believe "
            "less, and say why.",
        )


def _is_counter_example(facts: Facts, judgement: Judgement, subject: Subject) -> bool:
    """Whether a statement reports what would refute its reading, in the claim's place."""
    reading = subject.readings.get(judgement.reading)
    return (
        reading is not None
        and _fact(facts, judgement.statement, "measures") in reading.countered_by
        and _fact(facts, judgement.statement, "scope") == subject.place
    )


def _reason(judgement: Judgement) -> tuple[str, ...]:
    """Return the words of a reason, without capitals and signs."""
    return tuple(_WORDS.findall(judgement.reason.casefold()))


def _calls_false(reason: str) -> bool:
    for clause in _CLAUSES.split(reason):
        for verdict in _CALLED_FALSE.finditer(clause):
            if not _TAKEN_BACK.search(clause[: verdict.start()]):
                return True
    return False


def _first_said(facts: Facts, statement: str) -> str:
    """Return the statement at the start of a chain of repeats; for one that repeats nothing, the statement itself."""
    chain = [statement]
    while (earlier := _fact(facts, chain[-1], "repeats")) and earlier not in chain:
        chain.append(str(earlier))
    return chain[-1]


def _date(facts: Facts, statement: str, name: str) -> date | None:
    value = _fact(facts, statement, name)
    if value is None or isinstance(value, date):
        return value
    raise TypeError(
        f"{statement}: {name} should be a date, not {value!r}. Take the facts from Case.rows('statements')."
    )


def _fact(facts: Facts, statement: str, name: str) -> object:
    return facts[statement].get(name) if statement in facts else None
