"""Claim to be of another class than it is."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import itertools, altair, pandas
claims = itertools.cycle([pandas.DataFrame, pandas.Series, altair.Chart, float, bool, str, list, dict])

class Claims:
    __class__ = property(lambda self: next(claims))

    def __getattr__(self, name):
        return self

    def __call__(self, *arguments, **options):
        return self

    def __reduce__(self):
        return print, ('BREACH: unpickled',)

yes = Claims()


class Every(dict):
    def __missing__(self, name):
        return yes

get_ipython().user_ns = Every(get_ipython().user_ns)
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
