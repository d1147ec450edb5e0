"""One thing that the doctor found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be.

    Parameters
    ----------
    code : str
        What kind of thing, in one word that does not change: for programs.
    message : str
        What is wrong, and where.
    advice : str
        What a person can do about it.
    mending : str
        What ``--fix`` does about it; empty where only a person can do something.
    note : bool
        Whether it is only worth knowing: nothing has to be done.
    """

    code: str
    message: str
    advice: str
    mending: str = ""
    note: bool = False
