"""What ``course hub`` says before it starts, and who is put into the class."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("jupyterhub", reason="JupyterHub is not installed: pip install 'completely-free[hub]'")
pytest.importorskip("nativeauthenticator", reason="its sign-up is not installed: pip install 'completely-free[hub]'")

from course.classroom.hub import roster
from course.classroom.hub.user_ids import read_user_ids, user_id_of
from course.classroom.hub.workshop import HubError, closed_to_others
from course.cli import app
from tests.classroom.hub.running import ONE_USER
from tests.gradebook import sample_checkout


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return sample_checkout(tmp_path / "course")


def hub(*arguments: str | Path) -> str:
    """Run the command, which must not start, and return what it says."""
    result = CliRunner().invoke(app, ["hub", *map(str, arguments), *ONE_USER.options()])
    assert result.exit_code == 2
    return result.output


def test_a_code_that_can_be_guessed_is_refused_and_a_better_one_offered(tmp_path: Path, course: Path) -> None:
    assert "at least 8 characters" in hub(tmp_path / "hub", "--course", course, "--code", "1234")


def test_a_file_with_the_code_that_is_not_there_or_holds_none_is_named(tmp_path: Path, course: Path) -> None:
    file = tmp_path / "code.txt"

    assert "code.txt cannot be read" in hub(tmp_path / "hub", "--course", course, "--code-file", file)
    file.write_text("\n")
    assert "code.txt is empty" in hub(tmp_path / "hub", "--course", course, "--code-file", file)
    file.write_text("1234\n")
    assert "at least 8 characters" in hub(tmp_path / "hub", "--course", course, "--code-file", file)
    assert "not both" in hub(tmp_path / "hub", "--course", course, "--code-file", file, "--code", "plum-tree-8")


def test_a_port_in_use_is_named(tmp_path: Path, course: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        printed = hub(tmp_path / "hub", "--course", course, "--port", str(port), "--address", "127.0.0.1")

    assert f"Port {port} cannot be used" in printed
    assert "--port" in printed


def test_without_solutions_it_says_where_they_could_be(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'empty'\n")

    assert "There is no folder “solutions”" in hub(tmp_path / "hub", "--course", tmp_path)


def test_a_second_hub_is_kept_out_of_a_folder_in_use(tmp_path: Path, course: Path) -> None:
    import fcntl

    folder = tmp_path / "hub"
    folder.mkdir()
    with (folder / ".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "A hub is already running in" in hub(folder, "--course", course)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give learners users of their own")
def test_root_is_told_what_keeps_learners_from_having_users_of_their_own(tmp_path: Path, course: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    result = CliRunner().invoke(app, ["hub", str(closed / "hub"), "--course", str(course)])

    assert result.exit_code == 2
    assert "these have no access to" in result.output
    assert "--one-user" in result.output


def test_a_folder_closed_to_others_is_found_on_the_way(tmp_path: Path) -> None:
    inner = tmp_path / "closed" / "open"
    inner.mkdir(parents=True)
    inner.parent.chmod(0o700)
    inner.chmod(0o755)

    assert inner.parent in set(closed_to_others(inner))
    assert inner not in set(closed_to_others(inner))


def test_a_class_list_is_read_whatever_its_columns_are_called(tmp_path: Path) -> None:
    file = tmp_path / "class.csv"
    file.write_text(
        "Surname;Given name;Username;E-mail\nDíaz;Ana;Ana.Diaz;ana@example.org\nBo;;bo;\n", encoding="utf-8"
    )

    assert roster.read(file) == [
        {"id": "ana.diaz", "first_name": "Ana", "last_name": "Díaz", "email": "ana@example.org"},
        {"id": "bo", "first_name": "", "last_name": "Bo", "email": ""},
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,points\nana,3\n", "no column “id”"),
        ("id,email\nana,a@example.org\nana maria,b@example.org\n", "line 3: “ana maria” cannot be a login name"),
    ],
)
def test_a_class_list_that_cannot_be_used_says_where_and_why(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "class.csv"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(HubError, match=words):
        roster.read(file)


def test_the_class_list_reaches_the_gradebook_and_a_second_time_brings_it_up_to_date(tmp_path: Path) -> None:
    from nbgrader.api import Gradebook

    address = f"sqlite:///{tmp_path / 'gradebook.db'}"
    roster.add_to_gradebook([{"id": "ana", "first_name": "Anna"}, {"id": "bo"}], address, "completely-free")
    roster.add_to_gradebook([{"id": "ana", "first_name": "Ana"}], address, "completely-free")

    with Gradebook(address, "completely-free") as gradebook:
        assert {student.id: student.first_name for student in gradebook.students} == {"ana": "Ana", "bo": None}


def test_a_name_keeps_its_number_and_a_number_its_name(tmp_path: Path) -> None:
    record = tmp_path / "numbers.json"
    ana, bo = user_id_of("ana", record), user_id_of("bo", record)

    assert user_id_of("ana", record) == ana != bo
    assert read_user_ids(record) == {"ana": ana, "bo": bo}
