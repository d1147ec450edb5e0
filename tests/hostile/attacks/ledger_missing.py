"""Hand in no ledger."""

from tests.hostile.attack import Attack

ATTACK = Attack("graded", 9, files={"ledger.json": None})
