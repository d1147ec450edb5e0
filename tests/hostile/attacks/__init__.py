"""The attacks. The first line of a module says what it tries; `ATTACK` is the hand-in and what must become of it."""
