"""What a room's board knows while it runs: ledgers, codes, and snapshots to compare."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from course.case import Case, shipped_cases
from course.classroom.room.folder import LedgerFolder
from course.classroom.room.tally import Participant
from course.methods.room_code import RoomCodeError, SharedRatings, decode, find_codes
from course.wording import number_of

MOST_CODES: Final = 2_000
MOST_SNAPSHOTS: Final = 20


@dataclass(frozen=True)
class Snapshot:
    """How the room rated at one time.

    Parameters
    ----------
    taken : datetime
    participants : tuple of Participant
    """

    taken: datetime
    participants: tuple[Participant, ...]


@dataclass(frozen=True)
class CodesReceived:
    """What became of a text with codes.

    Parameters
    ----------
    ratings : dict of int to SharedRatings
        By the number in each code; the last code of a number counts.
    damaged : tuple of str
        The codes that cannot be read.
    """

    ratings: dict[int, SharedRatings]
    damaged: tuple[str, ...]


class RoomSession:
    """The room, as of the last `refresh`.

    Parameters
    ----------
    folder : pathlib.Path
        Where the ledgers are; see `course.classroom.room.folder.LedgerFolder`.
    case : Case
        The case that the board shows.
    """

    def __init__(self, folder: Path, case: Case) -> None:
        self.case = case
        self.snapshots: list[Snapshot] = []
        self._cases = {known.subject.name: known for known in (*shipped_cases(), case)}
        self._ledgers = LedgerFolder(folder)
        self._pasted: dict[int, SharedRatings] = {}
        self._in_folder = ""
        self._from_folder = CodesReceived({}, ())
        self._participants: tuple[Participant, ...] = ()

    @property
    def participants(self) -> tuple[Participant, ...]:
        """Everybody in the room: those with a ledger, and those who sent a code."""
        codes = self._from_folder.ratings | self._pasted
        return (*self._participants, *(self._of_code(ratings) for _, ratings in sorted(codes.items())))

    @property
    def damaged_codes(self) -> int:
        """How many codes in the folder's text files cannot be read."""
        return len(self._from_folder.damaged)

    def refresh(self) -> None:
        """Read what has changed in the folder.

        Raises
        ------
        OSError
            If the folder cannot be read.
        """
        self._participants, text = self._ledgers.read()
        if text != self._in_folder:
            self._in_folder, self._from_folder = text, self._decoded(text)

    def paste(self, text: str) -> str:
        """Import all codes in a text, and say what became of them. A newer code replaces one of the same person."""
        received = self._decoded(text)
        new = received.ratings.keys() - self._pasted.keys()
        if len(self._pasted) + len(new) > MOST_CODES:
            return f"Nothing was imported: more than {MOST_CODES:,} codes are too many for one room."
        again = len(received.ratings) - len(new)
        self._pasted |= received.ratings
        parts = [f"{number_of(len(new), 'new code')} imported"] if new or not again else []
        parts += [f"{number_of(again, 'earlier code')} replaced"] if again else []
        report = f"{', '.join(parts)}." if received.ratings else "No code was imported."
        if received.damaged:
            first = received.damaged[0]
            report += (
                f" {number_of(len(received.damaged), 'code')} could not be read; the first begins with {first[:15]}. "
                "Ask for it again."
            )
        elif not received.ratings:
            report += " Codes begin with CF1-. Paste the whole text that you were sent."
        return report

    def take_snapshot(self, now: datetime) -> str:
        """Remember how the room rates now, and say what that is called."""
        if len(self.snapshots) == MOST_SNAPSHOTS:
            return f"There are {MOST_SNAPSHOTS} snapshots already. Stop the board and start it again to clear them."
        self.snapshots.append(Snapshot(now, self.participants))
        return f"Snapshot {len(self.snapshots)} taken at {now:%H:%M}. Choose it under “Compare with”."

    def _decoded(self, text: str) -> CodesReceived:
        ratings, damaged = {}, []
        for code in find_codes(text):
            try:
                shared = decode(code, self._cases.values())
                ratings[shared.number] = shared
            except RoomCodeError:
                damaged.append(code)
            if len(ratings) > MOST_CODES:
                break
        return CodesReceived(ratings, tuple(damaged))

    def _of_code(self, shared: SharedRatings) -> Participant:
        prefix = self._cases[shared.case].ledger_prefix
        return Participant(
            key=f"code {shared.number}",
            name=f"code {shared.number:07}",
            judgements=tuple(
                replace(judgement, statement=f"{prefix}{judgement.statement}") for judgement in shared.judgements
            ),
        )
