"""Have IPython call it before each cell, and put the answers in then."""

from tests.hostile.attack import Attack

SHARE = """\
def before(info):
    if 'share_lost' in info.raw_cell:
        get_ipython().user_ns['share_lost'] = 27.76

get_ipython().events.register('pre_run_cell', before)
"""


ATTACK = Attack("graded", 1, answers={"share": SHARE}, blank=True)
