"""Give every name a value whose comparisons return 1."""

from tests.hostile.attack import Attack

PAYLOAD = """\
class One:
    def always(self, *arguments, **options):
        return 1

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __contains__ = __index__ = __int__ = always
    __hash__ = __len__ = always

    def __call__(self, *arguments, **options):
        return self

    def __getattr__(self, name):
        return self

    def __iter__(self):
        return iter([self])

    def __float__(self):
        return 1.0

yes = One()


class Every(dict):
    def __missing__(self, name):
        return yes

get_ipython().user_ns = Every(get_ipython().user_ns)
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
