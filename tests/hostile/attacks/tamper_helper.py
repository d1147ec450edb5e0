"""Replace a function that the exercise itself defines for its tests."""

from tests.hostile.attack import Attack

UNIT = """\
def check_unit(found):
    pass

unit = 'furlong'
"""


ATTACK = Attack("graded", 9, answers={"unit": UNIT})
