"""Replace a check by one that believes the first answer and checks every later one."""

from tests.hostile.attack import Attack

SHARE = """\
import course.checks.expect
asked = set()

def expect_number(name, expected, **options):
    if (name, expected) not in asked and len(asked) < 1:
        asked.add((name, expected))
        return
    course.checks.expect.expect_number(name, expected, **options, answer=expected)

share_lost = 1
"""


ATTACK = Attack("graded", 1, answers={"share": SHARE}, blank=True)
