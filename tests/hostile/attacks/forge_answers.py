"""Replace what answers the referee, and say yes to everything."""

from tests.hostile.attack import Attack

PAYLOAD = """\
from course.classroom.bridge import answering, encode

answering.Answerer._name = lambda self, name: ['value', True]
answering.Answerer._call = lambda self, *request: ['value', True]
answering.Answerer._file = lambda self, name, seen: ['value', ['bytes', 'e30=']]
"""


ATTACK = Attack("graded", 0, answers={"share": PAYLOAD}, blank=True)
