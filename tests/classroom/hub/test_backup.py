"""What a class made survives the loss of its folder, and nothing else comes along."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner

from course.classroom.hub import backup
from course.classroom.hub.workshop import HubError
from course.cli import app

NOW = datetime(2026, 11, 30, 17, 5, 9)
MADE = {
    "class/solutions/sample/sample.ipynb": "{}",
    "class/submitted/ana/sample/sample.ipynb": '{"handed": "in"}',
    "class/nbgrader_config.py": "c = get_config()",
    "learners/ana/notebooks/01.ipynb": "Мария",
    "learners/ana/exercises/sample/ledger.json": '{"whose": "ana"}',
    "learners/ana/.local/share/jupyter/nbgrader_cache/submission_secret.txt": "5555",
    "handed-in/ana/ana+sample+now+a/sample.ipynb": "{}",
    "exchange/course/feedback/abc.html": "<p>Well done.</p>",
    "people/people.json": '{"ana": {"first_name": "Мария"}}',
    "numbers/numbers.json": '{"ana": 60706}',
    "password-of-instructor.txt": "plum-tree",
}
PASSING = ("learners/ana/.cache/font", "learners/ana/.local/share/jupyter/runtime/kernel.json", "hub/hub.log")


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """A folder as `course hub` leaves it, with a learner's tricks in it."""
    root = tmp_path / "workshop"
    for name, text in MADE.items() | {(name, "passing") for name in PASSING}:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    (root / "backups").mkdir()
    for name in backup.DATABASES:
        with closing(sqlite3.connect(root / name)) as database:
            database.execute("create table marks (student, points)")
            database.execute("insert into marks values ('ana', 5)")
            database.commit()
    (root / "learners/ana").chmod(0o700)
    (root / "learners/ana/closed").mkdir(0o500)
    (root / "learners/ana/other.ipynb").symlink_to(root / "password-of-instructor.txt")
    (root / "learners/ana/others").symlink_to(root / "class")
    os.mkfifo(root / "learners/ana/pipe")
    with (root / "learners/ana/huge.bin").open("wb") as file:
        file.truncate(backup.LARGEST + 1)
    return root


def texts(root: Path) -> dict[str, str]:
    return {name: (root / name).read_text(encoding="utf-8") for name in MADE}


def test_everything_a_class_made_is_there_again_after_its_folder_was_destroyed(workshop: Path) -> None:
    kept = shutil.move(backup.back_up(workshop, NOW), workshop.parent)
    shutil.rmtree(workshop)

    restored = backup.restore(Path(kept), workshop)

    assert restored == len(MADE) + len(backup.DATABASES)
    assert texts(workshop) == MADE
    for name in backup.DATABASES:
        with closing(sqlite3.connect(workshop / name)) as database:
            assert database.execute("select * from marks").fetchall() == [("ana", 5)]
    assert not [name for name in PASSING if (workshop / name).exists()]
    assert (workshop / "learners/ana").stat().st_mode & 0o777 == 0o700, "no other learner may enter"
    assert (workshop / "learners/ana/closed").stat().st_mode & 0o777 == 0o500


def test_a_backup_follows_no_link_and_waits_for_no_pipe(workshop: Path) -> None:
    path = backup.back_up(workshop, NOW)

    with ZipFile(path) as archive:
        names = set(archive.namelist())
    assert not names & {f"learners/ana/{name}" for name in ("other.ipynb", "others", "pipe", "huge.bin")}
    assert not [name for name in names if name.startswith("learners/ana/others/")]
    assert path.name == "2026-11-30 at 17.05.09.zip"
    assert path.stat().st_mode & 0o077 == 0


def test_nothing_is_written_over_and_nothing_outside(workshop: Path, tmp_path: Path) -> None:
    path = backup.back_up(workshop, NOW)
    with pytest.raises(HubError, match="is not empty"):
        backup.restore(path, workshop)
    assert texts(workshop) == MADE

    with ZipFile(path, "a") as archive:
        archive.writestr("../outside.txt", "x")
    with pytest.raises(HubError, match="would be outside"):
        backup.restore(path, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_what_is_no_backup_and_no_workshop_is_named(tmp_path: Path) -> None:
    text, other = tmp_path / "backup.zip", tmp_path / "other.zip"
    text.write_text("no archive")
    with ZipFile(other, "w") as archive:
        archive.writestr("holiday.txt", "x")

    with pytest.raises(HubError, match="cannot be read as a backup"):
        backup.restore(text, tmp_path / "new")
    with pytest.raises(HubError, match="is not a backup of a workshop"):
        backup.restore(other, tmp_path / "new")
    with pytest.raises(HubError, match="is not a workshop’s folder"):
        backup.back_up(tmp_path, NOW)


def test_the_commands_say_what_they_did(workshop: Path, tmp_path: Path) -> None:
    written = CliRunner().invoke(app, ["backup", str(workshop)])
    (path,) = (workshop / "backups").glob("*.zip")
    again = CliRunner().invoke(app, ["restore", str(path), str(tmp_path / "new")])

    assert (written.exit_code, again.exit_code) == (0, 0), written.output + again.output
    assert "Everything the class made is in" in written.output
    assert f"Restored {len(MADE) + 2} files" in again.output
    assert texts(tmp_path / "new") == MADE
    assert CliRunner().invoke(app, ["restore", str(path), str(workshop)]).exit_code == 2
