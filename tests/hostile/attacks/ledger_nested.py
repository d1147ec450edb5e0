"""Hand in a ledger nested so deep that readers overflow."""

from tests.hostile.attack import Attack

ATTACK = Attack("graded", 9, files={"ledger.json": "[" * 100_000})
