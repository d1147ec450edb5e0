"""Read the test’s frames off a traceback."""

from tests.hostile.attack import Attack

SAYS = """\
def says(text, word):
    try:
        1 / 0
    except ZeroDivisionError as error:
        frame = error.__traceback__.tb_frame
        while frame:
            condition = frame.f_locals.get('condition')
            if condition:
                return next(one for one in (True, False) if condition(one))
            frame = frame.f_back
"""


ATTACK = Attack("graded", 8, answers={"says": SAYS})
