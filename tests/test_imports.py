"""Imports point one way: the contracts of pyproject.toml hold, no module imports itself by way of others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
MOST_ENTRIES = 16
"""Entries directly under course/ that a newcomer can still take in."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """Every import between the course's modules, those for types included."""
    return grimp.build_graph("course", cache_dir=None)


def test_contracts_hold() -> None:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    linted = subprocess.run(
        [sys.executable, "-c", program, "--no-cache", "--no-logo"],
        cwd=ROOT,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_no_module_imports_itself_by_way_of_others(graph: grimp.ImportGraph) -> None:
    """Import-linter compares siblings; this also sees a package that imports a module that imports the package."""
    cycles = {
        " → ".join((module, *back))
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
        if (back := graph.find_shortest_chain(imported, module))
    }
    assert not cycles


def test_the_package_has_few_entries() -> None:
    entries = [path.name for path in (ROOT / "course").iterdir() if path.name != "__pycache__"]
    assert len(entries) <= MOST_ENTRIES, sorted(entries)
