"""``course hub``: a workshop for up to 40 people on one machine, with JupyterHub and plain local processes."""
