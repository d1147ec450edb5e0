"""Progress: what your ledger holds for each lesson, what is still to do, and a copy to keep."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from json import detect_encoding
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from course.case import Case
from course.ledger import Ledger, LedgerError
from course.methods import progress
from course.methods.progress import LESSONS, SPANS, Held, PartProgress
from course.widgets.base import LedgerWidget, assets
from course.wording import number_of

if TYPE_CHECKING:
    import pandas as pd

REFRESH_SECONDS: Final = 3.0
"""Seconds between two readings of the file for what other notebooks have written. One takes about a millisecond."""

_BROWSER: Final = "this browser"
_COPY: Final = "Download it when you stop, and import it again when you come back."
_IN_THIS_BROWSER: Final = (
    f"Your ledger is in this browser only and is deleted when the site’s data are cleared. {_COPY}"
)
_MAY_BE_CLEARED: Final = (
    "Your ledger is in this browser only. It is deleted when the site’s data are cleared, and the browser may clear "
    f"them by itself, when the disk is nearly full or after weeks without a visit. {_COPY}"
)
_NOT_KEPT: Final = (
    "Your ledger is not kept: this page was opened with http:// and not with https://, so the browser keeps no files "
    f"for it. It goes when you load the page again or close it. {_COPY}"
)


class Progress(LedgerWidget):
    """What the ledger holds for each lesson, what is missing, and a copy of it on your own computer.

    What is counted is what is there, never whether we agree with it. Hints are counted too, and cost nothing.

    Parameters
    ----------
    temporary : bool, optional
        Whether the machine goes away afterwards, and the ledger with it: then there is a reminder, and the browser
        asks before you leave with changes you have not downloaded. Default: worked out from where this runs.
    ledger : Ledger, optional
        Default: ``ledger.json`` in the folder of the notebook.
    case : Case, optional
        Default: the case the course ships.

    Examples
    --------
    >>> progress = Progress(ledger=Ledger())
    >>> progress.ledger.answer("00/note", "It works.")
    >>> progress.missing("00")
    'Lesson 00: A note of your own. All there.'
    >>> progress.next
    'Next, in 01-the-claim.ipynb: mark where the claim became absolute.'
    """

    AT_A_GLANCE = ("lesson", "part", "there", "wanted")
    MESSAGES: ClassVar[Mapping[str, str]] = {
        "download": "_send_ledger",
        "download_table": "_send_table",
        "merge": "_merge_text",
        "show": "show",
    }
    _esm, _css = assets("progress")

    def __init__(
        self, *, temporary: bool | None = None, ledger: Ledger | None = None, case: Case | None = None
    ) -> None:
        place = progress.temporary_place(os.environ, sys.platform)
        self._reminder = _reminder(place) if temporary or (place and temporary is None) else ""
        self._reminder_if_persistent = _IN_THIS_BROWSER if place == _BROWSER and _is_kept_in_browser() else ""
        self._import_report = ""
        self._next_refresh: asyncio.TimerHandle | None = None
        super().__init__(ledger, case)
        self._refresh_now_and_then()

    def _part_of(self, ledger: Ledger) -> Ledger:
        """Progress counts the whole ledger."""
        return ledger

    def _prepare(self) -> None:
        self._names = {str(row["id"]): str(row["name"]) for row in self.case.rows("sources")}

    # --- the plain face ---------------------------------------------------------------------------------------

    @property
    def temporary(self) -> bool:
        """Whether the machine, and the ledger on it, goes away afterwards."""
        return bool(self._reminder)

    @property
    def next(self) -> str:
        """What to do next, and in which notebook, in one sentence."""
        return progress.next_step(self._standings())

    @property
    def saved(self) -> str:
        """When you last downloaded the ledger (UTC), and what has changed since, in one sentence."""
        when = progress.downloaded_at(self.ledger.answers)
        words = self._saved_words(progress.changes_since_download(self.ledger))
        return words.format(when=f"{datetime.fromisoformat(when):%d %B %Y, %H:%M} UTC" if when else "")

    def missing(self, lesson: str | int) -> str:
        """Say what of a lesson is in the ledger and what to do next.

        Parameters
        ----------
        lesson : str or int
            Its number, such as ``"02"``.

        Raises
        ------
        ValueError
            If there is no such lesson; the message names those there are.
        """
        number = f"{lesson:02}" if isinstance(lesson, int) else lesson
        if number not in LESSONS:
            raise ValueError(f"There is no lesson {lesson!r}. Lessons: {', '.join(LESSONS)}.")
        return f"Lesson {number}: {progress.describe_lesson(number, self._standings())}"

    def show(self, lesson: str) -> None:
        """Choose whose parts the view lists.

        Parameters
        ----------
        lesson : str
            A lesson's number, ``"next"`` for the lesson to do next, or ``"every"``.

        Raises
        ------
        ValueError
            If there is no such lesson; the message names those there are.
        """
        if lesson not in (*SPANS, *LESSONS):
            raise ValueError(f"There is no lesson {lesson!r} to show. Use one of: {', '.join((*SPANS, *LESSONS))}.")
        self._answer(progress.SHOWN, lesson)

    def table(self) -> pd.DataFrame:
        """Return one row for each part of each lesson: lesson, notebook, part, there, wanted (counts) and done."""
        import pandas as pd

        rows = [
            (part.lesson, LESSONS[part.lesson], part.what, standing.there, part.wanted, standing.done)
            for standing in self._standings()
            for part in (standing.part,)
        ]
        return pd.DataFrame(rows, columns=["lesson", "notebook", "part", "there", "wanted", "done"])

    def download_text(self) -> str:
        """Return the ledger as text, to be copied to your own computer, and note that you have taken it."""
        self.ledger.refresh()
        return progress.download(self.ledger)

    def merge(self, source: Path | str) -> str:
        """Merge a ledger you downloaded before into this one, and return a report. Nothing is lost on either side.

        Parameters
        ----------
        source : pathlib.Path or str
            The file, or the text that is in it.

        Raises
        ------
        ValueError
            If there is no such file, it cannot be read, it is larger than 5 MB, or it is no ledger.
        """
        is_text = isinstance(source, str) and source.lstrip().startswith("{")
        return self._merge_text(str(source) if is_text else _text_of(Path(source)))

    def __repr__(self) -> str:
        standings = self._standings()
        return f"Progress: {_lessons_done(standings)} {progress.next_step(standings)}"

    # --- the view ---------------------------------------------------------------------------------------------

    def _send_ledger(self, to: str) -> None:
        """Send the ledger to the view that asked for it."""
        self.ledger.refresh()
        self._send_file(to, "course-ledger", "json", "application/json", progress.download(self.ledger, save=False))

    def _send_table(self, to: str) -> None:
        self.ledger.refresh()
        # The mark by which Excel knows UTF-8, as in `Ledger.to_csv`.
        self._send_file(to, "course-judgements", "csv", "text/csv", "\ufeff" + self.ledger.table().to_csv(index=False))

    def _send_file(self, to: str, name: str, ending: str, kind: str, text: str) -> None:
        today = datetime.now(UTC).date().isoformat()
        self.send({"type": "file", "to": to, "name": f"{name}-{today}.{ending}", "kind": kind, "text": text})

    def _merge_text(self, text: str) -> str:
        self._import_report = ""
        self.ledger.refresh()
        self._import_report = progress.import_text(self.ledger, text, save=not self._answering)
        self._follow()
        return self._import_report

    def _make_fixed(self) -> dict[str, Any]:
        lessons = [
            [number, f"{number} · {notebook[3:].replace('-', ' ').capitalize()}"]
            for number, notebook in LESSONS.items()
        ]
        return {
            "temporary": self.temporary,
            "reminder": self._reminder,
            "reminder_if_persistent": self._reminder_if_persistent,
            "largest": progress.LARGEST_BYTES,
            "lessons": lessons,
            "spans": [*([code, name] for code, name in SPANS.items()), *lessons],
        }

    def _make_state(self) -> dict[str, Any]:
        standings = self._standings()
        span = progress.span_shown(self.ledger.answers)
        changes = progress.changes_since_download(self.ledger)
        hints = len(self.ledger.hints)
        return {
            "done": _lessons_done(standings),
            "next": progress.next_step(standings),
            "lessons": {number: _lesson(number, standings) for number in LESSONS},
            "span": span,
            "parts": [
                [
                    f"{LESSONS[standing.part.lesson]}.ipynb",
                    standing.part.what,
                    str(standing.there),
                    str(standing.part.wanted),
                    "done" if standing.done else standing.todo,
                ]
                for standing in progress.within(span, standings)
            ],
            "hints": f"{number_of(hints, 'hint')} opened. Hints are only counted, they never cost marks.",
            "downloaded": progress.downloaded_at(self.ledger.answers),
            "saved": self._saved_words(changes),
            "unsaved": changes > 0,
            "import_report": self._import_report,
        }

    # --- details ----------------------------------------------------------------------------------------------

    def _standings(self) -> tuple[PartProgress, ...]:
        return progress.standings(Held.of(self.ledger), self._names, self.case.subject)

    def _saved_words(self, changes: int) -> str:
        """Return when the ledger was downloaded; ``{when}`` stands for the time, which a view gives in local time."""
        if progress.downloaded_at(self.ledger.answers):
            since = f"{number_of(changes, 'change')} since" if changes else "no changes since"
            return f"Downloaded to your computer at {{when}}; {since}."
        if changes:
            return f"Not downloaded yet; {number_of(changes, 'change')}."
        return "Nothing to download yet."

    def _refresh_now_and_then(self) -> None:
        """Read the file every few seconds for what other notebooks write into it, where there is an event loop."""
        if self.ledger.path is None:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self.ledger.refresh()
        self._next_refresh = loop.call_later(REFRESH_SECONDS, self._refresh_now_and_then)

    def close(self) -> None:
        """Close the widget; the ledger keeps everything."""
        if self._next_refresh is not None:
            self._next_refresh.cancel()
        super().close()


def _is_kept_in_browser() -> bool:
    """Whether the browser in which Python runs keeps files. Over plain http, under a name, it does not."""
    return bool(import_module("js").isSecureContext)


def _reminder(place: str) -> str:
    if place == _BROWSER:
        return _MAY_BE_CLEARED if _is_kept_in_browser() else _NOT_KEPT
    where = f"{place} lends you this machine" if place else "This machine is only lent to you"
    return (
        f"{where} for a while. When it is deleted, so is your ledger. Download it before you leave, and import it "
        "again when you come back."
    )


def _lessons_done(standings: tuple[PartProgress, ...]) -> str:
    open_lessons = {standing.part.lesson for standing in standings if not standing.done}
    return f"{len(LESSONS) - len(open_lessons)} of {len(LESSONS)} lessons done."


def _lesson(number: str, standings: tuple[PartProgress, ...]) -> dict[str, Any]:
    # Each part counts alike, so that one with many entries does not hide one with few.
    shares = [min(1, part.there / part.part.wanted) for part in standings if part.part.lesson == number]
    return {"share": round(sum(shares) / len(shares), 3), "words": progress.describe_lesson(number, standings)}


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > progress.LARGEST_BYTES:
            raise LedgerError(
                f"{path.name} is larger than {progress.LARGEST_BYTES // 1_000_000} MB, so it is not a ledger."
            )
        raw = path.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise LedgerError(
            f"{str(path)[-80:]!r} cannot be read: {why}. Give the path of a ledger you downloaded, or the text in it."
        ) from None
    return raw.decode(detect_encoding(raw), "replace")
