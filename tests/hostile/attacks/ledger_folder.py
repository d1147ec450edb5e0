"""Hand in a folder where the ledger should be."""

from tests.hostile.attack import Attack

ATTACK = Attack("graded", 9, files={"ledger.json": None, "ledger.json/inside": "x"})
