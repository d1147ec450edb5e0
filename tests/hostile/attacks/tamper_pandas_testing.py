"""Replace the comparison of tables in pandas.testing."""

from tests.hostile.attack import Attack

TOWNS = """\
import pandas.testing
pandas.testing.assert_frame_equal = lambda *arguments, **options: None
towns = 'no table'
"""


ATTACK = Attack("graded", 8, answers={"towns": TOWNS})
