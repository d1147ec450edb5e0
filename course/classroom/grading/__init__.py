"""Grade a class with nbgrader: fast, fair, and safe from what is handed in.

A warm process (`parent`) forks a child for each notebook (`child`), inside layers that keep it from everything but its
own folder (`isolation`). nbgrader talks to it as to any kernel (`kernel`, `execute`) and a tampered one is noticed
(`fairness`). `run` takes a whole class through it.
"""
