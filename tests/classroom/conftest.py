"""`weighing`: a class of eight that has handed in and been graded, once for all tests that look at it."""

from __future__ import annotations

import pytest

from tests.classroom.grading.classroom import weighing_class
from tests.gradebook import Course


@pytest.fixture(scope="session")
def weighing(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """See `tests.classroom.grading.classroom.weighing_class`. Whoever changes it puts it back."""
    return weighing_class(tmp_path_factory.mktemp("weighing"))
