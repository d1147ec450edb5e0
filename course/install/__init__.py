"""Putting the course on a machine: a workspace, JupyterLab's settings, and a diagnosis of what is missing."""
