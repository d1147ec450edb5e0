"""A workshop from sign-up to returned feedback: five learners and an instructor, each with a server of their own."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import pytest

from tests.gradebook import sample_checkout
from tests.hub.running import CODE, ONE_USER, OWN_USERS, RunningHub, running_hub

pytest.importorskip("jupyterhub", reason="JupyterHub is not installed: pip install 'completely-free[hub]'")
pytest.importorskip("nativeauthenticator", reason="its sign-up is not installed: pip install 'completely-free[hub]'")

from tests.hub.person import Person

pytestmark = pytest.mark.nbgrader

SCRIPT = "\nfrom IPython.display import HTML, display\ndisplay(HTML('<b>was here</b><script>alert(1)</script>'))"
COURSE = "completely-free"
RIGHT = "share_lost = 100 - 86 * 84 / 100"
MISTAKEN = "share_lost = 14 + 16"
ANSWERS = {"ana": RIGHT, "bo": MISTAKEN, "chidi": RIGHT, "dalia": MISTAKEN, "emre": RIGHT}
NOTEBOOK_OF_SOLUTION = "class/solutions/sample/sample.ipynb"
NOTEBOOK = "exercises/sample/sample.ipynb"


class Class:
    """Everybody in the workshop, logged in, with their servers up."""

    def __init__(self, hub: RunningHub) -> None:
        self.hub = hub
        self.instructor = Person(hub.address, "instructor", hub.password)
        self.learners = {name: Person(hub.address, name) for name in ANSWERS}
        self.answers_at_sign_up: dict[str, str] = {}
        self.was_waiting: dict[str, bool] = {}

    def gather(self) -> None:
        """Sign up: the first three with the class code, the others let in by the instructor. Then start servers."""
        self.instructor.log_in()
        for number, (name, person) in enumerate(self.learners.items()):
            has_code = number < 3
            self.answers_at_sign_up[name] = person.sign_up(CODE if has_code else "")
            person.log_in()
            self.was_waiting[name] = not person.is_in()
            if not has_code:
                self.instructor.let_in(person)
                person.log_in()
        for person in self.everybody:
            person.wait_for_server()

    @property
    def everybody(self) -> list[Person]:
        return [self.instructor, *self.learners.values()]

    def press(self, button: str, student: str = "") -> None:
        """Press a button in formgrader."""
        path = f"submission/sample/{student}" if student else "assignment/sample"
        answer = self.instructor.post(f"formgrader/api/{path}/{button}")
        assert answer["success"], answer


@pytest.fixture(scope="module", params=[ONE_USER, OWN_USERS], ids=str)
def workshop(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Class]:
    if reason := request.param.why_not():
        pytest.skip(reason)
    course = sample_checkout(tmp_path_factory.mktemp("course"))
    # Not in pytest's own folder: the next run of pytest closes that to other users again, while this one goes on.
    base = TemporaryDirectory(prefix="hub-", ignore_cleanup_errors=True)
    request.addfinalizer(base.cleanup)  # noqa: PT021 - after the hub has stopped, also where a test fails
    folder = Path(base.name) / "workshop"
    with running_hub(folder, course, "--code", CODE, "--memory", "1500", mode=request.param) as hub:
        people = Class(hub)
        people.gather()
        yield people


def test_with_the_code_people_are_in_at_once_and_without_it_they_wait(workshop: Class) -> None:
    assert workshop.was_waiting == {"ana": False, "bo": False, "chidi": False, "dalia": True, "emre": True}
    assert "You can log in now" in workshop.answers_at_sign_up["ana"]
    assert "as soon as your instructor has let you in" in workshop.answers_at_sign_up["emre"]
    assert all(person.is_in() for person in workshop.everybody)


@pytest.mark.parametrize(
    ("name", "code", "answer"),
    [
        ("INSTRUCTOR", CODE, "has signed up as instructor already"),
        ("instructor\u200b", CODE, "choose another name"),
        ("\u0456nstructor", CODE, "choose another name"),
        ("", CODE, "choose another name"),
        ("instructor", CODE, "has signed up as instructor already"),
        ("Ana", CODE, "has signed up as ana already"),
        ("../ana", CODE, "choose another name"),
        ("ana+sample", CODE, "choose another name"),
        ("mallory", "wrong-code", "not the class code"),
    ],
)
def test_nobody_takes_a_name_or_a_place_that_is_not_theirs(workshop: Class, name: str, code: str, answer: str) -> None:
    person = Person(workshop.hub.address, name, "somebody else's password")

    assert answer in person.sign_up(code)
    person.log_in()
    assert not person.is_in()


def test_who_waits_is_told_so_at_log_in(workshop: Class) -> None:
    person = Person(workshop.hub.address, "zoe")

    person.sign_up()
    assert "has not let you in yet" in person.log_in()
    assert "Invalid username or password" in Person(workshop.hub.address, "zoe", "another password").log_in()


def test_a_learner_finds_the_lessons_and_no_solutions_and_starts_at_lesson_00(workshop: Class) -> None:
    ana = workshop.learners["ana"]

    assert {item["name"] for item in ana.read("")} == {"notebooks", "data", "exercises"}
    assert "00-start-here.ipynb" in {item["name"] for item in ana.read("notebooks")}
    assert (
        ana.browser.get(f"{ana.server}/").url.partition("?")[0]
        == f"{ana.server}/lab/tree/notebooks/00-start-here.ipynb"
    )


def test_menus_show_learners_the_assignments_and_instructors_formgrader(workshop: Class) -> None:
    ana, instructor = workshop.learners["ana"], workshop.instructor
    hidden = page_config(ana)["disabledExtensions"]

    assert "@jupyter/nbgrader:formgrader" in hidden
    assert "@jupyter/nbgrader:assignment-list" not in hidden
    assert "@jupyter/nbgrader:formgrader" not in page_config(instructor)["disabledExtensions"]
    assert ana.browser.get(f"{ana.server}/formgrader/manage_assignments").status_code == 404
    assert instructor.browser.get(f"{instructor.server}/formgrader/manage_assignments").status_code == 200


def test_an_assignment_goes_from_release_to_returned_feedback(workshop: Class) -> None:
    learners = workshop.learners
    assert learners["ana"].get("assignments", course_id=COURSE)["value"] == []

    workshop.press("assign")
    workshop.press("release")
    for name, person in learners.items():
        person.act("fetch", "sample", COURSE)
        notebook = person.read(NOTEBOOK)
        assert RIGHT not in json.dumps(notebook)
        write_answer(notebook, "share-lost", ANSWERS[name] + SCRIPT)
        person.write(NOTEBOOK, notebook)
        person.write("exercises/sample/ledger.json", json.dumps({"whose": name}))
    assert validated(learners["ana"]) > validated(learners["bo"])
    for person in learners.values():
        assert person.act("submit", "sample", COURSE)["success"]

    workshop.press("collect")
    for name in learners:
        workshop.press("autograde", name)
    page = workshop.instructor.browser.get(
        f"{workshop.instructor.server}/formgrader/submissions/{notebook_of(workshop, 'emre')}/"
    ).text
    assert "was here" in page
    assert "<script>alert" not in page, "a learner's script does not run as the instructor"
    workshop.press("generate_feedback")
    workshop.press("release_feedback")

    submissions = workshop.instructor.get("formgrader/api/submissions/sample")
    assert {item["student"]: item["code_score"] for item in submissions} == {
        name: 2.0 if answer == RIGHT else 0.0 for name, answer in ANSWERS.items()
    }
    for name, person in learners.items():
        person.act("fetch_feedback", "sample", COURSE)
        (when,) = person.read("exercises/sample/feedback")
        page = re.sub("<[^>]*>", "", person.read(f"{when['path']}/sample.html"))
        assert {answer for answer in (RIGHT, MISTAKEN) if answer in page} == {ANSWERS[name]}


def test_what_is_handed_in_past_nbgrader_takes_nothing_from_others_and_stops_nobody(workshop: Class) -> None:
    if not workshop.hub.mode.own_users:
        pytest.skip("servers that share a system user cannot be told apart by what they hand in")
    folder, learners = workshop.hub.folder, workshop.learners
    submitted = folder / "class/submitted"
    assert learners["ana"].run(hand_in(folder, "ana", NOTEBOOK_OF_SOLUTION)) == ""
    assert learners["bo"].run(hand_in(folder, "chidi")) == ""

    workshop.press("collect")
    assert (submitted / "ana/sample/note.txt").exists(), "the newest of ana's own is taken"
    assert not (submitted / "ana/sample/stolen.ipynb").exists(), "and the solution behind its link is not"
    assert not (submitted / "chidi/sample/note.txt").exists(), "what bo hands in as chidi is left"
    workshop.press("autograde", "ana")
    workshop.press("generate_feedback")
    workshop.press("release_feedback")


def test_a_learner_cannot_reach_the_work_of_others_the_solutions_or_the_gradebook(workshop: Class) -> None:
    if not workshop.hub.mode.keeps_learners_apart():
        pytest.skip("nothing is promised here: no root, and no Landlock")
    folder, ana = workshop.hub.folder, workshop.learners["ana"]
    closed = [
        *("learners/bo", "learners/bo/notebooks/00-start-here.ipynb", f"learners/bo/{NOTEBOOK}"),
        *("hub/cookie-secret", "hub/hub.log", "backups", f"/proc/{workshop.hub.process.pid}/environ"),
        *("class", "class/gradebook.db", "class/solutions/sample/sample.ipynb", "hub/jupyterhub.sqlite"),
        *("password-of-instructor.txt", f"exchange/{COURSE}/inbound", f"exchange/{COURSE}/feedback", "numbers"),
    ]
    assert all((folder / name).exists() for name in closed)

    read = f"""
import os
from pathlib import Path
from tempfile import TemporaryDirectory
for name in {closed!r}:
    path = Path({str(folder)!r}) / name
    try:
        os.listdir(path) if path.is_dir() else path.read_bytes()
    except PermissionError:
        continue
    print(name)
"""
    write = (
        f"from pathlib import Path; Path({str(folder / 'learners/bo/notebooks/note.txt')!r}).write_text('ana was here')"
    )
    end = f"import os; os.kill({workshop.hub.process.pid}, 0)"

    assert ana.run(read) == ""
    assert ana.run(write).startswith("PermissionError")
    assert ana.run(end).startswith("PermissionError")


def test_every_learner_is_a_system_user_of_their_own_where_that_was_promised(workshop: Class) -> None:
    users = {
        name: person.run("import os; print(os.getuid(), os.getgid(), os.getgroups())")
        for name, person in workshop.learners.items()
    }

    assert len(set(users.values())) == (len(users) if workshop.hub.mode.own_users else 1)
    assert all(user.endswith("[]") for user in users.values()) or not workshop.hub.mode.own_users


def test_a_learner_cannot_fill_the_disk_with_one_file(workshop: Class) -> None:
    said = workshop.learners["chidi"].run("with open('big', 'wb') as file: file.truncate(2**31)")
    assert said.startswith("OSError")
    assert "too large" in said


def test_a_learner_cannot_use_the_server_of_another_or_let_people_in(workshop: Class) -> None:
    ana, bo = workshop.learners["ana"], workshop.learners["bo"]

    assert ana.browser.get(f"{bo.server}/api/contents").status_code == 403
    assert ana.browser.get(f"{ana.hub}/hub/authorize").status_code == 403
    assert ana.browser.get(f"{ana.hub}/hub/authorize/zoe").status_code == 403


def test_who_asks_for_too_much_memory_gets_an_error_and_nobody_else_notices(workshop: Class) -> None:
    assert workshop.learners["chidi"].run("x = bytearray(4 * 2**30)").startswith("MemoryError")
    assert workshop.learners["dalia"].run("print(6 * 7)") == "42"


def test_stopping_keeps_everything_and_backs_up_the_gradebook_and_the_ledgers(workshop: Class) -> None:
    folder = workshop.hub.folder
    other = folder / "learners/emre/exercises/sample/ledger-of-ana.json"
    other.symlink_to(folder / "learners/ana/exercises/sample/ledger.json")

    huge = folder / "learners/emre/ledger.json"
    with huge.open("wb") as file:
        file.truncate(2**40)
    (folder / "learners/emre" / os.fsdecode(b"ledger-\xff.json")).write_text("{}")
    log = (folder / "hub/hub.log").read_text(errors="replace")
    assert CODE not in log
    assert Person("", "").password not in log

    said = workshop.hub.stop()

    assert workshop.hub.process.returncode == 0
    (backup,) = (folder / "backups").iterdir()
    assert str(backup) in said
    assert backup.stat().st_mode & 0o077 == 0
    with ZipFile(backup) as kept:
        names = set(kept.namelist())
        database = Path(kept.extract("class/gradebook.db", folder / "looked-at"))
        assert json.loads(kept.read("learners/bo/exercises/sample/ledger.json")) == {"whose": "bo"}
    assert {"hub/jupyterhub.sqlite", *(f"learners/{name}/exercises/sample/ledger.json" for name in ANSWERS)} <= names
    assert "learners/emre/exercises/sample/ledger-of-ana.json" not in names, "a link is not followed"
    with sqlite3.connect(database) as gradebook:
        assert {row[0] for row in gradebook.execute("select id from student")} >= set(ANSWERS)
    gradebook.close()


def hand_in(folder: Path, name: str, link: str = "") -> str:
    """Return code that puts a submission of a learner's last notebook into the exchange past nbgrader's own way."""
    return f"""
import os, shutil
from pathlib import Path
from tempfile import TemporaryDirectory
os.umask(0)
place = Path({str(folder)!r}) / "exchange/{COURSE}/inbound/{name}+sample+2090-01-01 00:00:00 UTC+a"
shutil.copytree(Path.home() / "exercises/sample", place)
(place / "timestamp.txt").write_text("2090-01-01 00:00:00 UTC")
(place / "note.txt").write_text("not by nbgrader")
for path in (place, *place.rglob("*")):
    path.chmod(0o755)
(place / "locked.txt").touch(0)
if {link!r}:
    (place / "stolen.ipynb").symlink_to(Path({str(folder)!r}) / {link!r})
"""


def page_config(person: Person) -> dict[str, Any]:
    """Return what JupyterLab's page is told."""
    page = person.browser.get(f"{person.server}/lab").text
    found: dict[str, Any] = json.loads(
        page.partition('id="jupyter-config-data" type="application/json">')[2].partition("</script>")[0]
    )
    return found


def validated(person: Person) -> int:
    """Press Validate, and return how many checks pass."""
    answer = person.post("assignments/validate", {"path": NOTEBOOK})
    assert answer["success"], answer
    failed = answer["value"].get("failed", [])
    return -len(failed)


def notebook_of(workshop: Class, student: str) -> str:
    """Return what formgrader calls a learner's notebook in addresses."""
    found = workshop.instructor.get("formgrader/api/submitted_notebooks/sample/sample")
    (name,) = [item["id"] for item in found if item["student"] == student]
    return str(name)


def write_answer(notebook: Any, question: str, answer: str) -> None:
    """Type an answer into a notebook's cell."""
    (cell,) = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == question]
    cell["source"] = answer
