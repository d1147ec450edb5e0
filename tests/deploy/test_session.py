"""A campus from a click in the learning platform to returned feedback: LTI 1.1, ngshare, two learners, an instructor.

It runs deploy/'s own files with JupyterHub as local processes. Kubernetes is not here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.gradebook import sample_checkout

pytest.importorskip("ltiauthenticator", reason="it is not installed: `make test` does")

from tests.deploy.campus import KEY, NGSHARE, SECRET, Campus, Launched, running_campus

pytestmark = [
    pytest.mark.nbgrader,
    pytest.mark.skipif(not NGSHARE.exists(), reason="ngshare is not installed: `make test` does"),
]

COURSE = "completely-free"
INSTRUCTOR = "1001"
RIGHT, MISTAKEN = "share_lost = 100 - 86 * 84 / 100", "share_lost = 14 + 16"
ANSWERS = {"2001": RIGHT, "2002": MISTAKEN}
NOTEBOOK = "exercises/sample/sample.ipynb"


@pytest.fixture(scope="module")
def campus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    folder = tmp_path_factory.mktemp("campus")
    with running_campus(folder / "it", {"LTI_CONSUMER_KEY": KEY, "LTI_SHARED_SECRET": SECRET}) as campus:
        # The instructor's checkout of the course.
        sample_checkout(campus.home(INSTRUCTOR) / "class")
        yield campus


@pytest.fixture(scope="module")
def instructor(campus: Campus) -> Launched:
    return come(campus, INSTRUCTOR)


@pytest.fixture(scope="module")
def learners(campus: Campus, instructor: Launched) -> dict[str, Launched]:
    """Everybody enrolled, with their servers up."""
    roster = "student_id,first_name,last_name,email\n" + "".join(f"{name},,,\n" for name in ANSWERS)
    instructor.write("roster.csv", roster)
    for command in (f"create_course {COURSE} {INSTRUCTOR}", f"add_students {COURSE} roster.csv"):
        printed = in_terminal(instructor, f"ngshare-course-management {command}")
        assert "success" in printed.lower(), printed
    return {name: come(campus, name) for name in ANSWERS}


def test_who_comes_from_the_platform_is_in_and_finds_the_lessons(learners: dict[str, Launched]) -> None:
    learner = learners["2001"]

    assert learner.is_in()
    assert learner.about_me()["admin"] is False
    assert {item["name"] for item in learner.read("")} == {"notebooks", "data", "exercises"}
    opened = learner.browser.get(f"{learner.server}/").url.partition("?")[0]
    assert opened == f"{learner.server}/lab/tree/notebooks/00-start-here.ipynb"


def test_an_assignment_goes_through_ngshare_from_release_to_returned_feedback(
    campus: Campus, instructor: Launched, learners: dict[str, Launched]
) -> None:
    press(instructor, "assign")
    press(instructor, "release")
    for name, learner in learners.items():
        learner.act("fetch", "sample", COURSE)
        notebook = learner.read(NOTEBOOK)
        assert RIGHT not in json.dumps(notebook)
        write_answer(notebook, "share-lost", ANSWERS[name])
        learner.write(NOTEBOOK, notebook)
        learner.write("exercises/sample/ledger.json", json.dumps({"whose": name}))
        assert learner.act("submit", "sample", COURSE)["success"]

    press(instructor, "collect")
    for name in learners:
        press(instructor, "autograde", name)
    press(instructor, "generate_feedback")
    press(instructor, "release_feedback")

    submissions = instructor.get("formgrader/api/submissions/sample")
    assert {item["student"]: item["code_score"] for item in submissions} == {"2001": 2.0, "2002": 0.0}
    submitted = campus.home(INSTRUCTOR) / "class" / "submitted"
    for name, learner in learners.items():
        assert json.loads((submitted / name / "sample" / "ledger.json").read_text()) == {"whose": name}
        learner.act("fetch_feedback", "sample", COURSE)
        (when,) = learner.read("exercises/sample/feedback")
        page = re.sub("<[^>]*>", "", learner.read(f"{when['path']}/sample.html"))
        assert {answer for answer in (RIGHT, MISTAKEN) if answer in page} == {ANSWERS[name]}


def test_ngshare_gives_a_learner_nothing_of_others_and_nothing_to_decide(learners: dict[str, Launched]) -> None:
    learner = learners["2001"]

    for method, path in [
        ("get", f"submission/{COURSE}/sample/2002"),
        ("get", f"submissions/{COURSE}/sample"),
        ("post", f"instructor/{COURSE}/2001"),
        ("post", f"assignment/{COURSE}/another"),
        ("delete", f"assignment/{COURSE}/sample"),
    ]:
        assert ask_ngshare(learner, method, path) == 403, path


def come(campus: Campus, name: str) -> Launched:
    """Click the link in the platform, and wait for the server."""
    person = Launched(campus.address, name)
    person.launch().raise_for_status()
    person.browser.get(f"{person.hub}/hub/spawn").raise_for_status()
    person.wait_for_server()
    return person


def press(instructor: Launched, button: str, student: str = "") -> None:
    """Press a button in formgrader."""
    path = f"submission/sample/{student}" if student else "assignment/sample"
    answer = instructor.post(f"formgrader/api/{path}/{button}")
    assert answer["success"], answer


def in_terminal(person: Launched, command: str) -> str:
    """Run a command where the person's server runs."""
    return person.run(
        "import subprocess as s\n"
        f"print(s.run({command!r}, shell=True, stdout=s.PIPE, stderr=s.STDOUT, text=True).stdout)"
    )


def ask_ngshare(person: Launched, method: str, path: str) -> int:
    """Ask ngshare for something, past nbgrader, and return the number that it answers with."""
    code = f"""
import os, requests
key = {{"Authorization": "token " + os.environ["JUPYTERHUB_API_TOKEN"]}}
url = os.environ["NGSHARE_URL"] + "/{path}"
print(requests.request({method!r}, url, headers=key, data={{"files": "[]"}}).status_code)
"""
    return int(person.run(code))


def write_answer(notebook: Any, question: str, answer: str) -> None:
    """Type an answer into a notebook's cell."""
    (cell,) = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == question]
    cell["source"] = answer
