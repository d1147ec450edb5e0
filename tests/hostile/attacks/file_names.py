"""Hand in files with names that break careless programs."""

from tests.hostile.attack import Attack, Handin


def name(handin: Handin) -> None:
    for name in ("-rf", "a b", "new\nline", "\x1b[2Jgraded", "ä" * 100, "*", "$(touch hostile-left)", "..."):
        (handin.folder / name).write_text("harmless")
    (handin.folder / "deep" / ("er" * 30)).mkdir(parents=True)


ATTACK = Attack("graded", 10, spoil=name)
