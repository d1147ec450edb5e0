"""Hand in a Word document that is called a notebook."""

from tests.hostile.attack import Attack, Handin


def write(handin: Handin) -> None:
    handin.notebook.write_bytes(b"PK\x03\x04" + bytes(range(256)))


ATTACK = Attack("failed", spoil=write)
