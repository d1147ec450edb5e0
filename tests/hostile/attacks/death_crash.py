"""Crash Python by reading address 0."""

from tests.hostile.attack import Attack

RATED = """\
import ctypes
ctypes.string_at(0)
"""


ATTACK = Attack("graded", 9, answers={"rated": RATED})
