"""The `course` command, as it is typed: what it prints, and the exit code a script sees."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from course.classroom.gradebook.release import release
from tests.gradebook import ROOT, answer, sample

COURSE = Path(sysconfig.get_path("scripts")) / "course"
RIGHT = {"share-lost": "share_lost = 27.76", "repeats": "repeats = ['S02', 'S03']"}


def course(*arguments: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command and return what it said."""
    plain = {"COLUMNS": "100", "NO_COLOR": "1"} | environment
    return subprocess.run(
        [COURSE, *arguments], capture_output=True, text=True, check=False, cwd=folder, env=os.environ | plain
    )


def refused(*arguments: str, folder: Path = ROOT) -> str:
    """Return the one line with which the command says that it cannot do this."""
    done = course(*arguments, folder=folder)
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample exercise as learners get it."""
    folder = tmp_path_factory.mktemp("course")
    sample(folder / "solutions")
    (folder / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text())
    release(folder)
    return (folder / "exercises" / "sample" / "sample.ipynb").read_text()


@pytest.fixture
def exercise(tmp_path: Path, released: str) -> Path:
    """A learner's own copy."""
    (tmp_path / "sample.ipynb").write_text(released)
    return tmp_path / "sample.ipynb"


def test_version_and_help_are_in_plain_words() -> None:
    assert course("--version").stdout == f"course {version('completely-free')}\n"
    printed = course("--help").stdout
    assert "Open JupyterLab at a lesson." in printed
    assert "Run an exercise's checks and show the result of each question." in printed


def test_the_command_starts_without_loading_what_it_does_not_need() -> None:
    loaded = (
        "import sys, course.cli; print([name for name in ('pandas', 'nbclient', 'rich.table') if name in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", loaded], text=True) == "[]\n"


@pytest.mark.parametrize("encoding", ["cp1252", "cp932", "cp437"])
def test_no_letter_that_a_terminal_lacks_ends_a_command(exercise: Path, encoding: str) -> None:
    content = exercise.read_text(encoding="utf-8").replace("compound the losses", "Łukasz 莫斯科 é “losses” 🤔")
    folder = exercise.parent / "Łukasz"
    folder.mkdir()
    (folder / "sample.ipynb").write_text(content, encoding="utf-8")
    for command in (("check", "--help"), ("doctor", "Łukasz"), ("doctor", "Łukasz", "--json"), ("check", "nothing-Ł")):
        done = subprocess.run(
            [COURSE, *command],
            capture_output=True,
            check=False,
            cwd=exercise.parent,
            env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        )
        printed = done.stdout.decode(encoding) + done.stderr.decode(encoding)
        assert "UnicodeEncodeError" not in printed
        assert "Usage" in printed or "ukasz" in printed or "There is no nothing" in printed, (command, printed)


# --- course check ----------------------------------------------------------------------------------------------------


def test_an_exercise_with_right_answers_passes_and_its_prose_waits(exercise: Path) -> None:
    answer(exercise, RIGHT)
    done = course("check", str(exercise.parent))
    assert done.returncode == 0, done
    assert "2 of 2 checks pass. 1 waits for a person." in done.stdout
    assert "Question 1: compound the losses" in done.stdout


def test_a_question_that_fails_says_which_why_and_what_it_is_worth(exercise: Path) -> None:
    answer(exercise, {"share-lost": "share_lost = 14 + 16"})
    done = course("check", folder=exercise.parent)
    assert done.returncode == 1
    rows = [re.split(r"\s*│\s*", line.strip("│ ")) for line in done.stdout.splitlines() if "Question " in line]
    assert ["Question 1: compound the losses", "2", "not yet", "share_lost: Losses compound."] in rows
    assert ["Question 2: who repeats whom?", "1", "not answered", "repeats is not answered yet."] in rows
    assert "0 of 2 checks pass." in done.stdout


def test_an_answer_that_stops_is_told_its_own_error(exercise: Path) -> None:
    answer(exercise, {"share-lost": "share_lost = 100 / 0", "repeats": "repeats = ['[b]S02[/b]']"})
    printed = " ".join(course("check", str(exercise), COLUMNS="200").stdout.split())
    assert "Your answer stops with ZeroDivisionError: division by zero" in printed
    assert "[b]S02[/b]" in printed


def test_an_answer_can_read_the_ledger_beside_it(exercise: Path) -> None:
    (exercise.parent / "ledger.json").write_text('{"repeats": ["S02", "S03"]}')
    answer(exercise, RIGHT | {"repeats": "import json\nrepeats = json.load(open('ledger.json'))['repeats']"})
    assert course("check", str(exercise), folder=ROOT).returncode == 0


def test_checking_never_changes_the_learners_file(exercise: Path) -> None:
    before = exercise.read_bytes(), exercise.stat().st_mtime_ns
    course("check", str(exercise))
    assert (exercise.read_bytes(), exercise.stat().st_mtime_ns) == before
    assert [path.name for path in exercise.parent.iterdir()] == ["sample.ipynb"]


def test_the_table_fits_a_narrow_window_and_uses_no_colour_when_asked(exercise: Path) -> None:
    printed = course("check", str(exercise), COLUMNS="40", NO_COLOR="1").stdout
    assert max(map(len, printed.splitlines())) <= 40
    assert "\x1b" not in printed


def test_a_wrong_place_is_one_clear_line(tmp_path: Path, exercise: Path) -> None:
    assert "There is no nowhere. Name an exercise's folder" in refused("check", "nowhere")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "There is no notebook in" in refused("check", str(empty))
    # The doctor's copy does not count as another exercise.
    (tmp_path / "sample.before-doctor.ipynb").write_text(exercise.read_text())
    (tmp_path / "second.ipynb").write_text(exercise.read_text())
    assert "several notebooks. Name one of: sample.ipynb, second.ipynb." in refused("check", str(tmp_path))
    assert "is not a notebook. Its name should end in .ipynb." in refused("check", "pyproject.toml")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"nbformat": 4}', '{"cells": 3, "nbformat": 4}', b"\xff\xfe"]
)
def test_a_broken_notebook_is_one_clear_line(exercise: Path, content: str | bytes) -> None:
    exercise.write_bytes(content.encode() if isinstance(content, str) else content)
    message = refused("check", str(exercise))
    assert any(why in message for why in ("is empty", "is cut off", "is not a notebook"))
    assert "Paste your answers into a fresh copy." in message


def test_a_notebook_without_questions_is_one_clear_line(exercise: Path) -> None:
    edit(exercise, lambda notebook: notebook["cells"].clear())
    assert "sample.ipynb has no graded questions." in refused("check", str(exercise))


def test_a_missing_kernel_is_one_clear_line(exercise: Path) -> None:
    edit(exercise, lambda notebook: notebook["metadata"]["kernelspec"].update(name="julia-1.9"))
    assert "needs the kernel “julia-1.9”, which is not installed here." in refused("check", str(exercise))


def test_an_answer_that_never_ends_or_stops_python_is_one_clear_line(exercise: Path) -> None:
    answer(exercise, {"share-lost": "while True:\n    pass"})
    assert "a cell ran for more than 2 seconds." in refused("check", str(exercise), "--timeout", "2")
    answer(exercise, {"share-lost": "import os\nos._exit(1)"})
    assert "Python stopped while it ran." in refused("check", str(exercise))


def edit(path: Path, change: Any) -> None:
    notebook = json.loads(path.read_text())
    change(notebook)
    path.write_text(json.dumps(notebook))


# --- course lab ------------------------------------------------------------------------------------------------------


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    """A course folder with two lessons."""
    (tmp_path / "notebooks").mkdir()
    for name in ("00-start-here", "06-weighing"):
        notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (tmp_path / "notebooks" / f"{name}.ipynb").write_text(json.dumps(notebook))
    return tmp_path


@contextmanager
def running_lab(folder: Path, home: Path, *arguments: str) -> Iterator[tuple[str, str]]:
    """Run `course lab` and yield its address and token."""
    environment = os.environ | {"HOME": str(home), "JUPYTERLAB_SETTINGS_DIR": str(home / "settings")}
    command = [str(COURSE), "lab", "--no-browser", "--port", "18888", *arguments]
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as lab:
        assert lab.stdout is not None
        try:
            printed = ""
            for line in lab.stdout:
                printed += line
                if match := re.search(r"(http://\S+?:\d+)/\S*?\?token=(\w+)", line):
                    assert "To stop it, press Ctrl+C twice" in printed
                    yield match[0], match[2]
                    break
            else:
                pytest.fail(f"JupyterLab did not start:\n{printed}")
        finally:
            lab.send_signal(signal.SIGTERM)
            lab.stdout.read()


def ask(address: str, token: str, path: str) -> Any:
    server = re.match(r"http://[^/]+", address)
    assert server is not None
    request = urllib.request.Request(server[0] + path, headers={"Authorization": f"token {token}"})
    for _ in range(100):
        # Jupyter says its address a moment before it listens there.
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            time.sleep(0.1)
    raise TimeoutError(address)


NOTIFICATION = "@jupyterlab/apputils-extension:notification"


def test_lab_opens_the_lesson_in_the_courses_folder_and_asks_the_network_for_nothing(
    lessons: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("home")
    with running_lab(lessons / "notebooks", home, "--lesson", "6") as (address, token):
        assert "/lab/tree/notebooks/06-weighing.ipynb?" in address
        names = [item["name"] for item in ask(address, token, "/api/contents")["content"]]
        assert names == ["notebooks"]
        settings = ask(address, token, f"/lab/api/settings/{NOTIFICATION}")
        defaults = {name: part["default"] for name, part in settings["schema"]["properties"].items()}
        assert (defaults["fetchNews"], defaults["checkForUpdates"]) == ("false", False)
        assert ask(address, token, "/lab/api/news") == {"news": []}
        assert ask(address, token, "/lab/api/update") == {"notification": None}
    assert not (home / "settings").exists()


def test_what_the_user_has_chosen_in_labs_settings_stays_in_force(
    lessons: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("home")
    chosen = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    chosen.parent.mkdir(parents=True)
    chosen.write_text('{"fetchNews": "true"}')
    with running_lab(lessons, home) as (address, token):
        assert "/lab/tree/notebooks/00-start-here.ipynb?" in address
        assert ask(address, token, f"/lab/api/settings/{NOTIFICATION}")["settings"] == {"fetchNews": "true"}


def test_a_lesson_that_is_not_there_is_one_clear_line(lessons: Path) -> None:
    assert "There is no lesson 11 in" in refused("lab", "--lesson", "11", folder=lessons)
    assert "Lessons there: 00, 06." in refused("lab", "--lesson", "11", folder=lessons)
