"""Answer for the kernel, in the middle of a test, that the test has passed."""

from tests.hostile.attack import Attack

SAYS = """\
def says(text, word):
    kernel = get_ipython().kernel
    parent = kernel.get_parent()
    passed = {'status': 'ok', 'execution_count': 1, 'user_expressions': {}, 'payload': []}
    kernel.session.send('shell', 'execute_reply', passed, parent=parent)
    kernel.session.send('iopub', 'status', {'execution_state': 'idle'}, parent=parent)
    return 'no idea'
"""


ATTACK = Attack("graded", 8, answers={"says": SAYS})
