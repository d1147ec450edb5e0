"""Plant a trigger in the gradebook that gives every later student 40 points."""

from tests.hostile.attack import Attack

SHARE = """\
import sqlite3
try:
    with sqlite3.connect('@COURSE@/gradebook.db') as book:
        book.execute('create trigger gift after update on grade begin update grade set auto_score = 40; end')
    print('BREACH: the gradebook')
except sqlite3.Error:
    pass
share_lost = 100 - 86 * 84 / 100
"""


ATTACK = Attack("graded", 10, answers={"share": SHARE})
