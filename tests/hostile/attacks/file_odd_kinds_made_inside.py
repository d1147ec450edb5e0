"""Leave a named pipe and a socket, which hang whoever opens them."""

from tests.hostile.attack import Attack

SHARE = """\
import os
os.mkfifo('table.csv')
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
