"""nbgrader (and nbconvert's exporters, which it uses): what we replace, override and read of it."""

from __future__ import annotations

import ast
import hashlib
import importlib
import inspect
import re
import sys
from pathlib import Path
from typing import Any

import nbgrader.api
import nbgrader.nbgraderformat.common
import pytest
from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.exporter import Exporter
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer
from nbconvert.preprocessors import ExecutePreprocessor
from nbformat.v4 import new_code_cell, new_output
from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    SourceCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeCollect, ExchangeList, ExchangeReleaseFeedback, ExchangeSubmit
from nbgrader.exchange.default.exchange import Exchange
from nbgrader.preprocessors import Execute, SaveCells
from nbgrader.server_extensions.formgrader import handlers
from nbgrader.server_extensions.formgrader.base import BaseHandler
from nbgrader.utils import capture_log, compute_checksum, determine_grade

from tests.upstream import assigned, member, parameters, require, source

USERS_OF_THE_GRADEBOOK = (
    "nbgrader.converters.autograde",
    "nbgrader.converters.generate_assignment",
    "nbgrader.exchange.default.collect",
    "nbgrader.preprocessors.latesubmissions",
    "nbgrader.preprocessors.overwritecells",
    "nbgrader.preprocessors.overwritekernelspec",
    "nbgrader.preprocessors.saveautogrades",
    "nbgrader.preprocessors.savecells",
)


@pytest.mark.parametrize("name", USERS_OF_THE_GRADEBOOK)
def test_modules_name_the_gradebook_class_themselves(name: str) -> None:
    used = vars(importlib.import_module(name)).get("Gradebook")
    require(isinstance(used, type) and issubclass(used, Gradebook), "N1", f"{name} has a global name Gradebook")


def test_a_gradebook_is_made_of_four_attributes() -> None:
    require(
        parameters(Gradebook.__init__) == ["self", "db_url", "course_id", "authenticator"],
        "N1",
        "nbgrader makes a Gradebook from db_url, course_id and authenticator",
    )
    require(
        assigned(Gradebook.__init__) == {"engine", "db", "course_id", "authenticator"},
        "N1",
        "Gradebook.__init__ sets engine, db, course_id and authenticator and nothing else",
    )
    require("self.db.remove()" in source(Gradebook.close), "N1", "Gradebook.close gives its scoped session back")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("find_source_cell", ["self", "name", "notebook", "assignment"]),
        ("find_graded_cell", ["self", "name", "notebook", "assignment"]),
        ("find_grade", ["self", "grade_cell", "notebook", "assignment", "student"]),
        ("find_comment", ["self", "solution_cell", "notebook", "assignment", "student"]),
        ("find_notebook", ["self", "name", "assignment"]),
        ("find_submission_notebook", ["self", "notebook", "assignment", "student"]),
    ],
)
def test_the_gradebook_finds_rows_by_these_names(name: str, expected: list[str]) -> None:
    require(parameters(member(Gradebook, name)) == expected, "N2", f"Gradebook.{name} takes {', '.join(expected[1:])}")


def test_rows_have_the_columns_that_queries_ask_for() -> None:
    columns = {
        SourceCell: ("name", "notebook_id", "cell_type", "checksum", "locked"),
        GradeCell: ("name", "notebook_id", "max_score"),
        TaskCell: ("name", "notebook_id", "max_score"),
        Grade: ("name", "notebook_id", "cell", "cell_id", "score", "auto_score", "manual_score", "needs_manual_grade"),
        Comment: ("name", "notebook_id", "cell"),
        SubmittedNotebook: ("assignment_id", "notebook_id"),
        SubmittedAssignment: ("student_id", "assignment_id", "total_seconds_late", "late_submission_penalty"),
    }
    for table, names in columns.items():
        for name in names:
            require(hasattr(table, name), "N2", f"nbgrader's table {table.__name__} has {name}")
    overview = source(member(Gradebook, "submission_dicts"))
    for key in ("student", "score", "max_score", "needs_manual_grade"):
        require(f'"{key}"' in overview, "N2", f"a row of Gradebook.submission_dicts has {key}")


def test_cells_are_validated_through_one_name() -> None:
    module = nbgrader.nbgraderformat.common
    used = {
        node.attr
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "jsonschema"
    }
    require(used == {"validate"}, "N3", "nbgrader.nbgraderformat.common uses jsonschema.validate only")


def test_a_converter_does_its_steps_in_these_methods() -> None:
    require(
        parameters(member(BaseConverter, "init_assignment")) == ["self", "assignment_id", "student_id"]
        and parameters(member(BaseConverter, "convert_single_notebook")) == ["self", "notebook_filename"],
        "N4",
        "BaseConverter has init_assignment(assignment_id, student_id) and convert_single_notebook(notebook_filename)",
    )
    steps = source(member(BaseConverter, "convert_notebooks"))
    require(
        "self.init_assignment(" in steps and "self.convert_single_notebook(" in steps,
        "N4",
        "BaseConverter.convert_notebooks runs both for each submission",
    )
    require(
        "except Exception:" in steps and "raise NbGraderException" in steps,
        "N4",
        "BaseConverter.convert_notebooks logs what stopped a notebook and raises NbGraderException in its place",
    )
    require(issubclass(NbGraderException, Exception), "N4", "NbGraderException can be caught as an Exception")
    require(
        hasattr(Autograde, "autograde_preprocessors") and hasattr(Autograde, "exporter_class"),
        "N4",
        "Autograde has the settings autograde_preprocessors and exporter_class",
    )


def test_nbgrader_runs_a_notebook_in_the_step_that_we_replace() -> None:
    require(
        Execute in Autograde.autograde_preprocessors.default(),
        "N5",
        "nbgrader.preprocessors.Execute is one of Autograde's steps",
    )
    require(issubclass(Execute, ExecutePreprocessor), "N5", "nbgrader's Execute is nbconvert's ExecutePreprocessor")
    require(
        "NBGRADER_EXECUTION='autograde'" in source(Autograde).replace('"', "'"),
        "N5",
        "nbgrader says NBGRADER_EXECUTION=autograde to what it runs",
    )


def graded(*outputs: Any) -> Any:
    marks = {"grade": True, "solution": False, "locked": True, "task": False, "grade_id": "check", "points": 2}
    return new_code_cell("check(answer)", metadata={"nbgrader": marks}, outputs=list(outputs))  # type: ignore[no-untyped-call]


def test_points_follow_from_a_cells_outputs() -> None:
    error = new_output("error", ename="NotYet", evalue="", traceback=[])  # type: ignore[no-untyped-call]
    warning = new_output("stream", name="stderr", text="careful")  # type: ignore[no-untyped-call]
    half = new_output("execute_result", data={"text/plain": "1"}, execution_count=1)  # type: ignore[no-untyped-call]
    for outputs, points, fact in [
        ((), 2, "a check that shows nothing earns its points"),
        ((error,), 0, "a check that raises an error earns none"),
        ((warning,), 0, "a check that writes to standard error earns none"),
        ((half, error), 1, "the first result of a check counts, whatever follows it"),
    ]:
        require(determine_grade(graded(*outputs))[0] == points, "N6", f"for nbgrader, {fact}")


def test_the_checksum_of_a_cell_is_the_one_in_released_notebooks() -> None:
    parts = ("check(answer)", "code", "True", "False", "True", "check", "2.0")
    require(
        compute_checksum(graded()) == hashlib.md5("".join(parts).encode()).hexdigest(),
        "N7",
        "nbgrader's checksum of a cell is the MD5 of its source, kind, roles, grade_id and points",
    )


def test_handing_in_goes_by_attributes_that_init_dest_sets() -> None:
    require(
        {"inbound_path", "cache_path", "assignment_filename"} == assigned(member(ExchangeSubmit, "init_dest")),
        "N8",
        "ExchangeSubmit.init_dest sets inbound_path, cache_path and assignment_filename and nothing else",
    )
    steps = source(member(ExchangeSubmit, "copy_files"))
    for name in ("self.inbound_path", "self.cache_path", "self.assignment_filename", "self.timestamp"):
        require(name in steps, "N8", f"ExchangeSubmit.copy_files goes by {name}")
    for name in ("timestamp.txt", "submission_secret.txt"):
        require(name in steps, "N8", f"nbgrader lays {name} beside a submission")
    require(
        "'{}+{}+{}+{}'.format(" in source(ExchangeSubmit),
        "N8",
        "a submission is called student+assignment+time+something random",
    )


def test_collecting_reads_the_folder_inbound() -> None:
    steps = source(member(ExchangeCollect, "init_src"))
    require("'inbound'" in steps, "N8", "ExchangeCollect.init_src reads submissions from the course's folder inbound")
    require(hasattr(ExchangeCollect, "check_owner"), "N8", "collecting can be told not to compare owners")


def test_feedback_is_released_except_for_excluded_students() -> None:
    steps = source(member(ExchangeReleaseFeedback, "copy_files"))
    for name in ("self.src_path", "self.coursedir.student_id_exclude"):
        require(name in steps, "N8", f"ExchangeReleaseFeedback.copy_files goes by {name}")
    require(
        parameters(member(Exchange, "ensure_directory")) == ["self", "path", "mode"],
        "N8",
        "Exchange.ensure_directory takes path and mode",
    )


def test_a_new_gradebook_starts_alembic_by_its_bare_name() -> None:
    require(
        "sp.check_output(['alembic'," in source(member(nbgrader.api, "get_alembic_version")).replace('"', "'"),
        "N9",
        "nbgrader finds its program alembic through PATH",
    )


def test_a_release_is_made_without_a_gradebook() -> None:
    require(
        hasattr(GenerateAssignment, "no_database") and hasattr(SaveCells, "enabled"),
        "N10",
        "GenerateAssignment.no_database and SaveCells.enabled keep a release out of the gradebook",
    )
    require(
        {"success", "error", "log"} <= set(source(capture_log).replace("'", '"').split('"')),
        "N10",
        "capture_log returns success, error and log",
    )


def test_folders_are_found_with_format_path() -> None:
    require(
        parameters(CourseDirectory.format_path) == ["self", "nbgrader_step", "student_id", "assignment_id", "escape"],
        "N10",
        "CourseDirectory.format_path takes nbgrader_step, student_id, assignment_id and escape",
    )


def test_parts_for_instructors_have_these_names() -> None:
    static = Path(sys.prefix, "share/jupyter/labextensions/@jupyter/nbgrader/static")
    scripts = "".join(path.read_text(encoding="utf-8") for path in static.glob("*.js"))
    for part in ("formgrader", "course-list", "create-assignment"):
        require(f"@jupyter/nbgrader:{part}" in scripts, "N11", f"JupyterLab knows nbgrader's {part} by that name")
    for part in ("formgrader", "course_list"):
        require(
            importlib.util.find_spec(f"nbgrader.server_extensions.{part}"),
            "N11",
            f"Jupyter's server loads nbgrader's {part} from nbgrader.server_extensions",
        )


def test_formgrader_and_the_list_of_assignments_can_be_told_more() -> None:
    require(
        "NbGraderAPI(" in source(vars(BaseHandler)["api"].fget)
        and "display_timestamp" in source(NbGraderAPI.get_submissions)
        and "self.get_submission(" in source(NbGraderAPI.get_submissions),
        "N13",
        "formgrader takes its list from NbGraderAPI.get_submissions, with a display_timestamp for each",
    )
    require("self.src_records" in source(ExchangeCollect.copy_files), "N13", "ExchangeCollect collects its src_records")
    parsing = source(ExchangeList.parse_assignments)
    for name in (
        "has_exchange_feedback",
        "has_local_feedback",
        "feedback_updated",
        "local_feedback_path",
        "submissions",
    ):
        require(f"'{name}'" in parsing, "N13", f"ExchangeList.parse_assignments says {name}")
    static = Path(sys.prefix, "share/jupyter/labextensions/@jupyter/nbgrader/static")
    scripts = "".join(path.read_text(encoding="utf-8") for path in static.glob("*.js"))
    require("filebrowser:go-to-path" in scripts, "N13", "nbgrader's “view feedback” runs filebrowser:go-to-path")


def test_nbconvert_makes_its_template_environment_in_a_method() -> None:
    require(
        "self._create_environment()" in source(vars(TemplateExporter)["environment"].fget),
        "N12",
        "an nbconvert exporter gets Jinja's environment from _create_environment",
    )
    require(
        hasattr(GenerateFeedback, "exporter_class") and hasattr(HTMLExporter, "sanitize_html"),
        "N12",
        "nbgrader's feedback pages are made by an exporter that can be named, and HTMLExporter can clean HTML",
    )
    require(hasattr(Exporter, "optimistic_validation"), "N12", "nbconvert can validate a notebook less often")


def test_a_feedback_page_can_be_changed_in_parts_and_formgrader_says_that_it_asks() -> None:
    template = Path(handlers.template_path, "feedback", "index.html.j2").read_text(encoding="utf-8")
    for block in ("body", "markdowncell", "input"):
        require(f"block {block} " in template, "N12", f"nbgrader's page feedback has a block {block}")
    require(
        "'submission_id': submission.id" in inspect.getsource(handlers.SubmissionHandler),
        "N12",
        "formgrader puts submission_id into its exporter's resources",
    )


def test_nbconverts_markdown_can_be_had_without_links_beside_headings() -> None:
    require(
        {"escape", "attachments", "exclude_anchor_links"} <= set(inspect.signature(IPythonRenderer).parameters),
        "N12",
        "nbconvert's IPythonRenderer takes escape, attachments and exclude_anchor_links",
    )


@pytest.mark.parametrize("page", ["formgrade", "feedback"])
def test_what_learners_write_goes_through_filters_that_can_be_replaced(page: str) -> None:
    template = Path(handlers.template_path, page, "index.html.j2").read_text(encoding="utf-8")
    written = re.findall(r"{{-? *cell\.(?:source|metadata\.nbgrader\.comment)[^}]*}}", template)
    require(bool(written), "N12", f"nbgrader's page {page} shows answers by {{{{ cell.source | … }}}}")
    for place in written:
        require(
            "markdown2html" in place or "highlight_code" in place,
            "N12",
            f"nbgrader's page {page} passes what learners write through markdown2html or highlight_code, not: {place}",
        )
