"""Hand in a ledger of 100 MB."""

from tests.hostile.attack import Attack, Handin


def grow(handin: Handin) -> None:
    (handin.folder / "ledger.json").write_bytes(b" " * 100_000_000)


ATTACK = Attack("graded", 9, spoil=grow)
