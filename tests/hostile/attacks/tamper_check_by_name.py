"""Define a check of its own under the name of the course’s."""

from tests.hostile.attack import Attack

SHARE = """\
def expect_number(*arguments, **options):
    print('share_lost: as far as this check can see, right.')
"""


ATTACK = Attack("graded", 1, answers={"share": SHARE}, blank=True)
