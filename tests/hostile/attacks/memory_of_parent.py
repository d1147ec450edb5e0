"""Read the memory and the open files of the process that has started it."""

from tests.hostile.attack import Attack

SHARE = """\
import glob, os
for path in [f'/proc/{os.getppid()}/mem', f'/proc/{os.getppid()}/maps', '/proc/1/mem', '/dev/mem']:
    try:
        with open(path, 'rb') as memory:
            if memory.read(1):
                print('BREACH:', path) if str(os.getpid()) not in path and os.getpid() != 1 else None
    except OSError:
        pass
for number in range(3, 100):
    try:
        if '@COURSE@' in os.readlink(f'/proc/self/fd/{number}'):
            print('BREACH: an open file')
    except OSError:
        pass
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
