"""What a case is about: the claim, its precise readings, the places, the measures, and the days that count.

All of it comes from the case's tables and from the property ``claim`` of its `datapackage.json`, so that no tool needs
to know a claim by name. docs/your-own-case.md describes every part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Final

from course.case.column import UnfitError
from course.case.table import Row, Table
from course.wording import format_day, listed

JOINED: Final = "+"
"""What stands between the places that a scope covers together, as in ``A+B``."""

NOWHERE: Final = "none"
"""The scope of a row that is about no place."""

FIRST_SHOWN: Final = 8
"""How many statements the matrix of hypotheses begins with where the case names none."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One precise meaning of the claim.

    Parameters
    ----------
    id : str
    text : str
        The reading as a sentence.
    universal : bool
        Whether it says *none* or *all*, so that one good counter-example is enough against it.
    short : str
        The reading in a few words, to be quoted in a message.
    day : date or None
        The day it is about; None if it is about a longer time.
    denies : str
        What it says there was none of; empty if it does not say that.
    implies : str
        The reading that is true whenever this one is; empty if there is none.
    stated_by, countered_by : tuple of str
        What statements measure that state it, and what those measure that report a counter-example.
    """

    id: str
    text: str
    universal: bool
    short: str
    day: date | None
    denies: str
    implies: str
    stated_by: tuple[str, ...]
    countered_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a quantity counts: its name in words, the reading it bears on, and for a share what it is a share of.

    `lost` is whether the share is what is gone, so that the rest is left.
    """

    label: str
    reading: str = ""
    share_of: str = ""
    lost: bool = False


@dataclass(frozen=True)
class Subject:
    """What a case is about.

    Parameters
    ----------
    name : str
        The name of the data package.
    claim : str
        The claim in one sentence.
    said_on : date
        The day of the claim.
    known_until : date
        The last day that counts for what could be known then.
    wording : str
        The row of ``claims`` that is checked unless the learner picks another.
    readings : mapping of str to Reading
        In the order of the table.
    reading : str
        The reading that the tools begin with.
    places : mapping of str to str
        Every scope with its name in words; several places together are joined by a plus sign.
    within : mapping of str to str
        For a place that is a part of another, the other one.
    place : str
        The scope of the claim.
    measures : mapping of str to Measure
        What the quantities count.
    says : mapping of str to str
        What a statement does that measures this, such as "reports that somebody was there".
    kinds : mapping of str to str
        The kinds of events, each in words.
    years : tuple of two int
        The first and the last year of the timeline and the register.
    rival : tuple of two str
        Identifier and text of the hypothesis that none of the competing readings holds.
    nesting : str
        How the competing readings hang together, in sentences; empty to have it said in general words.
    absolute : str
        What the absolute leaves out nothing of, in a few words.
    parties : mapping of str to sequence of str
        The sides of the argument, each with how the entry ``funded_by`` of its spokesmen begins.
    outlet : str
        The source that most rows are quoted from by paragraph; empty if there is none.
    article : str
        What that source's text is called.
    article_note : str
        What a reader has to know about it, as a sentence without its beginning.
    words : mapping of str to sequence of str
        Regular expressions for the words that name a ``place`` or a ``thing`` in a wording of the claim.
    ask_thing : str
        What to ask where a wording names no such thing.
    start_with : mapping of str to any
        Where the tools begin: ``figure``, and identifiers under ``sources``, ``statements``, ``origins``, ``matrix``.
    second : tuple of str
        Readings that belong to another claim, on which the course practises.
    """

    name: str
    claim: str
    said_on: date
    known_until: date
    wording: str
    readings: Mapping[str, Reading]
    reading: str
    places: Mapping[str, str]
    within: Mapping[str, str]
    place: str
    measures: Mapping[str, Measure]
    says: Mapping[str, str]
    kinds: Mapping[str, str]
    years: tuple[int, int]
    rival: tuple[str, str]
    nesting: str = ""
    absolute: str = ""
    parties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outlet: str = ""
    article: str = ""
    article_note: str = ""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ask_thing: str = ""
    start_with: Mapping[str, Any] = field(default_factory=dict)
    second: tuple[str, ...] = ()

    # --- the days that count --------------------------------------------------------------------------------------

    @cached_property
    def clocks(self) -> Mapping[str, date]:
        """The last day up to which evidence counts: for what could be known then, and for today."""
        return {"then": self.known_until, "since": date.max}

    @cached_property
    def clock_names(self) -> Mapping[str, str]:
        """What each clock is called where one is chosen."""
        return {
            "then": f"{format_day(self.known_until)}: what could be known then",
            "since": "today: what is known since",
        }

    @cached_property
    def verdict_titles(self) -> Mapping[str, str]:
        """What the verdict at each clock is called."""
        return {"then": f"Known by {format_day(self.known_until)}", "since": "Known today"}

    # --- the readings ---------------------------------------------------------------------------------------------

    @cached_property
    def universal(self) -> frozenset[str]:
        """The readings that one good counter-example refutes."""
        return frozenset(reading.id for reading in self.readings.values() if reading.universal)

    @cached_property
    def nested(self) -> tuple[str, ...]:
        """The readings of the longest chain in which each implies the next."""
        chains = [self._chain(reading) for reading in self.readings]
        longest = max(chains, key=len)
        return longest if len(longest) > 1 else ()

    @cached_property
    def competing(self) -> tuple[str, ...]:
        """The rows of the matrix that answer the same question: the nested readings, or else all, and their rival."""
        return (*(self.nested or self.readings), self.rival[0])

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """All rows of the matrix."""
        return (*self.competing, *(reading for reading in self.readings if reading not in self.competing))

    @cached_property
    def row_texts(self) -> Mapping[str, str]:
        """The text of each row of the matrix."""
        return {**{reading.id: reading.text for reading in self.readings.values()}, self.rival[0]: self.rival[1]}

    @cached_property
    def counted(self) -> Mapping[str, str]:
        """The readings that a quantity may decide, each with what it says there was none of."""
        bearing = {measure.reading for measure in self.measures.values()}
        return {
            reading.id: reading.denies or reading.short for reading in self.readings.values() if reading.id in bearing
        }

    def check_reading(self, reading: str) -> str:
        """Return the reading if the case has it.

        Raises
        ------
        ValueError
            If it does not; the message names those there are.
        """
        if reading not in self.readings:
            raise ValueError(f"There is no reading {reading!r}. Use one of: {', '.join(self.readings)}.")
        return reading

    def _chain(self, reading: str) -> tuple[str, ...]:
        chain = [reading]
        while (implied := self.readings[chain[-1]].implies) and implied not in chain:
            chain.append(implied)
        return tuple(chain)

    # --- the places -----------------------------------------------------------------------------------------------

    @cached_property
    def shared(self) -> frozenset[str]:
        """The scopes of two places together, and their parts: an amount for the one bounds those for the others."""
        joint = [scope for scope in self.places if JOINED in scope]
        return frozenset([*joint, *(part for scope in joint for part in scope.split(JOINED))])

    def elsewhere(self, scope: object) -> str:
        """Return in words what a scope covers besides the claim's place; empty if nothing."""
        parts = [part for part in str(scope).split(JOINED) if part not in (self.place, NOWHERE, "None")]
        return listed([self.places.get(part, part) for part in parts])

    # --- words of the claim ---------------------------------------------------------------------------------------

    @cached_property
    def place_words(self) -> re.Pattern[str] | None:
        """What names a place of the claim; None if the case gives no such words."""
        return self._pattern("place")

    @cached_property
    def thing_words(self) -> re.Pattern[str] | None:
        """What names the thing that the claim is about; None if the case gives no such words."""
        return self._pattern("thing")

    @cached_property
    def region_words(self) -> re.Pattern[str] | None:
        """What says in a verdict for which place a number is; None if the case gives no such words."""
        return self._pattern("region", re.NOFLAG)

    def _pattern(self, aspect: str, flags: re.RegexFlag = re.I) -> re.Pattern[str] | None:
        words = self.words.get(aspect)
        return re.compile(rf"\b(?:{'|'.join(words)})\b", flags) if words else None

    def found_at(self, row: Mapping[str, Any]) -> str:
        """Say where a row of the case is found, for a reader who does not have the article before them."""
        if self.outlet and row["source"] == self.outlet:
            return f"{self.article}, {row['locator']}"
        return str(row["locator"])


def read(name: str, claim: object, tables: Mapping[str, Table]) -> Subject:
    """Read what a case is about from the property ``claim`` of its description and from its tables.

    Raises
    ------
    UnfitError
        If a part is missing, is not what it should be, or names a row that is not there.
    """
    if not isinstance(claim, dict):
        raise UnfitError('has no property "claim". It says what is claimed, on which day, and about which place.')
    given = _Given(claim)
    readings = {str(row["id"]): _reading(row) for row in tables["readings"].rows}
    if not readings:
        raise UnfitError("needs at least one row in readings: a precise meaning of the claim.")
    scopes = tables["quantities"].description.column("scope").categories
    places = {value: label for value, label in _labels(tables, "quantities", "scope").items() if value != NOWHERE}
    years = [day.year for day in _days(tables)]
    said_on = given.day("said_on")
    subject = Subject(
        name=name,
        claim=given.text("text"),
        said_on=said_on,
        known_until=given.day("known_until"),
        wording=given.one_of("wording", [str(row["id"]) for row in tables["claims"].rows]),
        readings=readings,
        reading=given.one_of("reading", readings),
        places=places,
        within={str(value["value"]): str(value["within"]) for value in scopes if "within" in value},
        place=given.one_of("place", [place for place in places if JOINED not in place]),
        measures={
            str(value["value"]): _measure(value, readings)
            for value in tables["quantities"].description.column("name").categories
        },
        says={
            str(value["value"]): str(value["says"])
            for value in tables["statements"].description.column("measures").categories
            if "says" in value
        },
        kinds=_labels(tables, "timeline", "kind"),
        years=(min([said_on.year, *years]), max([said_on.year, *years])),
        rival=given.rival(readings),
        nesting=given.text("nesting", ""),
        absolute=given.text("absolute", ""),
        parties=given.lists("parties"),
        outlet=given.text("outlet", ""),
        article=given.text("article", ""),
        article_note=given.text("article_note", ""),
        words=given.lists("words"),
        ask_thing=given.text("ask_thing", "What exactly? Name the thing that is to be checked."),
        start_with=given.start_with(tables),
        second=tuple(given.lists("practice").get("readings", ())),
    )
    _check(subject, tables)
    return subject


def _check(subject: Subject, tables: Mapping[str, Table]) -> None:
    """Raise `UnfitError` where parts of the subject do not fit together."""
    if subject.known_until < subject.said_on:
        raise UnfitError('claim: "known_until" is before "said_on". Evidence counts from the day of the claim on.')
    for reading in subject.readings.values():
        if reading.implies and reading.implies not in subject.readings:
            raise UnfitError(f"reading {reading.id} implies {reading.implies!r}, which is no row of readings.")
        for measure in (*reading.stated_by, *reading.countered_by):
            if measure not in subject.says:
                raise UnfitError(
                    f"reading {reading.id} names {measure!r}. Say in the categories of statements.measures what a "
                    'statement with this measure says: "value" and "says".'
                )
    for scope in subject.places:
        if JOINED in scope and (scope.count(JOINED) > 1 or subject.place not in scope.split(JOINED)):
            raise UnfitError(
                f"the scope {scope!r} should join two places: the claim's ({subject.place}) and all others."
            )
    for part, whole in subject.within.items():
        if whole not in subject.places:
            raise UnfitError(f"quantities.scope: {part!r} is within {whole!r}, which is no scope there.")
    known = {str(row["id"]) for row in tables["sources"].rows}
    if subject.outlet and subject.outlet not in known:
        raise UnfitError(f'claim: "outlet" is {subject.outlet!r}, which is no id of sources.')
    for aspect in ("place", "thing", "region"):
        try:
            subject._pattern(aspect)
        except re.error as error:
            raise UnfitError(f'claim: the words for "{aspect}" are no valid patterns ({error}).') from None


class _Given:
    """The property ``claim``, with an error in words for each part that is not what it should be."""

    def __init__(self, claim: Mapping[str, Any]) -> None:
        self._claim = claim

    def text(self, name: str, usual: str | None = None) -> str:
        value = self._claim.get(name, usual)
        if value is None:
            raise UnfitError(f'claim: "{name}" is missing. Add it to the property "claim".')
        if not isinstance(value, str) or (usual is None and not value.strip()):
            raise UnfitError(f'claim: "{name}" should be text, not {value!r}.')
        return value

    def day(self, name: str) -> date:
        text = self.text(name)
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise UnfitError(f'claim: "{name}" is {text!r}. Write the day as YYYY-MM-DD.') from None

    def one_of(self, name: str, known: Iterable[str]) -> str:
        """Return the part, or the first of those known where it is not given."""
        choices = list(known)
        value = self.text(name, next(iter(choices), ""))
        if value not in choices:
            raise UnfitError(f'claim: "{name}" is {value!r}. Use one of: {", ".join(choices) or "(none there yet)"}.')
        return value

    def lists(self, name: str) -> dict[str, tuple[str, ...]]:
        value = self._claim.get(name, {})
        if not isinstance(value, dict) or not all(_is_texts(part) for part in value.values()):
            raise UnfitError(f'claim: "{name}" should hold a list of texts under each name.')
        return {key: tuple(part) for key, part in value.items()}

    def rival(self, readings: Iterable[str]) -> tuple[str, str]:
        value = self._claim.get("rival", {"id": "H", "text": "None of these readings is true."})
        if not isinstance(value, dict) or not all(isinstance(value.get(part), str) for part in ("id", "text")):
            raise UnfitError('claim: "rival" should hold "id" and "text".')
        if value["id"] in readings:
            raise UnfitError(f'claim: the rival is called {value["id"]!r}, and so is a reading. Use another "id".')
        return value["id"], value["text"]

    def start_with(self, tables: Mapping[str, Table]) -> dict[str, Any]:
        """Return where the tools begin: what is given, and for the rest the first rows of the tables."""
        value = self._claim.get("start_with", {})
        ids = {name: [str(row["id"]) for row in tables[name].rows] for name in ("quantities", "statements")}
        speakers = list(dict.fromkeys(str(row["speaker"]) for row in tables["statements"].rows))
        usual = {
            "figure": next(iter(ids["quantities"]), ""),
            "sources": speakers[:6],
            "statements": ids["statements"][:6],
            "origins": ids["statements"][:12],
            "matrix": ids["statements"][:FIRST_SHOWN],
        }
        if not isinstance(value, dict) or not set(value) <= set(usual):
            raise UnfitError(f'claim: "start_with" can hold {", ".join(usual)}.')
        known = {"figure": ids["quantities"], "sources": speakers}
        for name, chosen in value.items():
            names = [chosen] if name == "figure" else chosen
            if not _is_texts(names) or not set(names) <= set(known.get(name, ids["statements"])):
                raise UnfitError(f'claim: "start_with" names {chosen!r} under "{name}", and not all of that is there.')
        return {name: tuple(part) if isinstance(part, list) else part for name, part in (usual | value).items()}


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _reading(row: Row) -> Reading:
    day = row["day"]
    return Reading(
        id=str(row["id"]),
        text=str(row["text"]),
        universal=bool(row["universal"]),
        short=str(row["short"] or row["text"]),
        day=day if isinstance(day, date) else None,
        denies=str(row["denies"] or ""),
        implies=str(row["implies"] or ""),
        stated_by=_parts(row["stated_by"]),
        countered_by=_parts(row["countered_by"]),
    )


def _parts(cell: object) -> tuple[str, ...]:
    return tuple(part.strip() for part in str(cell or "").split(";") if part.strip())


def _measure(value: Mapping[str, Any], readings: Mapping[str, Reading]) -> Measure:
    if (reading := str(value.get("reading", ""))) and reading not in readings:
        raise UnfitError(f"quantities.name: {value['value']!r} bears on {reading!r}, which is no row of readings.")
    return Measure(
        label=str(value.get("label", value["value"])),
        reading=reading,
        share_of=str(value.get("share_of", "")),
        lost=value.get("lost") is True,
    )


def _labels(tables: Mapping[str, Table], table: str, column: str) -> dict[str, str]:
    categories = tables[table].description.column(column).categories
    return {str(value["value"]): str(value.get("label", value["value"])) for value in categories}


def _days(tables: Mapping[str, Table]) -> list[date]:
    """Return the days on the axis of time."""
    days = [row["date"] for row in tables["timeline"].rows]
    days += [row["said_on"] or row["as_of"] for row in tables["statements"].rows]
    return [day for day in days if isinstance(day, date)]
