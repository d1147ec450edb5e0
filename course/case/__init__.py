"""The tables of a case: read, checked, and given by name.

In a notebook, importing this package aligns the cells of every DataFrame that is shown.
"""

from course.case.case import COURSE_TABLES, TABLES, Case, CaseError, Row, default_case, shipped_cases
from course.case.notebook_table import use_in_notebook
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

use_in_notebook()
