"""`course collect` sorts what learning platforms give for download, and loses and replaces nothing."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from course.classroom.collect.collecting import Placed, collect
from course.classroom.collect.download import read_download, student_id
from course.classroom.gradebook.course_folder import CourseError
from tests.gradebook import COMMAND, ROOT, Course, grade_class, sample

NAME = "06-weighing"
NOTEBOOK = (ROOT / "exercises" / NAME / f"{NAME}.ipynb").read_bytes()
LEDGER = b'{"schema": 1, "answers": [{"key": "a", "value": 1}]}'


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Return a course's folder in which two exercises are released."""
    place = tmp_path / "course"
    for name in ("01-the-claim", NAME):
        shutil.copytree(ROOT / "exercises" / name, place / "exercises" / name)
    shutil.copy(ROOT / "nbgrader_config.py", place)
    return place


def download(folder: Path, files: dict[str, bytes], name: str = "download.zip") -> Path:
    with zipfile.ZipFile(folder / name, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return folder / name


def packed(files: dict[str, bytes]) -> bytes:
    raw = BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return raw.getvalue()


def became(report: list[Placed]) -> dict[str, str]:
    return {placed.path: placed.became for placed in report}


def handed_in(course: Path) -> set[str]:
    files = (course / "submitted").rglob("*")
    return {path.relative_to(course / "submitted").as_posix() for path in files if path.is_file()}


PLATFORMS = {
    "canvas": (
        {
            "lovelaceada_123_456_06-weighing.ipynb": NOTEBOOK,
            "lovelaceada_123_457_ledger.json": LEDGER,
            "franklinben_late_124_458_06-weighing-1.ipynb": NOTEBOOK,
            "franklinben_late_124_459_ledger-1.json": LEDGER,
            "zuse_125_460_hand-in.zip": packed({f"{NAME}/{NAME}.ipynb": NOTEBOOK, f"{NAME}/ledger.json": LEDGER}),
        },
        {
            f"lovelaceada/{NAME}/{NAME}.ipynb",
            f"lovelaceada/{NAME}/ledger.json",
            f"franklinben/{NAME}/{NAME}-1.ipynb",
            f"franklinben/{NAME}/ledger-1.json",
            f"zuse/{NAME}/hand-in.zip",
        },
    ),
    "moodle": (
        {
            "Ada Lovelace_4711_assignsubmission_file_/06-weighing.ipynb": NOTEBOOK,
            "Ada Lovelace_4711_assignsubmission_file_/ledger.json": LEDGER,
            "José Pérez_4712_assignsubmission_file/sub/06-weighing (1).ipynb": NOTEBOOK,
        },
        {
            f"Ada_Lovelace/{NAME}/{NAME}.ipynb",
            f"Ada_Lovelace/{NAME}/ledger.json",
            f"José_Pérez/{NAME}/sub/{NAME} (1).ipynb",
        },
    ),
    "blackboard": (
        {
            "Weighing_al123_attempt_2026-11-03-10-00-00_06-weighing.ipynb": b"older",
            "Weighing_al123_attempt_2026-11-04-23-59-01_06-weighing.ipynb": NOTEBOOK,
            "Weighing_al123_attempt_2026-11-04-23-59-01_ledger.json": LEDGER,
            "Weighing_al123_attempt_2026-11-04-23-59-01.txt": b"Name: Ada",
        },
        {
            f"al123/{NAME}/{NAME}.ipynb",
            f"al123/{NAME}/ledger.json",
            f"al123/{NAME}/Weighing_al123_attempt_2026-11-04-23-59-01.txt",
            f"al123/{NAME}/timestamp.txt",
        },
    ),
    "a folder for each": (
        {f"ada/{NAME}.ipynb": NOTEBOOK, "ada/data_12_34_x.csv": b"1"},
        {
            f"ada/{NAME}/{NAME}.ipynb",
            f"ada/{NAME}/data_12_34_x.csv",
        },
    ),
}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_download_is_sorted_and_a_second_time_adds_nothing(platform: str, course: Path, tmp_path: Path) -> None:
    files, expected = PLATFORMS[platform]
    place = download(tmp_path, files)
    report, notes = collect(course, place)
    assert became(report).keys() == files.keys()
    assert set(became(report).values()) <= {"new", "older attempt"}
    assert handed_in(course) == expected
    assert any("late" in note for note in notes) == (platform == "canvas")
    again, _ = collect(course, place)
    assert set(became(again).values()) <= {"there already", "older attempt"}
    assert handed_in(course) == expected
    # The same download, unpacked.
    with zipfile.ZipFile(place) as archive:
        archive.extractall(tmp_path / "unpacked")
    assert set(became(collect(course, tmp_path / "unpacked")[0]).values()) <= {"there already", "older attempt"}


def test_nothing_is_replaced_and_what_has_no_place_is_named(course: Path, tmp_path: Path) -> None:
    collect(course, download(tmp_path, {"ada_1_2_06-weighing.ipynb": NOTEBOOK}))
    changed = NOTEBOOK.replace(b"}", b"} ", 1)
    report, _ = collect(
        course,
        download(
            tmp_path,
            {
                "ada_1_3_06-weighing.ipynb": changed,
                "readme.txt": b"",
                "ben_2_4_essay.docx": b"",
                "cyr_3_5_x.ipynb": b"{",
            },
        ),
    )
    assert became(report) == {
        "ada_1_3_06-weighing.ipynb": "not replaced",
        "readme.txt": "not placed",
        "ben_2_4_essay.docx": "not placed",
        "cyr_3_5_x.ipynb": "not placed",
    }
    assert (course / "submitted/ada" / NAME / f"{NAME}.ipynb").read_bytes() == NOTEBOOK


def test_a_broken_notebook_is_placed_by_the_name_of_its_assignment_or_as_asked(course: Path, tmp_path: Path) -> None:
    collect(course, download(tmp_path, {"ada_1_2_06-weighing-1.ipynb": b"{", "ben_2_4_my_work.ipynb": b"{"}))
    assert handed_in(course) == {f"ada/{NAME}/{NAME}-1.ipynb"}
    collect(course, download(tmp_path, {"ben_2_4_my_work.ipynb": b"{"}), NAME)
    assert f"ben/{NAME}/my_work.ipynb" in handed_in(course)


def test_a_missing_or_broken_download_is_said(course: Path, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="There is no"):
        collect(course, tmp_path / "nothing.zip")
    (tmp_path / "broken.zip").write_bytes(b"PK")
    files, (note,) = read_download(tmp_path / "broken.zip")
    assert files == []
    assert "cannot be opened" in note


@pytest.mark.parametrize(
    ("name", "expected"), [("Ada Lovelace", "Ada_Lovelace"), ("..", ""), ("a/b", "a_b"), ("O'Neil", "O_Neil")]
)
def test_a_students_folder_has_a_name_that_every_disk_takes(name: str, expected: str) -> None:
    assert student_id(name) == expected


@pytest.mark.nbgrader
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_from_canvas_into_the_gradebook_and_back_to_canvas(tmp_path: Path) -> None:
    group = Course(tmp_path / "course", sample(tmp_path / "made"))
    content = json.loads(group.released.read_text(encoding="utf-8"))
    for cell in content["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "share-lost":
            cell["source"] = "share_lost = 27.76"
    raw = json.dumps(content).encode()
    place = download(
        tmp_path, {"lovelaceada_123_456_sample-1.ipynb": raw, "benf_late_124_9_x.zip": packed({"sample.ipynb": raw})}
    )
    done = subprocess.run([COMMAND, "collect", place], cwd=group.folder, capture_output=True, text=True, check=True)
    assert "new: lovelaceada_123_456_sample-1.ipynb" in done.stdout
    scores = {
        entry["student"]: entry["score"] for entry in grade_class(group.folder, "--isolation", "reduced")["submissions"]
    }
    assert scores == {"lovelaceada": 2, "benf": 2}
    (tmp_path / "canvas.csv").write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,sample (1)\n"
        "Points Possible,,,,,6\n"
        '"Lovelace, Ada",123,,,A,\n"Franklin, Ben",124,,,A,\n',
        encoding="utf-8",
    )
    subprocess.run(
        [COMMAND, "export", "--to", "canvas", "--roster", tmp_path / "canvas.csv", "--partial"],
        cwd=group.folder,
        check=True,
    )
    rows = list(csv.reader((group.folder / "grades-canvas.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert {row[0]: float(row[-1]) for row in rows if row[1] in ("123", "124")} == {
        "Lovelace, Ada": 2,
        "Franklin, Ben": 2,
    }
