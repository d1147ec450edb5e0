"""Read the notebook in a file, and repair its form: the one place where `check`, `doctor` and `grade` do so.

A learner's file may have been saved by another program, renamed, cut off or merged on its way. Whatever can be repaired
without touching what somebody wrote is repaired in memory and reported; the file itself is never changed here.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final, Literal

from course.wording import number_of

Notebook = dict[str, Any]
"""A notebook's JSON."""

MOST_CELLS: Final = 2_000
"""Cells of a notebook, at most. An exercise has some sixty; each costs time wherever it is read or run."""
LARGEST: Final = 200_000_000
"""Bytes. Reading a notebook takes about ten times as much memory."""
DEEPEST: Final = 200
"""Levels of nesting. Charts have about 30; from about 1,000 on Python cannot copy or write them."""
KINDS: Final = ("code", "markdown", "raw")

_FEW: Final = 3
"""So many ids are named in a message."""
_ASIDE: Final = re.compile(r"\.before-doctor(?:-\d+)?\.ipynb$")
_BOM: Final = b"\xef\xbb\xbf"
_ID: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*(?:"|(?P<cut>\\?\Z))|[{}\[\],:]', re.DOTALL)
_BRACKETS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)
_CONFLICT: Final = re.compile(r"^(?:<{7}|={7}|>{7})(?: |$)", re.MULTILINE)
_OTHER_KINDS: Final = {"<": "a web page", "PK": "a ZIP archive", "%PDF": "a PDF", "\x89PNG": "a picture"}

Cause = Literal["access", "large", "empty", "kind", "merge", "deep", "cut off", "broken", "old"]


class UnreadableError(Exception):
    """There is no notebook in a file. The message says why, without its subject: “is empty”.

    Parameters
    ----------
    cause : str
        What kind of reason it is, for whoever has advice to give.
    message : str
        The end of a sentence that begins with the file's name, without a full stop.
    """

    def __init__(self, cause: Cause, message: str) -> None:
        super().__init__(message)
        self.cause: Final = cause


@dataclass(frozen=True)
class Correction:
    """One thing that was wrong with a notebook's form, and was put right.

    Parameters
    ----------
    code : str
        ``"encoding"``, ``"trailing"`` or ``"cut off"`` for the file; ``"format"``, ``"notebook"``, ``"cell"``,
        ``"line ends"`` or ``"id"`` for what is in it.
    message : str
        What was done, as a sentence about the notebook.
    cells : tuple of int
        The positions of the cells it was done to, in the file.
    is_minor : bool
        Whether Jupyter and nbgrader accept the notebook without it.
    """

    code: Literal["encoding", "trailing", "cut off", "format", "notebook", "cell", "line ends", "id"]
    message: str
    cells: tuple[int, ...] = ()
    is_minor: bool = False


def read(file: Path | bytes) -> tuple[Notebook, list[Correction]]:
    """Return the notebook in a file, or in its bytes, as nbformat 4.5 has it, and what was put right for that.

    Raises
    ------
    UnreadableError
        If there is no complete notebook in it.
    """
    notebook, of_file = parse(file if isinstance(file, bytes) else read_bytes(file))
    notebook, of_form = repair_form(notebook)
    return notebook, [*of_file, *of_form, *repair_ids(notebook["cells"])]


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes.

    Raises
    ------
    UnreadableError
        If it is too large or cannot be read.
    """
    try:
        if (size := path.stat().st_size) > LARGEST:
            raise _too_large(size)
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError("access", f"cannot be read: {error.strerror}") from error


def parse(raw: bytes, *, salvage: bool = False) -> tuple[Notebook, list[Correction]]:
    """Return the notebook in a file's bytes, with a list of cells; anything may be wrong inside them.

    Parameters
    ----------
    raw : bytes
        What is in the file.
    salvage : bool
        Whether to read a file that is cut off as far as it goes.

    Raises
    ------
    UnreadableError
        If there is no notebook in it.
    """
    if len(raw) > LARGEST:
        raise _too_large(len(raw))
    text, corrections = _decode(raw)
    text = text.strip()
    if not text:
        raise UnreadableError("empty", "is empty")
    if _is_too_deep(text):
        raise UnreadableError("deep", "is nested too deeply to be a notebook")
    try:
        notebook, end = json.JSONDecoder().raw_decode(text)
        if end < len(text):
            corrections.append(Correction("trailing", "what followed its end was left out."))
    except ValueError as error:
        notebook = _closed(text) if salvage and text.startswith("{") and not _CONFLICT.search(text) else None
        if notebook is None:
            raise _not_json(text, error) from error
        corrections.append(Correction("cut off", "it is cut off, and was read as far as it goes."))
    if isinstance(notebook, dict) and "worksheets" in notebook:
        corrections.append(Correction("format", f"its format ({_quote(notebook.get('nbformat'))}) was read as 4.5."))
        notebook = _upgraded(notebook)
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise UnreadableError("broken", "is not a notebook: it has no list of cells, so it has no answers")
    if len(notebook["cells"]) > MOST_CELLS:
        raise UnreadableError("large", f"is too large to be read: {len(notebook['cells']):,} cells")
    return notebook, corrections


def repair_form(notebook: Mapping[str, Any]) -> tuple[Notebook, list[Correction]]:
    """Return a notebook as nbformat 4.5 asks for it, but for the cells' ids, and what was put right for that.

    Every cell's source is one text with plain line ends. The notebook that is passed is not changed.

    Parameters
    ----------
    notebook : mapping
        A notebook's JSON with a list of cells; anything may be wrong inside.
    """
    corrections = []
    minor = notebook.get("nbformat_minor")
    if notebook.get("nbformat") != 4 or type(minor) is not int:
        corrections.append(Correction("format", f"its format ({_quote(notebook.get('nbformat'))}) was read as 4.5."))
        minor = 5
    elif minor < 5 and any(isinstance(cell, dict) and "id" in cell for cell in notebook["cells"]):
        corrections.append(Correction("format", "it has ids, so its format was read as 4.5.", is_minor=True))
    if not isinstance(notebook.get("metadata"), dict):
        corrections.append(Correction("notebook", "its metadata was completed."))
    if notebook.keys() - {"cells", "metadata", "nbformat", "nbformat_minor"}:
        corrections.append(Correction("notebook", "what does not belong in a notebook was left out.", is_minor=True))
    metadata, wrong = _repair_metadata(notebook.get("metadata"), _NOTEBOOK_METADATA)
    if wrong:
        corrections.append(Correction("notebook", f"unusable metadata ({wrong}) was left out.", is_minor=True))
    cells: list[dict[str, Any]] = []
    faults: dict[_Fault, list[int]] = {}
    for position, cell in enumerate(notebook["cells"]):
        if isinstance(cell, dict):
            repaired, own = _repair_cell(cell)
            cells.append(repaired)
        else:
            own = [_Fault("something that is not a cell was left out")]
        for fault in own:
            faults.setdefault(fault, []).append(position)
    for fault, positions in faults.items():
        times = f" ({len(positions)} times)" if len(positions) > 1 else ""
        corrections.append(Correction(fault.code, f"{fault.message}{times}.", tuple(positions), fault.is_minor))
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": max(minor, 5)}, corrections


def repair_ids(cells: Sequence[dict[str, Any]]) -> list[Correction]:
    """Give every cell an id of its own, in place, and return what was done. The first of several with one id keeps it.

    Notebooks of before format 4.5 have no ids.
    """
    taken = {cell["id"] for cell in cells if _is_id(cell.get("id"))}
    unused = (name for number in count() if (name := f"cell-{number}") not in taken)
    seen: set[str] = set()
    without: list[int] = []
    wrong: list[tuple[int, object]] = []
    for position, cell in enumerate(cells):
        own = cell.get("id")
        if not _is_id(own) or own in seen:
            if "id" in cell:
                wrong.append((position, own))
            else:
                without.append(position)
            cell["id"] = next(unused)
        seen.add(cell["id"])
    corrections = []
    if without:
        message = f"{number_of(len(without), 'cell')} got an id."
        corrections.append(Correction("id", message, tuple(without), is_minor=True))
    if wrong:
        names = list(dict.fromkeys(_quote(own) for _, own in wrong))
        listed = ", ".join(names[:_FEW]) + (f" and {len(names) - _FEW} more" if len(names) > _FEW else "")
        who = "a cell" if len(wrong) == 1 else f"{len(wrong)} cells"
        is_wrong = "which is" if len(names) == 1 else "which are"
        message = f"{who} got a new id instead of {listed}, {is_wrong} used more than once or not valid."
        corrections.append(Correction("id", message, tuple(position for position, _ in wrong)))
    return corrections


def retype(cell: dict[str, Any], kind: str) -> list[str]:
    """Make a cell one of this kind, in place, with exactly what such a cell has; return the names of what was wrong."""
    before = dict(cell)
    cell["cell_type"] = kind
    if kind == "code":
        outputs = cell.get("outputs")
        repaired = [_repair_output(output) for output in outputs] if isinstance(outputs, list) else []
        cell["outputs"] = [output for output in repaired if output]
        number = cell.get("execution_count")
        cell["execution_count"] = number if _is_count(number) else None
    fields = {"cell_type", "id", "metadata", "source"} | _FIELDS[kind]
    for name in [name for name in cell if name not in fields]:
        del cell[name]
    attachments = cell.get("attachments", {})
    if not isinstance(attachments, dict) or not all(map(_is_bundle, attachments.values())):
        del cell["attachments"]
    names = [*before, *(name for name in cell if name not in before)]
    return [name for name in names if name not in cell or name not in before or cell[name] != before[name]]


def is_left_aside(name: str) -> bool:
    """Whether a notebook of this name is no hand-in: hidden (macOS writes ``._NAME``), or kept by `course doctor`."""
    return name.startswith(".") or bool(_ASIDE.search(name))


def marks_of(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return nbgrader's metadata of a cell that it grades, locks or collects; empty for any other cell."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(marks, dict) and any(marks.get(flag) for flag in ("grade", "solution", "locked", "task")):
        return marks
    return {}


def statements(code: str) -> list[ast.stmt] | None:
    """Return the statements of Python code; None if it is none."""
    try:
        return ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def frozen_ledger(code: str) -> str | None:
    """Return the ledger that a learner froze into a cell: the text last given to the name `frozen`."""
    text = None
    for statement in statements(code) or ():
        match statement:
            case ast.Assign(targets=[ast.Name(id="frozen")], value=ast.Constant(value=str(value))):
                text = value
    return text


def dump(notebook: Mapping[str, Any]) -> bytes:
    """Return a notebook's file, laid out as Jupyter does. Every source has to be one text."""
    cells = [cell | {"source": cell["source"].splitlines(keepends=True)} for cell in notebook["cells"]]
    text = json.dumps({**notebook, "cells": cells}, ensure_ascii=False, indent=1, sort_keys=True)
    # Half an emoji has no UTF-8; as \udXXX it is JSON all the same.
    return f"{text}\n".encode("utf-8", "backslashreplace")


# --- from bytes to JSON ----------------------------------------------------------------------------------------------


def _decode(raw: bytes) -> tuple[str, list[Correction]]:
    """Decode the bytes; a notebook is UTF-8 without a byte order mark."""
    corrections = []
    if raw.endswith(b"\0") and raw.startswith((b"{", _BOM)) and b"\0" not in raw[:4]:
        # Some disks fill the rest of a file with them when the power fails.
        raw = raw.rstrip(b"\0")
        corrections.append(Correction("trailing", "the zeros behind its end were left out."))
    encoding: str = json.detect_encoding(raw)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8" and error.end >= len(raw) and error.reason == "unexpected end of data":
            # Cut off in the middle of a letter.
            text = raw.decode("utf-8", "ignore")
        else:
            text, encoding = raw.decode("cp1252", "replace"), "cp1252"
    if encoding == "utf-8":
        return text, corrections
    name = "with a byte order mark" if encoding == "utf-8-sig" else f"as {encoding.upper()}"
    message = f"it was not saved as UTF-8 text but {name}, and was read all the same."
    return text, [*corrections, Correction("encoding", message)]


def _too_large(size: int) -> UnreadableError:
    return UnreadableError("large", f"is too large to be read: {size / 1e6:.0f} MB")


def _is_too_deep(text: str) -> bool:
    """Whether brackets are nested too deeply. They are counted before the text is parsed, which would need a stack."""
    depth = 0
    for token in _BRACKETS.finditer(text):
        sign = token[0]
        if sign in "{[":
            depth += 1
            if depth > DEEPEST:
                return True
        elif sign in "}]":
            depth -= 1
    return False


def _not_json(text: str, error: ValueError) -> UnreadableError:
    """Return what a file is that is no JSON."""
    if _CONFLICT.search(text):
        return UnreadableError(
            "merge",
            "is broken: it holds an unresolved merge. Git has written two versions of the notebook into it, "
            "between <<<<<<< and >>>>>>>",
        )
    for mark, kind in _OTHER_KINDS.items():
        if text.startswith(mark):
            return UnreadableError("kind", f"is {kind}, not a notebook")
    if not text.endswith("}"):
        return UnreadableError("cut off", "is cut off: it ends in the middle, as if its upload had broken off")
    where = f" at line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else ""
    return UnreadableError("broken", f"is broken{where}")


def _closed(text: str) -> Any:
    """Return what a JSON text holds that stops before its end; None if that is not what is wrong with it."""
    for attempt in _closings(text):
        with suppress(ValueError, RecursionError):
            return json.loads(attempt)
    return None


def _closings(text: str) -> Iterator[str]:
    """Yield the text with what it leaves open closed, the longest first: three attempts at most."""
    closers, is_key = "", False
    attempts: list[tuple[int, str]] = []
    for token in _TOKENS.finditer(text):
        sign = token[0]
        if sign in "{[":
            closers, is_key = ("}" if sign == "{" else "]") + closers, sign == "{"
        elif sign in "}]":
            closers = closers[1:]
            attempts.append((token.end(), closers))
        elif sign == ",":
            is_key = closers.startswith("}")
            attempts.append((token.start(), closers))
        elif sign == ":":
            is_key = False
        elif not is_key and token["cut"] is None:
            attempts.append((token.end(), closers))
        elif not is_key:
            # Half a line of an answer is better than none; half of an escape such as \u00e9 is nothing.
            yield re.sub(r"(?<!\\)((?:\\\\)*)\\(?:u[0-9a-fA-F]{0,3})?$", r"\1", text) + '"' + closers
        if not closers or len(closers) > DEEPEST:
            # It ends, so what is wrong with it stands before; or it is no notebook.
            return
        del attempts[:-2]
    for cut_at, still_open in reversed(attempts):
        yield text[:cut_at] + still_open


def _upgraded(notebook: Notebook) -> Notebook:
    """Return a notebook of before nbformat 4 as nbformat 4 has it."""
    import nbformat

    try:
        node = nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]
        # As JSON again: nbformat's own kind of dictionary is no plain one.
        upgraded: Notebook = json.loads(json.dumps(nbformat.convert(node, 4)))  # type: ignore[no-untyped-call]
    except Exception as error:
        raise UnreadableError("old", "is a notebook from before 2015, which cannot be converted") from error
    return upgraded


# --- the form of what is in it ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Fault:
    """What was wrong with a cell, for its correction."""

    message: str
    code: Literal["cell", "line ends"] = "cell"
    is_minor: bool = False


def _repair_cell(cell: Mapping[str, Any]) -> tuple[dict[str, Any], list[_Fault]]:
    faults = []
    repaired = dict(cell)
    source = cell.get("source")
    if isinstance(source, list):
        lines = [line for line in source if isinstance(line, str)]
        if len(lines) < len(source):
            faults.append(_Fault("a line that is not text was left out"))
        source = "".join(lines)
    elif not isinstance(source, str):
        faults.append(_Fault("a cell without source was completed"))
        source = ""
    repaired["source"] = source.replace("\r\n", "\n").replace("\r", "\n")
    if repaired["source"] != source:
        faults.append(_Fault("a cell’s Windows line endings were replaced by plain ones", "line ends", is_minor=True))
    if not isinstance(cell.get("metadata"), dict):
        faults.append(_Fault("a cell without metadata was completed"))
    repaired["metadata"], wrong = _repair_metadata(cell.get("metadata"), _CELL_METADATA)
    if wrong:
        faults.append(_Fault(f"metadata of a cell that Jupyter cannot read ({wrong}) was left out"))
    kind = cell.get("cell_type")
    if kind not in KINDS:
        faults.append(_Fault(f"a cell of a kind that Jupyter does not know ({_quote(kind)}) was changed to another"))
        kind = "code" if "outputs" in cell else "markdown"
    if names := [name for name in retype(repaired, kind) if name != "cell_type"]:
        what = ", ".join(names)[:80]
        faults.append(_Fault(f"a {kind} cell was completed ({what})", is_minor=True))
    return repaired, faults


def _repair_metadata(metadata: object, checks: Mapping[str, Callable[[Any], bool]]) -> tuple[dict[str, Any], str]:
    """Return metadata without those that the format does not allow, and the names of these."""
    known = metadata if isinstance(metadata, dict) else {}
    wrong = [name for name, check in checks.items() if name in known and not check(known[name])]
    return {name: value for name, value in known.items() if name not in wrong}, ", ".join(wrong)


def _repair_output(output: object) -> dict[str, Any] | None:
    """Return an output with exactly what the format asks for; None if it is none."""
    kind = output.get("output_type") if isinstance(output, dict) else None
    if not isinstance(output, dict) or not isinstance(kind, str) or kind not in _OUTPUTS:
        return None
    repaired: dict[str, Any] = {"output_type": kind}
    for name in _OUTPUTS[kind]:
        check, empty = _OUTPUT_FIELDS[name]
        repaired[name] = output[name] if name in output and check(output[name]) else empty()
    return repaired


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_lines(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(line, str) for line in value)


def _is_dict(value: object) -> bool:
    return isinstance(value, dict)


def _is_count(value: object) -> bool:
    return value is None or (type(value) is int and value >= 0)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def _is_bundle(value: object) -> bool:
    """Whether it is content by MIME type."""
    return isinstance(value, dict) and all(
        _is_text(content) or _is_lines(content) or re.search(r"^application/(.*\+)?json$", kind)
        for kind, content in value.items()
    )


def _are_tags(value: object) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(tag, str) and tag and "," not in tag for tag in value)
        and len(set(value)) == len(value)
    )


_FIELDS: Final[Mapping[str, set[str]]] = {
    "code": {"outputs", "execution_count"},
    "markdown": {"attachments"},
    "raw": {"attachments"},
}
_OUTPUTS: Final[Mapping[str, tuple[str, ...]]] = {
    "stream": ("name", "text"),
    "error": ("ename", "evalue", "traceback"),
    "display_data": ("data", "metadata"),
    "execute_result": ("data", "metadata", "execution_count"),
}
_OUTPUT_FIELDS: Final[Mapping[str, tuple[Callable[[Any], bool], Callable[[], Any]]]] = {
    "name": (_is_text, lambda: "stdout"),
    "text": (lambda value: _is_text(value) or _is_lines(value), str),
    "ename": (_is_text, str),
    "evalue": (_is_text, str),
    "traceback": (_is_lines, list),
    "data": (_is_bundle, dict),
    "metadata": (_is_dict, dict),
    "execution_count": (_is_count, lambda: None),
}
_CELL_METADATA: Final[Mapping[str, Callable[[Any], bool]]] = {
    "tags": _are_tags,
    "name": lambda value: _is_text(value) and bool(re.fullmatch(".+", value)),
    "jupyter": _is_dict,
    "format": _is_text,
    "collapsed": lambda value: isinstance(value, bool),
    "scrolled": lambda value: isinstance(value, bool) or value == "auto",
    "execution": lambda value: _is_dict(value) and all(map(_is_text, value.values())),
}
_NOTEBOOK_METADATA: Final[Mapping[str, Callable[[Any], bool]]] = {
    "kernelspec": lambda value: _is_dict(value) and all(_is_text(value.get(name)) for name in ("name", "display_name")),
    "language_info": lambda value: _is_dict(value) and _is_text(value.get("name")),
    "orig_nbformat": lambda value: type(value) is int and value >= 1,
    "title": _is_text,
    "authors": lambda value: isinstance(value, list),
}


def _quote(value: object) -> str:
    text = "none" if value is None else str(value)
    return f"“{text[:40]}”"
