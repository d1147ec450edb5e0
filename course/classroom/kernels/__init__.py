"""The fork server, the kernels it forks for submissions, and the process that draws their charts."""
