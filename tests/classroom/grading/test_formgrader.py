"""formgrader, clicked as an instructor does in JupyterLab, grades with our kernel, and as `course grade` does."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.browser.lab import READY_MS, RUN_MS, LabServer, lab_server
from tests.classroom.grading.command import RIGHT, by_student, grade, new_course
from tests.gradebook import Course

pytestmark = [pytest.mark.browser, pytest.mark.nbgrader]

LOOKS_ABOUT: Final = """\
import os
told = (os.environ["USER"], os.path.basename(os.environ["HOME"]), os.path.exists({gradebook!r}))
print("It is", *told)
"""
"""An answer's first lines: who is it in its kernel, and does it see the gradebook?"""


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course in which ada has handed in the right answers and a sentence, in the folder that JupyterLab will show."""
    course = new_course(tmp_path / "made")
    gradebook = tmp_path / "lab" / "work" / "course" / "gradebook.db"
    course.hand_in(
        "ada",
        RIGHT
        | {"repeats": LOOKS_ABOUT.format(gradebook=str(gradebook)) + RIGHT["repeats"]}
        | {"sentence": "Of what was left."},
    )
    return course


@pytest.fixture
def server(course: Course, tmp_path: Path) -> Iterator[LabServer]:
    """A JupyterLab whose formgrader has that course, by the configuration in the instructor's own Jupyter folder."""
    settings = tmp_path / "lab" / "config" / "nbgrader_config.py"
    settings.parent.mkdir(parents=True)
    place = tmp_path / "lab" / "work" / "course"
    settings.write_text(
        f"load_subconfig({str(course.folder / 'nbgrader_config.py')!r})\nc.CourseDirectory.root = {str(place)!r}\n"
    )
    with lab_server(tmp_path / "lab") as running:
        shutil.copytree(course.folder, place)
        yield running


class Formgrader:
    """formgrader in a tab of JupyterLab."""

    def __init__(self, page: Page, server: LabServer) -> None:
        self.page = page
        page.set_default_timeout(READY_MS)
        # nbgrader's page for marking asks for MathJax from far away, whatever is configured. It does without.
        page.route(re.compile("mathjax", re.IGNORECASE), lambda route: route.abort())
        page.goto(f"{server.url}/lab?reset")
        page.wait_for_function("() => window.jupyterapp?.commands.hasCommand('nbgrader:open-formgrader')")
        page.evaluate("() => jupyterapp.restored")
        page.evaluate("() => { jupyterapp.commands.execute('nbgrader:open-formgrader') }")

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("iframe").first

    def row(self) -> Locator:
        """Return the row of the only submission, on the page that lists them."""
        self.frame.get_by_role("link", name="Manage Assignments").click()
        self.frame.locator(".num-submissions a").click()
        return self.frame.locator("#main-table tr").filter(has_text="ada")

    def press(self, button: str, message: str) -> None:
        """Press a button in that row, and wait until formgrader says that it is done."""
        self.row().locator(f".{button} a").click()
        modal = self.frame.locator("#success-modal, #error-modal")
        expect(modal).to_contain_text(message, timeout=RUN_MS)
        modal.get_by_role("button", name="OK").click()

    def check(self, column: str, words: str) -> None:
        """Look into a column of that row."""
        expect(self.row().locator(f".{column}")).to_have_text(words, timeout=READY_MS)

    def mark(self, question: str, points: int, comment: str) -> None:
        """Open the submission and mark one answer by hand."""
        self.frame.get_by_role("link", name="Manual Grading").click()
        self.frame.locator("#main-table").get_by_role("link", name="sample").click()
        self.frame.locator(".breadcrumb").get_by_text("sample").wait_for()
        self.frame.locator("#main-table").get_by_role("link", name="sample").click()
        self.frame.locator("#main-table").get_by_role("link", name="Submission").click()
        for box, kind, words in ((question, "grade", f"{points}"), (f"{question}-comment", "comment", comment)):
            # So looks a field once the page has loaded what belongs there. What is written earlier is not kept.
            field = self.frame.locator(f"[id='{box}']:is(.needs_manual_grade, [placeholder])")
            field.fill(words)
            with self.page.expect_response(lambda response, kind=kind: f"/api/{kind}/" in response.url and response.ok):  # type: ignore[misc]
                field.press("Tab")
        self.frame.get_by_role("link", name="Manual Grading").click()


def test_its_autograde_button_gives_what_course_grade_gives_and_a_persons_marks_stay(
    page: Page, course: Course, server: LabServer
) -> None:
    outcome = by_student(grade(course))["ada"]
    assert (outcome["result"], outcome["score"], outcome["max_score"]) == ("needs marking", 3, 6)
    formgrader = Formgrader(page, server)
    formgrader.check("status", "needs autograding")

    formgrader.press("autograde", "Successfully autograded")
    formgrader.check("score", "3 / 6")
    formgrader.check("status", "needs manual grading")
    # Not the instructor, at home in a private folder, with no gradebook anywhere.
    autograded = server.root / "course" / "autograded" / "ada" / "sample" / "sample.ipynb"
    assert "It is learner .home False" in autograded.read_text(encoding="utf-8")

    formgrader.mark("sentence", 2, "Name the denominator.")
    formgrader.press("generate-feedback", "Successfully generated feedback")
    page_of_ada = (server.root / "course" / "feedback" / "ada" / "sample" / "sample.html").read_text(encoding="utf-8")
    assert "Name the denominator." in page_of_ada
    assert "Score: 5.0 / 6.0" in page_of_ada

    # Graded once more, by the button and by the command, it keeps them.
    formgrader.press("autograde", "Successfully autograded")
    formgrader.check("score", "5 / 6")
    course.folder = server.root / "course"
    again = by_student(grade(course, "--force"))["ada"]
    assert again["score"] == 5
