"""What a ledger holds, as an immutable value: every change returns new contents.

Joining follows Shapiro et al., "Conflict-free Replicated Data Types" (2011): the newest entry wins and the time of a
withdrawal is remembered, so the result depends neither on the order of joining nor on how often it happens.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from course.ledger.judgement import Judgement
from course.wording import number_of

T = TypeVar("T")


class LedgerError(ValueError):
    """The ledger cannot do what was asked. The message says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its name, such as ``"06/verdict"``, its value as JSON text, and when it was given (ISO 8601, UTC)."""

    name: str
    text: str
    updated: str = ""

    @classmethod
    def of(cls, name: str, value: Any) -> Answer:
        """Make an answer from a Python value.

        Raises
        ------
        LedgerError
            If the name is not text or is empty, or the value does not survive a round trip through JSON.
        """
        if not isinstance(name, str) or not name:
            raise LedgerError(f"An answer's key is text such as '06/verdict', not {name!r}.")
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False)
            if json.loads(text) != value:
                raise TypeError("it would come back changed (a tuple as a list, or a key that is no text as text)")
        except (TypeError, ValueError, RecursionError) as error:
            raise LedgerError(
                f"The answer {name!r} cannot be kept: {error}. "
                "Use text, numbers, True, False, None, lists, and dictionaries with text as keys."
            ) from None
        return cls(name, text)

    @property
    def key(self) -> tuple[str, str]:
        """Its place in the ledger. No reading is called "answer", so it never meets a judgement's key."""
        return ("answer", self.name)

    @property
    def value(self) -> Any:
        """The answer as a Python value, a fresh copy each time."""
        return json.loads(self.text)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain JSON values."""
        return {"key": self.name, "value": self.value, "updated": self.updated}


Item = Judgement | Answer


class Answers(Mapping[str, Any]):
    """The answers by name. Each is parsed only when it is asked for, so that a view that needs three stays fast."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    def __getitem__(self, name: str) -> Any:
        item = self._contents.items["answer", name]
        assert isinstance(item, Answer)  # no reading is called "answer"
        return item.value

    def __iter__(self) -> Iterator[str]:
        return (answer.name for answer in self._contents.kind(Answer))

    def __len__(self) -> int:
        return len(self._contents.kind(Answer))

    def __repr__(self) -> str:
        return repr(dict(self))


AnItem = TypeVar("AnItem", Judgement, Answer)


@dataclass(frozen=True)
class Contents:
    """What a ledger holds; immutable."""

    items: Mapping[tuple[str, str], Item] = field(default_factory=dict)
    hints: Mapping[tuple[str, int], str] = field(default_factory=dict)
    # Each with the time it was withdrawn, or "" where a newer entry replaced it in a merge.
    withdrawn: Mapping[Item, str] = field(default_factory=dict)

    def stamped(self, item: AnItem) -> AnItem:
        """Return the entry with the current time, or with the present entry's time if nothing else differs."""
        old = self.items.get(item.key)
        if old is not None and replace(item, updated=old.updated) == old:
            return replace(item, updated=old.updated)
        return replace(item, updated=self._next(item.key))

    def put(self, item: Item) -> Contents:
        """Insert a stamped entry, or replace the one with its key."""
        return replace(self, items={**self.items, item.key: item})

    def withdraw(self, key: tuple[str, str]) -> Contents:
        """Move an entry to those withdrawn."""
        items = dict(self.items)
        item = items.pop(key)
        return replace(self, items=items, withdrawn={**self.withdrawn, item: self._next(key)})

    def open_hint(self, question: str, number: int) -> Contents:
        """Record a hint as opened, unless it was opened before."""
        return replace(self, hints={hint_key(question, number): _now(), **self.hints})

    def kind(self, wanted: type[T]) -> list[T]:
        """Return all judgements, or all answers, in the order of their keys."""
        return [item for _, item in sorted(self.items.items()) if isinstance(item, wanted)]

    def counts(self) -> str:
        """Return how many there are of each kind, in words."""
        return ", ".join(
            [
                number_of(len(self.kind(Judgement)), "judgement"),
                number_of(len(self.kind(Answer)), "answer"),
                number_of(len(self.hints), "opened hint"),
                number_of(len(self.withdrawn), "withdrawn entry", "withdrawn entries"),
            ]
        )

    def _next(self, key: tuple[str, str]) -> str:
        """Return the time now, or just after this key's last change, so that a clock set back cannot undo new work."""
        times = [when for item, when in self.withdrawn.items() if item.key == key]
        if key in self.items:
            times.append(self.items[key].updated)
        last = max(times, default="")
        return max(_now(), utc(datetime.fromisoformat(last) + timedelta(microseconds=1))) if last else _now()


def join(parts: Iterable[Contents], base: Contents | None = None) -> Contents:
    """Join contents. A losing entry goes to `withdrawn`, unless it is in `base`: then it is merely out of date."""
    rivals: dict[tuple[str, str], set[Item]] = {}
    hints: dict[tuple[str, int], str] = {}
    withdrawn: dict[Item, str] = {}
    for part in parts:
        for item in part.items.values():
            rivals.setdefault(item.key, set()).add(item)
        for hint, when in part.hints.items():
            hints[hint] = min(when, hints.get(hint, when))
        for item, when in part.withdrawn.items():
            withdrawn[item] = max(when, withdrawn.get(item, ""))
    gone: dict[tuple[str, str], str] = {}
    for item, when in withdrawn.items():
        gone[item.key] = max(when, gone.get(item.key, ""))
    seen = set(base.items.values()) if base else set()
    items: dict[tuple[str, str], Item] = {}
    for key, candidates in rivals.items():
        # An edit by hand leaves the time as it was, and is still newer than what everyone had seen.
        *losers, best = sorted(candidates, key=lambda item: (item.updated, item not in seen, rank(item)))
        if gone.get(key) and best.updated <= gone[key]:
            losers.append(best)
        else:
            items[key] = best
        for loser in losers:
            if loser not in seen:
                withdrawn.setdefault(loser, "")
    return Contents(items, hints, withdrawn)


def merge_fields(ours: Contents, theirs: Contents, base: Contents) -> tuple[Contents, Contents]:
    """Merge entries that both sides have changed since `base`, field by field; return `ours` and `base` for `join`.

    Where both have changed the same field, the newer entry's value stays and the older entry goes to `withdrawn`.
    """
    items, seen, withdrawn = dict(ours.items), dict(base.items), dict(ours.withdrawn)
    for key in ours.items.keys() & theirs.items.keys():
        pair = (ours.items[key], theirs.items[key])
        before = _fields(base.items.get(key), pair[0])
        older, newer = (_fields(item, item) for item in sorted(pair, key=rank))
        if before in (older, newer) or older == newer:
            continue
        names = dict.fromkeys([*newer, *older])
        changed = {name for name in names if _value(older, name) != _value(before, name)}
        both = {name for name in changed if _value(newer, name) not in (_value(before, name), _value(older, name))}
        fields = {name: _value(older if name in changed - both else newer, name) for name in names}
        merged = {name: value for name, value in fields.items() if value is not _ABSENT}
        if merged != newer:
            last = datetime.fromisoformat(max(item.updated for item in pair))
            items[key] = _with_fields(pair[0], merged, utc(last + timedelta(microseconds=1)))
            if both and pair[0].updated < pair[1].updated:
                withdrawn.setdefault(pair[0], "")
        if not both:
            seen[key] = pair[1]
    return replace(ours, items=items, withdrawn=withdrawn), replace(base, items=seen)


_ABSENT = object()


def _value(fields: Mapping[str, Any], name: str) -> Any:
    return fields.get(name, _ABSENT)


def _fields(item: Item | None, like: Item) -> dict[str, Any]:
    """Return what of an entry can be changed by itself; of one not there, what it is before the first change."""
    if isinstance(like, Judgement):
        judgement = item if isinstance(item, Judgement) else Judgement(like.statement, like.reading)
        return {name: value for name, value in judgement.to_dict().items() if name != "updated"}
    value = item.value if isinstance(item, Answer) else {}
    return value if isinstance(value, dict) else {"": value}


def _with_fields(item: Item, fields: Mapping[str, Any], updated: str) -> Item:
    if isinstance(item, Judgement):
        return Judgement(**fields, updated=updated)
    return replace(Answer.of(item.name, fields[""] if "" in fields else dict(fields)), updated=updated)


def rank(item: Item) -> tuple[str, str]:
    """Return a sort key that orders entries from oldest to newest."""
    # The text decides between two changes at the same instant, so that every window chooses the same entry.
    return (item.updated, json.dumps(item.to_dict(), sort_keys=True))


def hint_key(question: str, number: int) -> tuple[str, int]:
    """Return a hint's key in the ledger.

    Raises
    ------
    LedgerError
        If the question is not text or is empty, or the number is not a whole number from 1.
    """
    if not isinstance(question, str) or not question or type(number) is not int or number < 1:
        raise LedgerError(
            f"A hint has a question such as '06/q1' and a number from 1, not {question!r} and {number!r}."
        )
    return (question, number)


def _now() -> str:
    return utc(datetime.now(UTC))


def utc(moment: datetime) -> str:
    """Return a time as ISO 8601 text in UTC."""
    # All times have the same width, so comparing the texts compares the times.
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
