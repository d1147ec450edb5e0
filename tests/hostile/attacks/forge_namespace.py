"""Have a namespace that holds a right check under every name."""

from tests.hostile.attack import Attack

PAYLOAD = """\
def yes(*arguments, **options):
    print('as far as this check can see, right.')
    return True


class Every(dict):
    def __missing__(self, name):
        return yes

get_ipython().user_ns = Every(get_ipython().user_ns)
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
