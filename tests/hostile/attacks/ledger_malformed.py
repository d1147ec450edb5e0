"""Hand in a ledger that is no JSON."""

from tests.hostile.attack import Attack

ATTACK = Attack("graded", 9, files={"ledger.json": '{"schema": 1, "judgements"'})
