"""Answer with a function that gives back an object equal to everything."""

from tests.hostile.attack import Attack

SHARE = """\
share_lost = 27.76
"""

REPEATS = """\
class Any(list):
    def __eq__(self, other):
        return True

    __hash__ = None

repeats = Any(['S01', 'S01'])
repeats.__class__ = Any
class Same(str):
    def __eq__(self, other):
        return True

    __hash__ = str.__hash__

repeats = [Same('a'), Same('b')]
"""


ATTACK = Attack(
    "graded",
    2,
    answers={"share": SHARE, "repeats": REPEATS},
    files={"ledger.json": None},
    blank=True,
)
