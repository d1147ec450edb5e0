"""Make links to the gradebook while running, for the grader to follow when it collects files."""

from tests.hostile.attack import Attack

SHARE = """\
import os
os.symlink('@COURSE@/gradebook.db', 'chart.png')
os.symlink('@COURSE@', 'folder')
os.symlink('/etc/passwd', 'users.txt')
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
