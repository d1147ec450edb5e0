"""Leave a task on the kernel’s loop that answers for it between its steps."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import asyncio

async def answer():
    kernel = get_ipython().kernel
    while True:
        parent = kernel.get_parent()
        content = {'status': 'ok', 'execution_count': 1, 'user_expressions': {}, 'payload': []}
        kernel.session.send('shell', 'execute_reply', content, parent=parent)
        kernel.session.send('iopub', 'status', {'execution_state': 'idle'}, parent=parent)
        await asyncio.sleep(0.05)

task = asyncio.get_running_loop().create_task(answer())
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
