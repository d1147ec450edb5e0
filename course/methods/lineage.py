"""Trace where a wording comes from, what it gained and lost on the way, and whether a new wording can be checked.

Tracing a quotation to its original context is the T of SIFT (Caulfield, "Check, Please!", 2019). Wordings are compared
aspect by aspect, from data, and not word by word: our paraphrases are not the original words, so a word that differs
between two of them proves nothing. The limit of the method is the record: a step that nobody recorded stays invisible.

Pure functions; nothing here reads a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from course.case import Subject, default_case
from course.wording import format_day, listed

COMPLETE: Final = "Nothing missing: it says who, when, where and what."
"""The result for a wording without remarks."""

LONG: Final = 30
"""The number of words above which a wording is called long: about what fits into one breath."""

ASPECTS: Final = {
    "speaker": "Who says it",
    "attributed_to": "As whose words",
    "covers": "Where",
    "thing": "What",
    "extent": "How complete",
    "hedge": "Limit",
}
"""The aspects by which two wordings are compared, with their labels."""

ABSOLUTE: Final = "States the absolute"
"""The label of an extra aspect: whether a wording leaves nothing out. Shown once the learner has marked."""

KINDS: Final = {
    "first_hand": "the speaker’s words, as recorded when spoken",
    "report": "tells what another said",
    "repeat": "passes a report on",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of the claim, or of its rival.

    Parameters
    ----------
    id : str
        Such as ``"C05"``.
    said_on : datetime.date or None
        None if the day is not known.
    speaker, attributed_to : str
        Names: who says it, and whose words it is said to be.
    kind : str
        ``first_hand``, ``report`` or ``repeat``.
    covers, thing, extent, hedge : str
        Aspects in our words, separated by semicolons; empty if the wording says nothing about them.
    absolute : bool
        Whether it states the absolute, which leaves nothing out.
    follows : str
        The earlier wording it repeats, reports or confirms; empty for the first of a line, or if not proven.
    note : str
        What an editor would add.
    """

    id: str
    said_on: date | None
    speaker: str
    attributed_to: str
    kind: str
    covers: str
    thing: str
    extent: str
    hedge: str
    absolute: bool
    follows: str
    note: str

    @property
    def day(self) -> str:
        """The day it was said, as text."""
        return format_day(self.said_on) if self.said_on else "day not known"

    @property
    def label(self) -> str:
        """Id, speaker and day on one line."""
        return f"{self.id} · {self.speaker}, {self.day}"


@dataclass(frozen=True, slots=True)
class Difference:
    """One aspect of two wordings: its label, and what each wording says about it (empty if it says nothing)."""

    aspect: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def lost(self) -> tuple[str, ...]:
        """What only the first wording has."""
        return tuple(item for item in self.before if item not in self.after)

    @property
    def added(self) -> tuple[str, ...]:
        """What only the second wording has."""
        return tuple(item for item in self.after if item not in self.before)

    @property
    def swapped(self) -> bool:
        """Whether exactly one thing replaces exactly one other, such as one speaker another."""
        return len(self.before) == len(self.after) == 1 and self.before != self.after

    @property
    def change(self) -> str:
        """``same``, ``added``, ``lost``, or ``changed`` if something was added and something lost."""
        if self.lost and self.added:
            return "changed"
        return "lost" if self.lost else "added" if self.added else "same"


@dataclass(frozen=True, slots=True)
class WordingRemark:
    """One thing to improve in a wording that is to be checked.

    Parameters
    ----------
    code : str
        ``empty``, ``speaker``, ``date``, ``place``, ``thing``, ``both``, ``long`` or ``other-speaker``.
    message : str
        What is missing or unclear, and what to do.
    """

    code: str
    message: str


def wordings(claims: Iterable[Mapping[str, Any]], sources: Iterable[Mapping[str, Any]]) -> dict[str, Wording]:
    """Make the wordings, by id in order of time, from rows of the tables ``claims`` and ``sources``."""
    names = {str(row["id"]): str(row["name"]) for row in sources}
    return {
        str(row["id"]): Wording(
            id=str(row["id"]),
            said_on=row["said_on"],
            speaker=names[row["speaker"]],
            attributed_to=names[row["attributed_to"]],
            absolute=bool(row["absolute"]),
            **{part: row[part] or "" for part in ("kind", "covers", "thing", "extent", "hedge", "follows", "note")},
        )
        for row in claims
    }


# --- the chain -------------------------------------------------------------------------------------------------------


def lines(known: Mapping[str, Wording]) -> tuple[tuple[str, ...], ...]:
    """Return the chain as lines of ids, each from its start to its end.

    The first wording that follows another continues its line. Each later one starts a new line, which begins with the
    wording it follows. A wording that neither follows nor is followed is a line by itself.
    """
    chain: list[list[str]] = []
    for wording in known.values():
        ending = next((line for line in chain if line[-1] == wording.follows), None)
        if ending:
            ending.append(wording.id)
        else:
            chain.append([wording.follows, wording.id] if wording.follows else [wording.id])
    return tuple(tuple(line) for line in chain)


def lanes(known: Mapping[str, Wording]) -> dict[str, int]:
    """Return the lane (0, 1, …) in which each wording is drawn, so that no line crosses another line's wordings."""
    order = {name: place for place, name in enumerate(known)}
    taken: dict[str, int] = {}
    spans: list[tuple[int, int, int]] = []
    for line in lines(known):
        first, last = order[line[0]], order[line[-1]]
        lane = 0
        while any(lane == used and first <= end and start <= last for used, start, end in spans):
            lane += 1
        spans.append((lane, first, last))
        for name in line:
            taken.setdefault(name, lane)
    return taken


def describe_chain(known: Mapping[str, Wording], marked: str | None = None) -> str:
    """Say which wording follows which, and which is marked: a text alternative to the picture of the chain."""
    linked = [" → ".join(line) for line in lines(known) if len(line) > 1]
    alone = [line[0] for line in lines(known) if len(line) == 1]
    text = f"Which wording follows which: {'; '.join(linked)}. On their own: {', '.join(alone)}."
    return f"{text} You marked {marked}." if marked else text


def compare(before: Wording, after: Wording, *, absolute: bool = False) -> tuple[Difference, ...]:
    """Compare two wordings by each of `ASPECTS` and, if `absolute`, by whether they state the absolute."""
    differences = [
        Difference(label, _items(str(getattr(before, name))), _items(str(getattr(after, name))))
        for name, label in ASPECTS.items()
    ]
    if absolute:
        differences.append(Difference(ABSOLUTE, (_yes_or_no(before.absolute),), (_yes_or_no(after.absolute),)))
    return tuple(differences)


def summary(differences: Iterable[Difference]) -> str:
    """Say in one line which aspects were lost, added or changed, and which are the same."""
    by_change: dict[str, list[str]] = {"lost": [], "added": [], "changed": [], "same": []}
    for difference in differences:
        by_change[difference.change].append(difference.aspect.lower())
    return "; ".join(f"{change}: {', '.join(aspects)}" for change, aspects in by_change.items() if aspects) + "."


# --- where the absolute entered --------------------------------------------------------------------------------------


def what_follows(marked: str, known: Mapping[str, Wording], because: str = "") -> tuple[str, ...]:
    """Say what follows from the choice that the absolute entered in one wording, and never whether that is right.

    Parameters
    ----------
    marked : str
        Id of the wording chosen.
    known : mapping of str to Wording
        The record, in order of time.
    because : str, optional
        The learner's reason. If it is empty, the last text asks for it.
    """
    chosen = known[marked]
    earlier = known.get(chosen.follows)
    if not chosen.absolute:
        later = [name for name, wording in known.items() if wording.follows == marked]
        compare_with = (
            f"Compare it with what follows it: {', '.join(later)}." if later else "Nothing in our record follows it."
        )
        texts = [
            f"This one still has a limit: {chosen.hedge}",
            f"If the absolute entered here, it came together with that limit. {compare_with}",
        ]
    elif earlier and earlier.absolute:
        texts = [
            f"{earlier.id}, which it follows, states the absolute too. If the absolute entered only here, say what "
            f"{earlier.id} still leaves out: put the two side by side."
        ]
    else:
        texts = [_first_of_its_line(chosen, earlier, known), _to_be_checked(chosen)]
    texts.append(f"What an editor would add: {chosen.note}")
    if not because.strip():
        texts.append("Say why you chose this one: an editor will ask.")
    return tuple(texts)


def _first_of_its_line(chosen: Wording, earlier: Wording | None, known: Mapping[str, Wording]) -> str:
    """Say in which sense a wording is the first without a limit, and what about that the record leaves open."""
    absolute = [wording for wording in known.values() if wording.absolute]
    parts = []
    if chosen.said_on and all(w.said_on is None or chosen.said_on <= w.said_on for w in absolute):
        parts.append(f"By day it is the first in our record without a limit: {chosen.day}.")
    # A wording that follows another absolute wording comes after it in any case.
    starts = [wording for wording in absolute if wording.follows not in known or not known[wording.follows].absolute]
    parts += [
        f"{wording.id} is of the same day and has none either; the record has the day and not the hour."
        for wording in starts
        if wording != chosen and wording.said_on == chosen.said_on
    ]
    same_name = [wording for wording in known.values() if wording.attributed_to == chosen.attributed_to]
    if len(same_name) > 1 and chosen == next(wording for wording in same_name if wording.absolute):
        parts.append(f"Under the name of {chosen.attributed_to} it is the first without one.")
    if earlier:
        parts.append(f"{earlier.id}, which it follows, still has a limit: {earlier.hedge}")
    return " ".join(parts)


def _to_be_checked(chosen: Wording) -> str:
    if chosen.speaker == chosen.attributed_to:
        return f"If the absolute entered here, the words to be checked are those of {chosen.speaker}."
    return (
        f"If the absolute entered here, the thing to be checked is what {chosen.speaker} reported, and first of all "
        f"whether {chosen.attributed_to} said it."
    )


# --- the wording to be checked ---------------------------------------------------------------------------------------

_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DAY: Final = r"[0-3]?[0-9](?:st|nd|rd|th)?"
_DATE: Final = re.compile(
    rf"\b(?:{_DAY}(?: of)? {_MONTH}|{_MONTH}\.? {_DAY}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|"
    r"[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4})\b",
    re.I,
)
# "May" with a capital is a month. "not all" and "no longer" are limits, not absolutes.
_HEDGED: Final = re.compile(
    r"\b(?:(?-i:may|might)|could|nearly|almost|mostly|largely|practically|virtually|partly|at this stage|for now|"
    r"this territory|isolated|pockets?|coming to an end|not all|not every|most of|some|"
    r"a (?:significant|large) (?:portion|part|share))\b",
    re.I,
)
_ABSOLUTE: Final = re.compile(
    r"(?<!not )\b(?:all|every|each|entire(?:ly)?|whole|complete(?:ly)?|total(?:ly)?|fully|no(?! longer)|none|nothing|"
    r"never|100 ?%)(?!\w)",
    re.I,
)


def remarks(
    text: str, known: Mapping[str, Wording], marked: str | None = None, subject: Subject | None = None
) -> tuple[WordingRemark, ...]:
    """Return what to improve in a wording that is to be checked; empty if nothing is missing.

    A claim can be checked if it says who said what about which place, and when. These are simple word searches, in
    English only: they find whether something is named, not whether it is right.

    Parameters
    ----------
    text : str
        The wording.
    known : mapping of str to Wording
        The record; its speakers are the names that the search knows.
    marked : str, optional
        Id of the wording in which the learner says the absolute entered. If the text puts an absolute into somebody
        else's mouth, a remark says so.
    subject : Subject, optional
        What the case is about; it gives the words for its places and things. Default: that of the course's own case.
    """
    subject = subject or default_case().subject
    if not text.strip():
        return (WordingRemark("empty", "Nothing is written yet. Write in one sentence what you would check."),)
    names = dict.fromkeys(name for wording in known.values() for name in (wording.speaker, wording.attributed_to))
    named = [name for name in names if _says(text, name)]
    hedged, absolute = _HEDGED.search(text), _ABSOLUTE.search(text)
    messages: dict[str, str] = {}
    if not named:
        messages["speaker"] = "Who said it? Name the one whose words these are."
    if not _DATE.search(text):
        messages["date"] = "When? Give the day it was said: a claim can be right one day and wrong another."
    if subject.place_words and not subject.place_words.search(text):
        messages["place"] = "Where? Name the place it is said to hold for."
    if subject.thing_words and not subject.thing_words.search(text):
        messages["thing"] = subject.ask_thing
    if hedged and absolute:
        messages["both"] = (
            f"It holds an absolute (“{absolute[0]}”) and a limit (“{hedged[0]}”). Are both the speaker’s, in one "
            "breath? If not, write two wordings and check each."
        )
    if (count := len(text.split())) > LONG:
        messages["long"] = f"It has {count} words. About {LONG} are plenty: leave out what you would not check."
    if marked and named and absolute and not hedged:
        chosen = known[marked]
        if not {chosen.speaker, chosen.attributed_to} & set(named):
            messages["other-speaker"] = (
                f"You marked {marked}, by {chosen.speaker}, and this puts an absolute under the name of "
                f"{listed(named)}. Name the one whose words they are, or look at your mark again."
            )
    return tuple(WordingRemark(code, message) for code, message in messages.items())


def standing(remarks: Sequence[WordingRemark]) -> str:
    """Sum up a wording's remarks in one line."""
    if not remarks:
        return COMPLETE
    return remarks[0].message if remarks[0].code == "empty" else f"To look at: {len(remarks)}"


def _says(text: str, name: str) -> bool:
    """Whether the text contains a name: in full, one of several separated by commas, or its last word (a surname)."""
    spellings = {name, *name.split(", ")}
    # Short last words, such as the One of a television channel, are ordinary words.
    spellings |= {last for spelling in (*spellings,) if len(last := spelling.split()[-1]) > 4}
    return any(re.search(rf"\b{re.escape(spelling)}\b", text, re.I) for spelling in spellings)


def _items(value: str) -> tuple[str, ...]:
    return tuple(item.strip().rstrip(".") for item in value.split(";") if item.strip())


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"
