"""A workshop from sign-up to returned feedback: five learners and an instructor, each with a server of their own."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from select import select
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import psutil
import pytest
from playwright.sync_api import Page, expect

from course.classroom.sandbox.scratch_folder import remove
from tests.browser.lab import READY_MS, RUN_MS
from tests.classroom.hub.running import CODE, ONE_USER, OWN_USERS, RunningHub, running_hub
from tests.gradebook import COMMAND, sample_checkout

pytest.importorskip("jupyterhub", reason="JupyterHub is not installed: pip install 'completely-free[hub]'")
pytest.importorskip("nativeauthenticator", reason="its sign-up is not installed: pip install 'completely-free[hub]'")

from tests.classroom.hub.person import PATIENCE, Person

pytestmark = pytest.mark.nbgrader

SCRIPT = """
import pandas as pd
from IPython.display import HTML, display
display(HTML('<b>was here</b><script>alert(1)</script>'), pd.DataFrame({'town': ['Raqqa'], 'held': ['held']}))"""
PROSE = """\
Because of it <img src=x onerror="document.title = 'taken'"> <script>document.title = 'taken'</script>

| town | day |
| --- | --- |
| Raqqa | 17 October |"""
COURSE = "completely-free"
STOPPED_AFTER = 20
"""Seconds. Less than ten on a machine with nothing else to do; tests run side by side."""
RIGHT = "share_lost = 100 - 86 * 84 / 100"
MISTAKEN = "share_lost = 14 + 16"
ANSWERS = {"ana": RIGHT, "bo": MISTAKEN, "chidi": RIGHT, "dalia": MISTAKEN, "emre": RIGHT}
CALLED = {
    "ana": ("Мария", "Иванова"),
    "bo": ("Maria", "López"),
    "chidi": ("Maria", "López"),
    "dalia": ("داليا", "ناصر"),
    "emre": ("明", ""),
}
NOTEBOOK_OF_SOLUTION = "class/solutions/sample/sample.ipynb"
NOTEBOOK = "exercises/sample/sample.ipynb"


class Class:
    """Everybody in the workshop, logged in, with their servers up."""

    def __init__(self, hub: RunningHub) -> None:
        self.hub = hub
        self.instructor = Person(hub.address, "instructor", hub.password)
        self.learners = {name: Person(hub.address, name, called=CALLED[name]) for name in ANSWERS}
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

    def collect(self, student: str) -> str:
        """Collect what a learner has handed in, also after feedback, and return what nbgrader says."""
        command = ["nbgrader", "collect", "sample", "--student", student, "--update"]
        return self.instructor.run(
            f"import subprocess\nprint(subprocess.run({command}, capture_output=True, text=True).stderr)"
        )

    def press(self, button: str, student: str = "") -> str:
        """Press a button in formgrader, and return what it says."""
        path = f"submission/sample/{student}" if student else "assignment/sample"
        answer = self.instructor.post(f"formgrader/api/{path}/{button}")
        assert answer["success"], answer
        return str(answer["log"])


@pytest.fixture(scope="module", params=[ONE_USER, OWN_USERS], ids=str)
def workshop(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Class]:
    if reason := request.param.why_not():
        pytest.skip(reason)
    course = sample_checkout(tmp_path_factory.mktemp("course"))
    # Not in pytest's own folder: the next run of pytest closes that to other users again, while this one goes on.
    base = TemporaryDirectory(prefix="hub-", ignore_cleanup_errors=True)
    request.addfinalizer(base.cleanup)  # noqa: PT021 - after the hub has stopped, also where a test fails
    folder = Path(base.name) / "workshop"
    code = course / "code.txt"
    code.write_text(f"{CODE}\n", encoding="utf-8")
    options = ("--code-file", str(code), "--memory", "1500", "--memory-all", "2000", "--disk", "0.2")
    with running_hub(folder, course, *options, mode=request.param) as hub:
        people = Class(hub)
        people.gather()
        yield people


def test_with_the_code_people_are_in_at_once_and_without_it_they_wait(workshop: Class) -> None:
    assert workshop.was_waiting == {"ana": False, "bo": False, "chidi": False, "dalia": True, "emre": True}
    assert "Мария Иванова. Your login name is ana. You can log in now" in workshop.answers_at_sign_up["ana"]
    assert "as soon as your instructor has let you in" in workshop.answers_at_sign_up["emre"]
    assert all(person.is_in() for person in workshop.everybody)


@pytest.mark.parametrize(
    ("name", "code", "answer"),
    [
        ("INSTRUCTOR", CODE, "has signed up as instructor already"),
        ("instructor\u200b", CODE, "choose another login name"),
        ("\u0456nstructor", CODE, "choose another login name"),
        ("", CODE, "choose another login name"),
        ("instructor", CODE, "has signed up as instructor already"),
        ("Ana", CODE, "has signed up as ana already"),
        ("bo", CODE, "choose another login name, such as bo2"),
        ("../ana", CODE, "choose another login name"),
        ("ana+sample", CODE, "choose another login name"),
        ("mallory", "wrong-code", "not the class code"),
        ("root", CODE, "this machine uses itself"),
        ("Daemon", CODE, "this machine uses itself"),
        ("a" * 60, CODE, "at most 32"),
        ("chloé", CODE, "such as chloe: letters a to z"),
        ("bo chan", CODE, "letters a to z"),
        ("bo\nana", CODE, "letters a to z"),
        ("<b>bo</b>", CODE, "letters a to z"),
    ],
)
def test_nobody_takes_a_name_or_a_place_that_is_not_theirs(workshop: Class, name: str, code: str, answer: str) -> None:
    person = Person(workshop.hub.address, name, "somebody else's password")

    assert answer in person.sign_up(code)
    person.log_in()
    assert not person.is_in()


def test_the_page_that_lets_people_in_says_who_they_are(workshop: Class) -> None:
    page = workshop.instructor.browser.get(f"{workshop.hub.address}/hub/authorize").text

    for name, called in CALLED.items():
        assert re.search(rf"{' '.join(called)}\s*</td>\s*<th scope=\"row\">{name}</th>", page), name


@pytest.mark.parametrize(
    "called",
    [("", "López"), ("<b>Maria</b>", ""), ("Maria", '"&amp;'), ("7", ""), ("M\u202eairam", ""), ("x" * 81, "")],
)
def test_a_name_that_is_none_is_refused(workshop: Class, called: tuple[str, str]) -> None:
    assert "write your name" in Person(workshop.hub.address, "zoe", called=called).sign_up(CODE)


def test_who_waits_is_told_so_at_log_in(workshop: Class) -> None:
    person = Person(workshop.hub.address, "zoe")

    person.sign_up()
    assert "has not let you in yet" in person.log_in()
    assert "Invalid username or password" in Person(workshop.hub.address, "zoe", "another password").log_in()


def test_who_guesses_at_a_password_has_to_wait_and_nobody_else_at_the_same_address(workshop: Class) -> None:
    guesser = Person(workshop.hub.address, "zoe", "another password")
    for _ in range(11):
        answer = guesser.log_in()

    assert "Wait a minute" in answer
    bo = Person(workshop.hub.address, "bo")
    bo.log_in()
    assert bo.is_in()


def test_nobody_reads_the_class_code_in_the_list_of_processes(workshop: Class) -> None:
    hub = psutil.Process(workshop.hub.process.pid)

    assert not [process for process in (hub, *hub.children(recursive=True)) if CODE in " ".join(process.cmdline())]


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
    due = {"duedate_notimezone": "2020-01-01T00:00:00", "duedate_timezone": "+0000"}
    workshop.instructor.put("formgrader/api/assignment/sample", due)
    workshop.press("release")
    for name, person in learners.items():
        person.act("fetch", "sample", COURSE)
        notebook = person.read(NOTEBOOK)
        assert RIGHT not in json.dumps(notebook)
        write_answer(notebook, "share-lost", ANSWERS[name] + SCRIPT)
        write_answer(notebook, "sentence", PROSE)
        person.write(NOTEBOOK, notebook)
        person.write("exercises/sample/ledger.json", json.dumps({"whose": name}))
    delete_and_fetch_again(learners["emre"])
    assert validated(learners["ana"]) > validated(learners["bo"])
    for person in learners.values():
        assert person.act("submit", "sample", COURSE)["success"]

    workshop.press("collect")
    known = workshop.instructor.get("formgrader/api/submissions/sample")
    assert {item["student"]: (item["first_name"], item["last_name"] or "") for item in known} == CALLED
    assert all(re.search(r"\. Handed in 2,\d{3} days late\.", item["display_timestamp"]) for item in known)
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
        (handed_in,) = person.get("assignments", course_id=COURSE)["value"][1]["submissions"]
        assert handed_in["local_feedback_path"].endswith("/sample.html"), "the list has fetched it"
        (when,) = person.read("exercises/sample/feedback")
        page = re.sub("<[^>]*>", "", person.read(f"{when['path']}/sample.html"))
        assert {answer for answer in (RIGHT, MISTAKEN) if answer in page} == {ANSWERS[name]}


@pytest.mark.browser
def test_formgrader_opens_from_the_menu_and_shows_work_as_it_was_handed_in_and_runs_none_of_it(
    workshop: Class, page: Page
) -> None:
    log_in(page, workshop, "instructor", workshop.hub.password)
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.get_by_role("menuitem", name="Formgrader").click()
    formgrader = page.frame_locator("iframe").first
    for button, message in (
        ("collect", "Successfully collected"),
        ("generate-feedback", "Successfully generated feedback"),
        ("release-feedback", "Successfully released feedback"),
    ):
        formgrader.locator(f"#main-table .{button} a").click()
        modal = formgrader.locator("#success-modal, #error-modal")
        expect(modal).to_contain_text(message, timeout=RUN_MS)
        modal.get_by_role("button", name="OK").click()
        expect(modal).to_have_count(0)
    formgrader.get_by_role("link", name="Manual Grading").click()
    table, trail = formgrader.locator("#main-table"), formgrader.locator(".breadcrumb li")
    for depth in (2, 3):
        table.get_by_role("link", name="sample").click()
        expect(trail).to_have_count(depth)
    table.get_by_role("link", name="Submission #1").click()
    answer = formgrader.locator(".nbgrader_cell", has_text="Because of it")

    expect(answer.get_by_role("cell", name="Raqqa")).to_be_visible()
    expect(formgrader.get_by_role("cell", name="held")).to_be_visible()
    expect(formgrader.locator("body")).not_to_contain_text("vertical-align")
    expect(formgrader.locator("blockquote", has_text="Mark scheme.")).to_contain_text("naming the denominator")
    assert "taken" not in {page.title(), *(frame.title() for frame in page.frames)}
    ana = workshop.learners["ana"]
    assert "frame-ancestors 'none'" in ana.browser.get(f"{ana.server}/lab").headers["Content-Security-Policy"]


@pytest.mark.browser
def test_a_learner_signs_up_by_filling_in_the_form(workshop: Class, page: Page) -> None:
    page.set_default_timeout(READY_MS)
    page.goto(workshop.hub.address)
    page.get_by_role("link", name="Sign up").click()
    for label, text in (
        ("First name", "Nguyễn"),
        ("Last name", "Thị Minh"),
        ("Login name", "bo"),
        ("Password, at least", "a fine long password"),
        ("The same password again", "a fine long password"),
        ("Class code", CODE),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("alert")).to_contain_text("such as bo2")
    expect(page.get_by_label("Last name")).to_have_value("Thị Minh")


@pytest.mark.browser
def test_a_learner_opens_feedback_with_one_click_in_the_list_of_assignments(workshop: Class, page: Page) -> None:
    bo = workshop.learners["bo"]
    log_in(page, workshop, bo.name, bo.password)
    # Once it is there, it does not cover the list.
    page.get_by_role("heading", name="00 · Does it work").wait_for()
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.get_by_role("menuitem", name="Assignment List").click()
    page.get_by_text("view feedback").click()

    feedback = page.frame_locator("iframe").first
    expect(feedback.get_by_role("link", name="Question 1: compound the losses")).to_be_visible()
    expect(feedback.locator("body")).not_to_contain_text("share-lost-check")
    assert bo.run("import os; print(os.environ['JUPYTERHUB_USER'])") == "bo", "by which the last cell knows where it is"


def test_nobody_hands_in_under_the_name_of_another(workshop: Class) -> None:
    learners, submitted = workshop.learners, workshop.hub.folder / "class/submitted"
    assert learners["bo"].run(hand_in(workshop, "chidi", "bo")) == ""
    if workshop.hub.mode.keeps_learners_apart():
        assert learners["bo"].run(hand_in(workshop, "chidi", "chidi")).startswith("PermissionError")

    message = workshop.press("collect")

    assert "is not named after bo" in message
    assert (submitted / "chidi/sample").exists()
    assert not (submitted / "chidi/sample/note.txt").exists()


def test_what_is_handed_in_past_nbgrader_brings_nothing_else_along(workshop: Class) -> None:
    submitted = workshop.hub.folder / "class/submitted"
    solutions = str(workshop.hub.folder / "class/solutions")
    odd = f"""
from contextlib import suppress
for name, make in {{
    "stolen.ipynb": lambda path: path.symlink_to({solutions + "/sample/sample.ipynb"!r}),
    "stolen": lambda path: path.symlink_to({solutions!r}),
    "pipe": os.mkfifo,
    "locked.txt": lambda path: path.touch(0),
    "locked": lambda path: path.mkdir(0),
}}.items():
    with suppress(PermissionError):
        make(there / name)
"""
    assert workshop.learners["ana"].run(hand_in(workshop, "ana", "ana") + odd) == ""

    message = workshop.press("collect")
    assert "ana has handed in sample again after feedback" in message
    assert not (submitted / "ana/sample/note.txt").exists(), "to collect it is a choice"
    message += workshop.collect("ana")

    names = {path.name for path in (submitted / "ana/sample").iterdir()}
    assert "note.txt" in names, "the newest of ana's own is taken"
    assert not names & {"stolen.ipynb", "stolen", "pipe"}
    if workshop.hub.mode.own_users:
        assert message.count("is a link or cannot be read") == 5


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("(place / 'submission_secret.txt').unlink()", "is missing or not text"),
        ("(place / 'submission_secret.txt').write_bytes(b'\\xff')", "is missing or not text"),
        ("(place / 'submission_secret.txt').write_bytes(b'')", "is empty"),
        ("(place / 'timestamp.txt').write_text('yesterday')", "does not say when"),
        ("place = place.rename(place.with_name('dalia+sample+yesterday+a'))", "does not say when"),
        ("place = place.rename(place.with_name('dalia+sample+'))", "does not create such names"),
        ("place = place.rename(place.with_name('dalia+sample+\\n\\udcff+' + 'a' * 99))", "does not create such names"),
        ("shutil.rmtree(place); place.write_text('a file')", "it is not a folder"),
        ("os.truncate(place / 'sample.ipynb', 101 * 10**6)", "bytes that CourseDirectory.max_dir_size allows"),
        ("[(place / str(number)).touch() for number in range(1001)]", "more than 1000 files"),
        ("os.makedirs(place.joinpath(*'abcdefghijklmnopqrstuvwxyz'))", "20 folders inside each other"),
    ],
)
def test_a_submission_that_cannot_be_used_is_left_out_with_the_reason(workshop: Class, change: str, why: str) -> None:
    collected = workshop.hub.folder / "class/submitted/dalia/sample"
    assert workshop.learners["dalia"].run(hand_in(workshop, "dalia", "dalia", change)) == ""

    message = workshop.press("collect")

    assert why in message
    assert not (collected / "note.txt").exists(), "what was handed in before stays"
    assert (collected / "sample.ipynb").exists()


def test_what_cannot_be_used_keeps_nobody_else_from_being_graded_and_given_feedback(workshop: Class) -> None:
    broken = "(place / 'sample.ipynb').write_text('no notebook')"
    assert workshop.learners["emre"].run(hand_in(workshop, "emre", "emre", broken)) == ""
    workshop.press("collect")
    workshop.collect("emre")
    on_paper = """
import pathlib, shutil, subprocess
shutil.copytree("submitted/bo", "submitted/paula")
pathlib.Path("submitted/paula/sample/submission_secret.txt").unlink()
print(subprocess.run(["course", "grade", "--plain"], capture_output=True, text=True).stdout)
"""
    graded = workshop.instructor.run(on_paper)
    workshop.press("generate_feedback")
    released = workshop.press("release_feedback")

    assert "Graded now: 2 needs marking, 1 failed" in graded, "ana's new one and paula's; not emre's"
    assert "paula gets no feedback on sample" in released
    assert {name for name in ANSWERS if f"Releasing feedback for student '{name}'" in released} >= {"ana", "bo"}


def test_a_learner_cannot_reach_the_work_of_others_the_solutions_or_the_gradebook(workshop: Class) -> None:
    if not workshop.hub.mode.keeps_learners_apart():
        pytest.skip("nothing is promised here: no root, and no Landlock")
    folder, ana = workshop.hub.folder, workshop.learners["ana"]
    closed = [
        *("learners/bo", "learners/bo/notebooks/00-start-here.ipynb", f"learners/bo/{NOTEBOOK}"),
        *("hub/cookie-secret", "hub/hub.log", "backups", f"/proc/{workshop.hub.process.pid}/environ"),
        *("people", "people/people.json"),
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
    printed = workshop.learners["chidi"].run("with open('big', 'wb') as file: file.truncate(2**31)")
    assert printed.startswith("OSError")
    assert "too large" in printed


def test_a_learner_who_starts_ever_more_processes_is_stopped_and_nobody_else_notices(workshop: Class) -> None:
    if not workshop.hub.mode.own_users:
        pytest.skip("processes are counted for a system user, and here all share one")
    multiply = """
import os, signal
begun = []
try:
    while len(begun) < 2000:
        child = os.fork()
        if not child:
            signal.pause()
        begun.append(child)
except BlockingIOError:
    print("stopped")
finally:
    for child in begun:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
"""
    assert workshop.learners["chidi"].run(multiply) == "stopped"
    assert workshop.learners["dalia"].run("print(6 * 7)") == "42"


def test_a_learner_cannot_use_the_ports_of_others(workshop: Class) -> None:
    everything = psutil.Process(workshop.hub.process.pid).children(recursive=True)
    ports = {
        connection.laddr.port
        for process in everything
        if not any("ipykernel" in part for part in process.cmdline())
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert len(ports) >= len(workshop.everybody) + len(["hub", "proxy", "the proxy's own"])
    ask = f"""
import http.client, os
token = {{"Authorization": "token " + os.environ["JUPYTERHUB_API_TOKEN"]}}
for port in {ports}:
    for path in ("user/bo/api/contents", "user/instructor/api/contents", "api/routes", "hub/api/users/bo"):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/" + path, headers=token)
        answer = connection.getresponse().status
        if answer not in (302, 403, 404):
            print(port, path, answer)
"""
    assert workshop.learners["ana"].run(ask) == ""


def test_a_learner_cannot_listen_to_the_kernel_of_another(workshop: Class) -> None:
    ana, bo = workshop.learners["ana"], workshop.learners["bo"]
    think = """
from threading import Event, Thread
def think():
    while not Event().wait(0.1):
        print("a thought of bo")
Thread(target=think, daemon=True).start()
"""
    bo.run(think, keep=True)
    connections = workshop.hub.folder.glob("learners/bo/.local/share/jupyter/runtime/kernel-*.json")
    ports = [json.loads(path.read_text())["iopub_port"] for path in connections]
    assert ports
    listen = f"""
import zmq
with zmq.Context() as context, context.socket(zmq.SUB) as ear:
    ear.subscribe(b"")
    for port in {ports}:
        ear.connect(f"tcp://127.0.0.1:{{port}}")
    print(ear.recv_multipart() if ear.poll(3000) else "nothing")
"""
    assert ana.run(listen) == "nothing"


def test_the_instructor_is_told_who_fills_the_disk(workshop: Class) -> None:
    fill = "with open('big', 'wb') as file: [file.write(bytes(2**20)) for _ in range(250)]"
    assert workshop.learners["emre"].run(fill) == ""
    stdout = workshop.hub.process.stdout
    assert stdout

    assert select([stdout], [], [], PATIENCE)[0]
    assert stdout.readline().startswith("The folder of emre takes 0.2 GiB on the disk")


def test_a_learner_cannot_use_the_server_of_another_or_let_people_in(workshop: Class) -> None:
    ana, bo = workshop.learners["ana"], workshop.learners["bo"]

    assert ana.browser.get(f"{bo.server}/api/contents").status_code == 403
    assert ana.browser.get(f"{ana.hub}/hub/authorize").status_code == 403
    assert ana.browser.get(f"{ana.hub}/hub/authorize/zoe").status_code == 403


def test_who_asks_for_too_much_memory_gets_an_error_and_nobody_else_notices(workshop: Class) -> None:
    assert workshop.learners["chidi"].run("x = bytearray(4 * 2**30)").startswith("MemoryError")
    assert workshop.learners["dalia"].run("print(6 * 7)") == "42"


def test_who_takes_too_much_memory_in_all_loses_the_largest_program_and_nothing_else(workshop: Class) -> None:
    start = """
import subprocess, sys
hold = "import time; taken = b'x' * ({} * 2**20); time.sleep(300)"
smaller, larger = (subprocess.Popen([sys.executable, "-c", hold.format(mib)]) for mib in (1000, 1200))
print(larger.wait(), smaller.poll())
smaller.kill()
"""
    stdout = workshop.hub.process.stdout
    assert stdout

    assert workshop.learners["emre"].run(start) == "-9 None"
    assert select([stdout], [], [], PATIENCE)[0]
    assert re.match(r"emre’s processes took 2,\d\d\d MiB together, more than --memory-all", stdout.readline())
    assert workshop.learners["emre"].run("print(6 * 7)") == "42"


def test_stopping_keeps_everything_and_backs_up_the_gradebook_and_the_ledgers(workshop: Class) -> None:
    folder = workshop.hub.folder
    other = folder / "learners/emre/exercises/sample/ledger-of-ana.json"
    other.symlink_to(folder / "learners/ana/exercises/sample/ledger.json")

    huge = folder / "learners/emre/ledger.json"
    with huge.open("wb") as file:
        file.truncate(2**40)
    (folder / "learners/emre" / os.fsdecode(b"ledger-\xff.json")).write_text("{}")
    deep = "import os\nfor _ in range(1500):\n    os.mkdir('d')\n    os.chdir('d')"
    assert workshop.learners["emre"].run(deep) == ""
    log = (folder / "hub/hub.log").read_text(errors="replace")
    assert CODE not in log
    assert Person("", "").password not in log

    begun = time.monotonic()
    printed = workshop.hub.stop()
    assert time.monotonic() - begun < STOPPED_AFTER
    assert "Stopping 6 servers: ana, bo, chidi, dalia, emre and instructor." in printed
    assert re.search(r"Stopped after \d+ seconds?\.", printed)

    # Not left to Python, which can neither walk through it nor remove it.
    remove(folder / "learners/emre/d")
    assert workshop.hub.process.returncode == 0
    (backup,) = (folder / "backups").iterdir()
    assert str(backup) in printed
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


def test_a_second_start_takes_up_where_the_first_was_stopped_even_when_its_folder_was_destroyed(
    workshop: Class,
) -> None:
    first, source = workshop.hub, workshop.hub.folder.parent / "course"
    destroy_and_restore(first.folder)
    (first.folder / NOTEBOOK_OF_SOLUTION).unlink()
    with running_hub(first.folder, sample_checkout(source), "--code", CODE, mode=first.mode) as hub:
        assert "restored: solutions/sample/sample.ipynb." in hub.output
        instructor, bo = Person(hub.address, "instructor", hub.password), Person(hub.address, "bo")
        assert hub.password == first.password
        for person in (instructor, bo):
            person.log_in()
        for person in (instructor, bo):
            person.wait_for_server()

        assert MISTAKEN in json.dumps(bo.read(NOTEBOOK))
        assert {path["name"] for path in bo.read("exercises/sample/feedback")}
        assert bo.act("submit", "sample", COURSE)["success"]
        answer = instructor.post("formgrader/api/assignment/sample/collect")
        assert "bo has handed in sample again after feedback" in answer["log"]
        people = Class(hub)
        people.instructor = instructor
        assert "Updating submission: bo sample" in people.collect("bo")
        submissions = instructor.get("formgrader/api/submissions/sample")
        assert {item["student"]: item["code_score"] for item in submissions}["bo"] == 0.0
        hub.stop()
    assert len(list((first.folder / "backups").iterdir())) == 2


def log_in(page: Page, workshop: Class, name: str, password: str) -> None:
    """Log in as a person does, and wait for JupyterLab."""
    # nbgrader's pages ask for MathJax from far away, whatever is configured. They do without.
    page.route(re.compile("mathjax", re.IGNORECASE), lambda route: route.abort())
    page.set_default_timeout(READY_MS)
    page.goto(workshop.hub.address)
    page.get_by_label("Username").fill(name)
    page.locator("#password_input").fill(password)
    page.get_by_role("button", name="Sign in").click()


def destroy_and_restore(folder: Path) -> None:
    """Delete a workshop's folder but for its backup, and restore it."""
    (backup,) = (folder / "backups").iterdir()
    kept = shutil.move(backup, folder.parent)
    shutil.rmtree(folder)
    command = [str(COMMAND), "restore", kept, str(folder)]
    restored = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert re.match(r"Restored [\d,]+ files in", restored)
    (folder / "backups").mkdir()
    shutil.move(kept, folder / "backups")


def hand_in(workshop: Class, name: str, folder: str, change: str = "") -> str:
    """Return code that hands in past nbgrader's menu.

    Parameters
    ----------
    workshop : Class
        Where.
    name : str
        The learner whose name the submission bears.
    folder : str
        The learner whose folder it is put into.
    change : str
        Code that makes something else of it; `place` is where it is made, in the learner's own folder.
    """
    return f"""
import os, secrets, shutil, tempfile
from pathlib import Path
os.umask(0)
time = "2090-01-01 00:00:" + f"{{secrets.randbelow(60):02}}.{{secrets.randbelow(10**6):06}} UTC"
place = Path(tempfile.mkdtemp()) / f"{name}+sample+{{time}}+a"
shutil.copytree(Path.home() / "exercises/sample", place, ignore=shutil.ignore_patterns("feedback"))
(place / "timestamp.txt").write_text(time)
(place / "submission_secret.txt").write_text("5" * 64)
(place / "note.txt").write_text("not by nbgrader")
for path in (place, *place.iterdir()):
    path.chmod(0o755)
{change}
there = Path({str(workshop.hub.folder)!r}) / "handed-in/{folder}" / place.name
shutil.copytree(place, there) if place.is_dir() else shutil.copy(place, there)
"""


def delete_and_fetch_again(person: Person) -> None:
    """Delete the notebook, find it in the list again, and fetch it; then put the answers back."""
    answered = person.read(NOTEBOOK)
    person.run(f"import os\nos.remove(os.path.expanduser('~/{NOTEBOOK}'))")
    (item,) = person.get("assignments", course_id=COURSE)["value"]
    assert item["status"] == "released"
    person.act("fetch", "sample", COURSE)
    assert "your code here" in json.dumps(person.read(NOTEBOOK))
    assert json.loads(person.read("exercises/sample/ledger.json")), "the rest stays"
    person.write(NOTEBOOK, answered)


def page_config(person: Person) -> dict[str, Any]:
    """Return what JupyterLab's page is told."""
    page = person.browser.get(f"{person.server}/lab").text
    answer: dict[str, Any] = json.loads(
        page.partition('id="jupyter-config-data" type="application/json">')[2].partition("</script>")[0]
    )
    return answer


def validated(person: Person) -> int:
    """Press Validate, and return how many checks pass."""
    answer = person.post("assignments/validate", {"path": NOTEBOOK})
    assert answer["success"], answer
    failed = answer["value"].get("failed", [])
    return -len(failed)


def notebook_of(workshop: Class, student: str) -> str:
    """Return what formgrader calls a learner's notebook in addresses."""
    answer = workshop.instructor.get("formgrader/api/submitted_notebooks/sample/sample")
    (name,) = [item["id"] for item in answer if item["student"] == student]
    return str(name)


def write_answer(notebook: Any, question: str, answer: str) -> None:
    """Type an answer into a notebook's cell."""
    (cell,) = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == question]
    cell["source"] = answer
