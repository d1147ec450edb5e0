"""Replace a function that the exercise itself defines for its tests."""

from tests.hostile.attack import Attack

UNIT = """\
def check_unit(found):
    pass

unit = 'furlong'
"""


ATTACK = Attack("flagged", because="check_unit", answers={"unit": UNIT})
