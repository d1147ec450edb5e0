"""Who says so, and how would they know: separate ratings of sources and items, and statements grouped by origin.

The two ratings are the Admiralty code's: a letter for the source, a number for the item (labels in
`course.ledger.judgement`). An origin is where knowledge begins, so repetition adds statements but no origins. Pure
functions on the learner's answers and the rows of the case; nothing here reads a file or knows a right answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from course.case import Subject, default_case
from course.ledger.judgement import CREDIBILITY, INTERESTS, RELIABILITY, Judgement, JudgementError
from course.weighing import origin_of
from course.weighing.coherence import Facts, Incoherence, counted_twice, unknown_as_false
from course.wording import number_of

SOURCE, ITEM, ORIGIN = "source/", "item/", "origin/"
"""Prefixes of the answers' keys: the rating of a source, the rating of an item, and the name of an origin."""

SPOKESMEN: Final = ("government", "military")
"""Kinds of source that speak for whoever pays them. A broadcaster or an institute may only pass on what it heard."""

ENOUGH_RATED: Final = 6
"""The number of rated statements from which a pattern in the ratings is remarked on."""

_ANY_READING: Final = "ANY"  # ratings of sources and items are the same for every reading


@dataclass(frozen=True, slots=True)
class SourceRating:
    """One learner's rating of one source. Anything not yet rated is None or empty.

    Parameters
    ----------
    source : str
        Identifier in ``case.sources``, such as ``"putin"``.
    reliability : str or None
        A to F (`course.ledger.judgement.RELIABILITY`).
    interest : str
        What the source stands to gain or protect, in the learner's words.
    because : str
        Why this letter, in the learner's words.

    Raises
    ------
    JudgementError
        If a value is not on its scale or is not text; the message names the allowed values.

    Examples
    --------
    >>> SourceRating("putin", reliability="G")
    Traceback (most recent call last):
    ...
    course.ledger.judgement.JudgementError: reliability 'G' is not on the scale. Use one of: A, B, C, D, E, F.
    """

    source: str
    reliability: str | None = None
    interest: str = ""
    because: str = ""

    def __post_init__(self) -> None:
        self.as_judgement(self.source)
        if not isinstance(self.interest, str):
            raise JudgementError(f"interest must be text, not {self.interest!r}.")

    def as_judgement(self, statement: str) -> Judgement:
        """Return the rating as a partial judgement, which has the same scale."""
        return Judgement(statement, _ANY_READING, reliability=self.reliability, reason=self.because)

    @property
    def names_interest(self) -> bool:
        """Whether an interest is written down, in at least two different words."""
        return len(set(self.interest.casefold().split())) > 1

    def to_answer(self) -> dict[str, Any]:
        """Return what the ledger stores under ``source/<id>``."""
        return {"reliability": self.reliability, "interest": self.interest, "because": self.because}


@dataclass(frozen=True, slots=True)
class ItemRating:
    """One learner's rating of one statement, regardless of its source, and the origin it was put into.

    Parameters
    ----------
    statement : str
        Identifier in ``case.statements``, such as ``"S09"``.
    credibility : int or None
        1 to 6 (`course.ledger.judgement.CREDIBILITY`).
    origin : str
        Where the knowledge comes from, in the learner's words. Empty means that the statement is on its own.
    interest : str
        Would the source say this anyway? One of `course.ledger.judgement.INTERESTS`.

    Raises
    ------
    JudgementError
        If a value is not on its scale or is not text; the message names the allowed values.
    """

    statement: str
    credibility: int | None = None
    origin: str = ""
    interest: str = "unknown"

    def __post_init__(self) -> None:
        self.as_judgement()

    def as_judgement(self) -> Judgement:
        """Return the rating as a partial judgement, which has the same scale."""
        return Judgement(
            self.statement,
            _ANY_READING,
            credibility=self.credibility,
            origin=self.origin,
            interest=self.interest,
        )

    @property
    def touched(self) -> bool:
        """Whether the learner has done anything with the statement."""
        return self != ItemRating(self.statement)

    def to_answer(self) -> dict[str, Any]:
        """Return what the ledger stores under ``item/<statement>``."""
        return {"credibility": self.credibility, "origin": self.origin, "interest": self.interest}


@dataclass(frozen=True, slots=True)
class Origin:
    """A group of statements that go back to the same origin.

    Parameters
    ----------
    name : str
        As the learner first wrote it, or the identifier of a statement that is on its own.
    statements : tuple of str
        In the order they were given.
    named : bool
        Whether the learner named it; otherwise it is a single statement.
    """

    name: str
    statements: tuple[str, ...]
    named: bool


# --- what the ledger holds -----------------------------------------------------------------------------------------


def source_ratings(answers: Mapping[str, Any], sources: Iterable[str]) -> dict[str, SourceRating]:
    """Read the ratings of these sources. Anything missing, or not on its scale, counts as not rated."""
    return {
        source: _source_rating(
            source,
            reliability=_one_of(RELIABILITY, _part(answers, SOURCE + source, "reliability")),
            interest=_text(_part(answers, SOURCE + source, "interest")),
            because=_text(_part(answers, SOURCE + source, "because")),
        )
        for source in sources
    }


def item_ratings(answers: Mapping[str, Any], statements: Iterable[str]) -> dict[str, ItemRating]:
    """Read the ratings of these statements. Anything missing, or not on its scale, counts as not rated."""
    return {
        statement: _item_rating(
            statement,
            credibility=_one_of(CREDIBILITY, _part(answers, ITEM + statement, "credibility")),
            origin=_text(_part(answers, ITEM + statement, "origin")),
            interest=_one_of(INTERESTS, _part(answers, ITEM + statement, "interest")) or "unknown",
        )
        for statement in statements
    }


def origin_names(answers: Mapping[str, Any], items: Mapping[str, ItemRating]) -> tuple[str, ...]:
    """Return the names of all origins, with statements or still empty, in alphabetical order."""
    held = [origin.name for origin in group(items) if origin.named]
    added = [_text(value) for key, value in sorted(answers.items()) if key.startswith(ORIGIN)]
    first_spelling: dict[str, str] = {}
    for name in filter(str.strip, (*held, *added)):
        first_spelling.setdefault(_key(name), name)
    return tuple(first_spelling[key] for key in sorted(first_spelling))


def origin_key(name: str) -> str:
    """Return the ledger's key for the name of an added origin; an empty name means that it was removed."""
    return ORIGIN + _key(name)


def origin_name(name: object, known: Iterable[str], statements: Iterable[str]) -> str:
    """Return an origin's name as the ledger stores it: without extra spaces, and spelled like a known origin.

    Examples
    --------
    >>> origin_name(" russian  command ", known=["Russian command"], statements=["S01"])
    'Russian command'

    Raises
    ------
    ValueError
        If the name is not text, is empty, or is a statement's identifier.
    """
    tidy = " ".join(name.split()) if isinstance(name, str) else ""
    if not tidy:
        raise ValueError("An origin needs a name: who or what did the knowledge come from? Write it as text.")
    if _key(tidy) in {_key(statement) for statement in statements}:
        raise ValueError(
            f"{tidy} is a statement, and an origin is where statements come from. Give it a name of its own, such as "
            "a person, an office or a document."
        )
    return next((other for other in known if _key(other) == _key(tidy)), tidy)


# --- what they amount to -------------------------------------------------------------------------------------------


def group(items: Mapping[str, ItemRating]) -> tuple[Origin, ...]:
    """Group statements by origin, in the order of their first statement. Case and spacing of names do not matter.

    Examples
    --------
    >>> items = {"S01": ItemRating("S01", origin="Russian command"), "S05": ItemRating("S05", origin="russian command")}
    >>> group(items)
    (Origin(name='Russian command', statements=('S01', 'S05'), named=True),)
    """
    groups: dict[str, list[ItemRating]] = {}
    for item in items.values():
        groups.setdefault(_place(item), []).append(item)
    return tuple(
        Origin(
            name=" ".join(held[0].origin.split()) or held[0].statement,
            statements=tuple(item.statement for item in held),
            named=held[0].origin.strip() != "",
        )
        for held in groups.values()
    )


def count(items: Mapping[str, ItemRating]) -> str:
    """Say how many statements there are and how many origins they come from.

    Examples
    --------
    >>> count({"S01": ItemRating("S01"), "S05": ItemRating("S05")})
    '2 statements → 2 origins'
    """
    return f"{number_of(len(items), 'statement')} → {number_of(len(group(items)), 'origin')}"


def repetition(items: Mapping[str, ItemRating], facts: Facts) -> str:
    """Say how many statements repeat another of them, and how many of these repeats share its origin.

    Examples
    --------
    >>> items = {"S05": ItemRating("S05", origin="Kremlin"), "S08": ItemRating("S08", origin="Kremlin")}
    >>> repetition(items, {"S05": {"repeats": None}, "S08": {"repeats": "S05"}})
    'Of 2 statements 1 repeats another. Under the same origin as what is repeated: 1.'
    """
    repeats = [(item, items[first]) for name, item in items.items() if (first := facts[name]["repeats"]) in items]
    shared = sum(_place(item) == _place(first) for item, first in repeats)
    return (
        f"Of {number_of(len(items), 'statement')} {len(repeats)} repeat{'s' if len(repeats) == 1 else ''} another. "
        f"Under the same origin as what is repeated: {shared}."
    )


@lru_cache(maxsize=1024)
def carry_over(blank: Judgement, source: SourceRating, item: ItemRating) -> Judgement:
    """Fill in an empty judgement with what the source cards say about its source and its item."""
    return replace(
        blank,
        reliability=source.reliability,
        credibility=item.credibility,
        origin=item.origin,
        interest=item.interest,
    )


# --- does it hang together? ----------------------------------------------------------------------------------------


def remarks(
    sources: Mapping[str, SourceRating],
    items: Mapping[str, ItemRating],
    facts: Facts,
    people: Facts,
    subject: Subject | None = None,
) -> tuple[Incoherence, ...]:
    """Return what does not fit together in the learner's own ratings and groups, never whether we agree with them.

    Parameters
    ----------
    sources : mapping of str to SourceRating
        By source.
    items : mapping of str to ItemRating
        By statement. Those that the learner has not touched are ignored.
    facts : mapping of str to row
        The statements, with `speaker`, `repeats`, `measures` and `scope`.
    people : mapping of str to row
        The sources, with `name`, `kind` and `funded_by`.
    subject : Subject, optional
        What the case is about, here and below. Default: that of the course's own case.
    """
    return (
        *repeats_apart(items, facts),
        *both_sides(items, facts, people, subject),
        *confirmed_by_itself(items, facts),
        *unknown_called_false(sources, items, facts, people),
        *on_the_diagonal(sources, items, facts),
    )


def repeats_apart(items: Mapping[str, ItemRating], facts: Facts) -> Iterator[Incoherence]:
    """Yield pairs of touched statements where one repeats the other but is under another origin.

    At least one of the two must already be in an origin: a learner who has only rated them may still group them.
    """
    # The board's rule needs judgements with weight. The direction does not matter here, so all get the same bearing.
    touched = [replace(item.as_judgement(), bearing="slight for") for item in items.values() if item.touched]
    for incoherence in counted_twice(touched, facts):
        if any(items[statement].origin.strip() for statement in incoherence.statements):
            yield incoherence


def both_sides(
    items: Mapping[str, ItemRating], facts: Facts, people: Facts, subject: Subject | None = None
) -> Iterator[Incoherence]:
    """Yield named origins that contain speakers of both sides of the argument."""
    parties = (subject or default_case().subject).parties
    for origin in group(items):
        speakers: dict[str, str] = {}
        for statement in origin.statements:
            speaker = people[str(facts[statement]["speaker"])]
            if origin.named and (party := _party(speaker, parties)):
                speakers.setdefault(party, f"{speaker['name']} ({statement})")
        if len(speakers) > 1:
            yield Incoherence(
                "both-sides",
                origin.statements,
                f"“{origin.name}” holds {' and '.join(speakers.values())}, who speak for opposite sides of the "
                "argument. Could both have it from one place? If you can name that place, keep them together; if not, "
                "they are two origins.",
            )


def confirmed_by_itself(items: Mapping[str, ItemRating], facts: Facts) -> Iterator[Incoherence]:
    """Yield items rated confirmed (1) for which only items of the same origin could be the confirmation.

    An item can be confirmed by any other that measures the same thing in the same country. This is a simple comparison
    that would rather miss a circle than deny a confirmation.
    """
    for origin in group(items):
        for statement in origin.statements:
            if items[statement].credibility != 1:
                continue
            like = [
                other
                for other in items
                if other != statement and (_repeat(facts, statement, other) or _alike(facts[statement], facts[other]))
            ]
            company = [other for other in like if other in origin.statements]
            elsewhere = [other for other in like if other not in company and not _repeat(facts, statement, other)]
            if company and not elsewhere:
                yield Incoherence(
                    "confirmed-by-itself",
                    (statement, *company),
                    f"You call {statement} confirmed by other sources. What comes closest to it, {', '.join(company)}, "
                    f"you put into the same origin, “{origin.name}”, and an origin cannot confirm itself. Is there a "
                    "confirmation from elsewhere? If not, 2 or 3 may say better what you have.",
                )


def unknown_called_false(
    sources: Mapping[str, SourceRating], items: Mapping[str, ItemRating], facts: Facts, people: Facts
) -> Iterator[Incoherence]:
    """Yield sources whose reason calls them false although they, or all their rated items, are rated unknown (F or 6).

    The search is that of `course.weighing.coherence.unknown_as_false`.
    """
    for source, rating in sources.items():
        statements = tuple(statement for statement in items if facts[statement]["speaker"] == source)
        numbers = {items[statement].credibility for statement in statements} - {None}
        # A source may be rated down for what it said elsewhere, so a 6 counts only if there is no letter.
        six = 6 if numbers == {6} and rating.reliability is None else None
        judgement = replace(rating.as_judgement(str(people[source]["name"])), credibility=six)
        yield from (replace(incoherence, statements=statements) for incoherence in unknown_as_false([judgement]))


def on_the_diagonal(
    sources: Mapping[str, SourceRating], items: Mapping[str, ItemRating], facts: Facts
) -> Iterator[Incoherence]:
    """Yield a remark if the number of every rating so far has the letter's rank: A with 1, B with 2, and so on.

    Of over 1,400 field reports rated with the Admiralty code, 87 % were on this diagonal (Baker et al. 1968).
    """
    rated = {
        statement: (letter, item.credibility)
        for statement, item in items.items()
        if (letter := sources[str(facts[statement]["speaker"])].reliability) and item.credibility
    }
    ranks = dict(zip(RELIABILITY, CREDIBILITY, strict=True))
    if len(rated) >= ENOUGH_RATED and all(ranks[letter] == number for letter, number in rated.values()):
        yield Incoherence(
            "diagonal",
            tuple(rated),
            f"All {len(rated)} statements you have rated so far have the number that goes with the letter: A with 1, B "
            "with 2, and so on. Of over 1,400 army reports 87 % were rated so (Baker et al. 1968): it is common. "
            "But these are two questions. Does any good source here say something weak, or a poor one something that "
            "others bear out?",
        )


# --- details -------------------------------------------------------------------------------------------------------


# A view reads and groups all ratings several times whenever one changes.
_source_rating = lru_cache(maxsize=1024)(SourceRating)
_item_rating = lru_cache(maxsize=1024)(ItemRating)


@lru_cache(maxsize=1024)
def _place(item: ItemRating) -> str:
    """Return the key by which origins are compared, the same as on the board."""
    return origin_of(item.as_judgement())


def _part(answers: Mapping[str, Any], key: str, name: str) -> object:
    value = answers.get(key)
    return value.get(name) if isinstance(value, dict) else None


def _one_of(scale: Mapping[Any, str], value: object) -> Any:
    # True == 1 in Python, so a type comparison keeps a boolean from passing as a credibility.
    return next((choice for choice in scale if choice == value and type(choice) is type(value)), None)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _party(source: Mapping[str, Any], parties: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return the side of the argument that a source speaks for, if any."""
    if source["kind"] not in SPOKESMEN:
        return None
    return next((party for party, payers in parties.items() if str(source["funded_by"]).startswith(payers)), None)


def _repeat(facts: Facts, first: str, second: str) -> bool:
    """Whether one of the two repeats the other, or both repeat a third."""
    return (facts[first]["repeats"] or first) == (facts[second]["repeats"] or second)


def _alike(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether two statements measure the same thing in the same country."""
    countries = [set(str(row["scope"]).split("+")) for row in (first, second)]
    somewhere = any("none" in places for places in countries) or countries[0] & countries[1]
    return first["measures"] == second["measures"] != "none" and bool(somewhere)
