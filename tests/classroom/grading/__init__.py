"""Grading a class, tested on real submissions through real nbgrader."""
