"""What the site is made of that is not ours: Pyodide and wheels. Fetched once, checked, and kept in the environment."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha512
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Final

from course.classroom.lite.lock import BrowserSiteError

PYODIDE: Final = "0.29.0"
"""The newest version for which numpy and pandas can be had from a registry: with them inside, a site is whole."""

INTEGRITY: Final = "sha512-ObIvsTmcrxAWKg+FT1GjfSdDmQc5CabnYe/nn5BCuhr9BVVITeQ24DBdZuG5B2tIiAZ9YonBpnDB7cmHZyd2Rw=="
"""What npm says its package of that version hashes to."""

RUNTIME: Final = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
"""The files of Pyodide a browser loads, and the list of what its makers have compiled for it."""

REQUIREMENTS: Final = tuple(Path(__file__).with_name(name) for name in ("requirements.lock", "compiled.lock"))
CARRIER: Final = "gbdraw-*.whl"
"""The wheel that has compiled ones inside, as compiled.lock says."""

COMPILED: Final = ("numpy", "pandas")
"""What is taken from it."""

LEFT_OUT: Final = {"jedi": ("jedi/third_party/typeshed/stubs/", "jedi/third_party/django-stubs/")}
"""Files of wheels that a browser need not load: what jedi knows of packages that are not in the site, most of it."""

KEPT: Final = Path(sys.prefix) / "share" / "completely-free" / "browser"
_PIP: Final = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


def labextensions() -> Path:
    """Return the folder in which this environment keeps JupyterLab's extensions."""
    return Path(sys.prefix) / "share" / "jupyter" / "labextensions"


def fetch(kept: Path = KEPT) -> Path:
    """Fetch Pyodide and the wheels, unless they are there, and return the folder they are in.

    Raises
    ------
    BrowserSiteError
        If npm is not installed, a registry does not answer, or what it gives is not what it should be.
    """
    # Named by its content, so that a new lock or a new Pyodide is fetched anew.
    named = b"".join(requirements.read_bytes() for requirements in REQUIREMENTS) + INTEGRITY.encode()
    folder = kept / sha512(named).hexdigest()[:16]
    if folder.is_dir():
        return folder
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept) as name:
        place = Path(name) / "parts"
        _fetch_pyodide(place)
        _fetch_wheels(place)
        # In one step, so that a fetch that was interrupted leaves nothing that looks complete.
        place.rename(folder)
    return folder


def _fetch_pyodide(place: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise BrowserSiteError(
            "Pyodide comes from npm, which is not installed. On Debian or Ubuntu: sudo apt install npm"
        )
    place.mkdir()
    _run(npm, "pack", f"pyodide@{PYODIDE}", "--silent", "--pack-destination", str(place))
    (archive,) = place.glob("*.tgz")
    digest = "sha512-" + b64encode(sha512(archive.read_bytes()).digest()).decode()
    if digest != INTEGRITY:
        raise BrowserSiteError(
            f"npm's package pyodide {PYODIDE} is not the one this course was tested with. Nothing is kept."
        )
    with tarfile.open(archive) as packed:
        for file in RUNTIME:
            content = packed.extractfile(f"package/{file}")
            assert content is not None
            (place / file).write_bytes(content.read())
    archive.unlink()


def _fetch_wheels(place: Path) -> None:
    pure = ("--implementation", "py", "--abi", "none", "--platform", "any", "--python-version", "3.13")
    checked = ("--no-deps", "--require-hashes", "--only-binary", ":all:")
    wanted = (part for requirements in REQUIREMENTS for part in ("--requirement", str(requirements)))
    _run(*_PIP, "download", *checked, *pure, "--dest", str(place), *wanted)
    (carrier,) = place.glob(CARRIER)
    with zipfile.ZipFile(carrier) as packed:
        for inside in packed.namelist():
            name = inside.rpartition("/")[2]
            if name.endswith("_wasm32.whl") and name.startswith(tuple(f"{package}-" for package in COMPILED)):
                (place / name).write_bytes(packed.read(inside))
    carrier.unlink()


def kernel(kept: Path) -> Path:
    """Return the wheel with JupyterLite's Python: an extension of JupyterLab, with wheels of its own inside."""
    (wheel,) = kept.glob("jupyterlite_pyodide_kernel-*.whl")
    return wheel


def unpack_kernel_wheels(wheel: Path, folder: Path) -> None:
    """Write the wheels inside JupyterLite's Python, such as the one that stands in for ipykernel, into a folder."""
    with zipfile.ZipFile(wheel) as packed:
        for inside in packed.namelist():
            name = inside.rpartition("/")[2]
            # What stands in for the classic notebook's extension is of no use in JupyterLab.
            if "/static/pypi/" in inside and name.endswith(".whl") and not name.startswith("widgetsnbextension"):
                (folder / name).write_bytes(packed.read(inside))


def without_compiled_parts(name: str, folder: Path) -> Path:
    """Write a wheel of an installed package without what is compiled in it, and return it.

    For packages that are quicker with a compiled part and whole without it, and offer no such wheel themselves.
    """
    installed = distribution(name)
    wheel = folder / f"{name}-{installed.version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as packed:
        for inside, path in _python_files(installed):
            packed.write(path, inside)
        packed.writestr(
            f"{name}-{installed.version}.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
    return wheel


def slim(wheel: Path) -> None:
    """Take from a wheel what `LEFT_OUT` names, and the record of its files, which nothing reads in a browser."""
    left_out = LEFT_OUT.get(wheel.name.partition("-")[0])
    if left_out is None:
        return
    whole = wheel.rename(wheel.with_suffix(".whole"))
    with zipfile.ZipFile(whole) as packed, zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as kept:
        for file in packed.infolist():
            if not file.filename.startswith(left_out) and not file.filename.endswith(".dist-info/RECORD"):
                kept.writestr(file, packed.read(file))
    whole.unlink()


def _python_files(installed: Distribution) -> Iterator[tuple[str, Path]]:
    for file in installed.files or ():
        if file.suffix == ".py" or file.name == "METADATA" or "licenses" in file.parts:
            yield file.as_posix(), Path(str(file.locate()))


def own_wheel(root: Path, folder: Path) -> Path:
    """Build the course's wheel from a checkout and return it."""
    offline = ("--no-deps", "--no-build-isolation", "--no-index")
    _run(*_PIP, "wheel", *offline, "--wheel-dir", str(folder), str(root))
    (wheel,) = folder.glob("completely_free-*.whl")
    return wheel


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        message = (done.stderr or done.stdout).strip()
        raise BrowserSiteError(f"This did not work: {' '.join(command[:4])} …\n{message[-2000:]}")
