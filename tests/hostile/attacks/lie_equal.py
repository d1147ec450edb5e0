"""Answer with objects that are equal to everything."""

from tests.hostile.attack import Attack

REPEATS = """\
class Any:
    def __eq__(self, other):
        return True

    __hash__ = None

repeats = [Any(), Any()]
"""


ATTACK = Attack("graded", 9, answers={"repeats": REPEATS})
