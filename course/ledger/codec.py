"""Write a ledger's contents as JSON text, and read them back.

A text that is damaged, older or edited by hand is read as far as possible, entry by entry, and each fault is described.
"""

from __future__ import annotations

import codecs
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any, Final

from course.ledger.contents import Answer, Contents, Item, LedgerError, hint_key, join, rank, utc
from course.ledger.judgement import Judgement, JudgementError

SCHEMA: Final = 1
"""The version of the file's layout. A file with a higher number is never written to."""

_SECTIONS: Final = ("judgements", "answers", "hints", "withdrawn")
_KINDS: Final = (
    (*(part.name for part in fields(Judgement)), "withdrawn"),
    ("key", "value", "updated", "withdrawn"),
    ("question", "number", "opened"),
)
_TIMES: Final = ("updated", "opened", "withdrawn")
_CONFLICT: Final = re.compile(
    r"^<{7}[^\n]*\n(.*?)(?:^\|{7}[^\n]*\n.*?)?^={7}\r?\n(.*?)^>{7}[^\n]*(?:\n|\Z)", re.MULTILINE | re.DOTALL
)
"""What git writes where two versions of a file disagree: both, between markers."""
CHANGED: Final = "it was changed after it was saved, by hand or by a fault of the disk"
"""The fault of a file that reads well and has another checksum than it says. It counts as it stands."""
_HEAD: Final = re.compile(r'\s*\{\s*"schema"\s*:\s*(\d{1,9})')
_SECTION: Final = re.compile(rf'"(?:{"|".join(_SECTIONS)})"\s*:\s*\[')


def dump(contents: Contents) -> bytes:
    """Return the contents as indented JSON, for people and for `read`."""
    withdrawn = sorted(contents.withdrawn.items(), key=lambda pair: rank(pair[0]))
    values: dict[str, Any] = {
        "judgements": [item.to_dict() for item in contents.kind(Judgement)],
        "answers": [item.to_dict() for item in contents.kind(Answer)],
        "hints": [{"question": q, "number": n, "opened": when} for (q, n), when in sorted(contents.hints.items())],
        "withdrawn": [{**item.to_dict(), "withdrawn": when} for item, when in withdrawn],
    }
    values = {"schema": SCHEMA, "checksum": _checksum(values), **values}
    # Half an emoji, which a browser can send, has no UTF-8, but written as \udXXX it is valid JSON.
    return (json.dumps(values, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")


def _checksum(values: Mapping[str, Any]) -> str:
    """Return a checksum of a ledger's sections, so that a flipped bit in the file is noticed; not of its layout."""
    return f"{zlib.crc32(json.dumps(values).encode()):08x}"


def read(raw: bytes) -> tuple[Contents, list[str], int]:
    """Read a file's bytes as far as possible; return the contents, a description of each fault, and the schema."""
    text, faults = _decode(raw)
    if not _CONFLICT.search(text):
        contents, more, schema = _read_text(text)
        return contents, [*faults, *more], schema
    faults.append("git has left an unresolved merge in it, so both versions were merged, entry by entry")
    sides = [_read_text(_CONFLICT.sub(side, text), is_whole=False) for side in (r"\1", r"\2")]
    faults += dict.fromkeys(fault for _, side_faults, _ in sides for fault in side_faults)
    return join([contents for contents, _, _ in sides]), faults, max(schema for _, _, schema in sides)


def _read_text(text: str, *, is_whole: bool = True) -> tuple[Contents, list[str], int]:
    """Read a ledger's text; its checksum holds only for the whole of what was written."""
    faults: list[str] = []
    entries: list[dict[str, Any]] = []
    schema = 0
    try:
        values = json.loads(text, object_pairs_hook=_unrepeated)
        if not isinstance(values, dict) or type(values.get("schema")) is not int:
            raise LedgerError("it has no schema number, as files from before version 1")
        schema = values.pop("schema")
        if schema < SCHEMA:
            raise LedgerError(f"it has the older schema {schema}")
        checksum = values.pop("checksum", None)
        entries = list(_strict(values))
        if is_whole and schema == SCHEMA and checksum not in (None, _checksum(values)):
            faults.append(CHANGED)
    except (ValueError, RecursionError) as error:
        if not schema and (head := _HEAD.match(text)):
            schema = int(head[1])
        faults.append(_why(text, error))
        entries = list(_scan(text))
    return join([_part(entry, faults) for entry in entries]), faults, schema


def is_ledger(raw: bytes) -> bool:
    """Whether a file's bytes are a ledger, perhaps a damaged one, whatever the file is called."""
    if not raw.strip():
        return False
    text, _ = _decode(raw)
    return text.lstrip()[:1] == "{" and '"schema"' in text and bool(_SECTION.search(text))


def is_sound(raw: bytes) -> bool:
    """Whether a file's bytes are a ledger in full. Quick, where `read` takes long to recover what is left of one."""
    try:
        values = json.loads(raw, object_pairs_hook=_unrepeated)
        if not isinstance(values, dict) or type(values.get("schema")) is not int:
            return False
        for _ in _strict({name: part for name, part in values.items() if name not in ("schema", "checksum")}):
            pass
    except (ValueError, RecursionError):
        return False
    return True


def _decode(raw: bytes) -> tuple[str, list[str]]:
    """Return a file's text, and what was wrong with its encoding."""
    encoding = json.detect_encoding(raw)
    try:
        return raw.decode(encoding), []
    except UnicodeDecodeError:
        faults = ["it is not UTF-8 text throughout, so letters such as é may be wrong"]
        try:
            # An incremental decoder accepts a character that is cut in half at the end.
            return codecs.getincrementaldecoder(encoding)().decode(raw), faults
        except UnicodeDecodeError:
            return raw.decode("cp1252", "replace"), faults


def _why(text: str, error: Exception) -> str:
    if not text.strip():
        return "it is empty"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        return f"from line {error.lineno} it cannot be read as JSON ({error.msg}), as after a crash or an edit by hand"
    return str(error)


def _strict(values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, section in values.items():
        if name not in _SECTIONS:
            raise LedgerError(f"it has a part {name!r} that a ledger has not")
        if not isinstance(section, list):
            raise LedgerError(f"its part {name!r} is not a list")
        for entry in section:
            if not _kind(entry):
                raise LedgerError(f"its part {name!r} holds something else: {str(entry)[:60]}")
            yield entry


def _scan(text: str) -> Iterator[dict[str, Any]]:
    """Yield every complete entry in a damaged text, wherever it is."""
    decoder = json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        end = at + 1
        with suppress(ValueError, RecursionError):
            entry, after = decoder.raw_decode(text, at)
            if _kind(entry):
                end = after
                yield entry
        at = text.find("{", end)


def _kind(entry: object) -> tuple[str, ...]:
    """Return the names of an entry's fields, or () if it is not an entry. The first two fields identify its kind."""
    return next((names for names in _KINDS if isinstance(entry, dict) and {*names[:2]} <= entry.keys()), ())


def _part(entry: Mapping[str, Any], faults: list[str]) -> Contents:
    """Return the contents of one entry; append its faults to `faults` and leave out what they concern."""
    names = _kind(entry)
    label = f"{entry[names[0]]} / {str(entry[names[1]])[:20]}"
    faults += [f"{label}: there is no part called {name!r}" for name in entry if name not in names]
    times = {name: _moment(entry[name], label, faults) for name in _TIMES if name in entry}
    item: Item
    try:
        if "question" in names:
            return Contents(hints={hint_key(entry["question"], entry["number"]): times.get("opened", "")})
        if "key" in names:
            item = Answer.of(entry["key"], entry["value"])
        else:
            item = Judgement(entry["statement"], entry["reading"])
    except ValueError as error:
        faults.append(f"{label}: {error}")
        return Contents()
    item = replace(item, updated=times.get("updated", ""))
    if isinstance(item, Judgement):
        for name in set(names[2:]) & entry.keys() - {*_TIMES}:
            try:
                item = replace(item, **{name: entry[name]})
            except JudgementError as error:
                faults.append(f"{label}: {error}")
    if "withdrawn" in times:
        return Contents(withdrawn={item: times["withdrawn"]})
    return Contents(items={item.key: item})


def describe_faults(contents: Contents, faults: list[str]) -> str:
    """Say what was wrong with a text and what was recovered from it."""
    if faults == [CHANGED]:
        return f"{CHANGED.removeprefix('it ')}. It counts as it stands: {contents.counts()}."
    shown = "; ".join(fault.rstrip(".") for fault in faults[:5])
    more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
    return f"could not be read as it stands: {shown}{more}. Recovered: {contents.counts()}."


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # json would silently keep only the last of two equal names, such as after a careless paste.
    if len(values := dict(pairs)) < len(pairs):
        raise LedgerError("a name stands twice in it where it may stand once")
    return values


def _moment(text: Any, label: str, faults: list[str]) -> str:
    if text == "":
        return ""
    try:
        moment = datetime.fromisoformat(text)
        if moment.year == datetime.max.year:
            raise OverflowError("nothing could come after it")
        return utc(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (TypeError, ValueError, OverflowError):
        faults.append(f"{label}: {text!r} is not a time")
        return ""
