"""A notebook run by our `Execute` looks as if nbgrader's own had run it, and keeps what it has earned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.preprocessors import Execute as PlainExecute
from nbgrader.utils import determine_grade

from course.classroom.grading.execute import Execute

pytestmark = pytest.mark.nbgrader

PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}


def cell(source: str, points: float | None = None) -> NotebookNode:
    """Return a learner's cell, or with `points` a test."""
    made: NotebookNode = new_code_cell(source)  # type: ignore[no-untyped-call]
    if points is not None:
        marks = {
            "grade": True,
            "solution": False,
            "locked": True,
            "points": points,
            "grade_id": "q",
            "schema_version": 3,
        }
        made.metadata.nbgrader = {**marks, "task": False, "cell_type": "code"}
    return made


def run(
    cells: Sequence[NotebookNode | str], folder: Path, step: type[PlainExecute] = Execute, **options: Any
) -> NotebookNode:
    """Run a notebook of these cells in `folder`."""
    notebook: NotebookNode = new_notebook(  # type: ignore[no-untyped-call]
        cells=[cell(one) if isinstance(one, str) else one for one in cells]
    )
    notebook.metadata.kernelspec = PYTHON
    step(**options).preprocess(notebook, {"metadata": {"path": str(folder)}})
    return notebook


def points(notebook: NotebookNode) -> list[float]:
    """Return what nbgrader gives for each test."""
    return [determine_grade(one)[0] for one in notebook.cells if "nbgrader" in one.metadata]


def said(made: NotebookNode) -> str:
    """Return all that a cell shows as text."""
    return "".join(
        output.get("text", "") or output.get("evalue", "") or output.get("data", {}).get("text/plain", "")
        for output in made.outputs
    )


ORDINARY = (
    "import pandas as pd, altair as alt, ipywidgets\npd.DataFrame({'a': [1, 2]})",
    "print('one'); print('two')\n'three'",
    "import sys\nprint('to err', file=sys.stderr)\nprint('to out')",
    "1 / 0",
    "def deep(n):\n    return deep(n - 1) if n else missing\ndeep(3)",
    "print('before')\nassert 1 == 2, 'not equal'",
    "for",
    "from IPython.display import clear_output, display, HTML, Markdown\ndisplay(HTML('<b>x</b>'), Markdown('*y*'))",
    "handle = display('first', display_id='here')",
    "handle.update('second')",
    "print('gone')\nclear_output()\nprint('stays')",
    "ipywidgets.IntSlider(3, description='slide')",
    "out = ipywidgets.Output()\nwith out:\n    print('caught')\nout",
    "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'",
    "asyncio.get_running_loop().is_running()",
    "input('Your name?')",
    "get_ipython().set_next_input('next')",
    "%%writefile made.txt\nby a magic",
    "open('made.txt').read()",
    "import os\nos.system('echo from a program')",
    "!echo from a shell",
    "os.write(1, b'from a file descriptor\\n')",
    "alt.Chart(pd.DataFrame({'a': [1], 'b': [2]})).mark_bar().encode(x='a:Q', y='b:Q')",
    "import warnings\nwarnings.warn('careful')",
    "raise SystemExit(3)",
    "len",
    "_, __, _2.shape",
    "%xmode",
    "",
)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[NotebookNode, NotebookNode]:
    """The same cells, run by nbgrader's own step and by ours."""
    with pytest.MonkeyPatch.context() as patch:
        # With this set, ipykernel does not listen to what programs print.
        patch.delenv("PYTEST_CURRENT_TEST")
        plain = run(ORDINARY, tmp_path_factory.mktemp("plain"), PlainExecute)
    return plain, run(ORDINARY, tmp_path_factory.mktemp("ours"))


@pytest.mark.parametrize("number", range(len(ORDINARY)))
def test_cell_shows_what_nbgrader_shows(both: tuple[NotebookNode, NotebookNode], number: int) -> None:
    plain, ours = (comparable(notebook.cells[number]) for notebook in both)
    assert ours == plain


def test_notebook_keeps_the_state_of_widgets(both: tuple[NotebookNode, NotebookNode]) -> None:
    plain, ours = (
        sorted(
            model["model_name"]
            for model in state.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"].values()
        )
        for state in both
    )
    assert ours == plain
    assert both[1].metadata.language_info == both[0].metadata.language_info


def comparable(made: NotebookNode) -> Any:
    """Return a cell without what is another one in every run: numbers of processes, of widgets, and times."""
    content = str({key: made[key] for key in ("source", "outputs", "execution_count")})
    content = re.sub(r"ipykernel_\d+", "ipykernel_PID", content)
    return re.sub(r"('model_id': '|altair-viz-)\w+", r"\1ID", content)
