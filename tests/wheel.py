"""The wheel in an empty environment: built, installed, the course laid out, one exercise checked.

``python -m tests.wheel`` (``make pythons``) does it with every Python from 3.11 on that it finds, from the lock and so
with the network. `tests/test_wheel.py` does it for the Python it runs under, without.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
OLDEST, NEWEST = 11, 14


@dataclass(frozen=True)
class Environment:
    """A virtual environment and how to run what is in it."""

    folder: Path

    def run(self, *command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command of this environment, without anything of ours in the way."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
        program = shutil.which(command[0], path=str(self.folder / "bin"))
        assert program, f"{command[0]} is not in {self.folder}"
        # A `course` of another environment: an activated one, or ours where a test has read our nbgrader_config.py.
        path = os.pathsep.join(
            folder for folder in plain.get("PATH", "").split(os.pathsep) if not shutil.which("course", path=folder)
        )
        return subprocess.run(
            [program, *command[1:]],
            cwd=cwd,
            env=plain | {"PATH": path, "NO_COLOR": "1", "COLUMNS": "120"},
            capture_output=True,
            text=True,
            check=False,
        )


def build(folder: Path) -> Path:
    """Build the wheel from what is committed or lies in the work tree, and return it."""
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def environment(python: str, folder: Path) -> Environment:
    """Make an empty environment."""
    subprocess.run([python, "-m", "venv", folder], check=True, capture_output=True)
    return Environment(folder)


def find(version: str) -> str | None:
    """Return where a Python of this version is on this machine, as uv finds them; nothing is downloaded."""
    command = [sys.executable, "-m", "uv", "python", "find", "--no-python-downloads", "--system", version]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    return listed.stdout.strip() if listed.returncode == 0 else None


def try_out(installed: Environment, folder: Path) -> str:
    """Lay the course out, check an exercise as a learner would, and return the check's last line.

    Raises
    ------
    AssertionError
        If a step does not do what it should; with what it said.
    """
    started = installed.run("course", "start", str(folder))
    assert started.returncode == 0, started
    checked = installed.run("course", "check", "exercises/01-the-claim", cwd=folder)
    # Nothing is answered yet, which is what 1 says; 2 would be an exercise that cannot be checked.
    assert checked.returncode == 1, checked
    return checked.stdout.strip().splitlines()[-1]


def main() -> int:
    """Try the wheel with every Python there is and print a table; 1 if it fails with one of them."""
    table = Table(title="The wheel in an empty environment")
    for heading in ("Python", "result"):
        table.add_column(heading)
    failed = False
    with tempfile.TemporaryDirectory() as place:
        wheel = build(Path(place) / "wheel")
        for minor in range(OLDEST, NEWEST + 1):
            name = f"3.{minor}"
            python = find(name)
            if python is None:
                table.add_row(name, "not on this machine")
                continue
            installed = environment(python, Path(place) / name)
            lock = ["--require-hashes", "-r", str(ROOT / "requirements.lock")]
            steps = [lock, [str(wheel)]]
            done = [installed.run("python", "-m", "pip", "install", "--quiet", "--no-deps", *step) for step in steps]
            if any(step.returncode for step in done):
                last = next(step.stderr.strip().splitlines()[-1] for step in done if step.returncode)
                table.add_row(name, f"cannot be installed: {last}")
                failed = True
                continue
            try:
                table.add_row(name, try_out(installed, Path(place) / f"course-{name}"))
            except AssertionError as error:
                table.add_row(name, str(error))
                failed = True
    Console(width=120).print(table)
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
