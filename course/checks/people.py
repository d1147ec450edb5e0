"""Recognise a person by a name in any form in which it might be typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

TITLES: Final = frozenset({
    "adm", "admiral", "adviser", "advisor", "ambassador", "american", "analyst", "armed", "army", "author",
    "blogger", "british", "chief", "col", "colonel", "commander", "defence", "defense", "department", "deputy",
    "director", "doctor", "dr", "expert", "first", "forces", "foreign", "gen", "general", "head", "journalist",
    "kremlin", "lieutenant", "lt", "maj", "major", "marshal", "minister", "ministry", "mr", "mrs", "ms",
    "operations", "pentagon", "pres", "president", "prime", "prof", "professor", "reporter",
    "researcher", "russian", "scholar", "secretary", "senator", "sir", "spokesman", "spokesperson", "spokeswoman",
    "staff", "state", "syrian", "u.s", "us",
})  # fmt: skip
"""Words before a name that are no part of it. A word in small letters is none either, whatever it says."""
_MANY: Final = re.compile(r"\b(?:and|or|not|nor|neither|both|with|versus|vs|except|but)\b|[&+/]|\bn't\b", re.I)


def is_person(text: str, name: str, others: Iterable[str] = ()) -> bool:
    """Whether a text names this person, and nobody else.

    The family name has to be there; a given name or an initial has to fit. Titles before the name, and a role after a
    comma or in round brackets, may be there.

    Parameters
    ----------
    text : str
        What was typed.
    name : str
        The person's name: given names, then the family name.
    others : iterable of str
        Names of other people, which may not be in the text.

    Examples
    --------
    >>> is_person("Gen. Valery Gerasimov, Chief of the General Staff", "Valery Gerasimov")
    True
    >>> is_person("Gerasimov, V.", "Valery Gerasimov")
    True
    >>> is_person("Vladimir Gerasimov", "Valery Gerasimov")
    False
    >>> is_person("not Gerasimov", "Valery Gerasimov")
    False
    """
    *given, family = _words(name)
    written = _words(text)
    if family not in written or any(_words(other)[-1] in written and _words(other)[-1] != family for other in others):
        return False
    before, after = _split_at(text, family)
    if _MANY.search(before) or _MANY.search(re.split(r"[,(]", after)[0]):
        return False
    names_before = [word for word in _capitalised(before) if word not in TITLES]
    # A patronymic may stand beside the given name.
    if names_before and not any(_fits(word, given) for word in names_before):
        return False
    rest = after.strip(" .!?)”\"'")
    if not rest or (rest.isalpha() and _fits(rest.casefold(), given)):
        return True
    if rest.startswith(","):
        # "Gerasimov, Valery" or "Gerasimov, the general".
        first = (_capitalised(rest) or [""])[0]
        return len(_words(rest)) > 1 or not first or first in TITLES or _fits(first, given)
    return rest.startswith(("(", "–", "—", "- ", ";"))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", _fold(text).casefold())


def _capitalised(text: str) -> list[str]:
    """Return the words that begin with a capital, in small letters; a text in small letters alone has none to leave."""
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", _fold(text))
    capitals = [word.casefold() for word in words if word[0].isupper()]
    return capitals if capitals or not text.islower() else [word for word in _words(text) if word not in TITLES][-1:]


def _split_at(text: str, family: str) -> tuple[str, str]:
    folded = _fold(text)
    place = re.search(rf"\b{re.escape(family)}\b", folded, re.I)
    return (folded[: place.start()], folded[place.end() :]) if place else (folded, "")


def _fits(word: str, given: Iterable[str]) -> bool:
    """Whether a word is one of the given names, its initial, or another spelling of it (Valery, Valeri, Valeriy)."""
    return any(word == name or word == name[0] or (len(word) > 3 and word[:4] == name[:4]) for name in given)


def _fold(text: str) -> str:
    """Return a text without accents and without the 's of a possessive."""
    decomposed = unicodedata.normalize("NFKD", re.sub(r"['’]s\b", "", text))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
