"""Give the course’s check the code of another function."""

from tests.hostile.attack import Attack

SHARE = """\
import course.checks.expect
def nothing(*arguments, **options):
    pass
course.checks.expect.expect_number.__code__ = nothing.__code__
"""


ATTACK = Attack("graded", 1, answers={"share": SHARE}, blank=True)
