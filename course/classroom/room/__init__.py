"""``course room``: how a class rates statements now, on one page for the whole room.

`folder` reads ledgers, `tally` counts, `session` adds codes and snapshots, `page` prepares what is shown, and `server`
shows it.
"""
