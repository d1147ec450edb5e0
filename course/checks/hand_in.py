"""Find what was handed in, by content: notebooks and ledgers, under any name, in a folder or a ZIP archive.

`check`, `doctor`, `grade` and `report` all look here. Learning platforms, browsers and sync programs rename files, and
people zip them or put them one folder deeper. Nothing on disk is changed here.
"""

from __future__ import annotations

import ast
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, Final, TypeAlias

from course.checks.exercise import LEDGER
from course.checks.notebook import LARGEST, Notebook, UnreadableError, frozen_ledger, is_left_aside, marks_of, read
from course.checks.notebook import statements as statements_of
from course.ledger import codec
from course.ledger.contents import Contents, join
from course.methods.progress import LARGEST_BYTES
from course.wording import listed, number_of

Files: TypeAlias = Mapping[PurePosixPath, Path | bytes]
"""What was handed in: each file by its path within the hand-in. What was in an archive is there as its bytes."""

TOP: Final = PurePosixPath()
"""The hand-in's own folder."""

_DEEPEST: Final = 6
_MOST_ARCHIVES_INSIDE: Final = 3
"""So many archives may be inside each other."""


@dataclass(frozen=True)
class Allowance:
    """How much is taken from a folder or an archive.

    Parameters
    ----------
    files : int
        How many files.
    size : int
        How many bytes, unpacked.
    """

    files: int
    size: int


ONE_HAND_IN: Final = Allowance(2_000, 100_000_000)
A_CLASS: Final = Allowance(100_000, 4_000_000_000)

NOTEBOOK_NAME: Final = re.compile(r"\.ipynb(?:\.(?:txt|json|html?))?$", re.IGNORECASE)
"""How the name of a notebook ends, as it is or with what a browser appends."""
_TEXT: Final = ("", ".json", ".txt")
_OTHER_ARCHIVES: Final = (".7z", ".gz", ".rar", ".tar", ".tgz", ".xz")
# Checks may not import widgets, so their names stand here too; a test holds the two against each other.
_TOOLS: Final = frozenset(
    (
        "ClaimTracer",
        "EvidenceBoard",
        "HypothesisMatrix",
        "Progress",
        "ScopeLens",
        "SourceCards",
        "Timeline",
        "VerdictDesk",
    )
)


def files_in(folder: Path, *, deep: bool = False, limits: Allowance = ONE_HAND_IN) -> dict[PurePosixPath, Path | bytes]:
    """Return the regular files in a folder that are not hidden, sorted by name.

    Parameters
    ----------
    folder : pathlib.Path
        The folder. Links are not followed.
    deep : bool
        Whether to look into the folders inside it too.
    limits : Allowance
        How many files are taken; the rest is left out.
    """
    files: dict[PurePosixPath, Path | bytes] = {}
    for here, folders, names in os.walk(folder):
        inside = PurePosixPath(Path(here).relative_to(folder).as_posix())
        is_deepest = not deep or len(inside.parts) >= _DEEPEST
        folders[:] = [] if is_deepest else sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(names):
            path = Path(here, name)
            if not name.startswith(".") and stat.S_ISREG(path.lstat().st_mode):
                files[inside / name] = path
        if len(files) > limits.files:
            break
    return files


def read_file(content: Path | bytes) -> bytes:
    """Return the bytes of a file that was handed in.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    return content if isinstance(content, bytes) else content.read_bytes()


# --- archives --------------------------------------------------------------------------------------------------------


def unpack(
    files: Files, *, limits: Allowance = ONE_HAND_IN, depth: int = _MOST_ARCHIVES_INSIDE
) -> tuple[dict[PurePosixPath, Path | bytes], list[str]]:
    """Return the files with those in ZIP archives, as if each archive were a folder, and what could not be opened.

    Parameters
    ----------
    files : mapping
        What was handed in.
    limits : Allowance
        How much an archive may hold.
    depth : int
        How many archives inside each other are opened.
    """
    unpacked: dict[PurePosixPath, Path | bytes] = {}
    notes: list[str] = []
    waiting = [(name, content, depth) for name, content in reversed(list(files.items()))]
    while waiting:
        name, content, deeper = waiting.pop()
        unpacked[name] = content
        if name.suffix.lower() in _OTHER_ARCHIVES:
            notes.append(
                f"{name} is a kind of archive that cannot be opened here. Unpack it, or hand in a ZIP archive."
            )
        elif name.suffix.lower() == ".zip" and not deeper:
            notes.append(f"{name} is nested too deeply in other archives to be opened. Hand in one ZIP archive.")
        elif name.suffix.lower() == ".zip":
            members, why = open_archive(name, content, limits)
            notes += [why] if why else []
            limits = Allowance(limits.files - len(members), limits.size - sum(map(len, members.values())))
            waiting += [(name / inside, data, deeper - 1) for inside, data in reversed(members.items())]
    return unpacked, notes


def open_archive(
    name: PurePosixPath, content: Path | bytes, limits: Allowance = ONE_HAND_IN
) -> tuple[dict[PurePosixPath, bytes], str]:
    """Return the files in a ZIP archive, or a sentence that says why it cannot be opened."""
    try:
        return dict(_members(content, limits)), ""
    except (OSError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        return {}, f"{name} cannot be opened as a ZIP archive: {error}."


def _members(content: Path | bytes, limits: Allowance) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Yield the files in a ZIP archive.

    Raises
    ------
    ValueError
        If it holds too much.
    """
    with zipfile.ZipFile(BytesIO(content) if isinstance(content, bytes) else content) as archive:
        members = [member for member in archive.infolist() if _is_plain(member)]
        if len(members) > limits.files or sum(member.file_size for member in members) > limits.size:
            raise ValueError("it is too large to be a submission")
        for member in members:
            with archive.open(member) as file:
                # Its stated size is only what somebody wrote into it.
                data = file.read(member.file_size + 1)
            yield PurePosixPath(member.filename.replace("\\", "/")), data


def _is_plain(member: zipfile.ZipInfo) -> bool:
    """Whether a member of an archive is a regular file whose path stays inside it, and is not hidden."""
    parts = PurePosixPath(member.filename.replace("\\", "/")).parts
    mode = member.external_attr >> 16
    return (
        not member.is_dir()
        and (stat.S_IFMT(mode) in (0, stat.S_IFREG))
        and bool(parts)
        and not any(part.startswith((".", "/", "__MACOSX")) or ":" in part or "\0" in part for part in parts)
    )


# --- notebooks -------------------------------------------------------------------------------------------------------


def find_notebooks(files: Files) -> list[PurePosixPath]:
    """Return the names of the notebooks in what was handed in, those nearest to the top first."""
    names = (name for name, content in files.items() if is_notebook(name, content))
    return sorted(names, key=lambda name: (len(name.parts), name))


def is_notebook(name: PurePosixPath, content: Path | bytes) -> bool:
    """Whether a file is a notebook: by its name or, if a browser has renamed it, by what is in it."""
    if is_left_aside(name.name):
        return False
    if NOTEBOOK_NAME.search(name.name):
        return True
    if name.suffix.lower() not in _TEXT:
        return False
    raw = _read_up_to(content, LARGEST)
    return raw.lstrip()[:1] == b"{" and b'"nbformat"' in raw and b'"cells"' in raw


def answers(notebook: Notebook) -> dict[str, str]:
    """Return what stands in each answer cell, by its grade_id."""
    cells = ((str(marks_of(cell).get("grade_id", "")), cell) for cell in notebook["cells"])
    return {name: cell["source"].strip() for name, cell in cells if marks_of(cell).get("solution")}


def describe_other_copies(files: Files, chosen: PurePosixPath, counts: str) -> dict[PurePosixPath, str]:
    """Return a sentence for each other copy of the chosen notebook that has other answers, by the copy's name.

    Parameters
    ----------
    files : mapping
        What was handed in.
    chosen : PurePosixPath
        The notebook that counts.
    counts : str
        What is said of it, such as ``"was graded"``.
    """
    others = [name for name in find_notebooks(files) if name != chosen]
    if not others:
        return {}
    try:
        mine = answers(read(files[chosen])[0])
    except UnreadableError:
        return {}
    notes = {}
    for other in others:
        try:
            theirs = answers(read(files[other])[0])
        except UnreadableError:
            continue
        if len(mine.keys() & theirs.keys()) * 2 <= len(mine):
            continue
        if different := [name for name in mine if name in theirs and mine[name] != theirs[name]]:
            age = _compare_ages(files[other], files[chosen])
            notes[other] = (
                f"“{other}” is another copy of {chosen.name}{age}, with different text in "
                f"{number_of(len(different), 'answer')}. {chosen.name} {counts}."
            )
    return notes


def _compare_ages(other: Path | bytes, chosen: Path | bytes) -> str:
    if isinstance(other, bytes) or isinstance(chosen, bytes):
        return ""
    difference = other.stat().st_mtime - chosen.stat().st_mtime
    return "" if abs(difference) < 1 else ", saved later" if difference > 0 else ", saved earlier"


# --- ledgers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FoundLedger:
    """The ledger that counts.

    Parameters
    ----------
    raw : bytes or None
        What ``ledger.json`` has to hold; None if no ledger was handed in.
    contents : Contents
        What can be read of it.
    names : tuple of PurePosixPath
        The files that it comes from.
    is_in_place : bool
        Whether it is ``ledger.json`` beside the notebook as it stands, or there is none.
    notes : tuple of str
        A sentence for each thing that was done to find it; empty if it is in place.
    faults : tuple of str
        A sentence for each file that is damaged, or was written by a newer version of the course.
    is_of_newer_version : bool
        Whether it was written by a newer version of the course, so that nothing may be written into it here.
    """

    raw: bytes | None = None
    contents: Contents = field(default_factory=Contents)
    names: tuple[PurePosixPath, ...] = ()
    is_in_place: bool = True
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    is_of_newer_version: bool = False


@dataclass(frozen=True)
class _Candidate:
    """A file that may be the ledger."""

    name: PurePosixPath
    raw: bytes
    contents: Contents
    fault: str
    is_of_newer_version: bool

    @property
    def is_filled(self) -> bool:
        return self.contents != Contents()

    @property
    def last_change(self) -> str:
        return max((item.updated for item in self.contents.items.values()), default="")


def find_ledger(files: Files, folder: PurePosixPath = TOP) -> FoundLedger:
    """Return the ledger that counts. Several beside the notebook are merged; if those are empty, others count.

    Parameters
    ----------
    files : mapping
        What was handed in.
    folder : PurePosixPath
        Where the notebook is in it.
    """
    every = [ledger for name, content in files.items() if (ledger := _candidate(name, content))]
    # What a damaged ledger was before its repair is kept beside it; all that can be read of it was taken over.
    candidates = [ledger for ledger in every if ".kept-aside-" not in ledger.name.name] or every
    right = folder / LEDGER
    filled = [ledger for ledger in candidates if ledger.is_filled]
    counting = [ledger for ledger in filled if ledger.name.parent == folder] or filled
    if not counting:
        own = next((ledger for ledger in candidates if ledger.name == right), None)
        faults = tuple(ledger.fault for ledger in candidates if ledger.fault)
        return FoundLedger(own.raw, names=(right,), faults=faults) if own else FoundLedger(faults=faults)
    notes = []
    names = listed([f"“{ledger.name}”" for ledger in counting])
    if len(counting) > 1 and any(ledger.is_of_newer_version for ledger in counting):
        counting = [max(counting, key=lambda ledger: (ledger.last_change, ledger.name == right))]
        notes.append(f"{names} cannot be merged here; “{counting[0].name}” has the newest entry and counts.")
    faults = tuple(ledger.fault for ledger in counting if ledger.fault)
    merged = join(ledger.contents for ledger in counting)
    for ledger in counting:
        same = ledger.contents.items == merged.items and ledger.contents.hints == merged.hints
        if same and (ledger.name == right or len(counting) == 1):
            # If there are others, they are older copies.
            place = ledger.name == right
            if not place:
                there = ", and ledger.json has no entries" if any(item.name == right for item in candidates) else ""
                notes.append(f"“{ledger.name}” was used as {LEDGER}: it has {merged.counts()}{there}.")
            newer = ledger.is_of_newer_version
            return FoundLedger(ledger.raw, merged, (ledger.name,), place, tuple(notes), faults, newer)
    notes.append(f"{names} were merged. Together they have {merged.counts()}.")
    origins = tuple(ledger.name for ledger in counting)
    return FoundLedger(codec.dump(merged), merged, origins, is_in_place=False, notes=tuple(notes), faults=faults)


def _candidate(name: PurePosixPath, content: Path | bytes) -> _Candidate | None:
    """Return a file as a ledger, or None if it is none."""
    suffix = name.suffix.lower()
    is_json = ".json" in name.name.lower()
    if name.name.startswith(".") or not (is_json or suffix in _TEXT):
        return None
    is_named = is_json and suffix != ".txt" and "ledger" in name.name.lower()
    size = len(content) if isinstance(content, bytes) else content.stat().st_size
    if is_named and size > LARGEST_BYTES:
        fault = f"“{name}” is far too large to be a ledger."
        return _Candidate(name, b"", Contents(), fault, is_of_newer_version=False)
    raw = _read_up_to(content, LARGEST_BYTES)
    if not is_named and not codec.is_ledger(raw):
        return None
    contents, faults, schema = codec.read(raw)
    fault = ""
    if schema > codec.SCHEMA:
        fault = f"“{name}” was written by a newer version of the course."
    elif faults:
        fault = f"“{name}” {codec.describe_faults(contents, faults)}"
    return _Candidate(name, raw, contents, fault, schema > codec.SCHEMA)


def _read_up_to(content: Path | bytes, largest: int) -> bytes:
    """Return a file's bytes; nothing if it is larger or cannot be read."""
    try:
        if isinstance(content, Path) and content.stat().st_size > largest:
            return b""
        raw = read_file(content)
    except OSError:
        return b""
    return raw if len(raw) <= largest else b""


# --- ratings ---------------------------------------------------------------------------------------------------------


def lacks_ratings(notebook: Notebook, ledger: FoundLedger) -> bool:
    """Whether an exercise has a tool that writes into the ledger, and no rating or answer of it was handed in."""
    tools = tools_with_ledger(notebook["cells"])
    if not tools or ledger.contents.items:
        return False
    sources = [cell["source"] for cell in notebook["cells"] if marks_of(cell).get("solution")]
    return not any(frozen_ledger(source) or sets_ratings(source, tools) for source in sources)


def tools_with_ledger(cells: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the names of the tools in a notebook whose work is kept in the ledger beside it."""
    kept, opened = set(), set()
    for cell in cells:
        marks = marks_of(cell)
        if cell["cell_type"] != "code" or not marks.get("locked") or marks.get("grade"):
            continue
        for statement in statements_of(cell["source"]) or ():
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Attribute(attr="open"))):
                    opened.add(name)
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=tool), keywords=given)):
                    where = [word.value for word in given if word.arg == "ledger"]
                    if tool in _TOOLS and (not where or getattr(where[0], "id", "") in opened):
                        kept.add(name)
    return kept


def sets_ratings(source: str, tools: set[str]) -> bool:
    """Whether an answer sets ratings in code."""
    calls = (
        node for statement in statements_of(source) or () for node in ast.walk(statement) if isinstance(node, ast.Call)
    )
    return any(
        isinstance(call.func, ast.Attribute)
        and getattr(call.func.value, "id", "") in tools
        and call.func.attr not in ("freeze", "table", "chart")
        for call in calls
    )


# --- as it should have been handed in --------------------------------------------------------------------------------


def lay_out(files: Files, folder: PurePosixPath, ledger: FoundLedger) -> dict[PurePosixPath, Path | bytes]:
    """Return the files as they would be had they been handed in right: the notebook's folder on top, one ledger.

    Parameters
    ----------
    files : mapping
        What was handed in.
    folder : PurePosixPath
        Where the notebook is in it.
    ledger : FoundLedger
        The ledger that counts.
    """
    laid_out = {
        name.relative_to(folder): content
        for name, content in files.items()
        # What is in a further archive stays in it.
        if folder in name.parents and not any(folder in above.parents and above in files for above in name.parents)
    }
    if ledger.raw is not None and not ledger.is_in_place:
        laid_out[PurePosixPath(LEDGER)] = ledger.raw
    return laid_out
