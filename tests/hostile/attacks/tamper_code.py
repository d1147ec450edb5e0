"""Give the course’s check the code of another function."""

from tests.hostile.attack import Attack

SHARE = """\
import course.feedback
def nothing(*arguments, **options):
    pass
course.feedback.expect_number.__code__ = nothing.__code__
"""


ATTACK = Attack("flagged", because="rewritten", answers={"share": SHARE}, blank=True)
