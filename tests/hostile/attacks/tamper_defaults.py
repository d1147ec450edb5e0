"""Change what a check takes for granted."""

from tests.hostile.attack import Attack

SHARE = """\
from course.checks.expect import expect_number
expect_number.__kwdefaults__ = expect_number.__kwdefaults__ | {'answer': 27.76}
"""


ATTACK = Attack("graded", 1, answers={"share": SHARE}, blank=True)
