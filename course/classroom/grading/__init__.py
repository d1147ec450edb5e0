"""Grade a class with nbgrader: fast, fair, and safe from what is handed in.

The fork server (`kernels`) forks a kernel for each notebook, inside layers that keep it from everything but its own
folder (`sandbox`). nbgrader runs it as any kernel (`execute`), and a notebook that tampers with its grading is noticed
(`integrity`). `run` takes a whole class through it, with `workers` on all cores or a `cluster`.
"""
