"""Replace pandas’ own comparison of tables, and its checks of them."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import pandas, pandas.testing
from pandas.core.generic import NDFrame
NDFrame.equals = lambda self, other: True
for name in ('assert_frame_equal', 'assert_series_equal', 'assert_index_equal'):
    setattr(pandas.testing, name, lambda *arguments, **options: None)
    setattr(pandas._testing, name, lambda *arguments, **options: None)
yes = pandas.DataFrame()


class Every(dict):
    def __missing__(self, name):
        return yes

get_ipython().user_ns = Every(get_ipython().user_ns)
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
