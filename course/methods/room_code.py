"""A learner's ratings as a short code for the room: no account, no words of theirs, and a checksum.

A code holds the ratings of one case and a random number. The number is the same in every code of one ledger, so that a
second code replaces the first. Reasons are left out. Origins are left out too, but not which ratings share one: an
origin counts once, so the ratings weigh the same without its name.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from course.case import Case
from course.ledger.judgement import BEARINGS, CREDIBILITY, DIRECTNESS, INTERESTS, RELIABILITY, Judgement
from course.weighing.model import origin_of

NUMBER: Final = "room/number"
"""The answer in a ledger that holds the random number of its codes."""
HIDDEN: Final = "room/hidden"
"""The answer in a ledger that is True while the learner does not take part."""

ANSWERS: Final[dict[str, tuple[str | int | None, ...]]] = {
    "reliability": (None, *RELIABILITY),
    "credibility": (None, *CREDIBILITY),
    "directness": (None, *DIRECTNESS),
    "bearing": (None, *BEARINGS),
    "interest": tuple(INTERESTS),
}
"""What each part of a judgement can be; None where it is not rated."""

# Without I, L, O and U, which are taken for 1, 0 and V when a code is typed (Crockford's base 32).
_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISTAKEN: Final = str.maketrans("ILO", "110")
_BEGINNING: Final = "CF1"
_CHECKSUM: Final = 5
_GROUP: Final = 5
NUMBERS: Final = 32**4
"""How many random numbers there are, from 0."""
_MOST: Final = 4096
"""Ratings in one code."""
LONGEST: Final = 30_000
"""Characters in one code."""
_CODE: Final = re.compile(rf"\b{_BEGINNING}(?:\s*-\s*[0-9A-Z]{{1,{_GROUP}}}\b)+", re.IGNORECASE | re.ASCII)
"""A code in other text. A mail program may have broken it at a dash."""


class RoomCodeError(ValueError):
    """A text is no code, or a damaged one."""


@dataclass(frozen=True)
class SharedRatings:
    """What a code holds.

    Parameters
    ----------
    number : int
        The random number of the ledger that the code was made from.
    case : str
        The name of the case.
    judgements : tuple of Judgement
        Without reasons and times. An origin that several ratings share is ``"origin 1"``, ``"origin 2"`` and so on.
    """

    number: int
    case: str
    judgements: tuple[Judgement, ...]


def encode(judgements: Iterable[Judgement], case: Case, number: int) -> str:
    """Return the code of these ratings. What the case does not have is left out.

    Parameters
    ----------
    judgements : iterable of Judgement
        Under the names that the case uses.
    case : Case
    number : int
        From 0, below `NUMBERS`.

    Examples
    --------
    >>> case = Case.load()
    >>> code = encode([Judgement("S09", "F", "B", 2, "direct", "decisive against", "Abrahms")], case, 7)
    >>> decode(code.lower(), [case]).judgements
    (Judgement(statement='S09', reading='F', reliability='B', credibility=2, directness='direct', \
bearing='decisive against', origin='', reason='', updated='', interest='unknown'),)
    """
    readings, statements = _names(case)
    rated = without_words(
        judgement for judgement in judgements if judgement.reading in readings and judgement.statement in statements
    )[:_MOST]
    digits = [(number, NUMBERS), (len(rated), _MOST + 1)]
    for judgement in rated:
        origin = int(judgement.origin.rpartition(" ")[2] or 0)
        digits += [
            (readings.index(judgement.reading), len(readings)),
            (statements.index(judgement.statement), len(statements)),
            *((values.index(getattr(judgement, part)), len(values)) for part, values in ANSWERS.items()),
            (origin, len(rated) + 1),
        ]
    # The 1 at the end of the number keeps zeros before it.
    packed = 1
    for digit, base in reversed(digits):
        packed = packed * base + digit
    text = _in_signs(packed)
    text += _checksum(text, case)
    groups = (text[start : start + _GROUP] for start in range(0, len(text), _GROUP))
    return "-".join([_BEGINNING, *groups])


def decode(code: str, cases: Iterable[Case]) -> SharedRatings:
    """Return what a code holds, in small or capital letters, with any spaces.

    Raises
    ------
    RoomCodeError
        If it is damaged, no code, or about none of these cases.
    """
    beginning, *groups = "".join(code.upper().split()).split("-")
    text = "".join(groups).translate(_MISTAKEN)
    if beginning != _BEGINNING or len(text) <= _CHECKSUM or len(text) > LONGEST or not set(text) <= set(_SIGNS):
        raise RoomCodeError(f"This is not a code for the room. Codes begin with {_BEGINNING}-.")
    packed, checksum = text[:-_CHECKSUM], text[-_CHECKSUM:]
    for case in cases:
        if _checksum(packed, case) == checksum:
            return _unpack(packed, case)
    raise RoomCodeError(
        "A letter of this code is wrong or missing, or it was made with another case or version of the course. "
        "Copy the whole code again."
    )


def find_codes(text: str) -> Iterator[str]:
    """Yield everything in a text that looks like a code: a chat, a list, many codes pasted together."""
    yield from (match[0] for match in _CODE.finditer(text))


def without_words(judgements: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """Return the ratings as a code holds them, sorted, without words of the learner's. They weigh the same."""
    ordered = sorted(judgements, key=lambda judgement: judgement.key)
    by_origin: dict[str, int] = {}
    for judgement in ordered:
        by_origin[origin_of(judgement)] = by_origin.get(origin_of(judgement), 0) + 1
    shared = [origin for origin, count in by_origin.items() if count > 1]
    names = {origin: f"origin {place}" for place, origin in enumerate(shared, start=1)}
    return tuple(
        replace(judgement, origin=names.get(origin_of(judgement), ""), reason="", updated="") for judgement in ordered
    )


def _unpack(text: str, case: Case) -> SharedRatings:
    packed = 0
    for sign in text:
        packed = packed * 32 + _SIGNS.index(sign)

    def take(base: int) -> int:
        nonlocal packed
        packed, digit = divmod(packed, base)
        return digit

    readings, statements = _names(case)
    number, count = take(NUMBERS), take(_MOST + 1)
    judgements: dict[tuple[str, str], Judgement] = {}
    for _ in range(count):
        if not packed:
            break
        reading, statement = readings[take(len(readings))], statements[take(len(statements))]
        ratings: dict[str, Any] = {part: values[take(len(values))] for part, values in ANSWERS.items()}
        origin = take(count + 1)
        judgement = Judgement(statement, reading, **ratings, origin=f"origin {origin}" if origin else "")
        judgements[judgement.key] = judgement
    if packed != 1 or len(judgements) != count:
        # Its checksum is right, so it was made by hand.
        raise RoomCodeError("This code holds something else than ratings.")
    return SharedRatings(number, case.subject.name, tuple(judgements.values()))


def _names(case: Case) -> tuple[Sequence[str], Sequence[str]]:
    """Return the readings and statements that a code can name."""
    return list(case.subject.readings), [str(row["id"]) for row in case.rows("statements")]


def _checksum(text: str, case: Case) -> str:
    """Return a checksum over a code and over what its numbers stand for."""
    meaning = "|".join([case.subject.name, *(",".join(names) for names in _names(case)), text])
    return _in_signs(zlib.crc32(meaning.encode()) % 32**_CHECKSUM).rjust(_CHECKSUM, "0")


def _in_signs(number: int) -> str:
    signs = ""
    while number:
        number, digit = divmod(number, 32)
        signs = _SIGNS[digit] + signs
    return signs


def of_case(judgements: Iterable[Judgement], case: Case) -> tuple[Judgement, ...]:
    """Return the judgements of a case's statements and readings, under the names that the case uses."""
    prefix = case.ledger_prefix
    readings, statements = _names(case)
    return tuple(
        replace(judgement, statement=judgement.statement.removeprefix(prefix))
        for judgement in judgements
        if judgement.statement.startswith(prefix)
        and judgement.statement.removeprefix(prefix) in statements
        and judgement.reading in readings
    )
