"""A course folder to measure grading with: one notebook as the course's own are, and a class that differs.

The notebook has 30 cells and 8 autograded tests, with pandas, Altair and ipywidgets. A third of the class has it right,
a third has half of it right, and a third is wrong or has not begun; numbers in the answers differ from one to the next.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

NAME: Final = "strikes"
CONFIG: Final = """\
import os, sysconfig
os.environ["PATH"] = os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)))
c = get_config()
c.CourseDirectory.course_id = "measured"
c.CourseDirectory.root = {root!r}
c.Execute.timeout = 60
{more}
"""

GIVEN: Final = (
    "import altair as alt\nimport ipywidgets\nimport pandas as pd",
    """\
rows = [(f"2017-12-{day:02}", ("Raqqa", "Homs", "Idlib")[day % 3], day * 7 % 11) for day in range(1, 29)]
strikes = pd.DataFrame(rows, columns=["date", "place", "strikes"])
strikes["date"] = pd.to_datetime(strikes["date"])
strikes.head()""",
    "strikes.describe()",
    "strikes.groupby('place')['strikes'].agg(['sum', 'mean']).round(2)",
    "alt.Chart(strikes, title='Strikes a day').mark_bar().encode(x='date:T', y='strikes:Q', color='place:N')",
    "ipywidgets.VBox([ipywidgets.IntSlider(7, 1, 28, description='Up to'), ipywidgets.Label('of December')])",
    "for place, part in strikes.groupby('place'):\n    print(f'{place}: {part.strikes.sum()} on {len(part)} days')",
    """\
weeks = strikes.assign(week=strikes["date"].dt.isocalendar().week)
weeks.pivot_table(index="week", columns="place", values="strikes", aggfunc="sum")""",
)
"""Cells that are there for everybody."""

QUESTIONS: Final = (
    (
        "total",
        "total = int(strikes['strikes'].sum())",
        "total = len(strikes)",
        "assert total == 147",
        "assert type(total) is int",
    ),
    (
        "busiest",
        "busiest = strikes.groupby('place')['strikes'].sum().idxmax()",
        "busiest = strikes['place'].min()",
        "assert isinstance(busiest, str), 'busiest is a place'",
        "assert busiest == strikes.groupby('place')['strikes'].sum().idxmax(), f'not {busiest}'",
    ),
    (
        "by_place",
        "by_place = strikes.groupby('place', as_index=False)['strikes'].sum()",
        "by_place = strikes.groupby('place', as_index=False)['strikes'].mean()",
        "assert list(by_place.columns) == ['place', 'strikes']",
        "pd.testing.assert_frame_equal(by_place, strikes.groupby('place', as_index=False)['strikes'].sum())",
    ),
    (
        "share",
        "share = 100 * (strikes['place'] == 'Homs').mean()",
        "share = (strikes['place'] == 'Homs').mean()",
        "assert isinstance(share, float)",
        "assert abs(share - 100 * 10 / 28) < 0.01, 'of all days, in percent'",
    ),
    (
        "quiet",
        "def quiet(table, most):\n    return table[table['strikes'] <= most]",
        "def quiet(table, most):\n    return table[table['strikes'] < most]",
        "assert len(quiet(strikes, 100)) == 28",
        "assert len(quiet(strikes, 0)) == 2 and len(quiet(strikes, 3)) == 10, 'days with as many belong to it'",
    ),
    (
        "weekly",
        "weekly = strikes.set_index('date')['strikes'].resample('7D').sum()",
        "weekly = strikes.set_index('date')['strikes'].resample('7D').max()",
        "assert len(weekly) == 4",
        "assert weekly.sum() == 147, 'no strike may be lost'",
    ),
    (
        "chart",
        "chart = alt.Chart(strikes).mark_line().encode(x='date:T', y='sum(strikes):Q')\nchart",
        "chart = alt.Chart(strikes).mark_bar().encode(x='date:T', y='sum(strikes):Q')\nchart",
        "assert isinstance(chart, alt.Chart)",
        "spec = chart.to_dict()\nassert spec['mark']['type'] == 'line', 'a line shows what goes on'",
    ),
    (
        "change",
        "change = strikes['strikes'].diff().dropna().astype(int).tolist()",
        "change = strikes['strikes'].diff().tolist()",
        "assert len(change) == 27, 'the first day has no day before it'",
        "assert change[:3] == [-4, 7, -4], 'from each day to the next'",
    ),
)
"""Name, right answer, wrong answer, visible test, hidden test."""


def make(root: Path, *, seconds: float = 0.0, more: str = "") -> None:
    """Write the course's configuration and its source.

    Parameters
    ----------
    root : pathlib.Path
        An empty folder.
    seconds : float
        How long the notebook computes, besides: as an exercise with a simulation would.
    more : str
        Lines for the end of ``nbgrader_config.py``.
    """
    (root / "nbgrader_config.py").write_text(CONFIG.format(root=str(root), more=more), encoding="utf-8")
    source = root / "source" / NAME
    source.mkdir(parents=True)
    (source / f"{NAME}.ipynb").write_text(json.dumps(_notebook(seconds)), encoding="utf-8")


def hand_in(root: Path, count: int) -> list[str]:
    """Put `count` submissions into a course that is released, and return the students' names."""
    released = root / "release" / NAME
    notebook = json.loads((released / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    students = [f"s{number:04}" for number in range(count)]
    for number, student in enumerate(students):
        folder = root / "submitted" / student / NAME
        shutil.copytree(released, folder)
        answers = dict(_answers(number))
        for cell in notebook["cells"]:
            if (mark := cell["metadata"].get("nbgrader")) and mark["solution"]:
                cell["source"] = answers[mark["grade_id"]]
        (folder / f"{NAME}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return students


def _answers(number: int) -> Iterator[tuple[str, str]]:
    dice = random.Random(number)  # not for anything secret
    right = (1.0, 0.5, 0.0)[number % 3]
    for name, good, bad, *_ in QUESTIONS:
        if dice.random() < right:
            yield name, f"# try {dice.randrange(1000)}\n{good}"
        else:
            yield name, dice.choice((bad, f"{name} = None", f"# not begun {number}", f"{name} = {name} + 1"))


def _notebook(seconds: float) -> dict[str, Any]:
    spin = f"import time\nuntil = time.process_time() + {seconds}\nwhile time.process_time() < until:\n    pass"
    given = [*GIVEN[:7], spin] if seconds else GIVEN
    cells = [
        _cell("markdown", f"# {NAME}", "title"),
        *(_cell("code", source, f"given-{n}") for n, source in enumerate(given)),
    ]
    for number, (name, good, _, shown, hidden) in enumerate(QUESTIONS):
        if number % 2 == 0:
            cells.append(_cell("markdown", f"## What is `{name}`, and what follows from it?", f"text-{name}"))
        answer = f"### BEGIN SOLUTION\n{good}\n### END SOLUTION"
        test = f"{shown}\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
        cells.append(_cell("code", answer, name, solution=True))
        cells.append(_cell("code", test, f"{name}-test", points=number % 3 + 1))
    cells.append(_cell("markdown", "That is all.", "end"))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _cell(kind: str, source: str, name: str, *, solution: bool = False, points: int | None = None) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": name, "source": source, "metadata": {}}
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    if solution or points is not None:
        cell["metadata"]["nbgrader"] = {
            "grade": points is not None,
            "grade_id": name,
            "locked": not solution,
            "solution": solution,
            "task": False,
            "schema_version": 3,
            "cell_type": kind,
        } | ({} if points is None else {"points": points})
    return cell
