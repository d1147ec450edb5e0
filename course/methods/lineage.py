"""Where a wording comes from, what it gained and lost on the way, and whether a new one can be checked.

Tracing a quotation to its original context is the T of SIFT (Caulfield, "Check, Please!", 2019). Wordings are compared
by what they say about a few aspects, which are kept as data, and not word by word: our paraphrases are not what was
said, so a word that differs between two of them proves nothing. Its known failure is the record itself: a step nobody
kept is a step nobody sees.

Pure functions; nothing here reads a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from course.wording import format_day, listed

COMPLETE: Final = "Nothing missing: it says who, when, where and what."
"""What is said of a wording to be checked that leaves no remark."""

LONG: Final = 30
"""Words after which a wording is called long: about what fits into one breath."""

ASPECTS: Final = {
    "speaker": "Who says it",
    "attributed_to": "As whose words",
    "covers": "Where",
    "thing": "What",
    "extent": "How complete",
    "hedge": "Limit",
}
"""What two wordings are compared by, each with its label."""

ABSOLUTE: Final = "States the absolute"
"""The label of one aspect more: all of IS gone from all of Syria, yes or no. Shown once the learner has marked."""

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
        None where the day is not known.
    speaker, attributed_to : str
        Names: who says it, and whose words it is given as.
    kind : str
        ``first_hand``, ``report`` or ``repeat``.
    covers, thing, extent, hedge : str
        Aspects in our words, several with a semicolon between; empty where nothing is said.
    absolute : bool
        Whether it states the absolute: all of IS gone from all of Syria.
    follows : str
        The earlier wording it repeats, reports or confirms; empty for the first of a line.
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
        """Id, speaker and day, on one line."""
        return f"{self.id} · {self.speaker}, {self.day}"


@dataclass(frozen=True, slots=True)
class Difference:
    """One aspect of two wordings.

    Parameters
    ----------
    aspect : str
        Its label.
    before, after : tuple of str
        What each wording says of it; empty where it says nothing.
    """

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
        """Whether one thing stands in the place of one other, as a speaker does."""
        return len(self.before) == len(self.after) == 1 and self.before != self.after

    @property
    def change(self) -> str:
        """``same``, ``added``, ``lost``, or ``changed`` where something was added and something lost."""
        if self.lost and self.added:
            return "changed"
        return "lost" if self.lost else "added" if self.added else "same"


@dataclass(frozen=True, slots=True)
class WordingRemark:
    """One thing to look at in a wording that is to be checked.

    Parameters
    ----------
    code : str
        ``empty``, ``speaker``, ``date``, ``place``, ``thing``, ``both``, ``long`` or ``other-speaker``.
    message : str
        What it is and what to do.
    """

    code: str
    message: str


def wordings(claims: Iterable[Mapping[str, Any]], sources: Iterable[Mapping[str, Any]]) -> dict[str, Wording]:
    """Return the wordings by id, in order of time, from rows of the tables ``claims`` and ``sources``."""
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

    The first wording to follow another goes on with its line. Each later one starts a line of its own, which begins
    with the wording it follows. One that neither follows nor is followed is a line by itself.
    """
    made: list[list[str]] = []
    for wording in known.values():
        ending = next((line for line in made if line[-1] == wording.follows), None)
        if ending:
            ending.append(wording.id)
        else:
            made.append([wording.follows, wording.id] if wording.follows else [wording.id])
    return tuple(tuple(line) for line in made)


def lanes(known: Mapping[str, Wording]) -> dict[str, int]:
    """Return for each wording how far to the side it is drawn (0, 1, …), so that no line runs through another's."""
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
    """Say which wording follows which, and which is marked: the chain for who does not see it."""
    linked = [" → ".join(line) for line in lines(known) if len(line) > 1]
    alone = [line[0] for line in lines(known) if len(line) == 1]
    text = f"Which wording follows which: {'; '.join(linked)}. On their own: {', '.join(alone)}."
    return f"{text} You marked {marked}." if marked else text


def compare(before: Wording, after: Wording, *, absolute: bool = False) -> tuple[Difference, ...]:
    """Return what each aspect is in both wordings, in the order of `ASPECTS`.

    Parameters
    ----------
    before, after : Wording
        Those to compare.
    absolute : bool
        Whether to say also which of them states the absolute, as the last aspect.
    """
    found = [
        Difference(label, _items(str(getattr(before, name))), _items(str(getattr(after, name))))
        for name, label in ASPECTS.items()
    ]
    if absolute:
        found.append(Difference(ABSOLUTE, (_yes_or_no(before.absolute),), (_yes_or_no(after.absolute),)))
    return tuple(found)


def summary(differences: Iterable[Difference]) -> str:
    """Say in one line which aspects were lost, added or changed, and which stayed."""
    by_change: dict[str, list[str]] = {"lost": [], "added": [], "changed": [], "same": []}
    for one in differences:
        by_change[one.change].append(one.aspect.lower())
    return "; ".join(f"{change}: {', '.join(aspects)}" for change, aspects in by_change.items() if aspects) + "."


# --- where the absolute entered --------------------------------------------------------------------------------------


def what_follows(marked: str, known: Mapping[str, Wording], because: str = "") -> tuple[str, ...]:
    """Say what follows from the choice that the absolute entered in one wording. Never whether that is right.

    Parameters
    ----------
    marked : str
        Id of the wording chosen.
    known : mapping of str to Wording
        The record, in order of time.
    because : str, optional
        The learner's reason. Where there is none, the last text asks for it.
    """
    chosen = known[marked]
    earlier = known.get(chosen.follows)
    if not chosen.absolute:
        later = [name for name, one in known.items() if one.follows == marked]
        compare_with = (
            f"Compare it with what follows it: {', '.join(later)}." if later else "Nothing in our record follows it."
        )
        texts = [
            f"This one still has a limit: {chosen.hedge}",
            f"If the absolute entered here, it came together with that limit. {compare_with}",
        ]
    elif earlier and earlier.absolute:
        texts = [
            f"{earlier.id}, which it follows, has no limit either. If the absolute entered only here, say what "
            f"{earlier.id} still leaves out: put the two side by side."
        ]
    else:
        texts = [_first_of_its_line(chosen, earlier, known), _to_be_checked(chosen)]
    texts.append(f"What an editor would add: {chosen.note}")
    if not because.strip():
        texts.append("Say why you chose this one: an editor will ask.")
    return tuple(texts)


def _first_of_its_line(chosen: Wording, earlier: Wording | None, known: Mapping[str, Wording]) -> str:
    """Say in which sense a wording is the first without a limit, and what of that is not recorded."""
    absolute = [one for one in known.values() if one.absolute]
    parts = []
    if chosen.said_on and all(one.said_on is None or chosen.said_on <= one.said_on for one in absolute):
        parts.append(f"By day it is the first in our record without a limit: {chosen.day}.")
    # One that follows another absolute wording comes after it in any case.
    starts = [one for one in absolute if one.follows not in known or not known[one.follows].absolute]
    parts += [
        f"{one.id} is of the same day and has none either; which came first is not recorded."
        for one in starts
        if one != chosen and one.said_on == chosen.said_on
    ]
    same_name = [one for one in known.values() if one.attributed_to == chosen.attributed_to]
    if len(same_name) > 1 and chosen == next(one for one in same_name if one.absolute):
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
_PLACE: Final = re.compile(
    r"\b(?:Syria|Syrian (?:territory|soil|ground|land)|Iraq|Euphrates|Damascus|Yarmouk|Raqqa|Khmeimim|Hamah?|Homs|"
    r"(?:Deir|Dayr)(?: e?a?[zl])?[ -]Z\w+)\b",
    re.I,
)
_THING: Final = re.compile(
    r"\b(?:ground|land|territor(?:y|ies)|settlements?|towns?|villages?|areas?|enclaves?|strongholds?|"
    r"units?|formations?|fighters?|terrorists?|militants?|gunm[ae]n|jihadists?|members?)\b",
    re.I,
)
# "May" with a capital is a month; "not all" and "no longer" leave something open.
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


def remarks(text: str, known: Mapping[str, Wording], marked: str | None = None) -> tuple[WordingRemark, ...]:
    """Return what to look at in a wording that is to be checked; empty if nothing is missing.

    A claim can be checked when it says who said what of which place, and when. These are plain word searches, in
    English only: they see whether something is named, not whether it is right.

    Parameters
    ----------
    text : str
        The wording.
    known : mapping of str to Wording
        The record: its speakers are the names that are looked for.
    marked : str, optional
        Id of the wording in which the learner says the absolute entered. An absolute put into the mouth of somebody
        else is then remarked on.
    """
    if not text.strip():
        return (WordingRemark("empty", "Nothing is written yet. Write in one sentence what you would check."),)
    named = [name for name in _names(known.values()) if _says(text, name)]
    hedged, absolute = _HEDGED.search(text), _ABSOLUTE.search(text)
    found = []
    if not named:
        found.append(WordingRemark("speaker", "Who said it? Name the one whose words these are."))
    if not _DATE.search(text):
        found.append(
            WordingRemark("date", "When? Give the day it was said: a claim can be right one day and wrong another.")
        )
    if not _PLACE.search(text):
        found.append(WordingRemark("place", "Where? Name the place it is said to hold for."))
    if not _THING.search(text):
        found.append(
            WordingRemark(
                "thing",
                "Free of what? Ground, units and fighters are three different things to check. Say which is meant.",
            )
        )
    if hedged and absolute:
        found.append(
            WordingRemark(
                "both",
                f"It holds an absolute (“{absolute[0]}”) and a limit (“{hedged[0]}”). Are both the speaker’s, in one "
                "breath? If not, write two wordings and check each.",
            )
        )
    if (count := len(text.split())) > LONG:
        found.append(
            WordingRemark("long", f"It has {count} words. About {LONG} are plenty: leave out what you would not check.")
        )
    if marked and named and absolute and not hedged:
        chosen = known[marked]
        if not {chosen.speaker, chosen.attributed_to} & set(named):
            found.append(
                WordingRemark(
                    "other-speaker",
                    f"You marked {marked}, by {chosen.speaker}, and this puts an absolute under the name of "
                    f"{listed(named)}. Name the one whose words they are, or look at your mark again.",
                )
            )
    return tuple(found)


def standing(found: Sequence[WordingRemark]) -> str:
    """Say in one line how a wording stands, from its remarks."""
    if not found:
        return COMPLETE
    return found[0].message if found[0].code == "empty" else f"To look at: {len(found)}"


def _names(known: Iterable[Wording]) -> list[str]:
    return list(dict.fromkeys(name for one in known for name in (one.speaker, one.attributed_to)))


def _says(text: str, name: str) -> bool:
    """Whether the text has a name: in full, one of several listed in it, or its last word, such as a surname."""
    spellings = {name, *name.split(", ")}
    # Short last words, such as the One of a television channel, are words of their own.
    spellings |= {last for one in (*spellings,) if len(last := one.split()[-1]) > 4}
    return any(re.search(rf"\b{re.escape(one)}\b", text, re.I) for one in spellings)


def _items(value: str) -> tuple[str, ...]:
    return tuple(item.strip().rstrip(".") for item in value.split(";") if item.strip())


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"
