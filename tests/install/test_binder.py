"""Binder gets the course from `.binder/`: the locked versions, the settings of `course lab`, Python as we test it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINDER = ROOT / ".binder"


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What repo2docker would build, from the files that are committed."""
    checkout = tmp_path_factory.mktemp("binder") / "course"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", ROOT.as_uri(), checkout], check=True)
    subprocess.run(["cp", "-r", BINDER, checkout], check=True)
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(checkout)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stderr + done.stdout


def test_binder_installs_what_the_lock_pins() -> None:
    assert (BINDER / "requirements.txt").read_text() == (ROOT / "requirements.lock").read_text(), "run: make lock"


def test_the_recipe_installs_the_lock_before_the_course_so_that_a_changed_lesson_builds_quickly(recipe: str) -> None:
    steps = ['pip install --no-cache-dir -r ".binder/requirements.txt"', "COPY --chown=", "./.binder/postBuild"]
    places = [recipe.rindex(step) for step in steps]
    assert places == sorted(places)


def test_the_recipe_has_our_python_and_starts_with_our_settings(recipe: str) -> None:
    assert "Building conda environment for python=3.11" in recipe
    assert ".binder/start" in recipe


def test_it_starts_jupyter_with_the_settings_of_course_lab() -> None:
    command = [str(BINDER / "start"), sys.executable, "-c", "import os; print(os.environ['JUPYTER_CONFIG_PATH'])"]
    paths = subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "JUPYTER_CONFIG_PATH": "/theirs"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert paths == f"{ROOT / 'course' / 'share' / 'jupyter'}:/theirs"
