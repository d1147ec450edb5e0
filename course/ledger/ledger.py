"""All a learner's judgements and answers, in one JSON file beside the notebook.

The file is replaced atomically on every change. Several kernels may have it open: before a save, what another kernel
wrote is merged in, field by field, under a lock. A file that cannot be read in full is copied under another name before
anything is written, and everything that can be read of it is recovered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from course import files
from course.ledger.codec import SCHEMA, describe_faults, dump, read
from course.ledger.contents import Answer, Answers, Contents, Item, LedgerError, join, merge_fields, rank
from course.ledger.judgement import Judgement

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Answer", "Item", "Ledger", "LedgerError", "merge"]

_NAME: Final = "ledger.json"
_READ_ONLY: Final = "this folder is read-only"


class Ledger:
    """Judgements, answers and opened hints. `Ledger.open` keeps them in a file; ``Ledger()`` only in memory.

    Examples
    --------
    >>> ledger = Ledger()
    >>> judged = ledger.judge(Judgement("S09", "F", "C", 2, "direct", "decisive against", "Abrahms", "Some remain."))
    >>> ledger.answer("00/hello", "Good morning")
    >>> ledger
    <Ledger in memory: 1 judgement, 1 answer, 0 opened hints, 0 withdrawn entries>
    >>> Ledger.loads(ledger.dumps()).judgements("F") == (judged,)
    True
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._contents = Contents()
        # The file when it was last read or written, as bytes and as contents.
        self._seen: bytes | None = None
        self._base = Contents()
        self._notices: list[str] = []
        self._unkept = ""
        self._locked_out = ""
        self._callbacks: dict[object, Callable[[], object]] = {}

    @classmethod
    def open(cls, path: Path | str | None = None) -> Ledger:
        """Open the ledger at `path`, by default ledger.json beside the notebook. The first change creates the file.

        A damaged or older file is copied aside and what can be read is recovered; `messages` says what happened.

        Raises
        ------
        LedgerError
            If the folder does not exist.
        """
        ledger = cls()
        # Resolved now, so that a later change of the working folder does not start a second ledger.
        ledger._path = (files.beside_notebook(_NAME) if path is None else Path(path).expanduser()).resolve()
        if not ledger._path.parent.is_dir():
            raise LedgerError(f"There is no folder {ledger._path.parent} for {ledger._path.name}. Check the path.")
        ledger._sync(write=False)
        if not ledger._unkept and not files.writable(ledger._path.parent):
            ledger._unkept = f"{ledger._path.name} cannot be saved, because {_READ_ONLY}"
        return ledger

    @classmethod
    def loads(cls, text: str) -> Ledger:
        """Make a ledger in memory from the text that `dumps` returns. `messages` says what is wrong with the text."""
        ledger = cls()
        ledger._contents, faults, _ = read(text.encode("utf-8", "backslashreplace"))
        if faults:
            ledger._notices.append(f"The ledger's text {describe_faults(ledger._contents, faults)}")
        return ledger

    def dumps(self) -> str:
        """Return the whole ledger as JSON text, as the file holds it."""
        return dump(self._contents).decode()

    @property
    def path(self) -> Path | None:
        """The file, or None for a ledger in memory."""
        return self._path

    @property
    def kept(self) -> bool:
        """Whether changes are saved to disk. If not, everything works until the kernel stops."""
        return self._path is not None and not self._unkept and not self._locked_out

    @property
    def messages(self) -> tuple[str, ...]:
        """What the learner should know: what was recovered and where the original is, or that nothing is saved."""
        if self._locked_out and not self._unkept:
            return (*self._notices, f"Not saved yet: {self._locked_out}. The next change is saved with this one.")
        if not self._unkept:
            return tuple(self._notices)
        return (
            *self._notices,
            f"Nothing will be kept: {self._unkept}. You can go on working, but your changes are gone when the kernel "
            "stops. To take them with you, run print(ledger.dumps()) and copy the text into a new file, such as "
            "my-ledger.json, on your own computer; there Ledger.open('my-ledger.json') opens it.",
        )

    def judgements(self, reading: str | None = None) -> tuple[Judgement, ...]:
        """Return the judgements of one reading, or of all, sorted by reading and statement."""
        return tuple(item for item in self._contents.kind(Judgement) if reading in (None, item.reading))

    @property
    def answers(self) -> Mapping[str, Any]:
        """Every answer by its key, as of now. Changing a value that it returns does not change the ledger."""
        return Answers(self._contents)

    @property
    def entries(self) -> tuple[Item, ...]:
        """Every judgement and answer in the order of their keys; `updated` is when each was last changed."""
        return tuple(item for _, item in sorted(self._contents.items.items()))

    @property
    def hints(self) -> Mapping[tuple[str, int], str]:
        """The hints opened, as (question, number), with the time each was first opened (ISO 8601, UTC)."""
        return dict(sorted(self._contents.hints.items()))

    @property
    def withdrawn(self) -> tuple[Item, ...]:
        """Judgements and answers that were withdrawn, or replaced by a newer one in a merge; oldest first."""
        return tuple(sorted(self._contents.withdrawn, key=rank))

    @property
    def withdrawn_at(self) -> Mapping[Item, str]:
        """When each of `withdrawn` was withdrawn (ISO 8601, UTC), or "" if a newer one replaced it in a merge."""
        return dict(self._contents.withdrawn)

    def judge(self, judgement: Judgement, *, save: bool = True) -> Judgement:
        """Insert a judgement, or replace the one of the same statement and reading; return it with its time.

        With ``save=False`` only memory changes, so that a view can be answered before `save` is called.
        """
        stamped = self._contents.stamped(judgement)
        self._change(self._contents.put(stamped), save)
        return stamped

    def withdraw(self, statement: str, reading: str, *, save: bool = True) -> None:
        """Withdraw a judgement. It remains in `withdrawn`.

        Raises
        ------
        LedgerError
            If there is no such judgement.
        """
        key = (reading, statement)
        if key not in self._contents.items:
            raise LedgerError(f"There is no judgement of {statement!r} for reading {reading!r} to withdraw.")
        self._change(self._contents.withdraw(key), save)

    def answer(self, key: str, value: Any, *, save: bool = True) -> None:
        """Insert or replace the answer called `key`.

        Raises
        ------
        LedgerError
            If the key is not text or is empty, or the value is not made of JSON's types.
        """
        self._change(self._contents.put(self._contents.stamped(Answer.of(key, value))), save)

    def open_hint(self, question: str, number: int, *, save: bool = True) -> None:
        """Record that a hint was opened. Opening it again changes nothing.

        Raises
        ------
        LedgerError
            If the question is not text or is empty, or the number is not a whole number from 1.
        """
        self._change(self._contents.open_hint(question, number), save)

    def merge(self, other: Ledger, *, save: bool = True) -> None:
        """Merge another ledger into this one (see `course.ledger.merge`): an imported file, or another copy."""
        self._change(join([self._contents, other._contents]), save)

    def save(self) -> bool:
        """Merge in what another kernel wrote, write what has changed, and return whether the file is up to date.

        Waits for the disk. If the file cannot be written, nothing is raised: see `kept` and `messages`.
        """
        self._change(self._contents, save=True)
        return self.kept

    def refresh(self) -> bool:
        """Read what another kernel or an editor has written; return whether that changed anything here."""
        before = self._contents
        self._sync(write=False)
        return self._notify(before)

    def on_change(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call `callback` after every change, from here or from disk; return a function that unsubscribes it.

        If a callback raises, that is logged; the change is saved and the other callbacks are called all the same.
        """
        token = object()
        self._callbacks[token] = callback

        def stop() -> None:
            self._callbacks.pop(token, None)

        return stop

    def table(self) -> pd.DataFrame:
        """Return one row for each judgement; the columns are the fields of a `Judgement`."""
        import pandas as pd

        columns = [field.name for field in fields(Judgement)]
        rows = [judgement.to_dict() for judgement in self.judgements()]
        return pd.DataFrame(rows, columns=columns).astype({"credibility": "Int64"})

    def to_csv(self, path: Path | str, *, overwrite: bool = False) -> None:
        """Write `table` as CSV, in UTF-8 with a byte order mark for Excel.

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

    def _change(self, contents: Contents, save: bool) -> None:
        before, self._contents = self._contents, contents
        if save:
            self._sync(write=True)
        self._notify(before)

    def _notify(self, before: Contents) -> bool:
        """Call the callbacks if the contents differ from `before`; return whether they do."""
        if self._contents == before:
            return False
        for callback in tuple(self._callbacks.values()):
            try:
                callback()
            except Exception:
                import logging  # here, because it is rarely needed and a fifth of this module's import time

                logging.getLogger(__name__).exception("A view of the ledger failed; the ledger itself is unharmed.")
        return True

    def _sync(self, *, write: bool) -> None:
        """Merge in what is new on disk; write if asked to, or if the file was damaged."""
        if self._path is None:
            return
        try:
            with files.alone(self._path.parent, self._path.name):
                self._locked_out = ""
                ours, recovered = self._merge_disk(self._path)
                data = dump(self._contents)
                started = self._seen is not None or self._contents != Contents()
                if ours and (write or recovered) and started and data != self._seen:
                    files.write(self._path, data)
                    self._seen, self._base, self._unkept = data, self._contents, ""
        except TimeoutError as error:
            # What is in memory is merged in with the next save.
            if write:
                self._locked_out = f"{self._path.name} cannot be saved just now, because {error.strerror}"
        except OSError as error:
            why = error.strerror or str(error) if files.writable(self._path.parent) else _READ_ONLY
            self._unkept = f"{self._path.name} cannot be saved, because {why}"

    def _merge_disk(self, path: Path) -> tuple[bool, bool]:
        """Merge in what is new in the file; return whether it may be written, and whether it was damaged."""
        raw = files.read(path)
        if raw is None or raw == self._seen:
            self._seen = raw
            return True, False
        theirs, faults, schema = read(raw)
        ours, base = merge_fields(self._contents, theirs, self._base)
        self._contents = join([ours, theirs], base)
        if schema > SCHEMA:
            self._unkept = (
                f"{path.name} was written by a newer version of the course (schema {schema}; this one knows {SCHEMA}), "
                "so it is shown but left as it is. Update the course and open it again"
            )
            return False, False
        if faults:
            notice = f"{path.name} {describe_faults(theirs, faults)}"
            try:
                self._add_notice(f"{notice} The original is beside it as {files.keep_aside(path, raw)}.")
            except OSError:
                # Without a copy of the original the file must not be replaced, so the caller has to stop here.
                self._add_notice(f"{notice} The original is left as it is.")
                raise
        self._seen, self._base = raw, theirs
        return True, bool(faults)

    def _add_notice(self, message: str) -> None:
        if message not in self._notices:
            self._notices.append(message)


def merge(mine: Ledger, theirs: Ledger) -> Ledger:
    """Return a new ledger in memory with the contents of both; neither is changed.

    Of two entries with the same key the one updated last stays and the other goes to `Ledger.withdrawn`. What one side
    withdrew is removed unless the other changed it later. The result depends neither on the order of merging nor on
    how often it happens.
    """
    both = Ledger()
    both._contents = join([mine._contents, theirs._contents])
    return both
