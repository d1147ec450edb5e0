"""All a learner's judgements and answers, in one JSON file beside the notebook.

The file is replaced whole on every change, so a crash leaves the old one or the new one and never half of either.
Several kernels may have it open: what another one wrote is merged in before a save. A file that cannot be read in full
is kept aside under another name before anything is written, and all that can be read of it is taken over.

Merging follows Shapiro et al., "Conflict-free Replicated Data Types" (2011): the newest entry wins and the time of a
withdrawal is remembered, so the result depends neither on the order of merging nor on how often it happens.
"""

from __future__ import annotations

import codecs
import json
import os
import re
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from course.judgement import Judgement, JudgementError

if TYPE_CHECKING:
    import pandas as pd

SCHEMA: Final = 1
"""The version of the file's layout. A file with a higher number is never written to."""

T = TypeVar("T")

_SECTIONS: Final = ("judgements", "answers", "hints", "withdrawn")
_KINDS: Final = (
    (*(part.name for part in fields(Judgement)), "withdrawn"),
    ("key", "value", "updated", "withdrawn"),
    ("question", "number", "opened"),
)
_TIMES: Final = ("updated", "opened", "withdrawn")
_HEAD: Final = re.compile(r'\s*\{\s*"schema"\s*:\s*(\d{1,9})')
_READ_ONLY: Final = "this folder is read-only"


class LedgerError(ValueError):
    """The ledger cannot do what was asked. The message says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its name, such as ``"06/verdict"``, its value as JSON text, and when it was given (ISO 8601, UTC)."""

    name: str
    text: str
    updated: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Its place in the ledger. No reading is called "answer", so it never meets a judgement's key."""
        return ("answer", self.name)

    @property
    def value(self) -> Any:
        """The answer as a Python value, a fresh copy each time."""
        return json.loads(self.text)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain JSON values."""
        return {"key": self.name, "value": self.value, "updated": self.updated}


Item = Judgement | Answer
AnItem = TypeVar("AnItem", Judgement, Answer)


@dataclass(frozen=True)
class _Contents:
    """What a ledger holds; never changed in place."""

    items: Mapping[tuple[str, str], Item] = field(default_factory=dict)
    hints: Mapping[tuple[str, int], str] = field(default_factory=dict)
    # Each with the time it was withdrawn, or "" where a newer one took its place in a merge.
    withdrawn: Mapping[Item, str] = field(default_factory=dict)

    def kind(self, wanted: type[T]) -> list[T]:
        return [item for _, item in sorted(self.items.items()) if isinstance(item, wanted)]

    def counts(self) -> str:
        numbers = {
            "judgement": len(self.kind(Judgement)),
            "answer": len(self.kind(Answer)),
            "opened hint": len(self.hints),
            "withdrawn entry": len(self.withdrawn),
        }
        plural = {"withdrawn entry": "withdrawn entries"}
        return ", ".join(f"{n} {name if n == 1 else plural.get(name, name + 's')}" for name, n in numbers.items())


class Ledger:
    """Judgements, answers and opened hints. `Ledger.open` keeps them in a file; ``Ledger()`` only in memory.

    Examples
    --------
    >>> ledger = Ledger()
    >>> made = ledger.judge(Judgement("S09", "F", "C", 2, "direct", "decisive against", "Abrahms", "Some remain."))
    >>> ledger.answer("00/hello", "Good morning")
    >>> ledger
    <Ledger in memory: 1 judgement, 1 answer, 0 opened hints, 0 withdrawn entries>
    >>> Ledger.loads(ledger.dumps()).judgements("F") == (made,)
    True
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._contents = _Contents()
        # What the file held when it was last read or written, as bytes and as contents.
        self._seen: bytes | None = None
        self._base = _Contents()
        self._told: list[str] = []
        self._unkept = ""
        self._callbacks: dict[object, Callable[[], object]] = {}

    @classmethod
    def open(cls, path: Path | str = "ledger.json") -> Ledger:
        """Open the ledger at `path`. A file that is not there yet appears with the first change.

        A damaged or older file is kept aside and what can be read is recovered; `messages` tells what happened.

        Raises
        ------
        LedgerError
            If there is no such folder.
        """
        ledger = cls()
        # Resolved now, so that a later change of the working folder does not start a second ledger.
        ledger._path = Path(path).resolve()
        if not ledger._path.parent.is_dir():
            raise LedgerError(f"There is no folder {ledger._path.parent} for {ledger._path.name}. Check the path.")
        ledger._sync(write=False)
        if not ledger._unkept and not _writable(ledger._path.parent):
            ledger._unkept = f"{ledger._path.name} cannot be saved, because {_READ_ONLY}"
        return ledger

    @classmethod
    def loads(cls, text: str) -> Ledger:
        """Make a ledger in memory from `dumps`'s text. What is wrong with the text is told in `messages`."""
        ledger = cls()
        ledger._contents, faults, _ = _read(text.encode("utf-8", "backslashreplace"))
        if faults:
            ledger._told.append(f"The ledger's text {_recovered(ledger._contents, faults)}")
        return ledger

    def dumps(self) -> str:
        """Return the whole ledger as JSON text, as the file holds it."""
        return _dump(self._contents).decode()

    @property
    def path(self) -> Path | None:
        """The file, or None for a ledger in memory."""
        return self._path

    @property
    def kept(self) -> bool:
        """Whether changes reach the disk. If not, everything works until the kernel stops."""
        return self._path is not None and not self._unkept

    @property
    def messages(self) -> tuple[str, ...]:
        """What the learner should be told: what was recovered and where the original is, or that nothing is kept."""
        if not self._unkept:
            return tuple(self._told)
        return (
            *self._told,
            f"Nothing will be kept: {self._unkept}. You can go on working, but your changes are gone when the kernel "
            "stops. To take them with you, run print(ledger.dumps()) and copy the text into a new file, such as "
            "my-ledger.json, on your own computer; there Ledger.open('my-ledger.json') opens it.",
        )

    def judgements(self, reading: str | None = None) -> tuple[Judgement, ...]:
        """Return the judgements of one reading, or of all, sorted by reading and statement."""
        return tuple(made for made in self._contents.kind(Judgement) if reading in (None, made.reading))

    @property
    def answers(self) -> Mapping[str, Any]:
        """Every answer by its key. A copy: changing it does not change the ledger."""
        return {answer.name: answer.value for answer in self._contents.kind(Answer)}

    @property
    def hints(self) -> Mapping[tuple[str, int], str]:
        """The hints opened, as (question, number), with the time each was first opened (ISO 8601, UTC)."""
        return dict(sorted(self._contents.hints.items()))

    @property
    def withdrawn(self) -> tuple[Item, ...]:
        """Judgements and answers withdrawn, or replaced by a newer one in a merge; oldest first."""
        return tuple(sorted(self._contents.withdrawn, key=_rank))

    def judge(self, judgement: Judgement, *, save: bool = True) -> Judgement:
        """Insert a judgement, or replace the one of the same statement and reading; return it with its time.

        With ``save=False`` only memory changes: a view can be answered first and `save` called afterwards.
        """
        return self._put(judgement, save)

    def withdraw(self, statement: str, reading: str, *, save: bool = True) -> None:
        """Take a judgement back. It stays in `withdrawn`.

        Raises
        ------
        LedgerError
            If there is no such judgement.
        """
        key = (reading, statement)
        if key not in self._contents.items:
            raise LedgerError(f"There is no judgement of {statement!r} for reading {reading!r} to withdraw.")
        items = dict(self._contents.items)
        withdrawn = {**self._contents.withdrawn, items.pop(key): self._stamp(key)}
        self._change(replace(self._contents, items=items, withdrawn=withdrawn), save)

    def answer(self, key: str, value: Any, *, save: bool = True) -> None:
        """Insert or replace the answer called `key`.

        Raises
        ------
        LedgerError
            If the key is not text or is empty, or the value is not made of JSON's types.
        """
        self._put(Answer(key, _json(key, value)), save)

    def open_hint(self, question: str, number: int, *, save: bool = True) -> None:
        """Record that a hint was opened. Opening it again changes nothing; hints never cost marks.

        Raises
        ------
        LedgerError
            If the question is not text or is empty, or the number is not a whole number from 1.
        """
        hint = _hint(question, number)
        if hint not in self._contents.hints:
            self._change(replace(self._contents, hints={**self._contents.hints, hint: _now()}), save)

    def take_in(self, other: Ledger, *, save: bool = True) -> None:
        """Merge another ledger into this one, as `merge` does: an imported file, or a copy from another computer."""
        self._change(_join([self._contents, other._contents]), save)

    def save(self) -> bool:
        """Write what has changed, merging in first what another kernel wrote; return whether the file is up to date.

        Waits for the disk. A disk that refuses is no error: `kept` and `messages` tell it.
        """
        if self._sync(write=True):
            self._tell()
        return self.kept

    def refresh(self) -> bool:
        """Take over what another kernel or an editor has written; return whether that changed anything here."""
        if changed := self._sync(write=False):
            self._tell()
        return changed

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call `callback` after every change, from here or from disk; return a function that stops it.

        A callback that raises is logged. It keeps neither the change from being saved nor others from being called.
        """
        token = object()
        self._callbacks[token] = callback

        def stop() -> None:
            self._callbacks.pop(token, None)

        return stop

    def table(self) -> pd.DataFrame:
        """Return one row for each judgement; the columns are the parts of a `Judgement`."""
        import pandas as pd

        columns = [part.name for part in fields(Judgement)]
        rows = [made.to_dict() for made in self.judgements()]
        return pd.DataFrame(rows, columns=columns).astype({"credibility": "Int64"})

    def to_csv(self, path: Path | str, *, overwrite: bool = False) -> None:
        """Write `table` as CSV: UTF-8 with the mark by which Excel knows it.

        Raises
        ------
        LedgerError
            If the file exists and `overwrite` is False.
        """
        try:
            self.table().to_csv(path, mode="w" if overwrite else "x", index=False, encoding="utf-8-sig")
        except FileExistsError:
            raise LedgerError(f"{path} exists already. Choose another name, or pass overwrite=True.") from None

    def __repr__(self) -> str:
        place = "in memory" if self._path is None else f"{self._path.name!r}{'' if self.kept else ', not kept'}"
        return f"<Ledger {place}: {self._contents.counts()}>"

    def _put(self, item: AnItem, save: bool) -> AnItem:
        old = self._contents.items.get(item.key)
        if old is not None and replace(item, updated=old.updated) == old:
            item = replace(item, updated=old.updated)
            if save:
                self.save()
        else:
            item = replace(item, updated=self._stamp(item.key))
            self._change(replace(self._contents, items={**self._contents.items, item.key: item}), save)
        return item

    def _change(self, contents: _Contents, save: bool) -> None:
        self._contents = contents
        if save:
            self._sync(write=True)
        self._tell()

    def _tell(self) -> None:
        for callback in tuple(self._callbacks.values()):
            try:
                callback()
            except Exception:
                import logging  # here, because it is rarely needed and a fifth of this module's import time

                logging.getLogger(__name__).exception("A view of the ledger failed; the ledger itself is unharmed.")

    def _stamp(self, key: tuple[str, str]) -> str:
        """Return the time now, or just after this key's last change: a clock put back must not make new work old."""
        times = [when for item, when in self._contents.withdrawn.items() if item.key == key]
        if key in self._contents.items:
            times.append(self._contents.items[key].updated)
        last = max(times, default="")
        return max(_now(), _utc(datetime.fromisoformat(last) + timedelta(microseconds=1))) if last else _now()

    def _sync(self, *, write: bool) -> bool:
        """Merge in what is new on disk and, if asked, write; return whether the contents changed."""
        if self._path is None:
            return False
        before = self._contents
        try:
            with _alone(self._path.parent):
                ours, recovered = self._merge_disk(self._path)
                data = _dump(self._contents)
                started = self._seen is not None or self._contents != _Contents()
                if ours and (write or recovered) and started and data != self._seen:
                    _write(self._path, data)
                    self._seen, self._base, self._unkept = data, self._contents, ""
        except OSError as error:
            why = error.strerror or str(error) if _writable(self._path.parent) else _READ_ONLY
            self._unkept = f"{self._path.name} cannot be saved, because {why}"
        return self._contents != before

    def _merge_disk(self, path: Path) -> tuple[bool, bool]:
        """Take over what is new in the file; return whether we may write to it, and whether it was damaged."""
        raw = _bytes(path)
        if raw is None or raw == self._seen:
            self._seen = raw
            return True, False
        theirs, faults, schema = _read(raw)
        self._contents = _join([self._contents, theirs], self._base)
        if schema > SCHEMA:
            self._unkept = (
                f"{path.name} was written by a newer version of the course (schema {schema}; this one knows {SCHEMA}), "
                "so it is shown but left as it is. Update the course and open it again"
            )
            return False, False
        if faults:
            told = f"{path.name} {_recovered(theirs, faults)}"
            try:
                self._say(f"{told} The original is beside it as {_keep_aside(path, raw)}.")
            except OSError:
                # Without a copy of the original the file must not be replaced: the caller ends here.
                self._say(f"{told} The original is left as it is.")
                raise
        self._seen, self._base = raw, theirs
        return True, bool(faults)

    def _say(self, message: str) -> None:
        if message not in self._told:
            self._told.append(message)


def merge(mine: Ledger, theirs: Ledger) -> Ledger:
    """Return a new ledger, in memory, with the contents of both; neither is changed.

    Of two entries for the same place the one updated last stays and the other goes to `Ledger.withdrawn`. What one
    side withdrew is gone unless the other changed it later. The order of merging makes no difference, nor does
    merging twice.
    """
    both = Ledger()
    both._contents = _join([mine._contents, theirs._contents])
    return both


def _join(parts: Iterable[_Contents], base: _Contents | None = None) -> _Contents:
    """Join contents. A loser that is in `base`, which all sides have seen, is merely out of date and is dropped."""
    rivals: dict[tuple[str, str], set[Item]] = {}
    hints: dict[tuple[str, int], str] = {}
    withdrawn: dict[Item, str] = {}
    for part in parts:
        for item in part.items.values():
            rivals.setdefault(item.key, set()).add(item)
        for hint, when in part.hints.items():
            hints[hint] = min(when, hints.get(hint, when))
        for item, when in part.withdrawn.items():
            withdrawn[item] = max(when, withdrawn.get(item, ""))
    gone: dict[tuple[str, str], str] = {}
    for item, when in withdrawn.items():
        gone[item.key] = max(when, gone.get(item.key, ""))
    seen = set(base.items.values()) if base else set()
    items: dict[tuple[str, str], Item] = {}
    for key, those in rivals.items():
        # An edit by hand leaves the time as it was, and is still newer than what everyone had seen.
        *losers, best = sorted(those, key=lambda item: (item.updated, item not in seen, _rank(item)))
        if gone.get(key) and best.updated <= gone[key]:
            losers.append(best)
        else:
            items[key] = best
        for loser in losers:
            if loser not in seen:
                withdrawn.setdefault(loser, "")
    return _Contents(items, hints, withdrawn)


def _rank(item: Item) -> tuple[str, str]:
    # The text decides between two changes at the same instant, so that every window chooses the same one.
    return (item.updated, json.dumps(item.to_dict(), sort_keys=True))


def _dump(contents: _Contents) -> bytes:
    withdrawn = sorted(contents.withdrawn.items(), key=lambda pair: _rank(pair[0]))
    values = {
        "schema": SCHEMA,
        "judgements": [item.to_dict() for item in contents.kind(Judgement)],
        "answers": [item.to_dict() for item in contents.kind(Answer)],
        "hints": [{"question": q, "number": n, "opened": when} for (q, n), when in sorted(contents.hints.items())],
        "withdrawn": [{**item.to_dict(), "withdrawn": when} for item, when in withdrawn],
    }
    # Half an emoji, which a browser can send, has no UTF-8; as \udXXX it is JSON all the same.
    return (json.dumps(values, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")


def _read(raw: bytes) -> tuple[_Contents, list[str], int]:
    """Read a file's bytes as far as they can be read: the contents, what is wrong in words, and the schema."""
    faults: list[str] = []
    encoding = json.detect_encoding(raw)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        faults.append("it is not UTF-8 text throughout, so letters such as é may be wrong")
        try:
            # Not told that this is the end, this decoder lets pass a character cut in half there.
            text = codecs.getincrementaldecoder(encoding)().decode(raw)
        except UnicodeDecodeError:
            text = raw.decode("cp1252", "replace")
    entries: list[dict[str, Any]] = []
    schema = 0
    try:
        values = json.loads(text, object_pairs_hook=_unrepeated)
        if not isinstance(values, dict) or type(values.get("schema")) is not int:
            raise LedgerError("it has no schema number, as files from before version 1")
        schema = values.pop("schema")
        if schema < SCHEMA:
            raise LedgerError(f"it has the older schema {schema}")
        entries = list(_strict(values))
    except (ValueError, RecursionError) as error:
        if not schema and (head := _HEAD.match(text)):
            schema = int(head[1])
        faults.append(_in_words(text, error))
        entries = list(_scan(text))
    return _join([_part(entry, faults) for entry in entries]), faults, schema


def _in_words(text: str, error: Exception) -> str:
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
    """Yield every complete entry in a damaged text, wherever it stands."""
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
    """Return the names of an entry's parts, or none if it is no entry. The first two make it what it is."""
    return next((names for names in _KINDS if isinstance(entry, dict) and {*names[:2]} <= entry.keys()), ())


def _part(entry: Mapping[str, Any], faults: list[str]) -> _Contents:
    """Make contents of one entry; what is wrong with it is added to `faults` and left out."""
    names = _kind(entry)
    label = f"{entry[names[0]]} / {str(entry[names[1]])[:20]}"
    faults += [f"{label}: there is no part called {name!r}" for name in entry if name not in names]
    times = {name: _moment(entry[name], label, faults) for name in _TIMES if name in entry}
    item: Item
    try:
        if "question" in names:
            return _Contents(hints={_hint(entry["question"], entry["number"]): times.get("opened", "")})
        if "key" in names:
            item = Answer(entry["key"], _json(entry["key"], entry["value"]))
        else:
            item = Judgement(entry["statement"], entry["reading"])
    except ValueError as error:
        faults.append(f"{label}: {error}")
        return _Contents()
    item = replace(item, updated=times.get("updated", ""))
    if isinstance(item, Judgement):
        for name in set(names[2:]) & entry.keys() - {*_TIMES}:
            try:
                item = replace(item, **{name: entry[name]})
            except JudgementError as error:
                faults.append(f"{label}: {error}")
    if "withdrawn" in times:
        return _Contents(withdrawn={item: times["withdrawn"]})
    return _Contents(items={item.key: item})


def _recovered(contents: _Contents, faults: list[str]) -> str:
    shown = "; ".join(fault.rstrip(".") for fault in faults[:5])
    more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
    return f"could not be read as it stands: {shown}{more}. Recovered: {contents.counts()}."


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # JSON would silently keep the last of two equal names: half of what a careless paste has doubled.
    if len(values := dict(pairs)) < len(pairs):
        raise LedgerError("a name stands twice in it where it may stand once")
    return values


def _json(key: str, value: Any) -> str:
    if not isinstance(key, str) or not key:
        raise LedgerError(f"An answer's key is text such as '06/verdict', not {key!r}.")
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        if json.loads(text) != value:
            raise TypeError("it would come back changed (a tuple as a list, or a key that is no text as text)")
    except (TypeError, ValueError, RecursionError) as error:
        raise LedgerError(
            f"The answer {key!r} cannot be kept: {error}. "
            "Use text, numbers, True, False, None, lists, and dictionaries with text as keys."
        ) from None
    return text


def _hint(question: str, number: int) -> tuple[str, int]:
    if not isinstance(question, str) or not question or type(number) is not int or number < 1:
        raise LedgerError(
            f"A hint has a question such as '06/q1' and a number from 1, not {question!r} and {number!r}."
        )
    return (question, number)


def _now() -> str:
    return _utc(datetime.now(UTC))


def _utc(moment: datetime) -> str:
    # One width for all, so that comparing the texts compares the times.
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(text: Any, label: str, faults: list[str]) -> str:
    if text == "":
        return ""
    try:
        moment = datetime.fromisoformat(text)
        if moment.year == datetime.max.year:
            raise OverflowError("nothing could come after it")
        return _utc(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (TypeError, ValueError, OverflowError):
        faults.append(f"{label}: {text!r} is not a time")
        return ""


def _bytes(path: Path) -> bytes | None:
    if path.is_dir():
        raise IsADirectoryError(0, "a folder has that name (rename or move the folder)")
    try:
        return _patiently(path.read_bytes)
    except FileNotFoundError:
        return None


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        _store(temporary, data, "wb")
        with suppress(FileNotFoundError):
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        _patiently(lambda: temporary.replace(path))
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _keep_aside(path: Path, raw: bytes) -> str:
    when = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    for number in count(1):
        more = f"-{number}" if number > 1 else ""
        aside = path.with_name(f"{path.stem}.kept-aside-{when}{more}{path.suffix}")
        with suppress(FileExistsError):
            _store(aside, raw, "xb")
            break
    return aside.name


def _store(path: Path, data: bytes, mode: Literal["wb", "xb"]) -> None:
    file = path.open(mode)
    try:
        with file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        # A full disk: half a copy is worse than none.
        path.unlink(missing_ok=True)
        raise


def _patiently(action: Callable[[], T]) -> T:
    """Do something that Windows refuses while a virus scanner, or another window, has the file open."""
    for pause in (0.01, 0.03, 0.1, 0.3):
        try:
            return action()
        except PermissionError:
            time.sleep(pause)
    return action()


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one kernel at a time read, merge and replace.

    The lock is on the folder, so it leaves no file behind and ends with the process. Where there is none (Windows, some
    network drives), two saves within the same milliseconds can cross; the loser still has its work and merges it in
    with its next save.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        for _ in range(200):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.01)
            except OSError:
                break
            else:
                break
        yield
    finally:
        os.close(handle)
