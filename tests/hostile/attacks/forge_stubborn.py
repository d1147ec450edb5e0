"""Give a function that neither returns nor lets itself be interrupted."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import signal

def yes(*arguments, **options):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        pass


class Every(dict):
    def __missing__(self, name):
        return yes

get_ipython().user_ns = Every(get_ipython().user_ns)
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
