"""`course collect` sorts what learning platforms give for download, and loses and replaces nothing."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import unicodedata
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

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


CHANGED = NOTEBOOK.replace(b"}", b"} ", 1)


def test_nothing_is_replaced_and_what_has_no_place_is_named(course: Path, tmp_path: Path) -> None:
    (course / "submitted/ada" / NAME).mkdir(parents=True)
    (course / "submitted/ada" / NAME / f"{NAME}.ipynb").write_bytes(NOTEBOOK)
    report, _ = collect(
        course,
        download(
            tmp_path,
            {
                "ada_1_3_06-weighing.ipynb": CHANGED,
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


def test_a_newer_attempt_counts_and_the_one_before_is_kept(course: Path, tmp_path: Path) -> None:
    first = {"ada_1_2_06-weighing.ipynb": NOTEBOOK, "ada_1_3_ledger.json": LEDGER}
    second = {"ada_LATE_1_7_06-weighing-1.ipynb": CHANGED}
    collect(course, download(tmp_path, first))
    report, notes = collect(course, download(tmp_path, second))
    assert became(report) == {"ada_LATE_1_7_06-weighing-1.ipynb": "newer attempt"}
    assert notes == [f"ada handed in {NAME} late, according to the platform."]
    # The ledger was not handed in again, and stays.
    assert handed_in(course) == {f"ada/{NAME}/{NAME}-1.ipynb", f"ada/{NAME}/ledger.json"}
    assert (course / ".course/earlier/ada" / NAME / f"{NAME}.ipynb").read_bytes() == NOTEBOOK
    # Whatever is collected again, in any order, changes nothing, also after a repair.
    (course / "submitted/ada" / NAME / f"{NAME}-1.ipynb").write_bytes(b"repaired")
    report, _ = collect(course, download(tmp_path, first | second))
    assert set(became(report).values()) == {"older attempt", "there already"}
    assert set(became(collect(course, download(tmp_path, first))[0]).values()) == {"older attempt", "there already"}
    assert (course / "submitted/ada" / NAME / f"{NAME}-1.ipynb").read_bytes() == b"repaired"


def test_a_newer_notebook_counts_under_any_name(course: Path, tmp_path: Path) -> None:
    folder = "Ada Lovelace_4711_assignsubmission_file_"
    collect(course, download(tmp_path, {f"{folder}/06-weighing.ipynb": NOTEBOOK}))
    report, _ = collect(course, download(tmp_path, {f"{folder}/final version.ipynb": CHANGED}))
    assert became(report) == {f"{folder}/final version.ipynb": "newer attempt"}
    assert handed_in(course) == {f"Ada_Lovelace/{NAME}/final version.ipynb"}
    # Two in one hand-in are one attempt: which of them counts is for the grader to say.
    both = {f"{folder}/a.ipynb": NOTEBOOK + b" ", f"{folder}/b.ipynb": CHANGED + b" "}
    assert sorted(became(collect(course, download(tmp_path, both))[0]).values()) == ["new", "newer attempt"]
    assert len(list((course / ".course/earlier").rglob("*.ipynb"))) == 2


WORKSHEET = """\
Identifier,Full name,ID number,Email address,Status,Grade,Maximum grade,Grade can be changed
Participant 4711,Ada Lovelace,al1,ada@example.org,Submitted for grading,,10,Yes
Participant 4712,José Pérez,jp2,jose@example.org,Submitted for grading,,10,Yes
Participant 4713,José Pérez,jp3,jose.p@example.org,Submitted for grading,,10,Yes
"""
MOODLE = {
    "Ada Lovelace_4711_assignsubmission_file_/06-weighing.ipynb": NOTEBOOK,
    "José Pérez_4712_assignsubmission_file_/06-weighing.ipynb": NOTEBOOK,
    "José Pérez_4713_assignsubmission_file_06-weighing.ipynb": NOTEBOOK,
    "Teilnehmer_9_assignsubmission_onlinetext_/onlinetext.html": b"<p>",
}


def test_participant_numbers_lead_to_the_roster_and_people_of_one_name_are_kept_apart(
    course: Path, tmp_path: Path
) -> None:
    (tmp_path / "worksheet.csv").write_text(WORKSHEET, encoding="utf-16")
    report, notes = collect(course, download(tmp_path, MOODLE), roster=tmp_path / "worksheet.csv")
    assert {path.split("/")[0] for path in handed_in(course)} == {"al1", "jp2", "jp3"}
    assert "Not found in the roster: Teilnehmer. Their folders have the names they had." in notes
    assert became(report)["Teilnehmer_9_assignsubmission_onlinetext_/onlinetext.html"] == "not placed"
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        assert {student.email for student in book.students if student.email} == {
            "ada@example.org",
            "jose@example.org",
            "jose.p@example.org",
        }


def test_people_of_one_name_are_kept_apart_without_a_roster_too(course: Path, tmp_path: Path) -> None:
    _, notes = collect(course, download(tmp_path, MOODLE))
    folders = {path.split("/")[0] for path in handed_in(course)}
    assert folders == {"Ada_Lovelace", "José_Pérez-4712", "José_Pérez-4713"}
    assert len([note for note in notes if "Several people are called José_Pérez" in note]) == 2


def test_downloads_inside_a_download_are_opened_and_hand_ins_are_not(course: Path, tmp_path: Path) -> None:
    hand_in = packed({"deep.zip": packed({f"{NAME}.ipynb": NOTEBOOK})})
    canvas = packed({"submissions/ada_1_2_work.zip": hand_in, "submissions/ben_late_2_text.html": b"<p>"})
    report, _ = collect(course, download(tmp_path, {"group A.zip": canvas, "group B.zip": b"PK"}))
    assert became(report) == {
        "group A.zip/submissions/ada_1_2_work.zip": "new",
        "group A.zip/submissions/ben_late_2_text.html": "not placed",
        "group B.zip": "not placed",
    }
    assert handed_in(course) == {f"ada/{NAME}/work.zip"}


def test_a_time_is_written_with_the_time_zone_of_the_course(course: Path, tmp_path: Path) -> None:
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write('\nc.Exchange.timezone = "Europe/Berlin"\n')
    names = {
        "W_ada_attempt_2026-11-04-23-59-01_06-weighing.ipynb": "2026-11-04 22:59:01",
        # The clocks go back in this hour.
        "W_ben_attempt_2026-10-25-02-30-00_06-weighing.ipynb": "2026-10-25 00:30:00",
    }
    _, notes = collect(course, download(tmp_path, dict.fromkeys(names, NOTEBOOK)))
    for student, expected in zip(("ada", "ben"), names.values(), strict=True):
        folder = course / "submitted" / student / NAME
        assert (folder / "timestamp.txt").read_text(encoding="utf-8") == f"{expected}.000000 UTC\n"
    (note,) = notes
    assert note.startswith("ben: the platform says 2026-10-25 02:30:00, in the hour in which the clocks change.")


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


CANVAS_ROSTER = """\
sep=;
Student;ID;SIS User ID;SIS Login ID;Section;sample (1)
    Points Possible;;;;;6,00
"Lovelace, Ada";123;;ada;A;
"Franklin, Ben";124;;ben;A;1,50
"Curie, Marie";125;;marie;A;
"Noether, Emmy";126;;emmy;A;
"Turing, Alan";127;;alan;A;
"Hopper, Grace";128;;grace;A;
"""
MOODLE_ROSTER = """\
Bezeichner;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Bestwertung;Bewertung kann geändert werden
Teilnehmer/in4711;Zoé Łukasz;zoe@example.org;Abgegeben;;6;Ja
Teilnehmer/in4712;José Pérez;jose@example.org;Abgegeben;;6;Ja
Teilnehmer/in4713;José Pérez;jp@example.org;Abgegeben;;6;Ja
Teilnehmer/in4714;Li Wei;li@example.org;Abgegeben;;6;Ja
"""


@pytest.mark.nbgrader
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_from_three_platforms_into_the_gradebook_and_back(tmp_path: Path) -> None:
    group = Course(tmp_path / "course", sample(tmp_path / "made"))
    content = json.loads(group.released.read_text(encoding="utf-8"))
    empty = group.released.read_bytes()
    for cell in content["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "share-lost":
            cell["source"] = "share_lost = 27.76"
    raw = json.dumps(content).encode()
    content["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "source": "hi", "outputs": [], "id": "a"})
    of_vs_code = json.dumps(content | {"metadata": {"kernelspec": {}}}).encode("utf-8-sig")
    canvas = [
        {
            "lovelaceada_123_456_sample-1.ipynb": raw,
            "franklinben_LATE_124_9_x.zip": packed({"sample.ipynb": raw}),
            "curiemarie_125_10_sample.ipynb": empty,
            "noetheremmy_126_11_my work.ipynb": of_vs_code,
            "turingalan_127_12_hand-in.zip": packed({"deep.zip": packed({"a/b/sample (2).ipynb": raw})}),
            "hoppergrace_128_13_sample.ipynb.txt": raw.decode().encode("utf-16"),
        },
        {"curiemarie_LATE_125_77_sample-2.ipynb": raw},
    ]
    moodle = {
        "Zoé Łukasz_4711_assignsubmission_file_/sample.ipynb": raw,
        f"{unicodedata.normalize('NFD', 'José Pérez')}_4712_assignsubmission_file_sample.ipynb": raw,
        "José Pérez_4713_assignsubmission_file_/unter/sample.ipynb": raw,
        "Li Wei_4714_assignsubmission_file_/Kopie von sample.ipynb": of_vs_code,
    }
    blackboard = {
        "W_bb1_attempt_2026-11-03-10-00-00_first.ipynb": empty,
        "W_bb1_attempt_2026-11-04-23-59-01_second.ipynb": raw,
        "W_bb1_attempt_2026-11-04-23-59-01.txt": b"Name: B",
    }
    (tmp_path / "canvas.csv").write_text(CANVAS_ROSTER, encoding="utf-16")
    (tmp_path / "moodle.csv").write_text(MOODLE_ROSTER, encoding="utf-8-sig")
    forms = [(files, "canvas.csv") for files in canvas] + [(moodle, "moodle.csv"), (blackboard, "")]
    for files, roster in forms:
        options = ["--roster", str(tmp_path / roster)] if roster else []
        subprocess.run([COMMAND, "collect", download(tmp_path, files), *options], cwd=group.folder, check=True)
    scores = {
        entry["student"]: entry["score"] for entry in grade_class(group.folder, "--isolation", "reduced")["submissions"]
    }
    names = {"ada", "ben", "marie", "emmy", "alan", "grace", "zoe", "jose", "jp", "li", "bb1"}
    assert scores == dict.fromkeys(names, 2)

    for platform in ("canvas", "moodle"):
        options = ["--to", platform, "--roster", str(tmp_path / f"{platform}.csv"), "--partial"]
        subprocess.run([COMMAND, "export", *options], cwd=group.folder, check=True)
    rows = list(csv.reader((group.folder / "grades-canvas.csv").read_text(encoding="utf-8").splitlines()))
    assert {row[1]: float(row[-1]) for row in rows[2:]} == {str(number): 2 for number in range(123, 129)}
    rows = list(csv.reader((group.folder / "grades-moodle.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0][2] == "E-Mail-Adresse"
    people = ("zoe", "jose", "jp", "li")
    assert {tuple(row[2:]) for row in rows[1:]} == {(f"{name}@example.org", "2") for name in people}
