"""Dates, weights and lists in the short form that charts use."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd


def day(when: pd.Timestamp) -> str:
    """Return ``6 Dec 2017``."""
    return f"{when.day} {when:%b %Y}"


def decibels(weight: float) -> str:
    """Return a weight with its sign: ``−9.2 dB``."""
    return f"{weight:+.1f} dB".replace("-", "−")


def listed(parts: Iterable[str]) -> str:
    """Join the parts on one line, separated by semicolons."""
    return "; ".join(part.replace("\n", " ") for part in parts)
