"""Read the right answer off the test’s frames, and remember it."""

from tests.hostile.attack import Attack

SAYS = """\
import inspect
known = {}
def says(text, word):
    if (text, word) not in known:
        right = [True, False]
        for frame in inspect.stack():
            condition = frame.frame.f_locals.get('condition')
            if condition:
                known[text, word] = next(one for one in right if condition(one))
    return known.get((text, word))
"""


ATTACK = Attack("graded", 8, answers={"says": SAYS})
