"""What the browser's self-check says of an exercise is what ``course check`` says of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from course.checks.runner import check
from tests.browser.lab import notebook_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("exercise", ["exercises/01-the-claim", "solutions/01-the-claim", "solutions/06-weighing"])
def test_both_ways_to_check_say_the_same(exercise: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / exercise, tmp_path / "mine", ignore=shutil.ignore_patterns("ledger*")))
    (notebook,) = folder.glob("*.ipynb")
    before, place = notebook.read_bytes(), Path.cwd()
    in_a_kernel = check(notebook)
    for path in folder.glob("ledger*"):
        path.unlink()
    assert check(notebook, here=True) == in_a_kernel
    assert notebook.read_bytes() == before
    assert Path.cwd() == place
    assert len({finding.result for finding in in_a_kernel}) > 1, "something to tell apart"


def test_cells_start_from_nothing_and_each_error_is_its_cells_own(tmp_path: Path) -> None:
    import nbformat

    from course.checks import run_in_process

    cells = [
        "tmp_path",
        "%matplotlib_of_another_place",
        "import os\nseen = os.getcwd()",
        "1 +",
        "raise SystemExit(2)",
        "assert seen == os.getcwd(), seen\nprint('not to be seen')",
    ]
    notebook = nbformat.from_dict(notebook_of(cells))  # type: ignore[no-untyped-call]
    run_in_process.run(notebook.cells, tmp_path)
    stopped = [cell.outputs[0].ename if cell.outputs else "" for cell in notebook.cells]
    assert stopped == ["NameError", "NameError", "", "SyntaxError", "SystemExit", ""]
