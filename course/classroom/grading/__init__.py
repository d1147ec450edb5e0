"""Grade a class with nbgrader, on all cores, with each submission in a sandbox.

The fork server (`kernels`) forks a kernel for each notebook, in a sandbox that gives it access to its own folder only
(`sandbox`), and another for the checks (`kernels.referee`). nbgrader runs the notebook as usual (`execute`).
`run` grades a whole class this way, with `workers` on all cores or on a `cluster`.
"""
