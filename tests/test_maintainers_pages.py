"""The pages for maintainers name files, modules and functions that exist, and templates that parse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PAGES = ("ARCHITECTURE.md", "CONTRIBUTING.md", "RELEASING.md", "SECURITY.md", "UPSTREAM.md")
TOP = {path.name for path in ROOT.iterdir()}


def quoted(page: str) -> Iterator[str]:
    """Yield what a page sets as code, apart from code blocks."""
    text = re.sub(r"^```.*?^```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", text)


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_a_page_names_exists(page: str) -> None:
    paths = [name for name in quoted(page) if re.fullmatch(r"[\w.-]+/[\w./-]*|[A-Z]+\.md|\w+_config\.py", name)]
    assert not [name for name in paths if name.partition("/")[0] in TOP | {name} and not (ROOT / name).exists()]


@pytest.mark.parametrize("page", PAGES)
def test_every_module_and_function_that_a_page_names_exists(page: str) -> None:
    missing = []
    for name in quoted(page):
        if re.fullmatch(r"course(\.\w+)+", name):
            try:
                resolve_name(name)
            except (ImportError, AttributeError):
                missing.append(name)
    assert not missing


def test_every_function_of_a_script_that_the_architecture_names_exists() -> None:
    scripts = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "course/widgets").glob("*.js"))
    names = [name for name in quoted("ARCHITECTURE.md") if re.fullmatch(r"[a-z]+[A-Z]\w+", name)]
    assert names
    assert not [name for name in names if f"function {name}(" not in scripts]


def test_a_newcomer_finds_three_places_in_the_first_table_of_the_architecture() -> None:
    table = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split("## ")[0]
    for name in (
        "course.weighing.model.weigh",
        "course.classroom.sandbox.enter.enter",
        "course.checks.expect.NotYet",
    ):
        assert f"`{name}`" in table


def test_the_workflow_tests_every_supported_python_on_three_systems() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
    matrix = workflow["jobs"]["learners"]["strategy"]["matrix"]
    assert matrix["python"] == ["3.11", "3.12", "3.13"]
    assert {name.partition("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}
    steps = "\n".join(str(step.get("run", "")) for job in workflow["jobs"].values() for step in job["steps"])
    assert not [name for name in re.findall(r"\btests/[\w./]+", steps) if not (ROOT / name).exists()]
    assert not [name for name in re.findall(r"(?<=\s)\.ci/\w+", steps) if not (ROOT / name).exists()]


def test_pre_commit_fetches_nothing() -> None:
    settings = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert {repository["repo"] for repository in settings["repos"]} == {"local"}
    assert {hook["language"] for repository in settings["repos"] for hook in repository["hooks"]} == {"system"}
