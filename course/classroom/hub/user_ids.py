"""Assign every person a system user id without creating an account.

To the system, a file's owner and a process's user are numbers; an account only names them. So a workshop creates no
accounts and leaves none behind.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

# systemd's table of user ids leaves this range unused, and containers, which often map only the first 65,536 ids, have
# it too: https://systemd.io/UIDS-GIDS/
FIRST: Final = 60_706
LAST: Final = 61_183


def user_id_of(name: str, record: Path) -> int:
    """Return the user id of a name; assign the next free one if it has none. An id is never reused.

    Raises
    ------
    OverflowError
        If all ids are taken.
    """
    user_ids = read_user_ids(record)
    if name not in user_ids:
        user_id = max(user_ids.values(), default=FIRST - 1) + 1
        if user_id > LAST:
            raise OverflowError(
                f"{LAST - FIRST + 1} people have had an account in this workshop. Begin another folder."
            )
        part = record.with_name(f".{record.name}.part")
        part.write_text(json.dumps(user_ids | {name: user_id}, indent=1), encoding="utf-8")
        part.replace(record)
        return user_id
    return user_ids[name]


def read_user_ids(record: Path) -> dict[str, int]:
    """Return the user id of every name."""
    try:
        user_ids: dict[str, int] = json.loads(record.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return user_ids


def instructors_user_id(record: Path) -> int:
    """Return the user id shared by all instructors, who share the class folder.

    It is the id of whoever called ``sudo``, so that their files stay theirs; otherwise an assigned one.
    """
    return int(os.environ.get("SUDO_UID") or 0) or user_id_of("(instructors)", record)


def change_owner(folder: Path, user_id: int) -> None:
    """Make a system user the owner of a folder and everything in it, without following links."""
    for name, folders, files in os.walk(folder):
        os.chown(name, user_id, user_id, follow_symlinks=False)
        for entry in (*folders, *files):
            os.chown(Path(name) / entry, user_id, user_id, follow_symlinks=False)
