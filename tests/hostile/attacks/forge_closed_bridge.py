"""Close the bridge, so that nobody can ask."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import os, stat
for name in os.listdir('/proc/self/fd'):
    try:
        if int(name) > 2 and stat.S_ISSOCK(os.fstat(int(name)).st_mode) and int(name) == max(
            int(other) for other in os.listdir('/proc/self/fd') if stat.S_ISSOCK(os.fstat(int(other)).st_mode)
        ):
            os.close(int(name))
    except OSError:
        pass
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
