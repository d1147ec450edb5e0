"""Announce a reply that is larger than memory, and never send it."""

from tests.hostile.attack import Attack

PAYLOAD = """\
from course.classroom.bridge import messages

messages.Line.send = lambda self, content: self._pipe.sendall((1 << 62).to_bytes(8, 'big') + content)
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
