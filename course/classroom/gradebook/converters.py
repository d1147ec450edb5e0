"""nbgrader's converters, as they are, except that they raise what stopped them. Its own write that to a log."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import nbgrader.converters
from nbconvert.exporters import HTMLExporter
from nbgrader.converters.base import NbGraderException

from course.classroom.gradebook.marking_pages import FeedbackExporter


class _RaisingConverter:
    """Remembers the first error in the steps of a converter."""

    cause: Exception | None = None

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Make the submission's folder ready, as nbgrader does."""
        with self._remembering_error():
            super().init_assignment(assignment_id, student_id)  # type: ignore[misc]

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Convert a notebook, as nbgrader does."""
        with self._remembering_error():
            super().convert_single_notebook(notebook_filename)  # type: ignore[misc]

    @contextlib.contextmanager
    def _remembering_error(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.cause = self.cause or error
            raise

    def run(self) -> None:
        """Convert what the course directory names, or raise what stopped it."""
        try:
            self.start()  # type: ignore[attr-defined]
        except NbGraderException as error:
            raise self.cause or error from None


class Autograde(_RaisingConverter, nbgrader.converters.Autograde):  # type: ignore[misc]
    """As nbgrader's."""


class GenerateAssignment(_RaisingConverter, nbgrader.converters.GenerateAssignment):  # type: ignore[misc]
    """As nbgrader's."""


class GenerateFeedback(_RaisingConverter, nbgrader.converters.GenerateFeedback):  # type: ignore[misc]
    """As nbgrader's, with our pages where a course has chosen no others."""

    def run(self) -> None:
        """Write the pages of what the course directory names, or raise what stopped it."""
        exporter: Any = self.exporter_class  # type: ignore[has-type]
        if exporter is HTMLExporter and self.config.HTMLExporter.template_name == "feedback":
            self.exporter_class = FeedbackExporter
        super().run()
