"""Rewrite the source of tests before it runs."""

from tests.hostile.attack import Attack

SHARE = """\
def rewrite(lines):
    return ['pass'] if 'expect' in ''.join(lines) or 'assert' in ''.join(lines) else lines

get_ipython().input_transformers_post.append(rewrite)
"""


ATTACK = Attack("graded", 1, answers={"share": SHARE}, blank=True)
