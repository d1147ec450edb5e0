"""A kernel that grades otherwise than its tests say is noticed, and honest work, however odd, is not taken for it."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from course.checks.expect import expect, expect_items, expect_number, expect_some, expect_table, expect_text
from course.classroom.grading.execute import Execute
from course.classroom.integrity import FACTS, IntegrityError
from course.classroom.integrity.canary import Canary, canary, late_canary
from tests.answers import solution
from tests.gradebook import ROOT

PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}
ASSIGNMENTS = sorted(path.name for path in (ROOT / "solutions").glob("*/"))
TABLE = pd.DataFrame({"town": ["Raqqa", "Mosul"], "people": [3, 4], "seen": pd.to_datetime(["2017-12-06"] * 2)})

HONEST: dict[str, Any] = {
    "share": 27.76,
    "repeats": ["S02", "S03"],
    "nothing": [],
    "side": "north",
    "towns": TABLE,
    "none_left": TABLE.iloc[:0],
    "gaps": pd.DataFrame({"people": [None, None], "town": ["Raqqa", None]}),
    "numbers": np.array([1.0, 2.0]),
    "says": lambda text: text.upper(),
}
CHECKS = {
    "expect": (expect, "expect('share', lambda made: made > 27, 'Too little.')"),
    "expect_number": (expect_number, "expect_number('share', 27.76, within=0.05, unit='percent')"),
    "expect_text": (expect_text, "expect_text('side', 'north', among=['north', 'south'])"),
    "expect_items": (expect_items, "expect_items('repeats', ['S02', 'S03'], ordered=True)"),
    "expect_items, none": (expect_items, "expect_items('nothing', [])"),
    "expect_some": (expect_some, "expect_some('repeats', ['S01', 'S02', 'S03'])"),
    "expect_table": (expect_table, "expect_table('towns', TABLE, within=1)"),
    "expect_table, no rows": (expect_table, "expect_table('none_left', TABLE.iloc[:0])"),
    "expect_table, gaps": (expect_table, "expect_table('gaps', gaps)"),
    "in a loop": (expect_number, "for name, right in {'share': 27.76}.items():\n    expect_number(name, right)"),
    "in a function": (
        expect_number,
        "def check(name, right):\n    expect_number(name, right)\n\n\ncheck('share', 27.76)",
    ),
    "a function's answer": (expect, "expect('says', lambda made: made == 'ALL', 'No.', given=['all'])"),
}
OTHER_TESTS = {
    "==": "assert side == 'north'",
    "in": "assert side in ('north', 'south') and share == 27.76",
    "near": "assert abs(share - 27.76) < 0.1",
    "isclose": "import math\nassert math.isclose(share, 27.76, rel_tol=0.01)",
    "numpy": "np.testing.assert_allclose(numbers, [1.0, 2.0])",
    "pandas": "pd.testing.assert_frame_equal(towns, TABLE)",
    "of a function": "assert says('all') == 'ALL'",
    "nothing to ask again": "assert callable(says)",
    "no Python": "%%bash\ntrue",
}


def cell(source: str, *, points: int = 0, locked: bool = False) -> NotebookNode:
    """Return a cell of the learner's, or with `points` a test, or one that is locked."""
    result: NotebookNode = new_code_cell(source)  # type: ignore[no-untyped-call]
    if points or locked:
        marks = {"grade": bool(points), "solution": False, "locked": True, "task": False, "schema_version": 3}
        result.metadata.nbgrader = {**marks, "grade_id": f"q{abs(hash(source))}", "cell_type": "code", "points": points}
    return result


def run(cells: Sequence[NotebookNode], folder: Path) -> NotebookNode:
    """Run a notebook of these cells."""
    notebook: NotebookNode = new_notebook(cells=list(cells))  # type: ignore[no-untyped-call]
    notebook.metadata.kernelspec = PYTHON
    Execute().preprocess(notebook, {"metadata": {"path": str(folder)}})
    return notebook


def failed(tests: Sequence[NotebookNode]) -> list[str]:
    """Return the errors in these cells."""
    return [
        f"{output.ename}: {output.evalue}" for test in tests for output in test.outputs if output.output_type == "error"
    ]


def names(**others: Any) -> dict[str, Any]:
    """Return the names of a notebook in which every answer is right."""
    checks = {check.__name__: check for check, _ in CHECKS.values()}
    return {**HONEST, **checks, "pd": pd, "np": np, "TABLE": TABLE, **others}


@pytest.mark.parametrize("kind", [*CHECKS, *OTHER_TESTS])
def test_a_canary_raises_its_word_wherever_the_answer_is_honest(kind: str) -> None:
    source = OTHER_TESTS.get(kind) or CHECKS[kind][1]
    for seed in range(20):
        for bird in (canary(source, random.Random(seed)), late_canary([source, source], random.Random(seed))):
            with pytest.raises(AssertionError, match=f"^{bird.word}$"):
                exec(bird.code, names())


@pytest.mark.parametrize("kind", CHECKS)
def test_what_a_canary_asks_is_refused_by_the_check_and_breaks_nowhere_else(kind: str) -> None:
    for seed in range(20):
        for bird in (canary(CHECKS[kind][1], random.Random(seed)), late_canary([CHECKS[kind][1]], random.Random(seed))):
            code = bird.code.replace("except Exception:", "except AssertionError:")
            with pytest.raises(AssertionError, match=f"^{bird.word}$"):
                exec(code, names(name="share", right=27.76))


@pytest.mark.parametrize("kind", CHECKS)
def test_a_canary_passes_where_a_check_lets_everything_through(kind: str) -> None:
    check, source = CHECKS[kind]
    replaced = {check.__name__: lambda *_, **__: None}
    passed = [_passes(canary(source, random.Random(seed)), names(**replaced)) for seed in range(5)]
    assert all(passed)


@pytest.mark.parametrize("kind", [*CHECKS, *OTHER_TESTS])
def test_a_canary_passes_where_asserts_are_taken_out(kind: str) -> None:
    bird = canary(OTHER_TESTS.get(kind) or CHECKS[kind][1], random.Random(7))
    stripped = ast.unparse(_Stripped().visit(ast.parse(bird.code)))
    assert _passes(bird._replace(code=stripped), names())


@pytest.mark.parametrize(
    ("source", "name", "answer"),
    [
        (CHECKS["expect_items"][1], "repeats", "[Liar(), Liar()]"),
        (CHECKS["expect"][1], "share", "Liar()"),
        (CHECKS["expect_some"][1], "repeats", "[Liar()]"),
        (OTHER_TESTS["=="], "side", "Liar()"),
        (OTHER_TESTS["in"], "side", "Liar()"),
        (OTHER_TESTS["near"], "share", "Liar()"),
    ],
)
def test_a_canary_passes_where_the_answer_is_equal_to_everything(source: str, name: str, answer: str) -> None:
    liar = "class Liar(int):\n    __eq__ = __gt__ = lambda self, other: True\n    __hash__ = None\n"
    liar += "    __sub__ = lambda self, other: 0\n"
    there = names()
    exec(f"{liar}{name} = {answer}", there)
    exec(source, there)
    assert any(_passes(canary(source, random.Random(seed)), dict(there)) for seed in range(20))


def test_what_a_canary_takes_for_true_of_python_is_true() -> None:
    for fact in FACTS.values():
        for number in (1000, 5005, 9999):
            assert eval(fact.format(number)), fact


def test_no_two_canaries_ask_the_same_or_raise_the_same_word() -> None:
    birds = [canary(CHECKS["expect_number"][1], random.Random(seed)) for seed in range(50)]
    assert len({bird.code for bird in birds}) == len({bird.word for bird in birds}) == 50


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_test_of_the_course_that_calls_a_check_has_it_asked_again(assignment: str) -> None:
    for name, marked in solution(assignment).items():
        marks, called = marked["metadata"]["nbgrader"], {check.__name__ for check, _ in CHECKS.values()}
        if marks["grade"] and not marks["solution"] and called.intersection(re.findall(r"\w+", marked["source"])):
            codes = [canary(marked["source"], random.Random(seed)).code for seed in range(5)]
            assert any("expect" in code for code in codes), name


@pytest.mark.nbgrader
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_no_solution_of_ours_is_taken_for_tampering(assignment: str, tmp_path: Path) -> None:
    import shutil

    import nbformat

    notebook = nbformat.read(ROOT / "solutions" / assignment / f"{assignment}.ipynb", 4)  # type: ignore[no-untyped-call]
    shutil.copy(ROOT / "solutions" / assignment / "exercise.json", tmp_path)
    Execute().preprocess(notebook, {"metadata": {"path": str(tmp_path)}})


ODD = {
    "names of built-in functions": """
list, sum, max = [1, 2], 3, 4
id = 'S01'
answer = 3
""",
    "an own function with the name of a built-in one": """
def sum(numbers):
    total = 0
    for number in numbers:
        total += number
    return total
answer = sum([1, 2])
""",
    "settings of libraries": """
import warnings, pandas as pd, altair as alt
warnings.filterwarnings('ignore')
pd.set_option('display.max_rows', 5)
alt.data_transformers.disable_max_rows()
answer = 3
""",
    "a method added to a library's class": """
import pandas as pd
pd.DataFrame.peek = lambda table: table.head(1)
answer = len(pd.DataFrame({'a': [1]}).peek()) + 2
""",
    "decorators and caches": """
import functools


def twice(function):
    @functools.wraps(function)
    def inner(*given):
        return function(*given)
    return inner


@functools.cache
@twice
def three():
    return 3


answer = three()
""",
    "an own class with its own equality": """
class Place:
    def __init__(self, name):
        self.name = name

    def __eq__(self, other):
        return isinstance(other, Place) and self.name == other.name

    __hash__ = None


place, answer = Place('Raqqa'), 3
""",
    "a changed class of its own": """
class Count:
    def now(self):
        return 1


Count.now = lambda self: 3
answer = Count().now()
""",
    "a mock of its own function": """
from unittest import mock


def ask():
    return 1


with mock.patch('__main__.ask', return_value=3):
    answer = ask()
""",
    "threads that are over": """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor() as pool:
    answer = sum(pool.map(int, '12'))
""",
    "workers that wait": """
from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor(2)
answer = sum(pool.map(int, '12'))
""",
    "a look at its own frame": """
import inspect


def where():
    return inspect.currentframe().f_code.co_name


name, answer = where(), 3
""",
    "an extension of IPython": """
%load_ext autoreload
%autoreload 2
answer = 3
""",
    "every value shown": """
from IPython.core.interactiveshell import InteractiveShell
InteractiveShell.ast_node_interactivity = 'all'
answer = 3
answer
""",
    "printing to somewhere else": """
import contextlib, io
with contextlib.redirect_stdout(io.StringIO()) as said:
    print(3)
answer = int(said.getvalue())
""",
    "a log": """
import logging
logging.basicConfig(level=logging.INFO)
logging.info('hello')
answer = 3
""",
    "an alarm that was turned off": """
import signal
signal.alarm(30)
signal.alarm(0)
answer = 3
""",
    "a debugger that was left": """
import sys
sys.settrace(lambda *_: None)
sys.settrace(None)
answer = 3
""",
    "the course imported again": """
import importlib
from course.checks.expect import expect_number
import course
answer = 3
""",
    "an answer that changes when it is asked": """
class Answer:
    asked = 0

answer = 3
box = Answer()
box.asked += 1
""",
    "an error on the way": """
try:
    1 / 0
except ZeroDivisionError as error:
    print(error.__traceback__.tb_lineno)
    answer = 3
""",
}
"""Honest ways to the answer 3 that do to Python, and to the notebook, what tampering does, too."""


@pytest.mark.nbgrader
@pytest.mark.parametrize("kind", ODD)
def test_honest_work_is_not_taken_for_tampering(kind: str, tmp_path: Path) -> None:
    setup = cell("from course.checks.expect import expect_number", locked=True)
    test = cell("expect_number('answer', 3)\nassert abs(answer - 3) < 1", points=1)
    notebook = run([setup, cell(ODD[kind]), test], tmp_path)
    assert failed(notebook.cells) == []


@pytest.mark.nbgrader
def test_a_function_that_counts_its_calls_is_asked_again_only_after_the_last_test(tmp_path: Path) -> None:
    answer = cell("calls = []\n\n\ndef count():\n    calls.append(1)\n    return len(calls)")
    tests = [cell(f"assert count() == {number}", points=1) for number in (1, 2, 3)]
    run([answer, *tests], tmp_path)
    assert failed(tests) == []


@pytest.mark.nbgrader
def test_a_test_that_changes_what_it_was_given_on_purpose_may(tmp_path: Path) -> None:
    tests = [
        cell("numbers.sort()\nassert numbers == [1, 2, 3]", points=1),
        cell("numbers[0] = 7\nassert numbers == [7, 2, 3]", points=1),
    ]
    run([cell("numbers = [3, 1, 2]"), *tests], tmp_path)
    assert failed(tests) == []


@pytest.mark.nbgrader
def test_a_test_that_fails_shows_its_source_and_leaves_nothing_to_read_of_it(tmp_path: Path) -> None:
    # Long enough to be in no address of an object.
    test = cell("secret = 47110815_47110815\nassert answer == secret, 'no'", points=1)
    after = cell(
        "import linecache, sys\nprint('0815' + '_4711' in str(In) + str(linecache.cache) + str(vars(sys)), len(In))"
    )
    run([cell("answer = 3"), test, after], tmp_path)
    assert "answer == secret" in "".join(test.outputs[0].traceback)
    assert after.outputs[0].text == "False 4\n"


@pytest.mark.nbgrader
def test_methods_that_watch_over_a_test_are_given_back(tmp_path: Path) -> None:
    """Who has put one of their own in place of the shell's, as libraries do that draw tracebacks, keeps it."""
    own = cell("get_ipython().showtraceback = print\nshown = get_ipython().showtraceback")
    after = cell("print(get_ipython().showtraceback is shown, 'store_inputs' in vars(get_ipython().history_manager))")
    run([own, cell("assert 1 == 1", points=1), after], tmp_path)
    assert after.outputs[0].text == "True False\n"


@pytest.mark.nbgrader
def test_what_was_found_is_told_in_words(tmp_path: Path) -> None:
    cheat = cell("import course.checks.expect\ncourse.checks.expect.expect_number = lambda *_, **__: None")
    with pytest.raises(IntegrityError, match=r"course\.checks\.expect\.expect_number was replaced"):
        run([cheat, cell("assert True", points=1)], tmp_path)


@pytest.mark.nbgrader
def test_a_check_of_the_course_is_known_by_name_where_no_locked_cell_imports_it(tmp_path: Path) -> None:
    cheat = cell("answer = 4\n\ndef expect_number(*_, **__):\n    pass")
    with pytest.raises(IntegrityError, match=r"expect_number, which a test uses, was replaced"):
        run([cheat, cell("expect_number('answer', 3)", points=1)], tmp_path)


class _Stripped(ast.NodeTransformer):
    """Takes every assert and every call of a check out."""

    def visit_Assert(self, _: ast.Assert) -> ast.Pass:
        return ast.Pass()


def _passes(bird: Canary, there: dict[str, Any]) -> bool:
    try:
        exec(bird.code, there)
    except AssertionError as error:
        return str(error) != bird.word
    return True
