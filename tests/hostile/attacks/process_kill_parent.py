"""End the process that grades, and every other one."""

from tests.hostile.attack import Attack

SHARE = """\
import os, signal
for pid in [os.getppid(), 1]:
    try:
        if pid not in (0, os.getpid()):
            os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
