"""A part of Jupyter's server: formgrader's list says what was handed in late, or again after feedback."""

from __future__ import annotations

from typing import Any

import nbgrader.server_extensions.formgrader.base
from nbgrader.apps.api import NbGraderAPI

from course.classroom.gradebook.marking_pages import describe_handing_in
from course.classroom.gradebook.outcome import Submission


class NotingAPI(NbGraderAPI):  # type: ignore[misc]
    """What formgrader's pages ask, with notes beside the time at which something was handed in."""

    def get_submission(self, assignment_id: str, student_id: str, *arguments: Any, **options: Any) -> Any:
        """Return what the list shows of one submission."""
        return self._noted(super().get_submission(assignment_id, student_id, *arguments, **options))

    def get_submissions(self, assignment_id: str) -> list[dict[str, Any]]:
        """Return what the list shows of all submissions."""
        # nbgrader asks `get_submission` for those that are not graded yet.
        submissions: list[dict[str, Any]] = super().get_submissions(assignment_id)
        return [self._noted(item) if item["autograded"] else item for item in submissions]

    def _noted(self, item: Any) -> Any:
        if not item or not item["display_timestamp"]:
            return item
        with self.gradebook as book:
            notes = describe_handing_in(book, self.coursedir, Submission(item["name"], item["student"]))
        return item | {"display_timestamp": " ".join([f"{item['display_timestamp']}.", *notes])} if notes else item


def _load_jupyter_server_extension(_: Any) -> None:
    nbgrader.server_extensions.formgrader.base.NbGraderAPI = NotingAPI


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]
