"""Do harm when Python ends."""

from tests.hostile.attack import Attack

SHARE = """\
import atexit, os, time
atexit.register(time.sleep, 600)
atexit.register(print, 'harm')
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
