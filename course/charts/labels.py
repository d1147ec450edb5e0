"""Numbers and dates as the charts write them."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd


def count(number: int, thing: str) -> str:
    """Return ``1 week``, ``2 weeks``."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def day(when: pd.Timestamp) -> str:
    """Return ``6 Dec 2017``."""
    return f"{when.day} {when:%b %Y}"


def percent(chance: float) -> str:
    """Return a chance (0 to 1) as ``40%``, never 0% or 100% of what is only nearly so."""
    return "under 1%" if chance < 0.01 else "over 99%" if chance > 0.99 else f"{chance:.0%}"


def decibels(weight: float) -> str:
    """Return a weight with its sign: ``−9.2 dB``."""
    return f"{weight:+.1f} dB".replace("-", "−")


def listed(parts: Iterable[str]) -> str:
    """Return the parts on one line, one after the other."""
    return "; ".join(part.replace("\n", " ") for part in parts)
