"""The tables of a case: read, checked, and given by name."""

from course.case.case import COURSE_TABLES, TABLES, Case, CaseError, Row, default_case, shipped_cases
from course.case.subject import Reading, Subject

__all__ = [
    "COURSE_TABLES",
    "TABLES",
    "Case",
    "CaseError",
    "Reading",
    "Row",
    "Subject",
    "default_case",
    "shipped_cases",
]
