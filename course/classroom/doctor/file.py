"""From a file's bytes to a notebook, as far as there is one in them, and what is wrong with the bytes.

It knows JSON and text encodings, and nothing of exercises.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from course.classroom.doctor.finding import Finding

_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*(?:"|(?P<cut>\\?\Z))|[{}\[\],:]', re.DOTALL)
_DEEPEST: Final = 200
_CONFLICT: Final = re.compile(r"^(?:<{7}|={7}|>{7})(?: |$)", re.MULTILINE)


class UnreadableError(Exception):
    """There is no notebook in these bytes. `finding` says why."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.finding = Finding("broken", message, advice)


_AGAIN: Final = (
    "Get the file anew from where you worked: in JupyterLab, right-click its name in the file browser and choose "
    "Download. Where that is damaged too, take a fresh copy of the exercise and paste your answers into it."
)


def read(raw: bytes) -> tuple[dict[str, Any], list[Finding]]:
    """Return the notebook in these bytes, and what was wrong with them.

    A file that was cut off is read up to where it ends.

    Raises
    ------
    UnreadableError
        If there is no notebook in it.
    """
    text, findings = _text(raw)
    if not text.strip():
        raise UnreadableError("The file is empty.", _AGAIN)
    try:
        values, end = json.JSONDecoder().raw_decode(text)
        if text[end:].strip():
            findings.append(
                Finding(
                    "broken",
                    "Behind the end of the notebook there is something else in the file.",
                    "Open the notebook in JupyterLab and save it. If it does not open, take the copy from where you "
                    "worked.",
                    "Keeps the notebook, and leaves out what follows it.",
                )
            )
    except RecursionError:
        raise UnreadableError("The file is nested too deeply to be a notebook.", _AGAIN) from None
    except ValueError:
        values = _cut_off(text)
        findings.append(
            Finding(
                "broken",
                "The file is cut off: its end is missing, as after a broken download or a full disk.",
                _AGAIN,
                "Keeps every cell that is still there, and puts back the others as they were handed out.",
            )
        )
    if not isinstance(values, dict) or not isinstance(values.get("cells"), list):
        if isinstance(values, dict) and "worksheets" in values:
            raise UnreadableError(
                "The notebook has the format of before 2015.",
                "Open it in JupyterLab and save it: that brings it up to date.",
            )
        raise UnreadableError("The file is not a notebook: it has no cells.", _AGAIN)
    return values, findings


def _text(raw: bytes) -> tuple[str, list[Finding]]:
    """Decode the bytes; a notebook is UTF-8 without a mark at the beginning."""
    # Some disks fill the rest of a file with zeros when the power fails.
    raw = raw.rstrip(b"\0") if raw.startswith((b"{", b"\xef\xbb\xbf")) else raw
    encoding: str = json.detect_encoding(raw)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        if _is_cut(raw):
            text, encoding = raw.decode("utf-8", "ignore"), "utf-8"
        else:
            text, encoding = raw.decode("cp1252", "replace"), "cp1252"
    if encoding == "utf-8":
        return text, []
    how = "with a hidden mark at its beginning" if encoding == "utf-8-sig" else f"as {encoding.upper()} text"
    return text, [
        Finding(
            "encoding",
            f"The file was saved {how}, as Windows’ Notepad does. nbgrader cannot read that.",
            "Open the notebook in JupyterLab and save it there. Never save a notebook with a text editor.",
            "Saves it as the UTF-8 text that a notebook is.",
        )
    ]


def _is_cut(raw: bytes) -> bool:
    """Whether nothing but the last character is broken."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.end >= len(raw) and error.reason == "unexpected end of data"
    return False


def _cut_off(text: str) -> Any:
    """Return what a JSON text holds that stops before its end.

    Raises
    ------
    UnreadableError
        If it is something else than a cut off JSON text.
    """
    start = text.lstrip()
    if start[:1] != "{":
        raise UnreadableError(f"The file is not a notebook: {_looks_like(start)}.", _AGAIN)
    if _CONFLICT.search(text):
        raise UnreadableError(
            "Git has written two versions of the notebook into the file, between <<<<<<< and >>>>>>>.",
            "Choose one of them: git checkout --ours FILE, or git checkout --theirs FILE.",
        )
    for attempt in _closings(text):
        with suppress(ValueError, RecursionError):
            return json.loads(attempt)
    raise UnreadableError("The file is broken and cannot be read as a notebook.", _AGAIN)


def _looks_like(start: str) -> str:
    kinds = {"<": "it looks like a web page", "PK": "it looks like a ZIP archive", "%PDF": "it looks like a PDF"}
    return next((words for mark, words in kinds.items() if start.startswith(mark)), "it does not begin like one")


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
        if not closers or len(closers) > _DEEPEST:
            # It ends, so what is wrong with it stands before; or it is no notebook.
            return
        del attempts[:-2]
    for cut_at, still_open in reversed(attempts):
        yield text[:cut_at] + still_open
