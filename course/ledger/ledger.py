"""All a learner's judgements and answers, in one JSON file beside the notebook.

The file is replaced whole on every change, so a crash leaves the old one or the new one and never half of either.
Several kernels may have it open: what another one wrote is merged in before a save. A file that cannot be read in full
is kept aside under another name before anything is written, and all that can be read of it is taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from course import files
from course.ledger.codec import SCHEMA, describe_faults, dump, read
from course.ledger.contents import Answer, Answers, Contents, Item, LedgerError, join, rank
from course.ledger.judgement import Judgement

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Answer", "Item", "Ledger", "LedgerError", "merge"]

_READ_ONLY: Final = "this folder is read-only"


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
        self._contents = Contents()
        # What the file held when it was last read or written, as bytes and as contents.
        self._seen: bytes | None = None
        self._base = Contents()
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
        if not ledger._unkept and not files.writable(ledger._path.parent):
            ledger._unkept = f"{ledger._path.name} cannot be saved, because {_READ_ONLY}"
        return ledger

    @classmethod
    def loads(cls, text: str) -> Ledger:
        """Make a ledger in memory from `dumps`'s text. What is wrong with the text is told in `messages`."""
        ledger = cls()
        ledger._contents, faults, _ = read(text.encode("utf-8", "backslashreplace"))
        if faults:
            ledger._told.append(f"The ledger's text {describe_faults(ledger._contents, faults)}")
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
        """Every answer by its key, as of now. Changing what it gives out does not change the ledger."""
        return Answers(self._contents)

    @property
    def entries(self) -> tuple[Item, ...]:
        """Every judgement and answer, each with when it was last changed (`updated`), in the order of their keys."""
        return tuple(item for _, item in sorted(self._contents.items.items()))

    @property
    def hints(self) -> Mapping[tuple[str, int], str]:
        """The hints opened, as (question, number), with the time each was first opened (ISO 8601, UTC)."""
        return dict(sorted(self._contents.hints.items()))

    @property
    def withdrawn(self) -> tuple[Item, ...]:
        """Judgements and answers withdrawn, or replaced by a newer one in a merge; oldest first."""
        return tuple(sorted(self._contents.withdrawn, key=rank))

    @property
    def withdrawn_at(self) -> Mapping[Item, str]:
        """When each of `withdrawn` was taken back (ISO 8601, UTC); "" where a newer one took its place in a merge."""
        return dict(self._contents.withdrawn)

    def judge(self, judgement: Judgement, *, save: bool = True) -> Judgement:
        """Insert a judgement, or replace the one of the same statement and reading; return it with its time.

        With ``save=False`` only memory changes: a view can be answered first and `save` called afterwards.
        """
        made = self._contents.stamped(judgement)
        self._change(self._contents.put(made), save)
        return made

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
        """Record that a hint was opened. Opening it again changes nothing; hints never cost marks.

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
        """Write what has changed, merging in first what another kernel wrote; return whether the file is up to date.

        Waits for the disk. A disk that refuses is no error: `kept` and `messages` tell it.
        """
        self._change(self._contents, save=True)
        return self.kept

    def refresh(self) -> bool:
        """Take over what another kernel or an editor has written; return whether that changed anything here."""
        before = self._contents
        self._sync(write=False)
        return self._tell(before)

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

    def _change(self, contents: Contents, save: bool) -> None:
        before, self._contents = self._contents, contents
        if save:
            self._sync(write=True)
        self._tell(before)

    def _tell(self, before: Contents) -> bool:
        """Tell the views if the contents are no longer those of before; return whether that is so."""
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
        """Merge in what is new on disk and, if asked, write."""
        if self._path is None:
            return
        try:
            with files.alone(self._path.parent):
                ours, recovered = self._merge_disk(self._path)
                data = dump(self._contents)
                started = self._seen is not None or self._contents != Contents()
                if ours and (write or recovered) and started and data != self._seen:
                    files.write(self._path, data)
                    self._seen, self._base, self._unkept = data, self._contents, ""
        except OSError as error:
            why = error.strerror or str(error) if files.writable(self._path.parent) else _READ_ONLY
            self._unkept = f"{self._path.name} cannot be saved, because {why}"

    def _merge_disk(self, path: Path) -> tuple[bool, bool]:
        """Take over what is new in the file; return whether we may write to it, and whether it was damaged."""
        raw = files.read(path)
        if raw is None or raw == self._seen:
            self._seen = raw
            return True, False
        theirs, faults, schema = read(raw)
        self._contents = join([self._contents, theirs], self._base)
        if schema > SCHEMA:
            self._unkept = (
                f"{path.name} was written by a newer version of the course (schema {schema}; this one knows {SCHEMA}), "
                "so it is shown but left as it is. Update the course and open it again"
            )
            return False, False
        if faults:
            told = f"{path.name} {describe_faults(theirs, faults)}"
            try:
                self._say(f"{told} The original is beside it as {files.keep_aside(path, raw)}.")
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
    both._contents = join([mine._contents, theirs._contents])
    return both
