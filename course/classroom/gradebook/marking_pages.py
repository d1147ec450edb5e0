"""What nbgrader's pages show with a submission: mark schemes to the marker, the questions' names to the learner."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import nbgrader
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from course.classroom.gradebook import safe_html
from course.classroom.gradebook.course_folder import submission_folder
from course.classroom.gradebook.marks import released
from course.classroom.gradebook.outcome import Submission
from course.classroom.gradebook.questions import source_of, titles
from course.classroom.gradebook.submission_check import handed_in_at
from course.wording import format_duration

SETTINGS: Final = {
    "HTMLExporter": {
        "sanitize_html": True,
        "filters": safe_html.FILTERS,
        "preprocessors": [f"{__name__}.ShowToMarker"],
    },
    "GenerateFeedback": {"exporter_class": f"{__name__}.FeedbackExporter"},
}
"""nbgrader's settings for formgrader and for feedback."""

_OURS: Final = Path(__file__).with_name("templates")
_FORMGRADER: Final = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
_MARK_SCHEME: Final = re.compile(r"BEGIN MARK SCHEME[^\n]*\n(.*?)\n[^\n]*END MARK SCHEME", re.DOTALL)


class ShowToMarker(Preprocessor):
    """Adds notes on the submission and the mark scheme below each answer. In formgrader, not in feedback."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Return the notebook, with cells for the marker where it is shown in formgrader."""
        # Only formgrader, which the instructor alone can open, has ids of submissions.
        if "submission_id" not in resources:
            return nb, resources
        coursedir = CourseDirectory(config=self.config)
        submission = Submission(resources["assignment_id"], resources["student"])
        source = Path(coursedir.format_path(coursedir.source_directory, ".", submission.assignment))
        schemes = mark_schemes(source / f"{resources['notebook_id']}.ipynb")
        with Gradebook(coursedir.db_url, coursedir.course_id) as book:
            notes = describe_handing_in(book, coursedir, submission)
        cells = [_note(f"**{note}**") for note in notes]
        for cell in nb.cells:
            cells.append(cell)
            if scheme := schemes.get(cell.metadata.get("nbgrader", {}).get("grade_id", "")):
                cells.append(_note(f"**Mark scheme.** Learners do not see it.\n\n{scheme}"))
        nb.cells = cells
        return nb, resources


def mark_schemes(source: Path) -> dict[str, str]:
    """Return the mark schemes in an assignment's source notebook (Markdown) by grade_id; empty if it is unreadable."""
    try:
        cells = json.loads(source.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return {}
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: match[1].strip()
        for cell in cells
        if "grade_id" in cell["metadata"].get("nbgrader", {}) and (match := _MARK_SCHEME.search(source_of(cell)))
    }


def describe_handing_in(book: Gradebook, coursedir: CourseDirectory, submission: Submission) -> list[str]:
    """Return a sentence if a submission was handed in late, and one if that was after feedback on an earlier one."""
    when = handed_in_at(submission_folder(coursedir, submission))
    answered = handed_in_at(submission_folder(coursedir, submission, coursedir.feedback_directory))
    try:
        try:
            due = book.find_submission(submission.assignment, submission.student).duedate
        except MissingEntry:
            due = book.find_assignment(submission.assignment).duedate
    except MissingEntry:
        due = None
    notes = []
    if when and due and when > due:
        notes.append(f"Handed in {format_duration((when - due).total_seconds())} late.")
    if when and answered and when > answered:
        notes.append("Handed in again after feedback.")
    return notes


class FeedbackExporter(HTMLExporter):
    """nbconvert's exporter to HTML with the questions' names, and templates compiled once for a process.

    nbgrader makes the exporter for its converter, from which it takes the course folder.
    """

    @property
    def default_config(self) -> Config:
        """Find our template before nbgrader's, and theirs before nbconvert's."""
        css = _FORMGRADER / "static" / "node_modules" / "bootstrap" / "dist" / "css"
        nbgraders = str(_FORMGRADER / "templates")
        ours = {
            "template_name": "named-feedback",
            "extra_template_basedirs": [str(_OURS), nbgraders],
            "extra_template_paths": [str(css), nbgraders],
        }
        config: Config = super().default_config
        config.merge(Config({type(self).__name__: ours}))
        return config

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **options: Any) -> Any:
        """Return the page and its resources, see nbconvert."""
        converter: Any = self.parent
        about = resources["nbgrader"]
        notebook = released(converter.coursedir, about["assignment"], about["notebook"])
        resources["titles"] = titles(notebook) if notebook else {}
        return super().from_notebook_node(nb, resources, **options)

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


def _note(text: str) -> NotebookNode:
    """Return a text for the marker as a cell, set apart as a quotation is."""
    cell: NotebookNode = new_markdown_cell("\n".join(f"> {line}" for line in text.splitlines()))  # type: ignore[no-untyped-call]
    return cell
