"""Send signals to every process there may be (one that does no harm where it arrives)."""

from tests.hostile.attack import Attack

SHARE = """\
import os, signal
own = {1, os.getpid(), os.getppid()}
for pid in {*range(2, 3000), *range(@PID@ - 100, @PID@ + 100)} - own:
    try:
        os.kill(pid, signal.SIGCONT)
        print('BREACH:', pid)
    except OSError:
        pass
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
