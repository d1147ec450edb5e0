"""Put a name before Python’s own inside the module of the checks."""

from tests.hostile.attack import Attack

SAYS = """\
import course.checks.expect
course.checks.expect.bool = lambda value: True
def says(text, word):
    return 'no idea'
"""


ATTACK = Attack("graded", 8, answers={"says": SAYS})
