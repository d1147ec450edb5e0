"""Everything that goes on the report's page, and what must not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from course.classroom.report.load import Gathered
from course.classroom.report.messages import without_names


@dataclass(frozen=True)
class Facts:
    """What of the case the page speaks about.

    Parameters
    ----------
    statements : mapping of str to row
        The register by statement.
    readings : mapping of str to str
        The wording of each reading.
    """

    statements: Mapping[str, Mapping[str, Any]]
    readings: Mapping[str, str]


@dataclass(frozen=True)
class Report:
    """Everything that goes on the page.

    Parameters
    ----------
    name : str
        The class.
    made : datetime
        When the report is made.
    gathered : tuple of Gathered
        An entry for each assignment.
    reasons : mapping of str to mapping of str to str
        By assignment and student, what `course grade` said of what it flagged or could not grade.
    called : mapping of str to str
        What each student is called on the page.
    names : frozenset of str
        What must not be read on it; empty if names may be.
    facts : Facts
    """

    name: str
    made: datetime
    gathered: tuple[Gathered, ...]
    reasons: Mapping[str, Mapping[str, str]]
    called: Mapping[str, str]
    names: frozenset[str]
    facts: Facts

    def who(self, student: str) -> str:
        """Return what a student is called on the page."""
        # With a space at which no line breaks: a code is one word to its reader.
        return self.called[student].replace(" ", "\N{NO-BREAK SPACE}")

    def discreet(self, text: str) -> str:
        """Return a text without names, if names are not wanted."""
        return without_names(text, self.names) if self.names else text
