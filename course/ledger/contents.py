"""What a ledger holds. Nothing here is changed in place: every change returns new contents.

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
        """Make an answer of a Python value.

        Raises
        ------
        LedgerError
            If the name is not text or is empty, or the value is not made of JSON's types.
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
    """The answers of contents by their names.

    Each is read when it is asked for: a view that needs three does not wait for three hundred.
    """

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
    """What a ledger holds; never changed in place."""

    items: Mapping[tuple[str, str], Item] = field(default_factory=dict)
    hints: Mapping[tuple[str, int], str] = field(default_factory=dict)
    # Each with the time it was withdrawn, or "" where a newer one took its place in a merge.
    withdrawn: Mapping[Item, str] = field(default_factory=dict)

    def stamped(self, item: AnItem) -> AnItem:
        """Return the entry with the time it is put in: now, or that of the present one if it says the same."""
        old = self.items.get(item.key)
        if old is not None and replace(item, updated=old.updated) == old:
            return replace(item, updated=old.updated)
        return replace(item, updated=self._next(item.key))

    def put(self, item: Item) -> Contents:
        """Insert a stamped entry, or replace the one in its place."""
        return replace(self, items={**self.items, item.key: item})

    def withdraw(self, key: tuple[str, str]) -> Contents:
        """Move an entry to those withdrawn."""
        items = dict(self.items)
        item = items.pop(key)
        return replace(self, items=items, withdrawn={**self.withdrawn, item: self._next(key)})

    def open_hint(self, question: str, number: int) -> Contents:
        """Add a hint, with the time if it is the first."""
        return replace(self, hints={hint_key(question, number): _now(), **self.hints})

    def kind(self, wanted: type[T]) -> list[T]:
        """Return all judgements, or all answers, in the order of their keys."""
        return [item for _, item in sorted(self.items.items()) if isinstance(item, wanted)]

    def counts(self) -> str:
        """Return how much there is of each kind, in words."""
        numbers = {
            "judgement": len(self.kind(Judgement)),
            "answer": len(self.kind(Answer)),
            "opened hint": len(self.hints),
            "withdrawn entry": len(self.withdrawn),
        }
        plural = {"withdrawn entry": "withdrawn entries"}
        return ", ".join(f"{n} {name if n == 1 else plural.get(name, name + 's')}" for name, n in numbers.items())

    def _next(self, key: tuple[str, str]) -> str:
        """Return the time now, or just after this key's last change: a clock put back must not make new work old."""
        times = [when for item, when in self.withdrawn.items() if item.key == key]
        if key in self.items:
            times.append(self.items[key].updated)
        last = max(times, default="")
        return max(_now(), utc(datetime.fromisoformat(last) + timedelta(microseconds=1))) if last else _now()


def join(parts: Iterable[Contents], base: Contents | None = None) -> Contents:
    """Join contents. A loser that is in `base`, which all sides have seen, is merely out of date and is dropped."""
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
    for key, those in rivals.items():
        # An edit by hand leaves the time as it was, and is still newer than what everyone had seen.
        *losers, best = sorted(those, key=lambda item: (item.updated, item not in seen, rank(item)))
        if gone.get(key) and best.updated <= gone[key]:
            losers.append(best)
        else:
            items[key] = best
        for loser in losers:
            if loser not in seen:
                withdrawn.setdefault(loser, "")
    return Contents(items, hints, withdrawn)


def rank(item: Item) -> tuple[str, str]:
    """Order entries from oldest to newest."""
    # The text decides between two changes at the same instant, so that every window chooses the same one.
    return (item.updated, json.dumps(item.to_dict(), sort_keys=True))


def hint_key(question: str, number: int) -> tuple[str, int]:
    """Return a hint's place in the ledger.

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
    # One width for all, so that comparing the texts compares the times.
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
