"""A system user for every name, as a number without an account: nothing is changed on the machine.

A file's owner and a process's user are numbers to the system; an account only gives them a name. So a workshop needs no
accounts, and leaves none behind.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

# systemd's table of user numbers leaves this range to nobody, and it exists in containers too, which often map only
# the first 65,536: https://systemd.io/UIDS-GIDS/
FIRST: Final = 60_706
LAST: Final = 61_183


def number_of(name: str, record: Path) -> int:
    """Return the number that belongs to a name, and give it one if it has none. A number is never given again.

    Raises
    ------
    OverflowError
        If all numbers are taken.
    """
    numbers = recorded(record)
    if name not in numbers:
        number = max(numbers.values(), default=FIRST - 1) + 1
        if number > LAST:
            raise OverflowError(
                f"{LAST - FIRST + 1} people have had an account in this workshop. Begin another folder."
            )
        part = record.with_name(f".{record.name}.part")
        part.write_text(json.dumps(numbers | {name: number}, indent=1), encoding="utf-8")
        part.replace(record)
        return number
    return numbers[name]


def recorded(record: Path) -> dict[str, int]:
    """Return every name's number."""
    try:
        found: dict[str, int] = json.loads(record.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def instructors_number(record: Path) -> int:
    """Return the system user of all instructors: whoever called ``sudo``, so that their files stay theirs, or a number.

    They share one, because they share the class's folder.
    """
    return int(os.environ.get("SUDO_UID") or 0) or number_of("(instructors)", record)


def hand_over(folder: Path, number: int) -> None:
    """Make a system user the owner of a folder and all that is in it, without following links."""
    for name, folders, files in os.walk(folder):
        os.chown(name, number, number, follow_symlinks=False)
        for entry in (*folders, *files):
            os.chown(Path(name) / entry, number, number, follow_symlinks=False)
