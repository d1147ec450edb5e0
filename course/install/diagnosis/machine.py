"""Collect the facts about this machine that the checks judge, without changing anything.

Only this module inspects the machine. It is prepared for every third-party import to be missing or broken.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final

from course import files
from course.install import workspace
from course.ledger import codec

COURSE: Final = "completely-free"
LAB_PORT: Final = 8888
IMPORT_SECONDS: Final = 120

IMPORTED: Final[Mapping[str, str]] = {
    "pandas": "pandas",
    "altair": "altair",
    "anywidget": "anywidget",
    "ipywidgets": "ipywidgets",
    "ipykernel": "ipykernel",
    "jupyterlab": "jupyterlab",
    "nbclient": "nbclient",
    "nbgrader": "nbgrader",
    "vl-convert-python": "vl_convert",
    "krippendorff": "krippendorff",
}
"""The packages that are tested by importing them, each with its module's name."""

EXTENSIONS: Final = ("anywidget", "@jupyter-widgets/jupyterlab-manager", "@jupyter/nbgrader")
"""The JupyterLab extensions that the course uses."""

# Prints a line before and after each import, so that an import that crashes Python is known too.
_IMPORTER: Final = """
import importlib, json, sys
for name in sys.argv[1:]:
    print(json.dumps([name, None]), flush=True)
    try:
        importlib.import_module(name)
        print(json.dumps([name, ""]), flush=True)
    except BaseException as error:
        print(json.dumps([name, f"{type(error).__name__}: {error}"]), flush=True)
"""


@dataclass(frozen=True)
class Package:
    """An installed package: its normalised name, its version, its requirements, and its folder."""

    name: str
    version: str
    requires: tuple[str, ...] = ()
    folder: str = ""


@dataclass(frozen=True)
class InstalledKernel:
    """How JupyterLab would start the kernel ``python3``, or why it cannot."""

    argv: tuple[str, ...] = ()
    folder: str = ""
    exists: bool = True
    error: str = ""


@dataclass(frozen=True)
class Extension:
    """A JupyterLab extension: its folder, its version, and the file that disables it, if any."""

    folder: str = ""
    version: str = ""
    disabled_in: str = ""


@dataclass(frozen=True)
class LedgerFile:
    """A ledger that cannot be read in full, and why; or one from a newer version of the course."""

    name: str
    faults: str = ""
    newer: bool = False


@dataclass(frozen=True)
class Folder:
    """The course's folder, where the learner's files are."""

    path: str
    is_checkout: bool = False
    has_record: bool = True
    outdated: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Modules and packages beside a notebook, which it would import."""
    longest: str = ""
    ledgers: tuple[LedgerFile, ...] = ()
    free_bytes: int = 1 << 40


@dataclass(frozen=True)
class Machine:
    """Everything the checks judge. The defaults are a healthy machine, so tests only name what is wrong."""

    platform: str = "linux"
    python: tuple[int, int, int] = (3, 11, 0)
    executable: str = "/home/ada/course/.venv/bin/python"
    prefix: str = "/home/ada/course/.venv"
    scripts: str = "/home/ada/course/.venv/bin"
    bits: int = 64
    has_pip: bool = True
    in_environment: bool = True
    activated: str = ""
    pythonpath: str = ""
    commands: Mapping[str, str] = field(default_factory=dict)
    """The paths of ``course`` and ``jupyter``, as far as the system finds them."""
    file_encoding: str = "utf-8"
    text_encoding: str = "utf-8"
    packages: tuple[Package, ...] = ()
    """In the order in which Python finds them. A package that is installed twice is listed twice."""
    requires_python: str = ""
    tried_pythons: tuple[str, ...] = ()
    import_errors: Mapping[str, str] = field(default_factory=dict)
    kernel: InstalledKernel | None = None
    """None if Jupyter itself is missing; the same for the extensions."""
    extensions: Mapping[str, Extension] | None = None
    home: str = "/home/ada"
    here: str = "/home/ada/course"
    folder: Folder | None = None
    elsewhere: str = ""
    """The checkout that contains this package, if the learner is not in a folder with lessons."""
    no_loopback: str = ""
    lab_port_taken: bool = False

    @property
    def version(self) -> str:
        """Python's version as text, such as 3.12.1."""
        return ".".join(str(part) for part in self.python)

    @property
    def on_windows(self) -> bool:
        """Whether the machine runs Windows, so that command lines are for PowerShell."""
        return self.platform == "win32"

    def pure(self, path: str) -> PurePosixPath | PureWindowsPath:
        """Return a path object of this machine's kind."""
        return PureWindowsPath(path) if self.on_windows else PurePosixPath(path)

    def inside(self, path: str) -> str:
        """Return a path relative to the learner's folder, or "" if it is not below that."""
        with suppress(ValueError):
            return str(self.pure(path).relative_to(self.pure(self.here)))
        return ""

    def package(self, name: str) -> Package | None:
        """Return the package that Python would use, or None."""
        return next((package for package in self.packages if package.name == name), None)


def plain(name: str) -> str:
    """Normalise a package's name as `packaging` does, which may itself be missing."""
    return re.sub(r"[-_.]+", "-", name).lower()


def inspect_machine(here: Path) -> Machine:
    """Collect the facts, for a learner in this folder. Takes some seconds, because packages are tested by importing."""
    packages = tuple(_packages())
    known = {package.name for package in packages}
    folder = workspace.course_folder(here)
    own = workspace.source()
    try:
        about = metadata.metadata(COURSE)
        requires, classifiers = about["Requires-Python"] or "", about.get_all("Classifier") or []
    except metadata.PackageNotFoundError:
        requires, classifiers = "", []
    return Machine(
        platform=sys.platform,
        python=(sys.version_info.major, sys.version_info.minor, sys.version_info.micro),
        executable=sys.executable,
        prefix=sys.prefix,
        scripts=sysconfig.get_path("scripts"),
        bits=64 if sys.maxsize > 2**32 else 32,
        has_pip=find_spec("pip") is not None,
        in_environment=sys.prefix != sys.base_prefix or (Path(sys.prefix) / "conda-meta").is_dir(),
        activated=os.environ.get("VIRTUAL_ENV", ""),
        pythonpath=os.environ.get("PYTHONPATH", ""),
        commands={name: path for name in ("course", "jupyter") if (path := shutil.which(name))},
        file_encoding=sys.getfilesystemencoding(),
        text_encoding=getattr(sys.stdout, "encoding", None) or "utf-8",
        packages=packages,
        requires_python=requires,
        tried_pythons=tuple(_pythons(classifiers)),
        import_errors=_try_imports([module for name, module in IMPORTED.items() if name in known]),
        kernel=_kernel(),
        extensions=_extensions(),
        home=str(Path.home()),
        here=str(here.resolve()),
        folder=_inspect_folder(folder) if folder else None,
        elsewhere=str(own) if not folder and own != workspace.PACKAGE / "share" else "",
        no_loopback=_loopback(),
        lab_port_taken=_is_taken(LAB_PORT),
    )


def _pythons(classifiers: Iterable[str]) -> Iterator[str]:
    for line in classifiers:
        name, _, version = str(line).rpartition(" :: ")
        if name == "Programming Language :: Python" and "." in version:
            yield version


def _packages() -> Iterator[Package]:
    """Yield the installed packages, without what an interrupted removal left behind (``~andas``)."""
    seen = set()
    for distribution in metadata.distributions():
        with suppress(Exception):  # broken metadata counts as not installed
            name, folder = distribution.metadata["Name"], str(Path(str(distribution.locate_file(""))).resolve())
            name = plain(name) if name else ""
            if name and not name.startswith("~") and (name, folder) not in seen:
                seen.add((name, folder))
                yield Package(name, distribution.version, tuple(distribution.requires or ()), folder)


def _try_imports(modules: list[str]) -> dict[str, str]:
    """Import each module in another process, which may crash; return the errors by module."""
    command = [sys.executable, "-B", "-P", "-W", "ignore", "-c", _IMPORTER, *modules]
    output, errors = "", dict[str, str]()
    try:
        output = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=IMPORT_SECONDS
        ).stdout
    except subprocess.TimeoutExpired as stopped:
        output = stopped.stdout.decode(errors="replace") if isinstance(stopped.stdout, bytes) else stopped.stdout or ""
    except OSError as error:
        errors[modules[0] if modules else "python"] = str(error)
    for line in output.splitlines():
        # A package may print something itself while it is imported.
        with suppress(ValueError, TypeError):
            name, result = json.loads(line)
            errors[name] = "Python stopped while importing it" if result is None else result
    return {name: error for name, error in errors.items() if error}


def _kernel() -> InstalledKernel | None:
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except Exception:  # missing or broken in any way, which `packages` reports
        return None
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except (NoSuchKernel, OSError, ValueError) as error:
        return InstalledKernel(error=str(error) or type(error).__name__)
    argv = tuple(str(part) for part in spec.argv)
    # Jupyter replaces these names by the Python that it runs in, whether or not there is a program of that name.
    own = {"python", f"python{sys.version_info[0]}", "python{}.{}".format(*sys.version_info)}
    exists = bool(argv) and (argv[0] in own or shutil.which(argv[0]) is not None)
    return InstalledKernel(argv, str(spec.resource_dir), exists)


def _extensions() -> dict[str, Extension] | None:
    try:
        from jupyter_core.paths import jupyter_config_path, jupyter_path
    except Exception:
        return None
    extensions = {}
    for name in EXTENSIONS:
        for folder in jupyter_path("labextensions"):
            with suppress(OSError, ValueError):
                about = json.loads((Path(folder) / name / "package.json").read_text(encoding="utf-8"))
                extensions[name] = Extension(str(Path(folder) / name), str(about.get("version", "")))
                break
        else:
            extensions[name] = Extension()
    # The first folder that mentions an extension decides.
    decided = set()
    for folder in jupyter_config_path():
        page = Path(folder) / "labconfig" / "page_config.json"
        with suppress(OSError, ValueError, AttributeError):
            disabled = json.loads(page.read_text(encoding="utf-8")).get("disabledExtensions", {})
            for name, off in (disabled if isinstance(disabled, dict) else dict.fromkeys(disabled, True)).items():
                if name in extensions and name not in decided:
                    decided.add(name)
                    extensions[name] = replace(extensions[name], disabled_in=str(page) if off else "")
    return extensions


def _inspect_folder(folder: Path) -> Folder:
    is_checkout = (folder / "pyproject.toml").is_file() and (folder / "course").is_dir()
    places = [folder / "notebooks", *sorted(path for path in (folder / "exercises").glob("*") if path.is_dir())]
    shipped = [path for part in workspace.PARTS for path in (folder / part).rglob("*")]
    # JupyterLab saves a copy of every notebook in a folder below it, which has the longest path.
    copies = [path.parent / ".ipynb_checkpoints" / f"{path.stem}-checkpoint.ipynb" for path in shipped]
    return Folder(
        path=str(folder),
        is_checkout=is_checkout,
        has_record=is_checkout or (folder / workspace.RECORD).is_file(),
        outdated=() if is_checkout else tuple(path.as_posix() for path in workspace.outdated(folder)),
        read_only=tuple(str(place) for place in (folder, *places) if not files.writable(place)),
        names=tuple(path.relative_to(folder).as_posix() for place in places for path in _importable(place)),
        longest=max((str(path) for path in copies), key=len, default=""),
        ledgers=tuple(_ledgers(folder, places)),
        free_bytes=shutil.disk_usage(folder).free,
    )


def _importable(place: Path) -> Iterator[Path]:
    """Yield the modules and packages in a folder that a notebook there could import."""
    for path in sorted(place.iterdir()):
        if path.suffix == ".py" or (path.is_dir() and (path / "__init__.py").is_file()):
            yield path


def _ledgers(folder: Path, places: list[Path]) -> Iterator[LedgerFile]:
    for path in (path for place in places for path in sorted(place.glob("ledger.json"))):
        name = path.relative_to(folder).as_posix()
        try:
            contents, faults, schema = codec.read(path.read_bytes())
        except OSError as error:
            yield LedgerFile(name, f"cannot be opened: {error.strerror or error}.")
            continue
        if schema > codec.SCHEMA:
            yield LedgerFile(name, newer=True)
        elif faults:
            yield LedgerFile(name, codec.describe_faults(contents, faults))


def _loopback() -> str:
    """Return why a browser on this machine cannot reach a server on it, or ""."""
    try:
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            socket.create_connection(server.getsockname(), timeout=5),
        ):
            server.accept()[0].close()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _is_taken(port: int) -> bool:
    """Whether a server answers on this port, which is usually a JupyterLab that is still running."""
    with socket.socket() as connection:
        connection.settimeout(1)
        return connection.connect_ex(("127.0.0.1", port)) == 0
