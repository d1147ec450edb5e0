"""Show text that others wrote, such as file names, without what a terminal or a page would act on."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return a text with control characters, line ends and invisible signs as Python writes them.

    A line end in a file's name could otherwise forge a line of output, and an escape sequence could do anything that a
    terminal can.

    Examples
    --------
    >>> printable("ada\n2 of 2: bob: graded\x1b[2K")
    'ada\\n2 of 2: bob: graded\\x1b[2K'
    >>> printable("José")
    'José'
    """
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
