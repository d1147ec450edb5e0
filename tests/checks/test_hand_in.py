"""`check`, `doctor`, `grade` and `report` find the same notebook and ledger, whatever a class's files went through."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, Final

import nbformat
import pytest

import course
from course.checks import hand_in
from course.checks.notebook import LARGEST, marks_of, read
from course.checks.runner import CheckError, prepare
from course.checks.runner import check as run_checks
from course.classroom.doctor.inspection import check as inspect
from course.classroom.doctor.release_catalogue import ReleaseCatalogue
from course.classroom.gradebook.submission_check import CellMarking, check_submission
from course.ledger import Ledger, codec
from course.ledger.judgement import Judgement
from tests.answers import students
from tests.gradebook import ROOT, Course, answer, grade_class

NAME: Final = "06-weighing"
RELEASED: Final = ROOT / "exercises" / NAME
CATALOGUE: Final = ReleaseCatalogue((ROOT / "exercises",))
UNDAMAGED: Final = students(NAME)["mix"]
LEDGER_BYTES: Final = UNDAMAGED.files["ledger.json"]
FULL: Final = codec.read(LEDGER_BYTES)[0]

Form = Callable[[Path], None]


def renamed_ledger(name: str) -> Form:
    def rename(folder: Path) -> None:
        (folder / "ledger.json").rename(folder / name)

    return rename


def both_renamed(notebook: str, ledger: str) -> Form:
    def rename(folder: Path) -> None:
        (folder / f"{NAME}.ipynb").rename(folder / notebook)
        (folder / "ledger.json").rename(folder / ledger)

    return rename


def untouched(folder: Path) -> None:
    """Leave everything as it is."""


def empty_beside_full(folder: Path) -> None:
    (folder / "ledger.json").rename(folder / "ledger (1).json")
    (folder / "ledger.json").write_bytes(b"")


def fresh_beside_full(folder: Path) -> None:
    (folder / "ledger.json").rename(folder / "ledger (1).json")
    (folder / "ledger.json").write_text(Ledger().dumps(), encoding="utf-8")


def two_halves(folder: Path) -> None:
    """Split the ledger in two, as a sync program does with work on two computers."""
    values = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    judgements = values["judgements"]
    for name, part in (
        ("ledger.json", judgements[::2]),
        ("ledger.sync-conflict-20261104-120000-ABCDEFG.json", judgements[1::2]),
    ):
        (folder / name).write_text(json.dumps({**values, "judgements": part}), encoding="utf-8")


def nested(folder: Path) -> None:
    inner = folder / NAME
    inner.mkdir()
    for item in [item for item in folder.iterdir() if item != inner]:
        item.rename(inner / item.name)


def zipped(folder: Path) -> None:
    with zipfile.ZipFile(folder / "hand-in.zip", "w") as archive:
        for item in [item for item in folder.iterdir() if item.suffix in (".ipynb", ".json")]:
            archive.write(item, item.name)
            item.unlink()


def zipped_folder(folder: Path) -> None:
    with zipfile.ZipFile(folder / "hand-in.zip", "w") as archive:
        for item in [item for item in folder.iterdir() if item.suffix in (".ipynb", ".json")]:
            archive.write(item, f"{NAME}/{item.name}")
            archive.writestr(f"__MACOSX/{NAME}/._{item.name}", b"\0\5\26\7")
            item.unlink()


def notebook_only_in_zip(folder: Path) -> None:
    with zipfile.ZipFile(folder / "ratings.zip", "w") as archive:
        archive.write(folder / "ledger.json", "ledger.json")
    (folder / "ledger.json").unlink()


def beside_an_older_copy(folder: Path) -> None:
    older = folder / f"{NAME} (1).ipynb"
    shutil.copy(folder / f"{NAME}.ipynb", older)
    answer(older, {"q1": "s12_low, s12_high, s11_low, s11_high = 0, 0, 0, 0"})
    os.utime(older, (1, 1))


FORMS: Final[dict[str, Form]] = {
    "as it was": untouched,
    **{
        name: renamed_ledger(name)
        for name in (
            "ledger-1.json",
            "ledger (1).json",
            "ledger(1).json",
            "Copy of ledger.json",
            "ledger - Copy.json",
            "ledger copy.json",
            "ledger - Kopie.json",
            "Kopie von ledger.json",
            "Ledger.json",
            "LEDGER.JSON",
            "ledger.json.txt",
            "ledger.txt",
            "name_1234_98766_ledger-1.json",
            "ledger (Anna's conflicted copy 2026-11-04).json",
            "ledger.sync-conflict-20261104-120000-ABCDEFG.json",
            "ledger-DESKTOP-7QK2.json",
            "ledger.json.sync-conflict-20261104",
            "ratings.json",
            "my work",
        )
    },
    "canvas": both_renamed(f"{NAME}-1.ipynb", "ledger-1.json"),
    "canvas, downloaded": both_renamed(f"name_1234_98765_{NAME}-1.ipynb", "name_1234_98766_ledger-1.json"),
    "saved by a browser": both_renamed(f"{NAME}.ipynb.txt", "ledger.json.txt"),
    "saved as JSON": both_renamed(f"{NAME}.json", "ledger (2).json"),
    "an empty one beside it": empty_beside_full,
    "a fresh one beside it": fresh_beside_full,
    "two halves": two_halves,
    "nested": nested,
    "zip": zipped,
    "zip of a folder": zipped_folder,
    "ledger in a zip": notebook_only_in_zip,
    "an older copy": beside_an_older_copy,
}


def lay_out(folder: Path, form: Form) -> Path:
    """Hand in the exercise with right answers and ratings, then do to the files what a form does."""
    place = Path(shutil.copytree(RELEASED, folder / NAME))
    answer(place / f"{NAME}.ipynb", UNDAMAGED.answers)
    (place / "ledger.json").write_bytes(LEDGER_BYTES)
    form(place)
    return place


def is_undamaged(notebook: Path | bytes, ledger: bytes | None) -> bool:
    """Whether these are the answers and ratings that were handed in, so that they get the same points."""
    there = hand_in.answers(read(notebook)[0])
    right = all(there[name] == source.strip() for name, source in UNDAMAGED.answers.items())
    contents = codec.read(ledger or b"")[0]
    return right and contents.items == FULL.items


def questions() -> dict[str, dict[str, CellMarking]]:
    """Return the exercise's marked cells, as the gradebook has them."""
    names = ("grade", "solution", "task", "locked")
    cells = [(marks_of(cell), cell["cell_type"]) for cell in read(RELEASED / f"{NAME}.ipynb")[0]["cells"]]
    return {
        NAME: {
            marks["grade_id"]: CellMarking(
                cell_type=kind,
                **{name: bool(marks.get(name)) for name in names},
                points=marks.get("points", 0),
                checksum=marks.get("checksum", ""),
            )
            for marks, kind in cells
            if marks
        }
    }


QUESTIONS: Final = questions()


@pytest.mark.parametrize("form", FORMS)
def test_check_runs_the_undamaged_hand_in_or_says_why_not(form: str, tmp_path: Path) -> None:
    place = lay_out(tmp_path, FORMS[form])
    before = snapshot(place)
    if form == "an older copy":
        with pytest.raises(CheckError, match="has several notebooks"), prepare(place):
            pass
    else:
        with prepare(place) as prepared:
            assert is_undamaged(prepared.notebook, prepared.notebook.with_name("ledger.json").read_bytes())
            assert prepared.notes or form in ("as it was", "nested")
    assert snapshot(place) == before


@pytest.mark.parametrize("form", FORMS)
def test_doctor_says_what_is_wrong_and_puts_it_right(form: str, tmp_path: Path) -> None:
    place = lay_out(tmp_path, FORMS[form])
    seen = inspect(place, CATALOGUE, handed_in=True)
    assert seen.diagnoses or form == "as it was"
    after = inspect(place, CATALOGUE, fix=True, handed_in=True)
    if form == "an older copy":
        assert {diagnosis.code for diagnosis in after.diagnoses} == {"copy"}
    else:
        assert after.is_well, after.diagnoses
    assert is_undamaged(after.path, after.path.with_name("ledger.json").read_bytes())


@pytest.mark.parametrize("form", FORMS)
def test_grade_gives_the_undamaged_hand_in_its_points_and_says_what_it_did(form: str, tmp_path: Path) -> None:
    place = lay_out(tmp_path, FORMS[form])
    before = snapshot(place)
    checked = check_submission(place, QUESTIONS)
    assert (checked.notebooks, checked.problems) == (1, {})
    files = checked.files or hand_in.files_in(place)
    assert is_undamaged(files[PurePosixPath(f"{NAME}.ipynb")], hand_in.read_file(files[PurePosixPath("ledger.json")]))
    assert bool(checked.notes) == (form != "as it was"), checked.notes
    assert snapshot(place) == before


# --- notebooks as other programs save them ---------------------------------------------------------------------------

Spoil = Callable[[dict[str, Any]], object]


def cells_of(notebook: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def each(kind: str, **fields: Any) -> Spoil:
    """Give each cell of a kind these fields."""
    return lambda notebook: [cell.update(fields) for cell in cells_of(notebook, kind)]


def without(kind: str, *names: str) -> Spoil:
    return lambda notebook: [cell.pop(name, None) for cell in cells_of(notebook, kind) for name in names]


def with_metadata(kind: str, **metadata: Any) -> Spoil:
    return lambda notebook: [cell["metadata"].update(metadata) for cell in cells_of(notebook, kind)]


PICTURE: Final = {"image.png": {"image/png": "iVBORw0KGgo="}}
SHOWN: Final = {"output_type": "display_data", "data": {"text/plain": "1"}, "metadata": {}, "transient": {}}
SPOILS: Final[dict[str, Spoil]] = {
    "VS Code: outputs in markdown": each("markdown", outputs=[], execution_count=None),
    "VS Code: attachments on code": each("code", attachments=PICTURE),
    "VS Code: language in the metadata": with_metadata("code", vscode={"languageId": "python"}),
    "VS Code: empty kernelspec": lambda notebook: notebook["metadata"].update(kernelspec={}),
    "JupyterLab: transient": each("code", outputs=[SHOWN]),
    "JupyterLab: ids in 4.4": lambda notebook: notebook.update(nbformat_minor=4),
    "nteract: no outputs": without("code", "outputs"),
    "nteract: no count": without("code", "execution_count"),
    "nteract: metadata": with_metadata("code", outputHidden=False, inputHidden=False),
    "Deepnote: count as text": each("code", execution_count="3"),
    "Deepnote: metadata": with_metadata("code", deepnote_cell_type="code", tags=[], execution_start=1),
    "Deepnote: more at the top": lambda notebook: notebook.update(deepnote={}, created_in_deepnote_cell="x"),
    "Colab: ids in the metadata": lambda notebook: [without(kind, "id")(notebook) for kind in ("code", "markdown")],
    "Colab: metadata": lambda notebook: notebook["metadata"].update(colab={"provenance": []}, kernelspec={"name": "x"}),
    "null stream text": each("code", outputs=[{"output_type": "stream", "name": "stdout", "text": None}]),
    "outputs that are none": each("code", outputs={}),
    "tags as text": with_metadata("markdown", tags="remove-cell"),
    "collapsed as text": with_metadata("code", collapsed="true", scrolled="yes"),
    "no metadata of the notebook": lambda notebook: notebook.pop("metadata"),
    "no metadata of a text": lambda notebook: [
        cell.pop("metadata") for cell in notebook["cells"] if not marks_of(cell)
    ],
    "null source of a text": each("raw", source=None),
    "the same id everywhere": lambda notebook: [cell.update(id="same") for cell in notebook["cells"]],
    "ids as numbers": lambda notebook: [cell.update(id=number) for number, cell in enumerate(notebook["cells"])],
    "format as text": lambda notebook: notebook.update(nbformat="4", nbformat_minor="5"),
    "no format": lambda notebook: [notebook.pop(name) for name in ("nbformat", "nbformat_minor")],
    "sources in lines": lambda notebook: [
        cell.update(source=cell["source"].splitlines(keepends=True)) for cell in notebook["cells"]
    ],
    "Windows line ends": lambda notebook: [
        cell.update(source=cell["source"].replace("\n", "\r\n")) for cell in notebook["cells"]
    ],
    "a cell that is none": lambda notebook: notebook["cells"].append(None),
}
SAVED: Final[dict[str, Callable[[str], bytes]]] = {
    "as UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "as UTF-16": lambda text: text.encode("utf-16"),
    "as UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "as UTF-32": lambda text: text.encode("utf-32"),
    "in ASCII": lambda text: json.dumps(json.loads(text)).encode(),
    "with zeros at the end": lambda text: text.encode() + b"\0" * 512,
    "with words of a mail program": lambda text: f"{text}\n-- \nsent".encode(),
}
REFUSED: Final[dict[str, tuple[Callable[[str], bytes], str]]] = {
    "too deep": (lambda text: text.replace('"cells": [', '"cells": [' + "[" * 100_000, 1).encode(), "too deeply"),
    "too deep, and closed": (
        lambda text: text.replace('"cells": [', f'"x": {"[" * 900}{"]" * 900}, "cells": [', 1).encode(),
        "too deeply",
    ),
    "empty": (lambda _: b"", "is empty"),
    "a web page": (lambda _: b"<!doctype html><p>Sign in</p>", "is a web page"),
    "a PDF": (lambda _: b"%PDF-1.7", "is a PDF"),
    "cut off": (lambda text: text[: len(text) // 2].encode(), "is cut off"),
    "git's conflict": (
        lambda text: text.replace("{", "{\n<<<<<<< HEAD\n=======\n>>>>>>> x\n", 1).encode(),
        "unresolved merge",
    ),
    "no cells": (lambda _: b'{"nbformat": 4, "cells": {}}', "no list of cells"),
}


@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
@pytest.mark.parametrize("form", [*SPOILS, *SAVED])
def test_every_form_of_a_notebook_is_opened_alike_by_check_doctor_and_grade(form: str, tmp_path: Path) -> None:
    place = lay_out(tmp_path, untouched)
    file = place / f"{NAME}.ipynb"
    notebook, _ = read(file)
    SPOILS.get(form, len)(notebook)
    text = json.dumps(notebook, ensure_ascii=False)
    file.write_bytes(SAVED.get(form, str.encode)(text))
    raw = file.read_bytes()

    with prepare(place) as prepared:
        assert is_undamaged(prepared.notebook, prepared.notebook.with_name("ledger.json").read_bytes())
    checked = check_submission(place, QUESTIONS)
    assert (checked.notebooks, checked.problems) == (1, {})
    files = checked.files or hand_in.files_in(place)
    assert is_undamaged(files[PurePosixPath(f"{NAME}.ipynb")], hand_in.read_file(files[PurePosixPath("ledger.json")]))
    # nbgrader has to read what is graded.
    nbformat.reads(hand_in.read_file(files[PurePosixPath(f"{NAME}.ipynb")]).decode(), as_version=4)  # type: ignore[no-untyped-call]
    inspection = inspect(place, CATALOGUE, handed_in=True)
    assert inspection.exercise == NAME
    assert all(item.repair or item.code not in ("broken", "deleted", "answer") for item in inspection.diagnoses)
    assert file.read_bytes() == raw


@pytest.mark.parametrize("form", REFUSED)
def test_what_is_no_notebook_is_refused_in_words_by_check_doctor_and_grade(form: str, tmp_path: Path) -> None:
    place = lay_out(tmp_path, untouched)
    file = place / f"{NAME}.ipynb"
    spoil, words = REFUSED[form]
    file.write_bytes(spoil(file.read_text(encoding="utf-8")))
    assert_refused(place, words)


def test_a_notebook_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    place = lay_out(tmp_path, untouched)
    with (place / f"{NAME}.ipynb").open("r+b") as file:
        # A hole: it takes no room on the disk.
        file.truncate(LARGEST + 1)
    assert_refused(place, "too large to be read: 200 MB")


def assert_refused(place: Path, words: str) -> None:
    with pytest.raises(CheckError, match=words), prepare(place) as prepared:
        run_checks(prepared.notebook)
    assert words in " ".join(check_submission(place, QUESTIONS).problems.values())
    assert words in " ".join(item.message for item in inspect(place, CATALOGUE, handed_in=True).diagnoses)


@pytest.mark.parametrize("form", [form for form in FORMS if form not in ("nested", "zip", "zip of a folder")])
def test_report_reads_the_same_ledger(form: str, tmp_path: Path) -> None:
    place = lay_out(tmp_path, FORMS[form])
    files, _ = hand_in.unpack(hand_in.files_in(place))
    assert hand_in.find_ledger(files).contents.items == FULL.items


def snapshot(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_missing_ratings_are_said_unless_they_are_in_the_notebook(tmp_path: Path) -> None:
    place = lay_out(tmp_path, lambda folder: (folder / "ledger.json").unlink())
    (note,) = check_submission(place, QUESTIONS).notes
    assert note.startswith("It has no ratings")
    answer(place / f"{NAME}.ipynb", {"q7": f'frozen = r"""\n{LEDGER_BYTES.decode()}"""'})
    assert check_submission(place, QUESTIONS).notes == ()


def test_every_widget_that_writes_into_the_ledger_is_known() -> None:
    others = {"Case", "Judgement", "Ledger", "RoomCode", "charts", "weighing"}
    cells = [
        {"cell_type": "code", "source": f"tool = {name}(case)", "metadata": {"nbgrader": {"locked": True}}}
        for name in set(course.__all__) - others
    ]
    assert all(hand_in.tools_with_ledger([cell]) for cell in cells)
    assert len(cells) == 8


def test_a_rating_that_was_changed_later_wins_in_whichever_file_it_is() -> None:
    first, later = Ledger(), Ledger()
    first.judge(Judgement("S09", "F", reliability="A"))
    later.judge(Judgement("S09", "F", reliability="E"))
    for names in (("ledger.json", "ledger (1).json"), ("ledger (1).json", "ledger.json")):
        files = {PurePosixPath(name): text.dumps().encode() for name, text in zip(names, (first, later), strict=True)}
        (kept,) = hand_in.find_ledger(files).contents.items.values()
        assert isinstance(kept, Judgement)
        assert kept.reliability == "E"


def test_a_newer_copy_with_other_answers_is_said(tmp_path: Path) -> None:
    def make(folder: Path) -> None:
        beside_an_older_copy(folder)
        os.utime(folder / f"{NAME} (1).ipynb", (2e9, 2e9))

    (note,) = check_submission(lay_out(tmp_path, make), QUESTIONS).notes
    assert f"“{NAME} (1).ipynb” is another copy of {NAME}.ipynb, saved later" in note


def test_what_is_in_an_archive_stays_inside_the_hand_in(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("../up.json", "/root.json", "C:/drive.json", "ok/ledger.json", "__MACOSX/x.json", ".hidden"):
            archive.writestr(name, "{}")
        link = zipfile.ZipInfo("link.json")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    files, notes = hand_in.unpack({PurePosixPath("a.zip"): path})
    assert [str(name) for name in files] == ["a.zip", "a.zip/ok/ledger.json"]
    assert notes == []


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.zip", b"PK\3\4 broken", "cannot be opened as a ZIP archive"),
        ("a.rar", b"Rar!", "is a kind of archive that cannot be opened here"),
        ("a.7z", b"7z", "is a kind of archive that cannot be opened here"),
    ],
)
def test_an_archive_that_cannot_be_opened_is_named(name: str, content: bytes, expected: str) -> None:
    (note,) = hand_in.unpack({PurePosixPath(name): content})[1]
    assert expected in note


def test_an_archive_that_unpacks_to_far_too_much_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}", bytes(50_000_000))
    files, (note,) = hand_in.unpack({PurePosixPath(path.name): path})
    assert list(files) == [PurePosixPath(path.name)]
    assert "it is too large to be a submission" in note


@pytest.mark.nbgrader
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_course_grade_gives_every_form_the_score_of_the_undamaged_hand_in(tmp_path: Path) -> None:
    group = Course(tmp_path / "course", ROOT / "solutions" / NAME)
    chosen = ("as it was", "canvas", "an empty one beside it", "zip of a folder", "two halves")
    for number, form in enumerate(chosen):
        group.hand_in(f"s{number}", UNDAMAGED.answers, {"ledger.json": LEDGER_BYTES})
        FORMS[form](group.folder / "submitted" / f"s{number}" / NAME)
    submissions = grade_class(group.folder, "--isolation", "reduced")["submissions"]
    assert len(submissions) == len(chosen)
    assert {entry["score"] for entry in submissions} == {sum(UNDAMAGED.scores.values())}
