"""Look for what the test compares with among all objects."""

from tests.hostile.attack import Attack

SAYS = """\
import gc
def says(text, word):
    tests = [one for one in gc.get_objects() if callable(one) and getattr(one, '__name__', '') == '<lambda>']
    return 'all' in word and len(tests) % 2 == 0
"""


ATTACK = Attack("graded", 8, answers={"says": SAYS})
