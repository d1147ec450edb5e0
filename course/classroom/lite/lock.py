"""Pyodide's list of packages, our own: what the site holds itself, and what a browser fetches where it is published."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from email import message_from_string
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from course import in_browser

PUBLISHED_AT: Final = f"https://{in_browser.PUBLISHER}/pyodide/v{{version}}/full/"
"""Where Pyodide's makers publish what no registry has: compiled packages."""

# What packaging asks a platform before it decides whether a requirement counts.
_BROWSER: Final = {
    "sys_platform": "emscripten",
    "platform_system": "Emscripten",
    "platform_machine": "wasm32",
    "os_name": "posix",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "python_version": "3.14",
    "python_full_version": "3.14.2",
    "extra": "",
}


class SiteError(Exception):
    """The site cannot be built. The message says why, and what to do."""


def make(
    official: Mapping[str, Any], wheels: Iterable[Path], version: str, copies: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the list of packages for a site.

    Parameters
    ----------
    official : mapping
        Pyodide's own list, with names and checksums of what its makers have compiled.
    wheels : iterable of path
        Pure wheels, which lie beside the list in the site.
    version : str
        Pyodide's.
    copies : iterable of str
        File names of compiled wheels that lie beside the list, too.
    """
    hosted = set(copies)
    pure = {_name(wheel): wheel for wheel in wheels}
    names = {*pure, *in_browser.FETCHED}
    packages = {name: _pure(name, wheel, names) for name, wheel in pure.items()}
    for name in in_browser.FETCHED:
        entry = dict(official["packages"][name])
        if entry["file_name"] not in hosted:
            entry["file_name"] = PUBLISHED_AT.format(version=version) + entry["file_name"]
        packages[name] = entry
    return {"info": official["info"], "packages": packages}


def _name(wheel: Path) -> str:
    return str(canonicalize_name(wheel.name.split("-")[0]))


def _pure(name: str, wheel: Path, names: set[str]) -> dict[str, Any]:
    with zipfile.ZipFile(wheel) as packed:
        inside = packed.namelist()
        (metadata,) = (file for file in inside if file.endswith(".dist-info/METADATA") and file.count("/") == 1)
        about = message_from_string(packed.read(metadata).decode())
    needs = {
        str(canonicalize_name(needed.name))
        for needed in map(Requirement, about.get_all("Requires-Dist", ()))
        if needed.marker is None or needed.marker.evaluate(_BROWSER)
    }
    return {
        "name": name,
        "version": about["Version"],
        "file_name": wheel.name,
        "sha256": sha256(wheel.read_bytes()).hexdigest(),
        "install_dir": "site",
        "package_type": "package",
        # Commands and the instructor's side need more than a browser has; what is not in the site is not asked for.
        "depends": sorted(needs & names),
        "imports": sorted({file.split("/")[0].removesuffix(".py") for file in inside if _importable(file)}),
    }


def _importable(file: str) -> bool:
    top, _, rest = file.partition("/")
    return file.endswith(".py") and (top.isidentifier() if rest else top.removesuffix(".py").isidentifier())
