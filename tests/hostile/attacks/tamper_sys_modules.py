"""Put another module in the place of pandas.testing."""

from tests.hostile.attack import Attack

TOWNS = """\
import sys, types
import pandas
fake = types.ModuleType('pandas.testing')
fake.assert_frame_equal = lambda *arguments, **options: None
sys.modules['pandas.testing'] = pandas.testing = pd.testing = fake
towns = 'no table'
"""


ATTACK = Attack("graded", 8, answers={"towns": TOWNS})
