"""Look for tests that are still to come in its own memory."""

from tests.hostile.attack import Attack

SHARE = """\
import gc, sys
marker = 'hidden-' + '7391'
for thing in gc.get_objects():
    if type(thing) in (dict, list, tuple):
        for part in thing.values() if type(thing) is dict else thing:
            if type(part) is str and marker in part:
                print('BREACH: a test to come')
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
