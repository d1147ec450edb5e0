"""Checks run in a kernel of their own: as with nbgrader, out of reach of the answers, and hidden cases stay hidden."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from nbgrader.preprocessors import Execute as PlainExecute
from nbgrader.utils import determine_grade

from course.classroom.gradebook.shared_gradebook import LockedCell
from course.classroom.grading.execute import Execute
from course.classroom.kernels.referee import FAILED, defined_names, hidden_lines, without_hidden
from course.ledger import Ledger
from course.ledger.judgement import Judgement
from tests.classroom.grading.test_execute import PYTHON, cell, comparable, run, text_of

pytestmark = pytest.mark.nbgrader

SETUP = """\
import pandas as pd
from course import ClaimTracer, Ledger
from course.checks.exercise import handed_in
from course.checks.expect import NotAnswered, NotYet, expect, expect_items, expect_number, expect_table, expect_text

frozen = None
given_table = pd.DataFrame({"a": [1, 2, 3]})
given_table"""
HIDDEN = """\
expect_number("double", 4, given=[2])
### BEGIN HIDDEN TESTS
expect_number("double", 14, given=[7], hint="the key is secret")
### END HIDDEN TESTS"""


def locked(source: str) -> NotebookNode:
    """Return a locked cell that gives no points."""
    new = cell(source, 0)
    new.metadata.nbgrader.update(grade=False)
    del new.metadata.nbgrader["points"]
    return new


def check(source: str, worth: float = 1) -> NotebookNode:
    """Return a graded check."""
    return cell(source, worth)


def graded(notebook: NotebookNode) -> list[float]:
    """Return what nbgrader gives for each check."""
    return [determine_grade(item)[0] for item in notebook.cells if is_check(item)]


def is_check(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


HONEST = (
    "number = 7",
    check("expect_number('number', 7)"),
    check("assert number == 7"),
    "number = 8\nprint('said')",
    check("expect_number('number', 7, unless={8: 'One less.'})"),
    check("expect_text('missing', 'x')"),
    "def double(n):\n    print('doubling', n)\n    return 2 * n",
    check("expect_number('double', 4, given=[2])\nexpect_items('items', [1])"),
    check("double(21)", 50),
    "def broken(n):\n    return 1 / 0",
    check("expect_number('broken', 1, given=[0], hint='Divide by something.')"),
    "table = given_table.assign(b=given_table['a'] * 2)\ntable",
    check("expect_table('table', pd.DataFrame({'a': [1, 2, 3], 'b': [2, 4, 6]}))"),
    check("pd.testing.assert_frame_equal(table, given_table)"),
    "items = given_table.groupby('a')",
    check("expect_items('items', [1])"),
    check("expect_number('items', 1)"),
    "items = map(str, [1, 2])",
    check("expect_items('items', ['1', '2'])"),
    locked("tracer = ClaimTracer()\ntracer.marked"),
    "tracer.mark('C04', because='a reason')",
    check("expect_text('the mark', 'C04', answer=tracer.marked)"),
    "for",
    check("expect_number('number', 8)"),
    check("undefined"),
    "def answer():\n    import warnings\n    return 1",
    check("expect_number('answer', 1, given=[])\nexpect_number('answer', 2, given=[])"),
    "_, In[-1]",
)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[NotebookNode, NotebookNode]:
    """The same notebook, graded by nbgrader's own step and by ours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTEST_CURRENT_TEST")
        plain, ours = (
            run([locked(SETUP), *copy.deepcopy(HONEST)], tmp_path_factory.mktemp("graded"), step)
            for step in (PlainExecute, Execute)
        )
    return plain, ours


@pytest.mark.parametrize("number", range(len(HONEST) + 1))
def test_a_cell_shows_what_nbgrader_shows(both: tuple[NotebookNode, NotebookNode], number: int) -> None:
    plain, ours = (comparable(notebook.cells[number]) for notebook in both)
    # The last cell shows the cell before it, which in nbgrader's kernel was a check.
    assert ours == plain or number == len(HONEST)


def test_points_are_nbgraders(both: tuple[NotebookNode, NotebookNode]) -> None:
    assert graded(both[1]) == graded(both[0])
    assert sum(graded(both[1])) > 40


def test_a_hidden_test_says_only_that_it_failed(tmp_path: Path) -> None:
    for answer, mark in (("def double(n):\n    return n * 2", 1), ("def double(n):\n    return 4", 0)):
        done = run([locked(SETUP), answer, check(HIDDEN)], tmp_path)
        assert graded(done) == [mark]
        shown = str(done.cells[2])
        assert "double(2): as far as this check can see, right." in shown
        assert "secret" not in shown
        assert "double(7)" not in shown
        assert "HIDDEN" not in shown
        assert (FAILED in shown) == (mark == 0)


def test_a_hidden_assert_inside_a_loop_shows_nothing_either(tmp_path: Path) -> None:
    source = (
        "for n in range(2):\n    ### BEGIN HIDDEN TESTS\n    assert double(n) == 'the key'\n    ### END HIDDEN TESTS"
    )
    done = run([locked(SETUP), "def double(n):\n    print(n)\n    return 2 * n", check(source)], tmp_path)
    assert graded(done) == [0]
    assert "the key" not in str(done.cells[2])
    assert [output.evalue for output in done.cells[2].outputs] == [FAILED]


def test_the_traceback_of_a_visible_assert_shows_no_hidden_line_beside_it(tmp_path: Path) -> None:
    source = (
        "assert number == 1\n### BEGIN HIDDEN TESTS\nassert number == 4731, 'the key'\n### END HIDDEN TESTS\nnumber"
    )
    done = run([locked(SETUP), "number = 2", check(source)], tmp_path)
    shown = text_of(done.cells[2]) + "".join(done.cells[2].outputs[0].traceback)
    assert "number ==" in re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert "4731" not in shown
    assert "HIDDEN" not in shown


def test_points_from_a_hidden_test_count(tmp_path: Path) -> None:
    source = "print('seen')\n### BEGIN HIDDEN TESTS\nprint('unseen')\n2 * (double(1) == 2)\n### END HIDDEN TESTS"
    done = run([locked(SETUP), "def double(n):\n    return 2 * n", check(source, 4)], tmp_path)
    assert graded(done) == [2]
    assert "unseen" not in str(done.cells[2])


def test_an_instructor_can_show_hidden_tests(tmp_path: Path) -> None:
    done = run([locked(SETUP), "def double(n):\n    return 4", check(HIDDEN)], tmp_path, show_hidden_tests=True)
    assert graded(done) == [0]
    assert "the key is secret" in text_of(done.cells[2])
    assert "BEGIN HIDDEN" in done.cells[2].source


def test_what_a_check_knows_is_not_where_the_answers_are(tmp_path: Path) -> None:
    first, second = (check("right = 'the key'\nexpect_text('answer', right)") for _ in range(2))
    spy = "import gc\n'right' in globals(), any('the ' + 'key' in str(o) for o in gc.get_objects() if type(o) is dict)"
    done = run([locked(SETUP), "answer = 'x'", first, spy, "answer = globals().get('right', 'x')", second], tmp_path)
    assert text_of(done.cells[3]) == "(False, False)"
    assert graded(done) == [0, 0]


def test_a_name_of_the_instructor_s_is_never_the_learner_s(tmp_path: Path) -> None:
    first = check("assert answer == 1\nright = 5")
    second = check("expect_number('answer', right)")
    done = run([locked(SETUP), "answer, right = 3, 3\nexpect_number = print", first, second], tmp_path)
    assert graded(done) == [0, 0]
    assert "NameError" in str(done.cells[3].outputs)


def test_a_function_that_never_returns_costs_its_check(tmp_path: Path) -> None:
    endless = "def double(n):\n    while n == 2:\n        pass\n    return 2 * n"
    checks = [check("expect_number('double', 4, given=[2])"), check("expect_number('double', 6, given=[3])")]
    done = run([locked(SETUP), endless, *checks], tmp_path, timeout=2)
    assert graded(done) == [0, 1]


def test_a_function_that_ends_python_keeps_what_was_earned(tmp_path: Path) -> None:
    ends = "def double(n):\n    import os\n    os._exit(3)"
    checks = [check("assert True"), check("expect_number('double', 4, given=[2])"), check("assert 1")]
    done = run([locked(SETUP), checks[0], ends, *checks[1:]], tmp_path)
    assert graded(done) == [1, 0, 0]
    assert "exit code 3" in str(done.cells[3].outputs)
    assert "Not run" in text_of(done.cells[4])


def test_a_check_that_is_not_the_instructor_s_is_not_run(tmp_path: Path) -> None:
    forged = check("'forged'")
    execute = Execute()
    notebook: NotebookNode = new_notebook(cells=[locked(SETUP), forged])  # type: ignore[no-untyped-call]
    notebook.metadata.kernelspec = PYTHON
    execute.locked = {notebook.cells[0].metadata.nbgrader.grade_id: LockedCell(SETUP, is_check=False)}
    execute.preprocess(notebook, {"metadata": {"path": str(tmp_path)}})
    assert graded(notebook) == [0]
    assert "not the instructor's" in text_of(notebook.cells[1])


def test_ratings_cross_with_the_ledger_and_with_the_frozen_copy(tmp_path: Path) -> None:
    rated = locked("mine = handed_in(frozen)")
    counts = check("assert [made.statement for made in mine.judgements()] == ['S09']")
    judge = "from course.ledger.judgement import Judgement\nLedger.open().judge(Judgement('S09', 'F', 'C'))"
    assert graded(run([locked(SETUP), judge, rated, counts], tmp_path)) == [1]
    ledger = Ledger()
    ledger.judge(Judgement("S09", "F", "C"))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    freeze = f'frozen = r"""\n{ledger.dumps()}"""'
    assert graded(run([locked(SETUP), freeze, rated, counts], tmp_path / "one")) == [1]
    assert graded(run([locked(SETUP), rated, counts], tmp_path / "two")) == [0]


def test_the_referee_s_folder_holds_no_code_of_the_learner_s(tmp_path: Path) -> None:
    for name in ("helper.py", "data.csv", "notes.ipynb"):
        (tmp_path / name).write_text("value = 1")
    listed = (
        "import os\nassert sorted(n for n in os.listdir() if n[0] != '.') == ['data.csv'], os.listdir()\nimport helper"
    )
    done = run([locked(SETUP), "open('made.txt', 'w').close()", check(listed)], tmp_path)
    assert "No module named 'helper'" in text_of(done.cells[2])
    assert (tmp_path / "made.txt").exists()


def test_what_cannot_cross_is_said(tmp_path: Path) -> None:
    many = "many = [0] * 2_000_000\nclass Odd:\n    pass\nodd = Odd()"
    done = run([locked(SETUP), many, check("expect_number('many', 1)"), check("expect_number('odd', 1)")], tmp_path)
    assert graded(done) == [0, 0]
    assert "many has not arrived: it is too large to be checked" in text_of(done.cells[2])
    assert "of the kind Odd" in text_of(done.cells[3])


def test_hidden_lines_are_those_between_the_marks() -> None:
    assert hidden_lines("a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc") == {2, 3, 4}
    assert hidden_lines("a\n# BEGIN HIDDEN TESTS\nb") == {2, 3}
    assert without_hidden(HIDDEN) == 'expect_number("double", 4, given=[2])'


def test_the_names_that_a_cell_defines() -> None:
    source = (
        "import a.b, c as d\nfrom e import f\ng = h = 1\nfor i in k: pass\ndef l(m): n = 1\n[o for o in p]\nq.r = 1"
    )
    assert defined_names(source) == {"a", "d", "f", "g", "h", "i", "l"}
    assert defined_names("%magic") == set()
