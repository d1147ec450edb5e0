"""The tables of a case: read, checked, and given by name."""

from course.case.case import TABLES, Case, CaseError, Row

__all__ = ["TABLES", "Case", "CaseError", "Row"]
