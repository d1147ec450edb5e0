"""A notebook run by our `Execute` looks as if nbgrader's own had run it, and keeps what it has earned."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import NoSuchKernel
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.preprocessors import Execute as PlainExecute
from nbgrader.utils import determine_grade

from course.classroom.grading.execute import Execute

pytestmark = pytest.mark.nbgrader

GOOD = "assert True  # a test"
"""A test worth one point, which passes in any kernel that runs."""
NUMBERS = count()
PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}


def cell(source: str, points: float | None = None) -> NotebookNode:
    """Return a learner's cell, or with `points` a test."""
    new: NotebookNode = new_code_cell(source)  # type: ignore[no-untyped-call]
    if points is not None:
        marks = {
            "grade": True,
            "solution": False,
            "locked": True,
            "points": points,
            "grade_id": f"q{next(NUMBERS)}",
            "schema_version": 3,
        }
        new.metadata.nbgrader = {**marks, "task": False, "cell_type": "code"}
    return new


def run(
    cells: Sequence[NotebookNode | str],
    folder: Path,
    step: type[PlainExecute] = Execute,
    kernel: str = "python3",
    **options: Any,
) -> NotebookNode:
    """Run a notebook of these cells in `folder`."""
    notebook: NotebookNode = new_notebook(  # type: ignore[no-untyped-call]
        cells=[cell(source, 1 if source == GOOD else None) if isinstance(source, str) else source for source in cells]
    )
    notebook.metadata.kernelspec = {**PYTHON, "name": kernel}
    step(**options).preprocess(notebook, {"metadata": {"path": str(folder)}})
    return notebook


def points(notebook: NotebookNode) -> list[float]:
    """Return what nbgrader gives for each test."""
    return [determine_grade(cell)[0] for cell in notebook.cells if "nbgrader" in cell.metadata]


def text_of(cell: NotebookNode) -> str:
    """Return all that a cell shows as text."""
    return "".join(
        output.get("text", "") or output.get("evalue", "") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
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
    # Without a result: whether it or what a program prints comes first is a race in ipykernel itself.
    "import os\nended = os.system('echo from a program')",
    "!echo from a shell",
    "written = os.write(1, b'from a file descriptor\\n')",
    "alt.Chart(pd.DataFrame({'a': [1], 'b': [2]})).mark_bar().encode(x='a:Q', y='b:Q')",
    "import warnings\nwarnings.warn('careful')",
    "raise SystemExit(3)",
    "len",
    "_, __, _2.shape",
    "%xmode",
    "",
    "import course.charts\nrows = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})\nchart = alt.Chart(rows, title='drawn')",
    "chart.mark_line(clip=True).encode(x='a:Q', y='b:Q')",
    "chart.mark_bar(clip=True).encode(x='a:Q', y='b:Q')",
    "chart.mark_line(clip=True).transform_calculate(c='datum.a * 2').encode(x='c:Q', y='b:Q')",
    "chart.mark_line(clip=True).transform_calculate(c='datum.a *').encode(x='c:Q', y='b:Q')",
    "chart.mark_point().encode(x='a:Q').save('made.png')\nlen(open('made.png', 'rb').read())",
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


def comparable(cell: NotebookNode) -> Any:
    """Return a cell without what is another one in every run: numbers of processes, of widgets, and times."""
    content = str({key: cell[key] for key in ("source", "outputs", "execution_count")})
    content = re.sub(r"ipykernel_\d+", "ipykernel_PID", content)
    return re.sub(r"('model_id': '|altair-viz-)\w+", r"\1ID", content)


@pytest.mark.parametrize(
    ("ending", "why"),
    [
        ("import os\nprint('so far')\nos._exit(3)", "exit code 3"),
        ("import ctypes\nctypes.string_at(0)", "SIGSEGV"),
        ("import os, time\nos.closerange(3, 256)\ntime.sleep(60)", "does not answer"),
    ],
)
def test_points_earned_before_the_kernel_ends_are_kept(tmp_path: Path, ending: str, why: str) -> None:
    done = run([GOOD, ending, "1 + 1", GOOD], tmp_path)
    assert points(done) == [1, 0]
    assert why in text_of(done.cells[1])
    assert "Not run" in text_of(done.cells[2])
    assert "cell 2" in text_of(done.cells[3])


def test_memory_without_end_costs_only_the_cell(tmp_path: Path) -> None:
    done = run([GOOD, "rows = [b'x' * 1_000_000 for _ in range(10_000)]", GOOD], tmp_path, limits={"memory_mib": 300})
    assert points(done)[0] == 1
    assert "MemoryError" in str(done.cells[1].outputs) or "300 MiB" in text_of(done.cells[1])


def test_cell_without_end_is_interrupted_and_the_next_one_runs(tmp_path: Path) -> None:
    done = run([GOOD, "print('begun')\nwhile True: pass", GOOD], tmp_path, timeout=1)
    assert points(done) == [1, 1]
    assert "begun" in text_of(done.cells[1])
    assert [output.ename for output in done.cells[1].outputs[1:]] == ["KeyboardInterrupt", "CellTimeoutError"]


def test_cell_that_will_not_be_interrupted_ends_the_notebook(tmp_path: Path) -> None:
    stubborn = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    done = run([GOOD, stubborn, GOOD], tmp_path, timeout=1, iopub_timeout=1)
    assert points(done) == [1, 0]
    assert "did not stop" in text_of(done.cells[1])


def test_notebook_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    done = run([GOOD, "import time\ntime.sleep(60)", GOOD], tmp_path, limits={"wall_seconds": 2})
    assert points(done) == [1, 0]
    assert "more than 2 seconds" in text_of(done.cells[1])


@pytest.mark.parametrize("flood", ["print('x' * 100_000_000)", "for n in range(10_000): print(n, flush=True)"])
def test_endless_output_is_cut_with_a_word(tmp_path: Path, flood: str) -> None:
    done = run([flood, GOOD, "raise ValueError('y' * 20_000_000)", GOOD], tmp_path, limits={"output_kib": 2048})
    assert points(done) == [1, 1]
    shown = text_of(done.cells[0])
    assert len(shown) < 2_500_000
    assert shown.count("Output stopped here: a notebook may show 2,048 KiB in all.") == 1
    assert "Output stopped here" in text_of(done.cells[2])


def test_warning_in_a_test_that_passed_costs_no_points_and_stays_readable(tmp_path: Path) -> None:
    answer = "import warnings\ndef answer():\n    warnings.warn('careful', UserWarning)\n    return 1"
    test = cell("assert answer() == 1", points=2)
    assert points(run([answer, test], tmp_path, PlainExecute)) == [0]
    done = run([answer, test], tmp_path)
    assert points(done) == [2]
    assert "UserWarning: careful" in text_of(done.cells[1])


def test_nothing_beside_the_notebook_takes_the_place_of_what_is_installed(tmp_path: Path) -> None:
    for name in ("pandas", "altair", "course", "json", "sitecustomize", "nbformat"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('shadowed')")
    (tmp_path / "helper.py").write_text("value = 'helped'")
    startup = tmp_path / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("raise RuntimeError('started')")
    imports = "import pandas, altair, course.checks.expect, json, nbformat\nimport helper\nhelper.value"
    assert text_of(run([imports], tmp_path).cells[0]) == "'helped'"


def test_work_folder_is_private_and_gives_back_what_the_notebook_made(tmp_path: Path) -> None:
    (tmp_path / "ledger.json").write_text("kept")
    (tmp_path / "sample.ipynb").write_text("hidden tests")
    (tmp_path / "link").symlink_to("/etc/passwd")
    listed = "import os\nsorted(name for name in os.listdir() if not name.startswith('.'))"
    change = "open('ledger.json', 'w').write('lost')\nopen('made.txt', 'w').write('made')\nos.symlink('/etc', 'etc')"
    done = run([listed, change], tmp_path)
    assert text_of(done.cells[0]) == "['ledger.json']"
    assert (tmp_path / "ledger.json").read_text() == "kept"
    assert (tmp_path / "made.txt").read_text() == "made"
    assert not (tmp_path / "etc").exists()


def test_kernel_that_is_not_installed_is_said_to_be(tmp_path: Path) -> None:
    notebook = new_notebook(cells=[cell("1")])  # type: ignore[no-untyped-call]
    notebook.metadata.kernelspec = {"name": "cobol-85", "display_name": "COBOL"}
    with pytest.raises(NoSuchKernel, match="cobol-85"):
        Execute().preprocess(notebook, {"metadata": {"path": str(tmp_path)}})


def test_any_other_kernel_runs_shut_in_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = tmp_path / "jupyter" / "kernels" / "another"
    spec.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    about = {"argv": command, "display_name": "Another", "language": "python", "env": {"ANOTHER": "yes"}}
    (spec / "kernel.json").write_text(json.dumps(about))
    monkeypatch.setenv("JUPYTER_PATH", str(spec.parents[1]))
    secret = tmp_path / "secret"
    secret.write_text("solutions")
    work = tmp_path / "work"
    work.mkdir()
    peek = f"open({str(secret)!r}).read()"
    done = run([GOOD, "print('said')", peek, "while True: pass", GOOD], work, kernel="another", timeout=2)
    assert points(done) == [1, 1]
    assert text_of(done.cells[1]) == "said\n"
    assert done.cells[2].outputs[0].ename in ("PermissionError", "FileNotFoundError")


def test_notebook_runs_inside_of_an_event_loop(tmp_path: Path) -> None:
    async def press_the_button() -> NotebookNode:
        return run(["'ran'"], tmp_path)

    assert text_of(asyncio.run(press_the_button()).cells[0]) == "'ran'"
