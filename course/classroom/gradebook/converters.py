"""nbgrader's converters, as they are, except that they raise what stopped them. Its own write that to a log."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import nbgrader.converters
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from nbconvert.exporters import HTMLExporter
from nbgrader.converters.base import NbGraderException


class _Remembering:
    """Remembers the first error in the steps of a converter."""

    cause: Exception | None = None

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Make the submission's folder ready, as nbgrader does."""
        with self._remembered():
            super().init_assignment(assignment_id, student_id)  # type: ignore[misc]

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Convert a notebook, as nbgrader does."""
        with self._remembered():
            super().convert_single_notebook(notebook_filename)  # type: ignore[misc]

    @contextlib.contextmanager
    def _remembered(self) -> Iterator[None]:
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


class Autograde(_Remembering, nbgrader.converters.Autograde):  # type: ignore[misc]
    """As nbgrader's."""


class GenerateAssignment(_Remembering, nbgrader.converters.GenerateAssignment):  # type: ignore[misc]
    """As nbgrader's."""


class GenerateFeedback(_Remembering, nbgrader.converters.GenerateFeedback):  # type: ignore[misc]
    """As nbgrader's, with templates that are compiled once for a process instead of once for a page."""

    def run(self) -> None:
        """Write the pages of what the course directory names, or raise what stopped it."""
        # A course that has chosen another exporter keeps it.
        exporter: Any = self.exporter_class  # type: ignore[has-type]
        self.exporter_class = _Pages if exporter is HTMLExporter else exporter
        super().run()


class _Pages(HTMLExporter):
    """nbconvert's exporter to HTML with a memory for compiled templates."""

    def _create_environment(self) -> Any:
        environment = super()._create_environment()  # type: ignore[no-untyped-call]
        environment.bytecode_cache = _COMPILED
        return environment


class _Compiled(BytecodeCache):
    """Jinja's own memory for compiled templates, kept in this process."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read a template that was compiled before."""
        if code := self.kept.get(bucket.key + bucket.checksum):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template that has been compiled."""
        self.kept[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


_COMPILED = _Compiled()
