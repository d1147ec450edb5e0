"""`course start` lays out a learner's files, and an upgrade never writes over what the learner has done."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.install.workspace import StartError, install_files, source
from tests.test_cli import course, refused

LESSON = Path("notebooks/00-start-here.ipynb")
EXERCISE = Path("exercises/06-weighing/06-weighing.ipynb")


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """The course as it came first: a lesson, an exercise and a table."""
    return folder_with(tmp_path / "first", {LESSON: "hello", EXERCISE: "asked", Path("data/claims.csv"): "id"})


def folder_with(folder: Path, files: dict[Path, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def texts(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and ".course" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in paths}


def test_the_first_time_everything_is_laid_out(first: Path, tmp_path: Path) -> None:
    done = install_files(tmp_path / "mine", "1.0", first)
    assert texts(tmp_path / "mine") == texts(first)
    assert set(done.new) == {LESSON, EXERCISE, Path("data/claims.csv")}


def test_a_second_time_nothing_changes(first: Path, tmp_path: Path) -> None:
    install_files(tmp_path / "mine", "1.0", first)
    (tmp_path / "mine" / EXERCISE).write_text("my answer")
    before = texts(tmp_path / "mine")
    done = install_files(tmp_path / "mine", "1.0", first)
    assert texts(tmp_path / "mine") == before
    assert (done.new, done.renewed, done.beside, done.kept) == ([], [], [], [EXERCISE])


def test_an_upgrade_renews_what_is_untouched_and_stands_beside_what_is_not(first: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    install_files(mine, "1.0", first)
    (mine / EXERCISE).write_text("my answer")
    (mine / "notebooks" / "ledger.json").write_text("mine")
    second = folder_with(tmp_path / "second", {LESSON: "hello again", EXERCISE: "asked better"})
    for _ in range(2):  # a second time it stands there already
        done = install_files(mine, "2.0", second)
        assert (mine / LESSON).read_text() == "hello again"
        assert (mine / EXERCISE).read_text() == "my answer"
        assert (mine / "exercises/06-weighing/06-weighing (new in 2.0).ipynb").read_text() == "asked better"
        assert (mine / "notebooks" / "ledger.json").read_text() == "mine"
    assert done.new == []
    assert len(texts(mine)) == 5


def test_a_newer_version_is_put_beside_once_and_again_only_when_it_changes(first: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    install_files(mine, "1.0", first)
    (mine / EXERCISE).write_text("my answer")
    for version, text in (("2.0", "two"), ("2.0", "two and a half")):
        install_files(mine, version, folder_with(tmp_path / text, {EXERCISE: text}))
    names = sorted(path.name for path in (mine / EXERCISE).parent.iterdir())
    assert names == ["06-weighing (new in 2.0 2).ipynb", "06-weighing (new in 2.0).ipynb", "06-weighing.ipynb"]


def test_without_its_record_every_file_counts_as_the_learners(first: Path, tmp_path: Path) -> None:
    mine = folder_with(tmp_path / "mine", {LESSON: "found here before"})
    done = install_files(mine, "1.0", first)
    assert (mine / LESSON).read_text() == "found here before"
    assert done.beside == [(LESSON, Path("notebooks/00-start-here (new in 1.0).ipynb"))]


@given(
    history=st.lists(
        st.one_of(
            st.tuples(st.just("write"), st.sampled_from(["a", "b"]), st.text("xyz", min_size=1, max_size=3)),
            st.tuples(st.just("upgrade"), st.sampled_from(["a", "b"]), st.text("xyz", min_size=1, max_size=3)),
        ),
        max_size=8,
    )
)
def test_no_history_loses_what_a_learner_wrote(
    history: list[tuple[str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    here = tmp_path_factory.mktemp("history")
    mine, shipped = here / "mine", {Path("notebooks/a.ipynb"): "a", Path("notebooks/b.ipynb"): "b"}
    written: dict[str, str] = {}
    for step, (kind, name, text) in enumerate([("upgrade", "a", "a"), *history]):
        if kind == "write":
            (mine / f"notebooks/{name}.ipynb").write_text(f"mine {text}")
            written[name] = f"mine {text}"
        else:
            shipped[Path(f"notebooks/{name}.ipynb")] = text
            install_files(mine, f"{step}", folder_with(here / f"{step}", shipped))
        for each, expected in written.items():
            assert (mine / f"notebooks/{each}.ipynb").read_text() == expected


def test_a_ledger_is_never_laid_out(tmp_path: Path) -> None:
    theirs = folder_with(tmp_path / "theirs", {LESSON: "hello", Path("notebooks/ledger.json"): "somebody's"})
    install_files(tmp_path / "mine", "1.0", theirs)
    assert texts(tmp_path / "mine") == {LESSON.as_posix(): "hello"}


def test_what_cannot_be_laid_out_is_said_in_a_line(first: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match="is a file"):
        install_files(tmp_path / "file", "1.0", first)
    with pytest.raises(StartError, match="the course’s own folder"):
        install_files(first, "1.0", first)


def test_the_command_lays_out_the_whole_course_and_says_what_to_do_next(tmp_path: Path) -> None:
    mine = tmp_path / "my course"
    output = course("start", str(mine)).stdout
    assert {path.name for path in (mine / "notebooks").glob("*.ipynb")} == {
        path.name for path in (source() / "notebooks").glob("[0-9]*.ipynb")
    }
    assert "course lab" in output
    (mine / LESSON).write_text("{}")
    assert "your version was kept" in course("start", str(mine)).stdout
    assert (mine / LESSON).read_text() == "{}"
    assert "is a file" in refused("start", str(mine / LESSON))
