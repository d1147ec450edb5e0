"""``course doctor --environment`` finds what is wrong with an installation, in real ones that are broken on purpose.

What this machine cannot be made into (Windows, another firewall) is described instead, and judged by the same checks.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from course.install.diagnosis.finding import InstallationFinding
from course.install.diagnosis.machine import (
    EXTENSIONS,
    Extension,
    Folder,
    InstalledKernel,
    LedgerFile,
    Machine,
    Package,
)
from course.install.diagnosis.report import examine, format_findings, is_well
from course.install.workspace import install_files
from course.ledger import Ledger
from tests.wheel import Environment

SITE = Path(sysconfig.get_path("purelib"))
TYPED = "from course.cli import main; main()"


@pytest.fixture
def own(tmp_path: Path) -> Environment:
    """An environment with all that this one has, in which each package can be taken out, broken or replaced."""
    venv = Environment(tmp_path / "my course" / ".venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv.folder], check=True)
    site = site_of(venv)
    for path in SITE.iterdir():
        if not (site / path.name).exists() and path.name != "__pycache__":
            (site / path.name).symlink_to(path)
    for part in ("labextensions", "kernels"):
        (venv.folder / "share/jupyter").mkdir(parents=True, exist_ok=True)
        (venv.folder / "share/jupyter" / part).symlink_to(Path(sys.prefix) / "share/jupyter" / part)
    return venv


@pytest.fixture
def folder(own: Environment) -> Path:
    """A learner's folder, as `course start` lays it out, around that environment."""
    install_files(own.folder.parent, "0.1.0")
    return own.folder.parent


def site_of(venv: Environment) -> Path:
    (site,) = venv.folder.glob("lib/python*/site-packages")
    return site


def take_out(venv: Environment, *names: str) -> None:
    """Remove packages with their metadata, as `pip uninstall` does."""
    for name in names:
        paths = [path for path in site_of(venv).iterdir() if path.name.partition("-")[0].lower() == name]
        assert paths, name
        for path in paths:
            path.unlink()


def put_in(venv: Environment, name: str, version: str, code: str = "") -> None:
    """Replace a package by one of our own."""
    take_out(venv, name)
    (site_of(venv) / name).mkdir()
    (site_of(venv) / name / "__init__.py").write_text(code)
    about = site_of(venv) / f"{name}-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def asked(venv: Environment, folder: Path, *how: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Ask with --json; return the exit code, and what is wrong by its code."""
    completed = venv.run("python", *(how or ("-P", "-c", TYPED, "doctor", "--environment")), "--json", cwd=folder)
    document = json.loads(completed.stdout)
    assert document["well"] == (completed.returncode == 0)
    return completed.returncode, {finding["code"]: finding for finding in document["findings"] if not finding["note"]}


def test_a_good_installation_is_well_and_nothing_is_changed(own: Environment, folder: Path) -> None:
    def everything() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}

    before = everything()
    completed = own.run("python", "-P", "-c", TYPED, "doctor", "--environment", cwd=folder)
    assert completed.stdout.endswith("Nothing is wrong with this installation.\n"), completed
    assert completed.returncode == 0
    assert everything() == before


def test_missing_packages_are_named_with_one_line_that_installs_them(own: Environment, folder: Path) -> None:
    """And those that only another package asks for, such as ipywidgets; none of them is needed to find that out."""
    take_out(own, "pandas", "ipywidgets", "nbgrader", "rich", "numpy", "altair")
    code, wrong = asked(own, folder)
    assert code == 1
    assert set(wrong) == {"package-missing"}
    missing = wrong["package-missing"]
    for name in ("pandas", "ipywidgets", "nbgrader", "rich", "numpy", "altair"):
        assert name in missing["message"]
    (line,) = missing["lines"]
    assert line.startswith(".venv/bin/python -m pip install ")
    assert "'altair<7,>=6'" in line


@pytest.mark.parametrize("lost", [("typer",), ("packaging", "jupyter_core", "jupyter_client")])
def test_it_starts_by_another_name_where_the_command_does_not(
    own: Environment, folder: Path, lost: tuple[str, ...]
) -> None:
    take_out(own, *lost)
    completed = own.run("python", "-P", "-c", TYPED, "doctor", "--environment", cwd=folder)
    assert completed.returncode == 1
    assert "Traceback" not in completed.stderr
    if "typer" in lost:
        assert f"{own.folder / 'bin/python'} -P -m course.install.diagnosis" in completed.stderr
        completed = own.run("python", "-P", "-m", "course.install.diagnosis", cwd=folder)
    for name in lost:
        assert name.replace("_", "-") in completed.stdout


def test_a_version_outside_the_courses_range_is_told_with_its_reason(own: Environment, folder: Path) -> None:
    put_in(own, "jsonschema", "4.26.0", "class Draft7Validator: pass")
    _, wrong = asked(own, folder)
    finding = wrong["package-version"]
    assert "jsonschema 4.26.0 is installed, and the course asks for jsonschema" in finding["message"]
    assert "two seconds slower" in finding["why"]
    assert "<4.25" in finding["lines"][0]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("raise ImportError('DLL load failed')", "ImportError: DLL load failed"),
        ("import os; os._exit(3)", "Python stopped while importing it"),
    ],
)
def test_a_package_that_is_there_but_broken_is_found(own: Environment, folder: Path, code: str, error: str) -> None:
    put_in(own, "krippendorff", "0.8.1", code)
    _, wrong = asked(own, folder)
    assert f"krippendorff 0.8.1 is installed, but cannot be used: {error}" in wrong["package-broken"]["message"]
    assert wrong["package-broken"]["lines"][0].endswith("--force-reinstall --no-deps krippendorff==0.8.1")


def test_a_kernel_of_another_python_is_found(own: Environment, folder: Path) -> None:
    kernels = own.folder / "share/jupyter/kernels"
    kernels.unlink()
    spec = kernels / "python3/kernel.json"
    spec.parent.mkdir(parents=True)
    for program, code in ((sys.executable, "kernel-elsewhere"), ("/gone/bin/python", "kernel-gone")):
        argv = [program, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
        _, wrong = asked(own, folder)
        assert program in wrong[code]["message"]
    # The line it gives is typed as it stands, and mends it.
    done = subprocess.run(wrong["kernel-gone"]["lines"][0], shell=True, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done
    assert asked(own, folder)[0] == 0


def test_the_widgets_part_in_the_page_is_missed_when_absent_off_or_of_another_version(
    own: Environment, folder: Path
) -> None:
    extensions = own.folder / "share/jupyter/labextensions"
    real = extensions.resolve()
    extensions.unlink()
    (extensions / "anywidget").mkdir(parents=True)
    (extensions / "anywidget/package.json").write_text('{"version": "0.1.0"}')
    _, wrong = asked(own, folder)
    assert "@jupyter-widgets/jupyterlab-manager" in wrong["extension-missing"]["message"]
    assert "anywidget 0.1.0" in wrong["extension-version"]["message"]
    (extensions / "anywidget/package.json").unlink()
    (extensions / "anywidget").rmdir()
    extensions.rmdir()
    extensions.symlink_to(real)
    page = own.folder / "etc/jupyter/labconfig/page_config.json"
    page.parent.mkdir(parents=True)
    page.write_text('{"disabledExtensions": {"anywidget": true}}')
    _, wrong = asked(own, folder)
    assert str(page) in wrong["extension-disabled"]["message"]


def test_what_is_wrong_with_the_folder_is_found(own: Environment, folder: Path) -> None:
    exercise = folder / "exercises/06-weighing"
    (exercise / "random.py").write_text("print('my first dice')")
    ledger = Ledger.open(exercise / "ledger.json")
    ledger.answer("06/word-then", "unlikely")
    whole = (exercise / "ledger.json").read_bytes()
    (exercise / "ledger.json").write_bytes(whole[: len(whole) // 2])
    (folder / "notebooks/ledger.json").write_text('{"schema": 99}')
    record = folder / ".course/laid-out.json"
    laid = json.loads(record.read_text())
    laid["notebooks/06-weighing.ipynb"] = "of an older course"
    record.write_text(json.dumps(laid))
    code, wrong = asked(own, exercise)
    assert code == 1
    assert set(wrong) == {"file-hides-package", "ledger-damaged", "ledger-newer", "lessons-outdated"}
    assert "exercises/06-weighing/random.py" in wrong["file-hides-package"]["message"]
    assert "notebooks/06-weighing.ipynb" in wrong["lessons-outdated"]["message"]
    assert (exercise / "ledger.json").read_bytes() == whole[: len(whole) // 2]


def test_another_folder_than_the_courses_is_said(own: Environment, tmp_path: Path) -> None:
    _, wrong = asked(own, tmp_path)
    assert str(tmp_path) in wrong["folder-not-the-course"]["message"]


def test_it_looks_from_one_folder_and_mends_nothing(own: Environment, folder: Path) -> None:
    completed = own.run("python", "-P", "-c", TYPED, "doctor", "--environment", "--fix", cwd=folder)
    assert completed.returncode == 2
    assert "inspects only" in completed.stderr


# --- machines that are described -------------------------------------------------------------------------------------

COURSE = Package("completely-free", "0.1.0", ("jsonschema<4.25",))
FINE = Machine(
    packages=(COURSE, Package("jsonschema", "4.24.0")),
    commands={"course": "/home/ada/course/.venv/bin/course"},
    extensions={name: Extension("/there", "1") for name in EXTENSIONS},
    kernel=InstalledKernel(("python", "-m", "ipykernel_launcher")),
    folder=Folder("/home/ada/course"),
)
WINDOWS = replace(
    FINE,
    platform="win32",
    executable=r"C:\Users\Ada L\course\.venv\Scripts\python.exe",
    prefix=r"C:\Users\Ada L\course\.venv",
    scripts=r"C:\Users\Ada L\course\.venv\Scripts",
    home=r"C:\Users\Ada L",
    here=r"C:\Users\Ada L\course",
    commands={"course": r"C:\Users\Ada L\course\.venv\Scripts\course.exe"},
    folder=Folder(r"C:\Users\Ada L\course"),
)


def only(machine: Machine) -> InstallationFinding:
    (finding,) = examine(machine)
    return finding


def test_the_machines_described_here_are_well_as_they_are() -> None:
    assert examine(FINE) == examine(WINDOWS) == []


def in_folder(machine: Machine, **different: Any) -> Machine:
    assert machine.folder is not None
    return replace(machine, folder=replace(machine.folder, **different))


@pytest.mark.parametrize(
    ("machine", "code", "note"),
    [
        (replace(FINE, python=(3, 10, 4), requires_python=">=3.11"), "python-version", False),
        (replace(FINE, python=(3, 15, 0), tried_pythons=("3.11", "3.12")), "python-untried", True),
        (replace(FINE, bits=32), "python-32-bit", False),
        (replace(FINE, in_environment=False), "no-environment", True),
        (replace(FINE, activated="/opt/other"), "other-environment", True),
        (replace(FINE, pythonpath="/opt/lib"), "pythonpath", True),
        (replace(FINE, has_pip=False), "pip-missing", True),
        (replace(FINE, packages=()), "course-not-installed", False),
        (replace(FINE, packages=(*FINE.packages, Package("jsonschema", "3.2"))), "package-twice", True),
        (replace(FINE, commands={}), "command-not-found", True),
        (replace(FINE, commands={"course": "/opt/other/bin/course"}), "other-command", False),
        (replace(FINE, commands={"jupyter": "/usr/bin/jupyter", **FINE.commands}), "other-command", True),
        (replace(FINE, text_encoding="ANSI_X3.4-1968"), "not-utf-8", False),
        (replace(WINDOWS, text_encoding="cp1252"), "", False),
        (replace(FINE, kernel=InstalledKernel(error="No such kernel")), "kernel-missing", False),
        (replace(FINE, no_loopback="Permission denied"), "no-loopback", False),
        (replace(FINE, lab_port_taken=True), "port-taken", True),
        (replace(FINE, folder=None), "folder-not-the-course", False),
        (in_folder(FINE, has_record=False), "folder-no-record", True),
        (in_folder(FINE, read_only=("/home/ada/course",)), "folder-read-only", False),
        (in_folder(FINE, free_bytes=10 * 1024**2), "disk-full", False),
        (in_folder(FINE, free_bytes=200 * 1024**2), "disk-full", True),
        (in_folder(FINE, longest="x" * 300), "", False),
        (in_folder(WINDOWS, longest="x" * 300), "path-too-long", False),
        (in_folder(WINDOWS, path=r"C:\Users\Ada\OneDrive - Uni\course"), "folder-synced", True),
        (in_folder(FINE, ledgers=(LedgerFile("notebooks/ledger.json", newer=True),)), "ledger-newer", False),
    ],
)
def test_each_fault_is_found_alone_with_why_it_matters_and_what_to_do(machine: Machine, code: str, note: bool) -> None:
    findings = examine(machine)
    assert [finding.code for finding in findings] == ([code] if code else [])
    for finding in findings:
        assert finding.note is note
        assert all(text.endswith((".", ":")) for text in (finding.why, finding.todo))
        assert finding.todo.endswith(":") == bool(finding.lines)
        text = "\n".join(format_findings(machine, findings))
        assert all(line in text for line in finding.lines)
        assert ("Nothing is wrong" in text) is note is is_well(findings)


OLD = (COURSE, Package("jsonschema", "4.26.0"))


@pytest.mark.parametrize(
    ("machine", "line"),
    [
        (replace(FINE, packages=OLD), ".venv/bin/python -m pip install 'jsonschema<4.25'"),
        (replace(FINE, packages=OLD, here="/tmp"), f"{FINE.executable} -m pip install 'jsonschema<4.25'"),
        (replace(WINDOWS, packages=OLD), r'.venv\Scripts\python -m pip install "jsonschema<4.25"'),
        (
            replace(WINDOWS, packages=OLD, here="D:\\"),
            r'& "C:\Users\Ada L\course\.venv\Scripts\python" -m pip install "jsonschema<4.25"',
        ),
        (
            in_folder(replace(WINDOWS, packages=OLD), is_checkout=True),
            r".venv\Scripts\python -m pip install --no-deps --require-hashes -r requirements.lock",
        ),
        (replace(WINDOWS, commands={}), r".venv\Scripts\course lab"),
    ],
)
def test_lines_can_be_typed_as_they_stand_on_each_system(machine: Machine, line: str) -> None:
    assert only(machine).lines[0] == line


def test_windows_is_told_of_the_part_it_lacks() -> None:
    packages = (*WINDOWS.packages, Package("pandas", "2.3.0"))
    finding = only(replace(WINDOWS, packages=packages, import_errors={"pandas": "ImportError: DLL load failed"}))
    assert "Visual C++" in finding.todo
