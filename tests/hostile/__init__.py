"""What a submission may try, and what becomes of it: one file for each attack, in `attacks/`.

`classroom` hands every attack in to one class, with an honest neighbour before and after each, and grades the class
with `course grade`'s own function. ``python -m tests.hostile`` prints the table of attacks and outcomes.
"""
