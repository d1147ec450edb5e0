"""Leave a process running, in a session of its own."""

from tests.hostile.attack import Attack

SHARE = """\
import os, subprocess, sys
command = [sys.executable, '-c', 'import time; name = "hostile-left"; time.sleep(600)']
subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, command)
    os._exit(0)
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
