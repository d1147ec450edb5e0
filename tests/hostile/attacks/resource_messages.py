"""Send messages without end, of the kind that a grading process needs."""

from tests.hostile.attack import Attack

RATED = """\
session = get_ipython().kernel.session
for number in range(10**9):
    session.send('iopub', 'status', {'execution_state': 'x' * 200_000}, parent={'msg_id': str(number)})
"""


ATTACK = Attack("graded", 9, because="does not answer", answers={"rated": RATED})
