"""Counts and lists, as a sentence writes them."""

from __future__ import annotations

from collections.abc import Sequence


def number_of(count: int, noun: str) -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> number_of(1, "answer"), number_of(2, "answer")
    ('1 answer', '2 answers')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


def listed(parts: Sequence[str]) -> str:
    """Return the parts with commas between them and *and* before the last.

    Examples
    --------
    >>> listed(["F"]), listed(["F", "U", "T"])
    ('F', 'F, U and T')
    """
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
