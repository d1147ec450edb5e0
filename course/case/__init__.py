"""The tables of a case: read, checked, and given by name."""

from course.case.case import COURSE_TABLES, TABLES, Case, CaseError, Row

__all__ = ["COURSE_TABLES", "TABLES", "Case", "CaseError", "Row"]
