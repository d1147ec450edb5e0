"""The built wheel carries all a learner needs: the course can be laid out, opened and checked without a checkout."""

from __future__ import annotations

import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.wheel import ROOT, Environment, build, environment, try_out


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the wheel in it; what it depends on comes from this one, so no network is needed."""
    installation = environment(sys.executable, tmp_path_factory.mktemp("empty"))
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (site,) = installation.folder.glob(f"lib/{version}/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    installed = installation.run(
        "python", "-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall", str(wheel)
    )
    assert installed.returncode == 0, installed.stderr
    return installation


def test_it_runs_from_the_wheel_and_not_from_the_checkout(installation: Environment, tmp_path: Path) -> None:
    location = installation.run("python", "-c", "import course; print(course.__file__)", cwd=tmp_path).stdout.strip()
    assert Path(location).is_relative_to(installation.folder)


def test_the_course_is_laid_out_and_an_exercise_checked(installation: Environment, tmp_path: Path) -> None:
    assert "0 of " in try_out(installation, tmp_path / "my course")


def test_every_lesson_exercise_and_table_is_in_it_and_no_solution_or_ledger(wheel: Path) -> None:
    inside = {name.removeprefix("course/share/") for name in zipfile.ZipFile(wheel).namelist()}
    for pattern in ("notebooks/**/*.*", "exercises/*/*.*", "data/*/*"):
        wanted = {path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern) if "ledger" not in path.name}
        assert {name for name in wanted if "/." not in name} <= inside
    assert not [name for name in inside if "solution" in name or "ledger.json" in name or name.startswith("tests")]
