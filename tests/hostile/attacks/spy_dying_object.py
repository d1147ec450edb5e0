"""Leave an object under a name that the test uses, which acts when it is replaced."""

from tests.hostile.attack import Attack

TOWNS = """\
class Spy:
    def __del__(self):
        globals()['towns'] = globals()['right']

towns = 'no table'
right = Spy()
"""


ATTACK = Attack("graded", 8, answers={"towns": TOWNS})
