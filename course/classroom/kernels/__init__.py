"""The fork server, the kernels that it forks for submissions, and the process that renders their charts.

A kernel usually needs seconds to import pandas, Altair and the course. The fork server imports them once, and forks a
child for each notebook, which is put into the sandbox and answers at once.

The modules, in reading order: `fork_server` is the process that forks, and `fork_server_client` the grading process's
connection to it. `forked_kernel` is the kernel in a child: ipykernel's own, with one socket in the place of ZeroMQ's
channels. `referee` turns it into the kernel that runs a notebook's checks. `framing` puts Jupyter messages on that
socket. On the grading side `manager` starts and ends kernels as jupyter_client's managers do (also kernels that cannot
be forked), and `client` is what nbclient talks to. `chart_renderer` renders charts outside of the children, because V8
cannot be forked.
"""
