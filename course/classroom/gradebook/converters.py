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
    """As nbgrader's, with templates that are compiled once for a process instead of once for a page."""

    def run(self) -> None:
        """Write the pages of what the course directory names, or raise what stopped it."""
        # A course that has chosen another exporter keeps it.
        exporter: Any = self.exporter_class  # type: ignore[has-type]
        self.exporter_class = _CachedHTMLExporter if exporter is HTMLExporter else exporter
        super().run()


class _CachedHTMLExporter(HTMLExporter):
    """nbconvert's exporter to HTML with a memory for compiled templates."""

    def _create_environment(self) -> Any:
        environment = super()._create_environment()  # type: ignore[no-untyped-call]
        environment.bytecode_cache = _TEMPLATES
        return environment


class _TemplateCache(BytecodeCache):
    """Jinja's own memory for compiled templates, kept in this process."""

    def __init__(self) -> None:
        self.bytecode: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read a template that was compiled before."""
        if code := self.bytecode.get(bucket.key + bucket.checksum):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template that has been compiled."""
        self.bytecode[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


_TEMPLATES = _TemplateCache()
