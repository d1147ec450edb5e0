"""Group messages to learners: two that differ only in a learner's own values show the same misconception."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 1000
"""A message is cut here: what a learner's own code raises can be of any length."""

# What a learner's own answer puts into a message: an error of their own code, where it happened, their own words.
_OWN_WORDS: Final = r"""
    (?P<error> (?<=\bstops\ with\ ) [A-Za-z_.]+: .*
      | \( [A-Za-z_.]*(?:Error|Exception|Warning): .*? \) (?=\.\ |$) )
  | (?P<where> \s* \( [^\s()]* ,\ line\ \d+ \) )
  | (?<![\w.]) (?:[A-Za-z]:)? (?:[/\\] [\w.\-]+){2,}
  | (?<!\w) ' [^'\n]* ' (?!\w)
  | (?<!\w) " [^"\n]* " (?!\w)
"""
# Beyond their words: a statement's or a wording's id, a number, and what a message puts between curly quotation marks.
_OWN_VALUES: Final = r"""
  | “ [^”\n]* ”
  | \b [A-Z] \d{2,} \b
  | (?<!\w) [-+−]? \d+ (?:[.,]\d+)* (?:e[-+]?\d+)? (?:\s?%)?
"""
_WORDS: Final = re.compile(_OWN_WORDS, re.VERBOSE | re.DOTALL)
_VALUES: Final = re.compile(_OWN_WORDS + _OWN_VALUES, re.VERBOSE | re.DOTALL)
_SEVERAL: Final = re.compile(r"…(?:(?:,| and|, and|;) …)+(?: more)?")
_SENTENCES: Final = re.compile(r"(?<=[.!?])\s+")
_NUMBER: Final = re.compile(r"…\s+(?:is|are|has|have)\b")


def pattern(message: str) -> str:
    """Return a message with an ellipsis for each value of the learner's own, and nothing said twice.

    Examples
    --------
    >>> pattern("total is 12.5 dB, which is not the expected value. Count each origin once.")
    'total is … dB, which is not the expected value. Count each origin once.'
    >>> pattern("S02 has a weight and no reason. S09 has a weight and no reason.")
    '… has a weight and no reason.'
    """
    blank = _SEVERAL.sub("…", _blank(_VALUES, message))
    return " ".join(dict.fromkeys(_SENTENCES.split(blank)))


def discreet(message: str) -> str:
    """Return a message without the learner's own words: what they wrote between quotation marks, or their code raised.

    Examples
    --------
    >>> discreet("You added 14 % and 16 %. name is 'Ada', which is not the expected value.")
    'You added 14 % and 16 %. name is …, which is not the expected value.'
    """
    return _blank(_WORDS, message)


def same(message: str) -> str:
    """Return what two messages have in common if they are about the same thing: for comparing, not for reading."""
    return _NUMBER.sub("…", pattern(message)).casefold()


def without_names(text: str, names: Iterable[str]) -> str:
    """Return a text in which none of these names is left.

    Names of one or two letters stay: they would be found in half of all words, and say little.
    """
    telling = sorted({name for name in names if len(name) > 2}, key=len, reverse=True)
    if not telling:
        return text
    return re.sub(rf"(?<!\w)(?:{'|'.join(map(re.escape, telling))})(?!\w)", "…", text, flags=re.IGNORECASE)


def _blank(values: re.Pattern[str], message: str) -> str:
    def blank(match: re.Match[str]) -> str:
        if error := match["error"]:
            return f"{error.partition(':')[0]}: …{')' if error[0] == '(' else ''}"
        return "" if match["where"] else "…"

    return " ".join(values.sub(blank, message).split())
