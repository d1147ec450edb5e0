"""Replace a check by a mock object."""

from tests.hostile.attack import Attack

SHARE = """\
from unittest import mock
mock.patch('__main__.expect_number').start()
mock.patch('course.checks.expect.expect_number').start()
"""


ATTACK = Attack("graded", 1, answers={"share": SHARE}, blank=True)
